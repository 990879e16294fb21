/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_EXECUTOR_H
#define ENGINE_EXECUTOR_H

/*
 * An executor: some tasks, the ledger of the trees they root, and the rules by
 * which tuples flow between them.
 *
 * It is pure: it has no thread, no socket and no clock of its own. A host (a
 * thread of the worker, or the simulator) hands it batches, events and the
 * time through the functions below, and carries out what it asks for through
 * `struct executor_host`. All of an executor's functions are called from one
 * thread at a time; none of them blocks, what a plugin's callback does is the
 * plugin's affair. Different executors share the plan and `struct pulse`
 * only, so they run in parallel without a lock.
 *
 * Life: create -> open -> (receive | ready | woken | stored | step)* until
 * executor_done() -> close -> destroy. All executors of a topology must have
 * been opened before the first one steps.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gust/error.h>
#include <gust/task.h>

#include "engine/count.h"
#include "topology/plan.h"

struct executor;
struct metric_set;
struct store;
struct writes;

/* Why a record is put aside. */
enum letter_kind {
	LETTER_FAILED,  /* attempts used up, or it will never work */
	LETTER_REJECTED /* bad by its own fault */
};

/*
 * A dead letter on its way to the journal. Everything is borrowed for the
 * call of store(). Exactly one of `tuple` and `data` is set.
 */
struct letter {
	uint64_t token; /* give it back to executor_stored() */
	enum letter_kind kind;
	const char *reason;
	uint32_t component; /* where it failed */
	uint32_t task;      /* the task that emitted it */
	uint32_t attempts;  /* 0 for a record of which no tuple was made */
	const struct gust_tuple *tuple;
	const void *data;
	size_t size;
	const char *source; /* of a spout with positions, else NULL */
	uint64_t offset;
};

/*
 * What surrounds an executor. `self` is passed to all; none of them may block
 * or call back into the executor.
 */
struct executor_host {
	void *self;

	/* Monotonic time in ns. Called on a sample of the emits. */
	uint64_t (*now)(void *self);

	/* Real time in ns since 1970: that of tuples where there is no event
	 * time. It may jump. */
	int64_t (*wall)(void *self);

	/* Memory for a batch, 16-byte aligned, NULL when short; and back. A
	 * batch given to send() is no longer the executor's. */
	void *(*batch_alloc)(void *self, size_t size);
	void (*batch_free)(void *self, void *batch);

	/* Delivers the first `size` bytes of `batch` to executor_receive() of
	 * executor `to`: once, and in the order of the calls. It may take any
	 * time; what cannot be sent now is queued by the host (credit bounds
	 * it). */
	void (*send)(void *self, uint32_t to, void *batch, size_t size);

	/* Stores a dead letter for good; answered, at once or later, but not
	 * from within, with executor_stored(). */
	void (*store)(void *self, const struct letter *letter);

	/* The lowest offset of a source that is not complete: below it all is
	 * processed. To be stored when convenient, the latest one wins. */
	void (*position)(void *self, uint32_t component, const char *source,
			 uint64_t offset);

	/* Where an earlier run left off; 0 where unknown. */
	uint64_t (*resume)(void *self, uint32_t component, const char *source);

	/* How often earlier incarnations of this worker died while they
	 * executed what a source (its hash_bytes()) has at an offset: its tree
	 * begins with so many attempts, and is a dead letter with `*reason`
	 * (borrowed until the next call) once these are used up. Asked at each
	 * emit at a position, so NULL where there are none. */
	uint32_t (*charges)(void *self, uint32_t component, uint64_t source,
			    uint64_t offset, const char **reason);

	/* In open(): the store of a task's state, which lives longer than the
	 * executor; NULL: it is in memory alone. 0, or an error of
	 * state/store.h, which sets `error`. NULL: all is in memory. */
	int (*state)(void *self, uint32_t task, struct store **store,
		     struct gust_error *error);

	/* Stores what a task has written as one transaction; both are borrowed
	 * until it is answered, later, with executor_committed(). One at a
	 * time for each task. */
	void (*commit)(void *self, uint32_t task, struct store *store,
		       struct writes *writes);

	/* Room for `size` bytes, aligned to 16, that memory has no share for,
	 * which lasts until unspill(); NULL sets `error`: there is none. rest()
	 * says that so much of it was looked at and may rest again. All three
	 * are NULL where memory is all there is. */
	void *(*spill)(void *self, size_t size, struct gust_error *error);
	void (*unspill)(void *self, void *room);
	void (*rest)(void *self, size_t size);

	/* Begins, changes (or with 0 ends) the watch of a descriptor, to be
	 * answered with executor_ready(). 0 or -errno. */
	int (*watch)(void *self, uint32_t task, int fd, short events);

	/* As gust_wake(): from any thread; answered on the executor's own
	 * thread with executor_woken(). */
	void (*wake)(void *self, uint32_t task);

	/* As gust_stdout_write(). */
	ssize_t (*stdout_write)(void *self, uint32_t task, const char *data,
				size_t size);

	void (*log)(void *self, uint32_t task, enum gust_log_level level,
		    const char *text);
};

/* Whether an executor can still do something by itself. */
enum pulse_stuck {
	PULSE_MOVES,
	PULSE_FULL, /* only held trees are left, and the budget is full */
	PULSE_DRY   /* only held trees are left, and its spouts have ended */
};

/*
 * What every executor shows to the others: read and written with relaxed
 * atomics. The age of what waits, or of the call that lasts, is added to the
 * timeout of trees, because waiting is not failing.
 */
struct pulse {
	uint64_t waiting_since; /* oldest unprocessed run arrived; 0: none */
	uint64_t calling_since; /* the callback running began; 0: none */
	uint64_t stuck;         /* enum pulse_stuck */
	uint64_t alarms;        /* timers of tasks, ticks left out, and commits
				 * of their state to come */
	uint64_t padding[4];    /* a cache line each */
};

/*
 * What an executor is executing: its outermost call. It is written with
 * relaxed atomics, so that whoever outlives the process can tell whom to charge
 * with its death; see engine/executing.h.
 */
enum executing_state {
	EXECUTING_NOTHING, /* `root` means nothing */
	EXECUTING_ROOT,    /* as it seems */
	EXECUTING_CRASHED  /* in this one: executing_crash() was called */
};

struct executing {
	uint64_t state;  /* enum executing_state */
	uint64_t root;   /* 0: of no tree */
	uint64_t task;   /* that was called; the innermost one in a crash */
	uint64_t source; /* hash_bytes() of its name; 0: not known here */
	uint64_t offset;
	uint64_t padding[3]; /* a cache line each */
};

/* What a root is known by when its ledger is gone, by place in the ledger of
 * its task: its position, or for a derived root whom it stands for, unless it
 * has a position, too. */
#define EXECUTING_POSITIONED (UINT64_C(1) << 32)

struct executing_place {
	uint64_t root;
	uint64_t renewals; /* roots of the same tree before it; for a derived
			    * root EXECUTING_POSITIONED may be set, too */
	union {
		struct {
			uint64_t source; /* as above */
			uint64_t offset;
		};
		/* The root of its first input, and of its last; 0: none. */
		uint64_t inputs[2];
	};
};

/*
 * What executors share, zeroed before the first is created. All but `pulses`
 * may be NULL; it is meant for memory that outlives the process.
 */
struct executor_shared {
	struct pulse *pulses;           /* by executor */
	struct task_counters *counters; /* by task of the plan: copies */
	struct executing *executing;    /* by executor */
	struct executing_place *places; /* by executor, `place_count` each */
	uint32_t place_count;           /* trees beyond it have none */
	/* By task of the plan: how long what is next for it has waited, in ns,
	 * as it was told last. Each executor tells it of its own tasks; those
	 * of other processes are the host's to tell. Shuffles go by it. */
	uint64_t *waits;
};

/*
 * Creates executor `number` of `plan`. `seed` feeds edge ids and first
 * generations: from getrandom(2), or fixed in the simulator. The plan, the
 * host and `shared` (both copied) and what these point to must outlive it.
 *
 * Where there are shared counters, its tasks go on with what they find there,
 * gauges apart, and copy theirs to it: about every millisecond, before a
 * position is told, and when it is closed. A task that is found in TASK_DONE
 * has ended: it is opened, but neither called nor finished again, and its marks
 * are sent once more. -ENOMEM.
 */
int executor_create(const struct plan *plan, uint32_t number,
		    const struct executor_host *host,
		    const struct executor_shared *shared, uint64_t seed,
		    struct executor **executor);

/* Opens its instances in the order of tasks; the first failure ends it. */
int executor_open(struct executor *x, struct gust_error *error);

/* Takes a batch over, which executor_host.send() of a peer was given. Those of
 * other processes have passed batch_check(); what is still wrong with them is
 * left out and counted (executor_usage.strays). */
void executor_receive(struct executor *x, void *batch, size_t size);

/*
 * Worker `worker` is gone, with all that its executors had. To be called once
 * for each of its incarnations, after the last batch that came from that one
 * and before the first of the next one; what was given to send() for it before
 * this call is to be dropped. All open trees fail and are emitted again a
 * few milliseconds later, which is not an attempt; other executors are told,
 * and do the same, since a tree of theirs may have gone to the lost worker from
 * here. Credit and marks begin anew with its next incarnation.
 */
void executor_lost(struct executor *x, uint32_t worker);

/* Before executor_lost() of the same death: what died was executing this tree,
 * which fails in `task` with `reason`; that was an attempt. UINT32_MAX: the
 * task is not known. Roots of others and stale ones count for nothing. */
void executor_charge(struct executor *x, uint64_t root, uint32_t task,
		     const char *reason);

/* What a task has written is stored (0), or is not and may be tried again, for
 * the reason that `trouble` says. */
void executor_committed(struct executor *x, uint32_t task, int result,
			const char *trouble);

/* A watched descriptor is in one of the states `events`; a task was woken;
 * a letter was stored (0) or could not be (negative errno). */
void executor_ready(struct executor *x, uint32_t task, int fd, short events);
void executor_woken(struct executor *x, uint32_t task);
void executor_stored(struct executor *x, uint64_t token, int result);

/*
 * Does a bounded amount of work (about a millisecond plus the length of one
 * callback) and returns when it wants to be called again: 0 at once, else a
 * time of host->now(), UINT64_MAX when only an event can give it work. When
 * the answer is not 0, everything it has gathered has been given to send().
 */
uint64_t executor_step(struct executor *x);

/*
 * Ends the spouts: next() is not called again, trees in flight complete, then
 * flush and finish follow. executor_abort() ends without waiting: open trees
 * are counted as aborted, nothing is called any more but close().
 */
void executor_stop(struct executor *x);
void executor_abort(struct executor *x);

/*
 * Has next() not called any more once the spouts of this executor have emitted
 * so many tuples, tracked or not, since the start. It can be set again at any
 * time; at first it is UINT64_MAX.
 */
void executor_limit(struct executor *x, uint64_t emitted);

/* Whether all its tasks have finished and all its trees are gone. */
bool executor_done(const struct executor *x);

/* The first failure of a component (open, next, finish), or NULL. It also
 * stops all spouts of this executor; the host stops the others. */
const struct gust_error *executor_failure(const struct executor *x);

/* close() of all instances that saw open(). Then destroy, which takes NULL. */
void executor_close(struct executor *x);
void executor_destroy(struct executor *x);

/* What a spout or bolt task is doing. */
enum task_state {
	TASK_IDLE,          /* a bolt without input, a spout that waits */
	TASK_EMITTING,      /* at work */
	TASK_PENDING_LIMIT, /* topology.max.spout.pending is reached */
	TASK_MEMORY_LIMIT,  /* its share of the memory budget is used up */
	TASK_BACKPRESSURE,  /* waits for room at component `blocked_by` */
	TASK_WAITING,       /* a bolt said -EAGAIN */
	TASK_PAUSED,
	TASK_DONE /* ended */
};

/*
 * The counters of a task: exact, written by the executor's thread with relaxed
 * stores and readable from any thread at any time.
 */
struct task_counters {
	uint64_t emitted;     /* calls of emit */
	uint64_t transferred; /* copies sent to subscribers */
	uint64_t executed;    /* calls of execute that took a tuple */
	uint64_t acked;       /* of a bolt: inputs acked */
	uint64_t failed;      /* of a bolt: inputs failed */
	uint64_t mistakes;    /* of the plugin: double acks and the like */

	/* Trees rooted by this task. roots = acked + dead-lettered + rejected
	 * + lost + aborted and attempts = acked + failed, at the end. */
	uint64_t roots;
	uint64_t attempts;
	uint64_t trees_acked;
	uint64_t trees_failed; /* attempts that failed */
	uint64_t replayed;
	uint64_t timed_out;
	uint64_t dead_lettered;
	uint64_t rejected;
	uint64_t lost;
	uint64_t aborted;
	uint64_t untracked;     /* emitted without a tree */
	uint64_t open_trees;    /* now */
	uint64_t held_trees;    /* of them, held */
	uint64_t derived_trees; /* of them, those that stand for inputs */

	/* Of a bolt with windows. */
	uint64_t late;          /* tuples of which no window was left */
	uint64_t window_tuples; /* in windows now */
	uint64_t window_bytes;  /* that these take */

	uint64_t input_bytes;   /* queued for it now */
	uint64_t retries;       /* -EAGAIN answers */
	uint64_t blocked_ns;    /* spent without room downstream */
	uint64_t sampled_calls; /* executes that were timed, */
	uint64_t sampled_ns;    /* and their self time */
	uint32_t state;         /* enum task_state */
	uint32_t blocked_by;    /* component, in TASK_BACKPRESSURE */
	uint64_t state_since;
	int64_t watermark; /* where there is event time; see gust_watermark() */
};

/* Copies what another thread or process writes to where others read. */
void task_counters_copy(struct task_counters *into,
			const struct task_counters *live);

/*
 * Settles the counters that a task left as its process died: trees that come
 * again (at positions, from an outbox, or because they stand for inputs) have
 * never been roots, all others are lost, and attempts that were open have
 * failed. The gauges are 0 then. Returns how many were lost.
 */
uint64_t executor_bury(const struct plan *plan, uint32_t task,
		       struct task_counters *counters);

/* A part of it, and for a task that goes on with its counters: nothing is under
 * way there, and so it has been since that time. */
void executor_forget(struct task_counters *counters, uint64_t since);

/* Of a task of this executor; complete latency in ns of a spout task's trees
 * (a sample); its own metrics. They live until executor_destroy(). */
const struct task_counters *executor_counters(const struct executor *x,
					      uint32_t task);
const struct gust_histogram *executor_latency(const struct executor *x,
					      uint32_t task);
const struct metric_set *executor_metrics(const struct executor *x,
					  uint32_t task);

/* Why a WAITING task waits, as its last reason; "" if unknown. */
const char *executor_reason(const struct executor *x, uint32_t task);

/* Of the executor: time spent working, bytes in batches and kept records. */
struct executor_usage {
	uint64_t busy_ns;
	uint64_t steps;
	uint64_t batches_sent, bytes_sent;
	uint64_t kept_bytes; /* records and held tuples, now */
	uint64_t strays;     /* sections of batches that were left out */
};
const struct executor_usage *executor_usage(const struct executor *x);

/* Copies what another thread writes to where others read. */
static inline void executor_usage_copy(struct executor_usage *into,
				       const struct executor_usage *live)
{
	count_set(&into->busy_ns, count_get(&live->busy_ns));
	count_set(&into->steps, count_get(&live->steps));
	count_set(&into->batches_sent, count_get(&live->batches_sent));
	count_set(&into->bytes_sent, count_get(&live->bytes_sent));
	count_set(&into->kept_bytes, count_get(&live->kept_bytes));
	count_set(&into->strays, count_get(&live->strays));
}

/*
 * For a crash handler: writes which task was in which callback with which
 * tuple, innermost first, to `fd`. Async-signal-safe.
 */
void executor_describe_calls(const struct executor *x, int fd);

/* For a crash handler of its thread: the task whose call is innermost, or
 * UINT32_MAX. Async-signal-safe. */
uint32_t executor_innermost(const struct executor *x);

/* Where it notes what it is executing, or NULL; to be asked for while all is
 * well, since after a crash nothing that belongs to it can be trusted. */
struct executing *executor_executing(const struct executor *x);

#endif
