/* SPDX-License-Identifier: MIT */
#ifndef GUST_TASK_H
#define GUST_TASK_H

/*
 * What a running spout or bolt may ask of the runtime.
 *
 * A task is one instance of a component. All its callbacks run on one thread
 * and never inside each other, so an instance needs no lock; every function
 * here may be called from those callbacks only, gust_wake() excepted.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gust/error.h>
#include <gust/export.h>
#include <gust/stream.h>
#include <gust/tuple.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gust_task; /* the runtime owns it */

/*
 * Emitting.
 *
 * Values are copied once and must match the stream's columns in number, order
 * and type; any of them may be null. In execute() a tuple is anchored to the
 * input; in tick(), timer(), ready(), idle(), flush() and finish() it starts a
 * derived root, which the runtime replays by itself; from a spout it starts a
 * root. An emit never blocks and returns only the emitter's own mistakes:
 * -EINVAL (number or type of the values), -ENOENT (no such stream), -EMSGSIZE
 * (longer than topology.tuple.max.bytes), -ENOMEM. What fails further on marks
 * the tree and is not reported here.
 */

/* How an emit differs from the plain one. Zero is a plain emit. */
enum gust_emit_kind {
	GUST_EMIT_PLAIN = 0,
	GUST_EMIT_ANCHORED = 1,   /* to `anchors`, not to the input */
	GUST_EMIT_UNANCHORED = 2, /* not tracked, may be lost */
	GUST_EMIT_AT = 3,         /* spouts that replay by position */
	GUST_EMIT_ID = 4          /* spouts that replay by themselves */
};

struct gust_emission {
	enum gust_emit_kind kind;
	uint32_t stream; /* by its place among the declared streams */
	int32_t direct;  /* index of the receiving task, or -1 */
	const struct gust_tuple *const *anchors; /* kept tuples */
	size_t anchor_count;
	uint32_t source; /* from gust_source() */
	uint64_t offset; /* where the record begins in its source */
	uint64_t next;   /* where the following record begins */
	uint64_t id;     /* given back to ack() and fail() */
};

GUST_API int gust_emit_values(struct gust_task *task, uint32_t stream,
			      const struct gust_value *values, size_t count);
GUST_API int gust_emit_with(struct gust_task *task,
			    const struct gust_emission *how,
			    const struct gust_value *values, size_t count);

/*
 * Emits the values of `in` as they are: what gust_emit_values() does with all
 * of them in the order in which they stand there, but quicker, as the record is
 * copied as one. The stream's columns must have their types; their names may be
 * others. It is anchored as any emit, so `in` is mostly the input.
 */
GUST_API int gust_forward(struct gust_task *task, uint32_t stream,
			  const struct gust_tuple *in);

/*
 * How many bytes may be emitted in this call before the runtime would rather
 * have the callback return: a bolt then returns GUST_MORE and is called again
 * with the same tuple, a spout returns GUST_EMITTED. Going past it is allowed
 * and costs memory.
 */
GUST_API size_t gust_room(const struct gust_task *task);

/*
 * Keeping a tuple beyond execute().
 *
 * Both return a copy that stays until it is acked or failed, or NULL when
 * memory is short. *Retain* says "still working on it": the tree times out and
 * counts against topology.max.spout.pending. *Hold* says "waiting for other
 * input" (windows, joins, batches): the tree does neither while all that is
 * open of it is held. An emit anchored to held tuples, or to more than four
 * roots, starts a derived root, and the tuples are acked when that completes.
 */
GUST_API const struct gust_tuple *gust_retain(struct gust_task *task,
					      const struct gust_tuple *in);
GUST_API const struct gust_tuple *gust_hold(struct gust_task *task,
					    const struct gust_tuple *in);

/* Ends the keeping of a tuple: it is done. Takes `kept` over. */
GUST_API void gust_ack(struct gust_task *task, const struct gust_tuple *kept);

/* Starts the timeout of the tree of a retained tuple anew. */
GUST_API void gust_reset_timeout(struct gust_task *task,
				 const struct gust_tuple *kept);

/*
 * The same for sinks that write many tuples at once and need not read them
 * again: the input's ack is put off (16 bytes a tuple) until the batch that
 * the task gathers is acked or failed as a whole. 0 or -ENOMEM. In a bolt whose
 * state is durable, with topology.state.dedupe, the tuples are held meanwhile.
 */
GUST_API int gust_batch_add(struct gust_task *task,
			    const struct gust_tuple *in);
GUST_API void gust_batch_ack(struct gust_task *task);
GUST_API void gust_batch_fail(struct gust_task *task, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Failing with a reason. `in` is the input of execute(), which must then
 * return what these return, or a kept tuple, which is taken over. gust_fail():
 * it may work at another attempt. gust_dead_letter(): it never will; it goes
 * to the dead letters now. gust_reject(): the record is bad by its own fault;
 * it is put aside with the dead letters and is no failure of the run.
 */
GUST_API int gust_fail(struct gust_task *task, const struct gust_tuple *in,
		       const char *format, ...)
	__attribute__((format(printf, 3, 4)));
GUST_API int gust_dead_letter(struct gust_task *task,
			      const struct gust_tuple *in, const char *format,
			      ...) __attribute__((format(printf, 3, 4)));
GUST_API int gust_reject(struct gust_task *task, const struct gust_tuple *in,
			 const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Says why a callback other than execute() fails, and returns `code`, a
 * negative errno, for it to return: the run ends, with these words.
 */
GUST_API int gust_give_up(struct gust_task *task, int code, const char *format,
			  ...) __attribute__((format(printf, 3, 4)));

/*
 * Says why a bolt answers "not now", and returns -EAGAIN for it to return: the
 * state then reads `waiting: the disk is full, 12 s`. Say the same in the same
 * words: each new text is kept. The runtime calls again after pauses that grow
 * up to a second, and at once after timer() or ready().
 */
GUST_API int gust_not_now(struct gust_task *task, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* For spouts: rejects a record of which no tuple can be made. It is kept. */
GUST_API int gust_reject_record(struct gust_task *task, const void *data,
				size_t length, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same for spouts that replay by position: the record begins at `offset`
 * of `source`, which is passed only when the record has been put aside. */
GUST_API int gust_reject_at(struct gust_task *task, uint32_t source,
			    uint64_t offset, const void *data, size_t length,
			    const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/*
 * Fields. In open(): finds field `name`, which must stand in every input with
 * the same type; `type` may be GUST_NULL for any. -ENOENT, -EINVAL set
 * `error`. gust_field_optional() takes inputs that lack it: there it is null.
 */
GUST_API int gust_field(struct gust_task *task, const char *name,
			enum gust_type type, struct gust_field *field,
			struct gust_error *error);
GUST_API int gust_field_optional(struct gust_task *task, const char *name,
				 enum gust_type type, struct gust_field *field,
				 struct gust_error *error);

/*
 * In open(): whether the `hash` of every tuple that will come is that of just
 * these fields in this order, because all inputs are grouped by them. A bolt
 * that needs a hash of its key then need not compute one: it is XXH3, 64 bits,
 * the same for equal values and only for them but for chance.
 */
GUST_API bool gust_hashed_by(const struct gust_task *task,
			     const char *const *names, size_t count);

/* Who and where this task is. Strings belong to the runtime. */
GUST_API const char *gust_task_component(const struct gust_task *task);
GUST_API uint32_t gust_task_index(const struct gust_task *task);
GUST_API uint32_t gust_task_count(const struct gust_task *task);
GUST_API size_t gust_task_inputs(const struct gust_task *task);
GUST_API const struct gust_input *gust_task_input(const struct gust_task *task,
						  size_t number);
/* The input through which `in` came: gust_task_input() with its number. */
GUST_API const struct gust_input *gust_tuple_input(const struct gust_task *task,
						   const struct gust_tuple *in);
/* The streams of this component, by the numbers that emits use; NULL past the
 * last one. */
GUST_API size_t gust_task_outputs(const struct gust_task *task);
GUST_API const struct gust_stream *
gust_task_output(const struct gust_task *task, size_t number);
/* The largest tuple that an emit takes, in bytes. */
GUST_API size_t gust_tuple_max(const struct gust_task *task);

/*
 * Time and events, served by the executor; none of them blocks. Timers call
 * timer() with `cookie` once; descriptors call ready() while they are in one
 * of the states of `events` (POLLIN, POLLOUT); 0 ends the watch, which must
 * happen before the descriptor is closed. On a spout either also ends the
 * waiting of GUST_WAIT.
 */
GUST_API uint64_t gust_now(const struct gust_task *task); /* monotonic ns */
GUST_API int gust_timer(struct gust_task *task, uint64_t delay_ns,
			uint64_t cookie);
GUST_API int gust_watch(struct gust_task *task, int fd, short events);

/*
 * Event time, in ns since 1970; see `timestamp:` and gust/window.h. What is
 * emitted has the time of the input, or of the tuples that it is anchored to
 * the latest one; gust_set_time() gives it another one until the callback
 * returns, GUST_NO_TIME none. gust_watermark(): what comes from now on is, as
 * far as its sources know, not older; GUST_NO_TIME: nothing is known,
 * INT64_MAX: all has come, until there are replays. gust_timer_at() has
 * timer() called when the watermark has reached `time`, all earlier ones
 * first, in the order of their times, and before flush(); what timer() emits
 * then has that time. 0 or -ENOMEM.
 *
 * Where neither the component nor one before it has a `timestamp:`, tuples have
 * no event time and gust_set_time() does nothing; the watermark, and what
 * gust_time() says of a tuple, is then the wall clock. Else gust_time() is
 * `in->time`, which may be GUST_NO_TIME: what a tick emits has none.
 */
GUST_API void gust_set_time(struct gust_task *task, int64_t time);
GUST_API int64_t gust_time(const struct gust_task *task,
			   const struct gust_tuple *in);
GUST_API int64_t gust_watermark(const struct gust_task *task);
GUST_API int gust_timer_at(struct gust_task *task, int64_t time,
			   uint64_t cookie);

/*
 * From any thread while the task is open: has ready(fd -1) called, and ends
 * the waiting of a spout. Several calls may be served by one.
 */
GUST_API void gust_wake(struct gust_task *task);

/* For next(): nothing before `time_ns` (as gust_now()); returns GUST_WAIT. */
GUST_API int gust_wait_until(struct gust_task *task, uint64_t time_ns);

/*
 * Positions of spouts that replay by position. A source is what has offsets:
 * a file, a partition. `*offset` is where to begin: after all that has been
 * processed by earlier runs, 0 for a new source. Offsets must grow from emit
 * to emit of one source. 0, -ENOMEM.
 */
GUST_API int gust_source(struct gust_task *task, const char *name,
			 uint32_t *source, uint64_t *offset);

/*
 * Says what people call a source whose name is not for them: dead letters show
 * it in place of the name. `title` is copied; a later one replaces it. 0,
 * -ENOMEM; -EINVAL: there is no such source.
 */
GUST_API int gust_source_title(struct gust_task *task, uint32_t source,
			       const char *title);

/*
 * Standard output belongs to the sinks. Writes whole lines without blocking:
 * returns how much was taken; after a short count the task has to come back
 * with the rest, and no other task gets between. -EAGAIN: not now, try again
 * (a bolt may return that); -EPIPE: the reader has gone, and the run ends.
 */
GUST_API ssize_t gust_stdout_write(struct gust_task *task, const char *data,
				   size_t length);

enum gust_log_level {
	GUST_LOG_ERROR = 0,
	GUST_LOG_WARN = 1,
	GUST_LOG_INFO = 2,
	GUST_LOG_DEBUG = 3
};

/* One line, with the component and the task before it. */
GUST_API void gust_log(struct gust_task *task, enum gust_log_level level,
		       const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Metrics of one's own; taken in open(), they live as long as the task and are
 * shown in the report under the component. The same name gives the same one;
 * NULL when memory is short, which the functions below take.
 */
struct gust_counter;
struct gust_gauge;
struct gust_histogram;
GUST_API struct gust_counter *gust_counter(struct gust_task *task,
					   const char *name);
GUST_API struct gust_gauge *gust_gauge(struct gust_task *task,
				       const char *name);
GUST_API struct gust_histogram *gust_histogram(struct gust_task *task,
					       const char *name);
GUST_API void gust_counter_add(struct gust_counter *counter, uint64_t amount);
GUST_API void gust_gauge_set(struct gust_gauge *gauge, double value);
GUST_API void gust_histogram_record(struct gust_histogram *histogram,
				    uint64_t value);

#ifdef __cplusplus
}

/* C++ has no compound literals: the same names as templates. */
template <typename... Values>
inline int gust_emit_to(struct gust_task *task, uint32_t stream,
			Values... values)
{
	const struct gust_value list[] = { values... };

	return gust_emit_values(task, stream, list, sizeof...(values));
}

template <typename... Values>
inline int gust_emit(struct gust_task *task, Values... values)
{
	return gust_emit_to(task, 0, values...);
}

template <typename... Values>
inline int gust_emit_how(struct gust_task *task,
			 const struct gust_emission &how, Values... values)
{
	const struct gust_value list[] = { values... };

	return gust_emit_with(task, &how, list, sizeof...(values));
}

#else

#define GUST_VALUES(...) ((const struct gust_value[]){ __VA_ARGS__ })
#define GUST_COUNT(...)                                                        \
	(sizeof(GUST_VALUES(__VA_ARGS__)) / sizeof(struct gust_value))

/* gust_emit(task, gust_string(p, n), gust_int(i)): to the first stream. */
#define gust_emit(task, ...)                                                   \
	gust_emit_values((task), 0, GUST_VALUES(__VA_ARGS__),                  \
			 GUST_COUNT(__VA_ARGS__))

/* To the stream with that number. */
#define gust_emit_to(task, stream, ...)                                        \
	gust_emit_values((task), (stream), GUST_VALUES(__VA_ARGS__),           \
			 GUST_COUNT(__VA_ARGS__))

/* `how` is a struct gust_emission, not a pointer. */
#define gust_emit_how(task, how, ...)                                          \
	gust_emit_with((task), &(how), GUST_VALUES(__VA_ARGS__),               \
		       GUST_COUNT(__VA_ARGS__))

/* To one task of a `direct` grouping, by its index in the component. */
#define gust_emit_direct(task, to, target, ...)                                \
	gust_emit_with((task),                                                 \
		       &(const struct gust_emission){ .stream = (to),          \
						      .direct = (target) },    \
		       GUST_VALUES(__VA_ARGS__), GUST_COUNT(__VA_ARGS__))

/* Anchored to kept tuples instead of the input. */
#define gust_emit_anchored(task, to, kept, kept_count, ...)                    \
	gust_emit_with(                                                        \
		(task),                                                        \
		&(const struct gust_emission){ .kind = GUST_EMIT_ANCHORED,     \
					       .stream = (to),                 \
					       .direct = -1,                   \
					       .anchors = (kept),              \
					       .anchor_count = (kept_count) }, \
		GUST_VALUES(__VA_ARGS__), GUST_COUNT(__VA_ARGS__))

/* Not tracked: it may be lost, and nobody is told. */
#define gust_emit_unanchored(task, to, ...)                                    \
	gust_emit_with(                                                        \
		(task),                                                        \
		&(const struct gust_emission){ .kind = GUST_EMIT_UNANCHORED,   \
					       .stream = (to),                 \
					       .direct = -1 },                 \
		GUST_VALUES(__VA_ARGS__), GUST_COUNT(__VA_ARGS__))

/* From a spout that replays by position; to the first stream. */
#define gust_emit_at(task, from, begin, end, ...)                              \
	gust_emit_with((task),                                                 \
		       &(const struct gust_emission){ .kind = GUST_EMIT_AT,    \
						      .direct = -1,            \
						      .source = (from),        \
						      .offset = (begin),       \
						      .next = (end) },         \
		       GUST_VALUES(__VA_ARGS__), GUST_COUNT(__VA_ARGS__))

/* From a spout that replays by itself; to the first stream. */
#define gust_emit_id(task, number, ...)                                        \
	gust_emit_with((task),                                                 \
		       &(const struct gust_emission){ .kind = GUST_EMIT_ID,    \
						      .direct = -1,            \
						      .id = (number) },        \
		       GUST_VALUES(__VA_ARGS__), GUST_COUNT(__VA_ARGS__))

#endif

#endif
