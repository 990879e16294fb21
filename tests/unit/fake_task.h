/* SPDX-License-Identifier: MIT */
#ifndef FAKE_TASK_H
#define FAKE_TASK_H

/*
 * A runtime that runs nothing: it stands in for the real one where a plugin is
 * tested alone, opens the plugin's shared object, and records what the plugin
 * asks of it.
 *
 *	struct fake *fake = fake_create("bolts/split");
 *
 *	fake_input(fake, GUST_VALUES..., columns);
 *	fake_option_string(fake, "field", "line");
 *	CHECK_INT(fake_open(fake), 0);
 *	fake_execute(fake, gust_string("a b", 3));
 *	CHECK_STR(fake_emitted(fake), "a\nb\n");
 *	fake_destroy(fake);
 *
 * A program that links this has no other runtime. One thread. The members may
 * be read and set at any time; what the fake answers stands there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/bolt.h>
#include <gust/spout.h>

#define FAKE_INPUTS_MAX 4
#define FAKE_OUTPUTS_MAX 8
#define FAKE_COLUMNS_MAX 64
#define FAKE_WATCHES_MAX 256
#define FAKE_TIMERS_MAX 64
#define FAKE_SOURCES_MAX 2048

/* Bytes that grow; a NUL follows them. */
struct fake_text {
	char *data;
	size_t length;
	size_t size; /* what `data` has room for */
};

/* A source of gust_source(), and what the next run would be told of it. */
struct fake_source {
	char name[256];
	uint64_t next;   /* after what was emitted, all of which is complete */
	char title[256]; /* of gust_source_title() */
};

struct fake {
	void *handle;
	const struct gust_spout *spout; /* one of them is NULL */
	const struct gust_bolt *bolt;
	void *instance;
	bool opened;

	/* Filled before fake_open(). */
	struct gust_input inputs[FAKE_INPUTS_MAX];
	size_t input_count;
	struct gust_stream outputs[FAKE_OUTPUTS_MAX]; /* of `outputs:` */
	size_t output_count;
	uint32_t index, count; /* task 0 of 1 */
	size_t tuple_max;      /* 1 MiB */
	bool hashed;           /* what gust_hashed_by() says */
	uint64_t hash;         /* of the tuples given */
	uint32_t input;        /* through which they come */
	int64_t at;            /* their event time */

	/* What open() and declare() said. */
	struct gust_error error;
	enum gust_replay replay;
	struct gust_column columns[64]; /* of the first stream, and names */
	size_t column_count;
	char names[64][64];
	/* All streams; the columns of those that the plugin has declared are
	 * known of the first one only. */
	struct gust_stream streams[FAKE_OUTPUTS_MAX];
	size_t stream_count;
	enum gust_type types[FAKE_OUTPUTS_MAX][FAKE_COLUMNS_MAX];
	size_t type_counts[FAKE_OUTPUTS_MAX];

	/* What was emitted: a line a tuple, fields separated by a tab, with
	 * "null" for null, and its name with a colon in front where it is not
	 * the first stream; its number, and where it was. */
	struct fake_text emitted;
	size_t emits;
	struct gust_emission how;
	int32_t direct;
	int emit_result; /* of the next emits; 0 is success */
	size_t emits_until_failure;
	size_t room; /* of gust_room() */

	/* Kept, acked, failed. */
	size_t kept, acked, batched, batches_acked, batches_failed;
	size_t retained, held, failed, dead; /* `retained`, `held`: now */
	bool keep_fails; /* gust_retain(), gust_hold(): for want of memory */
	struct fake_kept *first_kept;
	const struct gust_tuple *executing; /* what execute() is given */
	size_t rejected;
	char reason[512]; /* of the last failure, or "not now" */
	char not_now[512];
	struct fake_text rejected_data;

	/* Windows, see fake_window(): how many tuples wait in them, and how
	 * many came too late. `time` is that of what is emitted now. */
	const struct gust_window_spec *window;
	struct windows *windows;
	struct sheaf *sheaves;
	int64_t watermark, time;
	size_t window_held, late;

	/* Standard output: how the next writes fail, or 0; how much a write
	 * takes, and all of them together before they answer -EAGAIN. */
	struct fake_text written;
	size_t writes;
	int write_result;
	size_t takes, capacity;

	/* Time and events. */
	uint64_t now, wait_until;
	int watched; /* descriptor, or -1; the last that was asked for */
	short watched_events;
	int watch_result;
	struct {
		int fd;
		short events;
	} watches[FAKE_WATCHES_MAX]; /* all of them */
	size_t watch_count;
	struct {
		uint64_t due, cookie;
	} timers[FAKE_TIMERS_MAX];
	size_t timer_count;
	int timer_result; /* of gust_timer() */
	struct {
		int64_t due;
		uint64_t cookie;
	} event_timers[FAKE_TIMERS_MAX]; /* of gust_timer_at() */
	size_t event_timer_count;
	uint64_t resume;  /* of the first source of gust_source() */
	char source[256]; /* the last one */
	struct fake_source sources[FAKE_SOURCES_MAX]; /* by number, from 7 */
	size_t source_count;
	size_t logs;
	char log[1024];
	struct {
		char name[64];
		uint64_t count;
	} counters[16];

	/* Keyed state; set the members before fake_open(). It is in memory or,
	 * where there is one (state/ram.h), on a disk, which outlives the fake:
	 * then a callback that fails leaves nothing, and what was written since
	 * the last fake_commit() is lost. */
	struct keyspace *keyspace;
	size_t state_budget; /* in bytes */
	struct ram *disk;
	struct store *store;
};

/* Opens build/NAME.so; the test fails if it is no plugin. */
struct fake *fake_create(const char *name);
void fake_destroy(struct fake *fake);

/* Adds an input with these columns, up to one without a name. */
void fake_input(struct fake *fake, const struct gust_column *columns);

/* Adds a stream that the topology's `outputs:` names. Both are borrowed. */
void fake_output(struct fake *fake, const char *name,
		 const struct gust_column *columns);

/* Sets an option; those not set get their defaults in fake_open(). */
void fake_set_string(struct fake *fake, const char *name, const char *value);
void fake_set_number(struct fake *fake, const char *name, double value);
void fake_set_list(struct fake *fake, const char *name,
		   const char *const *items, size_t count);
void fake_set_map(struct fake *fake, const char *name, const char *const *keys,
		  const char *const *values, size_t count);

/* Has a spout go on where another one of the same component was. */
void fake_resume(struct fake *fake, const struct fake *earlier);

/* Has the bolt run with `window:`, which must outlive the fake; before
 * fake_open(). It gets tuples by fake_give_at() then. */
struct gust_window_spec;
void fake_window(struct fake *fake, const struct gust_window_spec *spec);

/* declare(), then open(). */
int fake_declare(struct fake *fake);
int fake_open(struct fake *fake);

/* Makes a tuple that came through input `input`; it is freed with free(). */
struct gust_tuple *fake_tuple(uint32_t input, const struct gust_value *values,
			      size_t count);

/* Gives a tuple to the bolt, once, and returns its answer. */
int fake_give(struct fake *fake, const struct gust_value *values, size_t count);
int fake_give_string(struct fake *fake, const char *text);
int fake_give_bytes(struct fake *fake, const void *data, size_t length);

/*
 * Gives a tuple with that event time to the windows of the bolt. Returns 0, 1
 * if it is too late, or what add() or result() said. It is acked when its last
 * window was handed over.
 */
int fake_give_at(struct fake *fake, int64_t time,
		 const struct gust_value *values, size_t count);

/* The watermark is that now: timers are called, what has ended is handed over;
 * INT64_MAX: all. Or all that is open, early. 0, GUST_MORE where `room` is 0,
 * or what timer() or result() said. */
int fake_watermark(struct fake *fake, int64_t watermark);
int fake_early(struct fake *fake);

/* What the windows take. */
size_t fake_window_bytes(const struct fake *fake);

/* Calls next() until it says something else than GUST_EMITTED, at most `most`
 * times; returns what it said last. */
int fake_run(struct fake *fake, size_t most);

/* Waits until a watched descriptor is ready, and calls ready() for all that
 * are; false: none was within `limit_ms`. */
bool fake_poll(struct fake *fake, int limit_ms);

/* Sets the clock to the time of the next timer and calls timer(); false: there
 * is none. */
bool fake_tick(struct fake *fake);

/* Lets time pass, and calls timer() at each time that is due meanwhile, until
 * it fails; returns what it said last. */
int fake_advance(struct fake *fake, uint64_t ns);

/* What idle(), flush() and finish() say; before flush() all windows that are
 * open are handed over. */
int fake_idle(struct fake *fake);
int fake_flush(struct fake *fake);
int fake_finish(struct fake *fake);

/* Stores what has been written to the keyed state. */
void fake_commit(struct fake *fake);

/* What tick() says. */
int fake_call_tick(struct fake *fake);

/* The value of a counter of the plugin's own; 0 if it has none by that name. */
uint64_t fake_counter(const struct fake *fake, const char *name);

/* Forgets what was recorded. */
void fake_forget(struct fake *fake);

#endif
