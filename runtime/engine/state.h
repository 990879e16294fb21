/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

/*
 * The state of an executor, as the files of this room share it.
 *
 * Design notes.
 *
 * A tuple that runs has a *lineage*: the roots it belongs to, the edge id by
 * which it came, and the XOR of all ids drawn while it and what it called
 * directly ran. A direct call hands its caller's lineage on, so that it draws
 * no id at all; what is queued, sent, retained or held draws one. When the
 * outermost call of a lineage has returned, its edge ids XOR what was drawn
 * are acked at the ledgers of its roots.
 *
 * The calls in progress form a stack of *frames*. Acks and failures of trees
 * of this executor are put aside while that stack is not empty, so that no
 * tree completes under a call of its own.
 *
 * What cannot be called directly is appended to the open batch of the
 * executor it goes to; the own executor is one of them. A batch that arrives
 * becomes a *parcel*, and each of its runs and marks a piece of *work* in the
 * queue of its task.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/random.h"
#include "engine/backlog.h"
#include "engine/executor.h"
#include "engine/idmap.h"
#include "engine/ledger.h"
#include "engine/open_times.h"
#include "engine/timer.h"
#include "tuple/batch.h"
#include "tuple/texts.h"

struct commit;
struct gust_histogram;
struct kept_identity;
struct keyspace;
struct outbox;
struct window;

/* A turn ends after this time or output; the chain of calls then unwinds. */
#define TURN_NS 1000000u
#define TURN_BYTES 65536u

/* Every so many emits or calls the clock is read within a turn. */
#define TURN_CLOCK_MIN 8u
#define TURN_CLOCK_MAX 128u

struct lineage {
	uint32_t count; /* of anchors; 0: not tracked */
	bool failed;
	bool begins; /* it is that of a root whose emit has not returned */
	uint64_t drawn;
	uint64_t held; /* while it begins: of what was drawn */
	struct anchor anchors[BATCH_ANCHORS_MAX];
};

struct frame {
	struct frame *up;
	struct gust_task *task;
	const struct gust_tuple *in; /* NULL outside execute() */
	struct lineage *lineage;     /* NULL: emits start roots */
	uint32_t marks; /* an enum failure_kind, and FRAME_ bits; 0 as a rule */
	const char *callback; /* its name, outside execute() */
};

/* The input is retained, held or batched. */
#define FRAME_KEPT 0x100u

/* So it was by the bolt itself, which may have acked or failed it since. */
#define FRAME_TAKEN 0x400u

/* gust_set_time() was called: emits have `set_time` of the task. */
#define FRAME_TIMED 0x200u

/* What of the marks is an enum failure_kind. */
#define FRAME_KIND 0xffu

/* A batch that arrived; freed with its last work. */
struct parcel {
	struct batch *batch;
	uint32_t refs;
	uint64_t arrived_ns;
	struct parcel *next; /* in the pool */
};

/* Runs or a mark in a task's queue. */
struct work {
	struct work *next;
	struct parcel *parcel;
	const struct section *section; /* that of the run it is in */
	const char *at;                /* the next tuple */
	const char *run_end;           /* of the run it is in */
	const char *end;               /* of its last section */
	uint64_t credit;               /* what it gives back */
	uint32_t size;                 /* of its sections */
	struct lineage lineage;
	struct texts_tuple text; /* of packed ones, that at `at` */
	bool begun; /* its tuple has been called before: MORE or EAGAIN */
};

/* What a task may not run without: room on a line. */
struct need {
	uint32_t line;
	bool any; /* one executor with room is enough (shuffle) */
};

/* One subscription of one of a task's streams. */
/* Tasks as near as each other, for local_or_shuffle. Circles that would hold
 * all tasks of the subscriber are empty: a shuffle does as well. */
enum nearby_circle {
	NEARBY_EXECUTOR,
	NEARBY_WORKER, /* the same process, but not the same executor */
	NEARBY_HOST,   /* not the same process */
	NEARBY_CIRCLES
};

struct nearby {
	uint32_t *places; /* from `first` of the route */
	uint32_t count;
	uint32_t turn;
};

struct route {
	const struct plan_edge *edge;
	uint32_t grouping; /* enum plan_grouping, as the edge has it */
	uint32_t key_count;
	uint32_t key_cell; /* where the only key's cell is in a tuple, or 0 */
	const uint16_t *keys;      /* of the edge */
	struct gust_task **called; /* who may be called directly, else NULL */
	uint32_t line;
	uint32_t first, count; /* tasks of the subscriber; `called` by these */
	uint32_t turn;         /* whose turn it is, in shuffles */
	struct nearby *nearby; /* NEARBY_CIRCLES for local_or_shuffle; NULL */
	uint64_t *sent;        /* by task, for partial_key; else NULL */
};

struct output {
	struct gust_tuple header; /* of its tuples, but for the size */
	uint64_t identity;        /* of the stream, see tuple/origin.h */
	size_t plain_count; /* of values; none will do for direct groupings, or
			     * with identities */
	bool direct;        /* has a direct grouping */
	const struct gust_column *columns;
	struct route *routes;
	uint32_t route_count;
	bool hashed;        /* its only route goes by one field */
	bool spread;        /* and to a few tasks, not all of this executor */
	uint16_t timestamp; /* of a spout: which column has the event time, or
			     * GUST_ABSENT */
	uint32_t alike;     /* a stream with the same types, see forward.c */
};

/* See engine/volley.h. */
struct volley {
	uint32_t stream; /* VOLLEY_NONE: there is none */
	size_t values;   /* in each of its tuples */
	struct output *output;
	char *from;  /* its first tuple, in the arena */
	char *at;    /* behind its last one */
	char *limit; /* what goes beyond this has the others delivered */
};

#define VOLLEY_NONE UINT32_MAX

/* Where offsets count, see gust_source(). */
struct source {
	char *name;
	char *title;       /* for people; NULL: the name */
	uint64_t hash;     /* of the name */
	uint64_t identity; /* see tuple/origin.h */
	uint64_t stamped;  /* the offset of the last tuple, and how many */
	uint64_t ordinal;  /* there were there */
	uint64_t next;     /* after the last record emitted */
	uint64_t stored;   /* what the host was told last */
	struct tree *oldest, *youngest;
};

/* Inputs that are acked together, see engine/group.h. */
struct group {
	struct anchor *anchors;
	uint32_t count, room;
	uint32_t tuples;
};

/* A tuple that a bolt keeps; `tuple` is what the bolt sees. */
struct kept {
	struct kept *older, *younger;
	struct gust_task *task;
	uint64_t since_ns;
	uint32_t count;
	uint32_t derived; /* open derived roots that stand for it */
	bool held;
	bool ended;    /* acked, but waits for those */
	bool noted;    /* its root was told who keeps it */
	bool dated;    /* counted in the open times of its task */
	bool batched;  /* of the batch that the task gathers */
	uint32_t size; /* with the tuple */
	struct kept_identity *identity; /* NULL: it does not matter */
	struct anchor anchors[BATCH_ANCHORS_MAX];
	/* The tuple follows. */
};

/* Why a task waits, in its words. */
struct wait_reason {
	struct wait_reason *next;
	char text[FAILURE_REASON_MAX + 1];
};

/* A hook in a doubly linked list of tasks. */
struct task_link {
	struct gust_task *before, *after;
	bool linked;
};

/* A component that event time comes from, by its tasks. */
struct watermark_input {
	uint32_t first_task, count;
	uint32_t at; /* of the first one in `inputs` */
};

/* The event clock of a task, see engine/watermark.h. */
struct watermark {
	int64_t now;  /* never goes back; GUST_NO_TIME: nothing is known */
	int64_t done; /* up to here all is handed over, and may be passed on */
	int64_t sent; /* passed on last */
	int64_t lag;  /* of a source */
	int64_t step; /* what it must have moved by to be passed on at once */
	int64_t newest; /* the latest event time that a source has seen */
	uint64_t idle_ns;
	uint64_t heard_ns; /* when something came last */
	bool source;       /* it has a `timestamp:` */
	bool passes;       /* somebody comes after it */
	bool due;          /* windows or timers are to be looked at */
	bool idle, idle_sent;

	int64_t *inputs; /* by task; INT64_MAX: left out; else as `now` */
	struct watermark_input *components;
	uint32_t component_count, input_count;
	uint32_t idle_count; /* of the inputs, those that said so */
	uint64_t *idle_bits; /* by place in `inputs` */
	uint32_t lowest;     /* how many inputs have `lowest_time` */
	int64_t lowest_time;
	int64_t highest; /* that any of them has said */

	struct open_times open; /* trees and kept tuples of the task */
	struct timers timers;   /* gust_timer_at(), see watermark_key() */
	int64_t alarm;          /* wall clock; INT64_MAX: none is set */
};

struct gust_task {
	struct executor *x;
	void *self;
	int (*execute)(void *self, struct gust_task *task,
		       const struct gust_tuple *in); /* of the bolt */
	const struct gust_bolt *bolt;
	const struct gust_spout *spout;
	const struct plan_component *component;
	uint32_t number;
	uint32_t index;
	bool opened;         /* open() was called */
	bool timed;          /* event time reaches it: as the component's */
	struct frame *frame; /* the callback that is on the stack, or NULL */

	struct window *window; /* see engine/window.h; NULL: it has none */
	struct outbox *outbox; /* see engine/outbox.h; the same */

	struct volley volley;
	struct output *outputs;
	uint32_t output_count;
	struct need *needs;
	uint32_t need_count;

	/* Event time. `advance` hands windows over up to the watermark; NULL:
	 * there are none. `stamped` is execute() behind the reading of a
	 * timestamp. */
	int (*advance)(struct gust_task *task, int64_t watermark);
	int (*stamped)(void *self, struct gust_task *task,
		       const struct gust_tuple *in);
	struct gust_field timestamp; /* of the inputs of a bolt */
	uint16_t *timestamp_index;
	int64_t set_time; /* by gust_set_time() */
	struct watermark watermark;

	/* Input. */
	struct work *head, *tail;
	uint32_t queued; /* works there, and in the own open batch */
	struct task_link ready;
	uint64_t retry_ns;       /* not before, after -EAGAIN; 0: none */
	uint64_t retry_since_ns; /* the first -EAGAIN in a row */
	uint64_t retry_pause_ns;
	bool idle_due; /* executed since idle() was called */

	/* Marks. */
	uint64_t *flushed; /* bits by task number: inputs that sent FLUSH */
	uint64_t *ended;
	uint32_t inputs_expected, inputs_flushed, inputs_ended;
	bool loops; /* it has a feedback input */
	bool flush_due;
	bool stopped;     /* a FLUSH came of a run that is stopped */
	bool flush_sent;  /* at least once */
	bool flush_waits; /* flush() was called, but trees are not held yet */
	bool moving;      /* trees were neither held nor gone at FLUSH */
	bool dirty;       /* roots were emitted since */
	bool finish_called;
	bool finish_done;
	bool done; /* END was sent */

	/* Kept tuples and the gathered batch. */
	struct kept *kept_oldest, *kept_youngest;
	struct idmap kept; /* by the address of the tuple */
	uint32_t kept_count;
	struct group batch;
	char reason[FAILURE_REASON_MAX + 1]; /* of the verdict in progress */
	struct wait_reason *reasons;     /* all that were given, to be freed */
	struct wait_reason *reason_next; /* of the -EAGAIN to come */
	struct wait_reason *waits_for;   /* read by other threads */

	/* Spouts. */
	bool waiting;  /* next() said GUST_WAIT */
	bool depleted; /* next() said GUST_DONE, or the run stops */
	uint64_t wake_ns;
	struct source *sources;
	uint32_t source_count;
	struct tree *replay_first, *replay_last; /* due to be emitted again */
	struct idmap returned;  /* ids given back by fail(), with attempts */
	struct notice *notices; /* ack() and fail() calls to make */
	uint32_t notice_count, notice_room;

	/* Keyed state. */
	struct keyspace *keyspace; /* NULL: there is none */
	struct commit *commit;     /* NULL: it is in memory alone */
	int (*inner)(void *self, struct gust_task *task,
		     const struct gust_tuple *in); /* behind `execute` */
	bool unfinished;  /* it wants to go on with its tuple */
	uint64_t ordinal; /* of its next emit, with identities */

	/* Fields found by gust_field(), freed at destroy. */
	uint16_t **indexes;
	uint32_t index_count;

	uint64_t blocked_since;
	struct task_counters counters;
	struct gust_histogram *latency;
	uint64_t latency_turn; /* the turn whose first tree was timed */
	struct metric_set *metrics;
};

/* A call of ack() or fail() that waits until the spout is off the stack. */
struct notice {
	uint64_t id;
	bool acked;
};

/* Bytes outstanding per (receiving executor, line). */
struct credit_line {
	uint64_t window;
	uint64_t *outstanding; /* by executor */
	uint32_t hosts;        /* executors that have tasks of it */
	uint32_t lacking;      /* of them, those without room */
};

/* What goes to one executor. */
struct outlet {
	struct batch *batch; /* open, or NULL */
	uint32_t capacity;
	struct section *run;     /* the last section, if it may be continued */
	struct texts_run *texts; /* the last run of packed tuples there */
	struct anchor *acks;
	uint32_t ack_count;
	struct anchor *holds;
	uint32_t hold_count;
	struct batch_credit *credits; /* by task and line, a few */
	uint32_t credit_count;
	uint64_t credit_bytes;
	uint32_t usual;      /* capacity of its batches */
	struct batch *spare; /* an empty one of that, or NULL */
	bool listed;         /* among those to flush */
};

/* An ack or a failure of an own tree that waits for the stack to be empty. */
struct pending_failure {
	uint64_t root;
	uint32_t task;
	uint32_t kind;
	char *reason;
};

struct executor {
	const struct plan *plan;
	uint32_t number;
	struct executor_host host;
	struct pulse *pulses;
	struct task_counters *shared_counters; /* copies, or NULL */
	struct executing *executing;    /* NULL: nobody outlives the process */
	struct executing_place *places; /* of this executor */
	uint32_t place_count;
	uint64_t *waits; /* by task of the plan, or NULL */
	struct random random;
	uint64_t now;
	uint64_t flushed_ns;
	uint64_t lag_ns, lag_at_ns;

	struct gust_task *tasks;
	uint32_t task_count;
	struct gust_task **by_number; /* NULL: on another executor */
	struct gust_task **spouts;
	uint32_t spout_count;
	uint32_t spout_turn;
	uint64_t spout_limit; /* of executor_limit() */
	uint32_t done_count;
	bool marks_due;        /* some task waits for flush() or finish() */
	bool timed;            /* event time reaches some task */
	bool times_moved;      /* something may have to be passed on */
	bool watermarks_due;   /* some task is to look at windows or timers */
	uint32_t replay_count; /* trees in replay queues */
	uint32_t kept_count;   /* tuples that bolts keep */
	uint64_t kept_bytes;
	struct pool kepts;

	struct frame *frame;
	struct arena arena;
	uint64_t turns;
	uint64_t turn_began_ns;
	uint64_t turn_bytes;
	uint32_t clock_in; /* emits until the clock is read */
	uint32_t clock_every;
	uint32_t sample_in; /* calls until one is timed */
	struct frame *sampled;
	uint64_t sampled_child_ns; /* of it, spent in what it called */
	bool unwinding;

	struct credit_line *lines;
	uint32_t line_count;
	uint32_t lacking;        /* sum of that of all lines */
	struct backlog *backlog; /* by task */

	struct outlet *outs; /* by executor */
	uint32_t *flush_list;
	uint32_t flush_count;

	struct gust_task **ready; /* by rank: head of a ring */
	struct parcel *parcels;   /* pools */
	struct work *works;
	uint64_t inbox_bytes;

	struct ledger ledger;
	struct timers timers;
	bool scan_armed, commit_armed;
	bool lost_armed;     /* nothing is rooted until its timer */
	uint64_t kept_limit; /* see engine/share.h */
	struct spill spill;
	struct gust_error spill_error;
	uint64_t tuple_max;
	struct anchor *acks; /* of own trees, while the stack is not empty */
	uint32_t ack_count, ack_room;
	struct anchor *holds;
	uint32_t hold_count, hold_room;
	struct anchor *releases;
	uint32_t release_count, release_room;
	struct pending_failure *failures;
	uint32_t failure_count, failure_room;

	bool loops;   /* the plan has a feedback edge */
	bool commits; /* a task has state in a store */
	bool dedupe;  /* tuples have identities */
	bool stopping;
	bool aborted;
	struct gust_error failure;
	struct executor_usage usage;
};

/* Draws an edge id: random, never 0. */
static inline uint64_t executor_draw(struct executor *x)
{
	uint64_t id;

	do
		id = random_next(&x->random);
	while (id == 0);
	return id;
}

#endif
