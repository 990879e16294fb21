/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_PLAN_H
#define TOPOLOGY_PLAN_H

/*
 * A checked topology, ready to run: which task where, which stream to whom.
 *
 * The plan numbers everything densely: components in the order of the file
 * (spouts first), streams and tasks in the order of their components, edges in
 * the order of the file. It is built once, then read by all threads; nothing
 * in it changes while it runs. It owns its memory and its plugins.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/bolt.h>
#include <gust/error.h>
#include <gust/spout.h>
#include <gust/window.h>

struct plugin;
struct stamp;

/* Executors of a worker, dedicated ones included: a process has 512 sockets, of
 * which some are left for links and plugins, and each executor takes two at
 * least. */
#define PLAN_EXECUTORS_MAX 200

/* Workers of a plan: each has a socket for each other one. */
#define PLAN_WORKERS_MAX 128

/* The values of the topology.* keys, resolved. Times are in nanoseconds. */
struct plan_config {
	uint32_t executors;          /* threads a worker for components that
				      * are not dedicated */
	uint32_t workers;            /* processes; 0 is 1. Hosts have slots
				      * instead. */
	uint64_t worker_timeout_ns;  /* a worker silent for so long is given
				      * up; 0: never */
	uint64_t max_spout_pending;  /* a task; 0: bounded by memory alone */
	uint64_t message_timeout_ns; /* since progress; 0: off */
	uint64_t message_timeout_max_ns;
	uint32_t replay_max_attempts; /* at least 1 */
	uint64_t replay_backoff_ns;
	uint64_t replay_hold_ns;
	uint64_t retry_max_ns;
	uint64_t memory_max_bytes;
	uint64_t tuple_max_bytes;
	uint64_t credit_bytes; /* a link and rank; 0: from the memory budget.
				* Tests set it to one batch. */
	uint64_t drain_timeout_ns;
	uint64_t state_commit_ns;
	uint64_t state_memory_max_bytes; /* a task; 0: no limit */
	uint64_t state_commit_tuples;
	bool state_dedupe;
	const char *dead_letters;   /* path */
	const char *state_dir;      /* NULL: none */
	const char *state_provider; /* of keyed state, which outlives the
				     * process; NULL: it is in memory */
	bool acking;                /* false: topology.acker.executors: 0 */
};

enum plan_kind { PLAN_SPOUT, PLAN_BOLT };

enum plan_grouping {
	PLAN_SHUFFLE,
	PLAN_LOCAL_OR_SHUFFLE,
	PLAN_FIELDS,
	PLAN_PARTIAL_KEY,
	PLAN_ALL,
	PLAN_GLOBAL,
	PLAN_NONE, /* as shuffle */
	PLAN_DIRECT
};

/* A stream that one component emits. Its number is its place in `streams`. */
struct plan_stream {
	const char *name;
	uint32_t component;
	const struct gust_column *columns; /* up to one without a name */
	uint16_t column_count;
	const uint32_t *edges; /* numbers of those who subscribe */
	uint32_t edge_count;
};

/* One entry of `streams:`: a stream subscribed by a component. */
struct plan_edge {
	uint32_t stream;
	uint32_t from, to; /* components */
	enum plan_grouping grouping;
	const uint16_t *keys; /* columns of fields and partial_key */
	uint16_t key_count;
	bool feedback;
	uint32_t input; /* its number among the inputs of `to` */
};

/* Where the event time of a component's tuples is; see base/stamp.h. */
struct plan_timestamp {
	const char *field;
	const char *format; /* as in the file; NULL: the usual one */
	const char *zone;   /* NULL: UTC */
	const struct stamp *stamp;
	int64_t lag_ns;   /* how much later than others a tuple may come */
	uint64_t idle_ns; /* left out after so long in silence; 0: never */
};

struct plan_component {
	const char *id;
	enum plan_kind kind;
	const struct gust_spout *spout; /* of a spout; else NULL */
	const struct gust_bolt *bolt;   /* of a bolt; else NULL */
	uint32_t flags;                 /* of the descriptor */
	bool dedicated;                 /* by descriptor or file */
	enum gust_replay replay;        /* of a spout, after declare() */
	int32_t executor;               /* -1: tasks are dealt out in turn */
	bool isolate;                   /* in workers of its own */
	const uint32_t *hosts;          /* those it may be on, in turn */
	uint32_t host_count;            /* 0: on all */
	uint64_t plugin_hash;           /* of the bytes of its shared object */
	uint64_t options_hash;          /* of its options but the secret ones */

	/* The instance with its options filled, after declare(): each task
	 * starts with a copy. `instance_size` bytes, 16-byte aligned. */
	const void *instance;
	size_t instance_size;

	const struct gust_window_spec *window; /* of a bolt; NULL: none */
	uint32_t late; /* its stream of late tuples, among its own;
			   * UINT32_MAX: none */
	const struct plan_timestamp *timestamp; /* NULL: it has none */
	bool timed; /* it or something before it has one; derived */

	uint64_t tick_ns; /* 0: no ticks */
	uint64_t max_spout_pending;
	uint64_t message_timeout_ns;

	uint32_t rank; /* longest distance from a spout, feedback left out */
	uint32_t first_stream, stream_count;
	uint32_t first_task, task_count;
	const uint32_t *inputs; /* edges into this component, file order */
	uint32_t input_count;
	const struct gust_input *input_views; /* the same, for plugins */
	const struct gust_stream
		*output_views; /* of its streams, for plugins */
};

/* One instance. Its number is its place in `tasks`, below 65536. */
struct plan_task {
	uint32_t component;
	uint32_t index; /* within the component */
	uint32_t executor;
};

/* A machine of the hosts file. */
struct plan_host {
	const char *name;
	const char *address; /* where others reach it: a name or an address */
	const char *bind;    /* the address it listens at */
	uint16_t port;       /* of slot 0 */
	uint32_t slots;      /* workers that share the components */
	uint32_t first_worker, worker_count; /* that have tasks; derived */
};

/* A process. Its number is its place in `workers`. */
struct plan_worker {
	uint32_t host; /* its place in `hosts`; 0 when there are none */
	uint32_t slot; /* within its host; the port is that of the host + slot.
			* Isolated workers come after the host's slots. */
	uint32_t first_executor; /* general ones first, then dedicated ones */
	uint32_t executor_count;
};

struct plan {
	const char *name;
	struct plan_config config;
	struct plan_component *components;
	uint32_t component_count;
	struct plan_stream *streams;
	uint32_t stream_count;
	struct plan_edge *edges;
	uint32_t edge_count;
	struct plan_task *tasks;
	uint32_t task_count;
	uint32_t executor_count; /* of all workers, which have them in turn */
	struct plan_worker *workers; /* in the order of the hosts */
	uint32_t worker_count;       /* at least 1 */
	uint32_t *worker_of;         /* by executor */
	struct plan_host *hosts;     /* NULL without a hosts file */
	uint32_t host_count;
	uint64_t hash;       /* of all that every worker must agree on */
	uint32_t rank_count; /* highest rank + 1 */
	struct gust_stream *output_views; /* by stream */
};

/*
 * Completes a plan whose components (id, kind, descriptors, flags, dedicated,
 * executor, isolate, hosts, task_count, first_stream, stream_count), streams
 * (name, component, columns), edges (all but `input`), hosts and config are
 * set: computes ranks, edge and input lists, task numbers and placement (see
 * placement.h). Memory comes from malloc and is freed by plan_fini_derived().
 * The YAML checker and the simulator share it. -ELOOP: a cycle without a
 * feedback edge, which `error` shows; -E2BIG: more than 65535 tasks, streams,
 * or columns, or too many workers, or too many executors in one of several;
 * -ENOMEM. On failure nothing is left to free. `config.executors` must be
 * positive and becomes the largest number of general executors in a worker
 * that have a task: no thread is started for nothing.
 */
int plan_derive(struct plan *plan, struct gust_error *error);
void plan_fini_derived(struct plan *plan);

/* The place of a column in a stream, or GUST_ABSENT. */
uint16_t plan_stream_place(const struct plan_stream *stream, const char *name);

/* The name of a grouping as it stands in a file: "local_or_shuffle". */
const char *plan_grouping_name(enum plan_grouping grouping);

#endif
