/* SPDX-License-Identifier: MIT */

/*
 * v1_bolt: a bolt of the first release, which must work for ever. It is built
 * with the headers beside it, which never change, nor does this file. It uses
 * all that bolts were offered then and fails where an answer is not the one
 * of then; at the end it emits what it has seen.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gust/bolt.h>

#define ROWS 20
#define FAIL(error, what)                                                      \
	gust_error_set(error, -EINVAL, "v1_bolt: %s is wrong", what)

struct v1_bolt {
	const char *word; /* options */
	int64_t times;
	double share;
	bool loud;
	uint64_t every, room;
	int mode;
	struct gust_list list;
	struct gust_map map;
	const char *none;

	struct gust_field number, share_field, even, text, raw, doc, absent;
	struct gust_counter *counter;
	struct gust_gauge *gauge;
	struct gust_histogram *histogram;
	int pipe[2];

	const struct gust_tuple *retained[ROWS], *held[ROWS];
	size_t retained_count, held_count;
	bool again, more, batched;
	int64_t seen, sum, timers, readies, wakes, ticks, idles, flushes;
	size_t reported;
};

static const char *const modes[] = { "running", "final", NULL };

#define AT(member) offsetof(struct v1_bolt, member)

static const struct gust_option options[] = {
	{ "word", GUST_OPTION_STRING, AT(word), NULL, "w", GUST_REQUIRED, 0, 0,
	  NULL },
	{ "times", GUST_OPTION_INT, AT(times), "3", "t", 0, 1, 10, NULL },
	{ "share", GUST_OPTION_FLOAT, AT(share), "0.5", "s", 0, 0, 1, NULL },
	{ "loud", GUST_OPTION_BOOL, AT(loud), "true", "l", 0, 0, 0, NULL },
	{ "every", GUST_OPTION_DURATION, AT(every), "1.5s", "e", 0, 0, 0,
	  NULL },
	{ "room", GUST_OPTION_SIZE, AT(room), "64KiB", "r", 0, 0, 0, NULL },
	{ "mode", GUST_OPTION_ENUM, AT(mode), "final", "m", 0, 0, 0, modes },
	{ "list", GUST_OPTION_LIST, AT(list), "a, b", "l", 0, 0, 0, NULL },
	{ "map", GUST_OPTION_MAP, AT(map), "k: v", "m", GUST_SECRET, 0, 0,
	  NULL },
	{ "none", GUST_OPTION_STRING, AT(none), NULL, "n", 0, 0, 0, NULL },
	{ 0 },
};

static const struct gust_column words[] = { { "word", GUST_STRING },
					    { NULL, GUST_NULL } };

static const struct gust_stream streams[] = { { "default", words },
					      { NULL, NULL } };

static int check_options(const struct v1_bolt *bolt, struct gust_error *error)
{
	if (bolt->word == NULL || strcmp(bolt->word, "given") != 0)
		return FAIL(error, "a string");
	if (bolt->times != 3 || bolt->share != 0.5 || !bolt->loud)
		return FAIL(error, "a number");
	if (bolt->every != 1500000000 || bolt->room != 65536)
		return FAIL(error, "a duration or a size");
	if (bolt->mode != 1 || bolt->none != NULL)
		return FAIL(error, "an enum or an option not given");
	if (bolt->list.count != 2 || strcmp(bolt->list.items[1], "b") != 0)
		return FAIL(error, "a list");
	if (bolt->map.count != 1 || strcmp(bolt->map.keys[0], "k") != 0 ||
	    strcmp(bolt->map.values[0], "v") != 0)
		return FAIL(error, "a map");
	return 0;
}

static int v1_declare(void *self, struct gust_declaration *about,
		      struct gust_error *error)
{
	static const struct gust_column columns[] = {
		{ "what", GUST_STRING },
		{ "count", GUST_INT },
		{ NULL, GUST_NULL },
	};
	const struct gust_input *input;
	enum gust_type type;
	int r;

	r = check_options(self, error);
	if (r < 0)
		return r;
	if (gust_declared_inputs(about) != 1)
		return FAIL(error, "gust_declared_inputs()");
	input = gust_declared_input(about, 0);
	if (strcmp(input->component, "source") != 0 ||
	    strcmp(input->stream, "default") != 0 ||
	    strcmp(input->columns[3].name, "word") != 0)
		return FAIL(error, "an input");
	r = gust_declared_type(about, "doc", &type, error);
	if (r < 0)
		return r;
	if (type != GUST_JSON || strcmp(gust_type_name(type), "json") != 0)
		return FAIL(error, "a type");
	return gust_declare_stream(about, "report", columns);
}

static int open_fields(struct v1_bolt *bolt, struct gust_task *task,
		       struct gust_error *error)
{
	struct {
		const char *name;
		enum gust_type type;
		struct gust_field *field;
	} fields[] = {
		{ "number", GUST_INT, &bolt->number },
		{ "share", GUST_FLOAT, &bolt->share_field },
		{ "even", GUST_BOOL, &bolt->even },
		{ "word", GUST_STRING, &bolt->text },
		{ "raw", GUST_BYTES, &bolt->raw },
		{ "doc", GUST_NULL, &bolt->doc },
	};
	size_t i;
	int r;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		r = gust_field(task, fields[i].name, fields[i].type,
			       fields[i].field, error);
		if (r < 0)
			return r;
	}
	if (gust_field(task, "word", GUST_INT, &bolt->absent, NULL) != -EINVAL)
		return FAIL(error, "gust_field() of another type");
	if (gust_field(task, "wrod", GUST_INT, &bolt->absent, NULL) != -ENOENT)
		return FAIL(error, "gust_field() of no field");
	return gust_field_optional(task, "absent", GUST_INT, &bolt->absent,
				   error);
}

static int v1_open(void *self, struct gust_task *task, struct gust_error *error)
{
	struct v1_bolt *bolt = self;
	int r;

	r = open_fields(bolt, task, error);
	if (r < 0)
		return r;
	if (gust_task_inputs(task) != 1 ||
	    strcmp(gust_task_input(task, 0)->component, "source") != 0)
		return FAIL(error, "gust_task_input()");
	if (gust_hashed_by(task, &bolt->word, 1))
		return FAIL(error, "gust_hashed_by()");
	bolt->counter = gust_counter(task, "rows");
	bolt->gauge = gust_gauge(task, "number");
	bolt->histogram = gust_histogram(task, "numbers");
	if (pipe(bolt->pipe) < 0 || write(bolt->pipe[1], "x", 1) != 1)
		return gust_error_set(error, -errno, "no pipe");
	r = gust_watch(task, bolt->pipe[0], POLLIN);
	return r < 0 ? r : gust_timer(task, 1000, 42);
}

static int check_tuple(const struct v1_bolt *bolt, struct gust_task *task,
		       const struct gust_tuple *in)
{
	int64_t n = gust_integer(in, bolt->number);
	struct gust_text text = gust_text(in, bolt->text);
	struct gust_text raw = gust_text(in, bolt->raw);
	static const char *const expected[] = { "cow", "moon", "" };

	if (n < 0 || n >= ROWS ||
	    gust_number(in, bolt->share_field) != (double)n / 4 ||
	    gust_integer(in, bolt->even) != (n % 2 == 0) ||
	    text.length != strlen(expected[n % 3]) ||
	    strcmp(text.data, expected[n % 3]) != 0)
		return -EPROTO;
	if (n % 5 == 0 ? !gust_is_null(in, bolt->raw) || raw.length != 0
		       : raw.length != 3 || memcmp(raw.data, "a\0b", 4) != 0)
		return -EPROTO;
	if (!gust_is_null(in, bolt->absent) ||
	    gust_value(in, bolt->doc).type != GUST_JSON ||
	    gust_value_at(in, 0).as.integer != n || in->fields != 6 ||
	    gust_tuple_input(task, in) != gust_task_input(task, 0))
		return -EPROTO;
	return 0;
}

/* One row in each of the ways that there are. */
static int keep(struct v1_bolt *bolt, struct gust_task *task,
		const struct gust_tuple *in, int64_t n)
{
	const struct gust_emission how = { .kind = GUST_EMIT_PLAIN,
					   .direct = -1 };
	const struct gust_tuple *kept = NULL;

	switch (n % 6) {
	case 0:
		kept = bolt->retained[bolt->retained_count++] =
			gust_retain(task, in);
		gust_reset_timeout(task, kept);
		return kept == NULL ? -ENOMEM : 0;
	case 1:
		kept = bolt->held[bolt->held_count++] = gust_hold(task, in);
		return kept == NULL ? -ENOMEM : 0;
	case 2:
		bolt->batched = true;
		return gust_batch_add(task, in);
	case 3:
		return gust_emit_unanchored(task, 0, gust_string("loose", 5));
	case 4:
		return gust_emit_how(task, how, gust_string("how", 3));
	default:
		return gust_reject(task, in, "row %d is %s", (int)n, "bad");
	}
}

static int v1_execute(void *self, struct gust_task *task,
		      const struct gust_tuple *in)
{
	struct v1_bolt *bolt = self;
	int64_t n = gust_integer(in, bolt->number);
	int r;

	r = check_tuple(bolt, task, in);
	if (r < 0)
		return r;
	if (n == 3 && !bolt->again) {
		bolt->again = true;
		return gust_not_now(task, "row %d is early", (int)n);
	}
	if (n == 4 && !bolt->more) {
		bolt->more = gust_room(task) > 0;
		return GUST_MORE;
	}
	bolt->seen++;
	bolt->sum += n;
	gust_counter_add(bolt->counter, 1);
	gust_gauge_set(bolt->gauge, (double)n);
	gust_histogram_record(bolt->histogram, (uint64_t)n);
	gust_log(task, GUST_LOG_DEBUG, "row %d", (int)n);
	r = gust_emit(task, gust_string("row", 3));
	return r < 0 ? r : keep(bolt, task, in, n);
}

static int v1_tick(void *self, struct gust_task *task)
{
	struct v1_bolt *bolt = self;

	(void)task;
	bolt->ticks = 1;
	return 0;
}

static int v1_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct v1_bolt *bolt = self;

	gust_wake(task);
	bolt->timers += cookie == 42;
	return 0;
}

static int v1_ready(void *self, struct gust_task *task, int fd, short events)
{
	struct v1_bolt *bolt = self;

	if (fd == -1) {
		bolt->wakes = 1;
		return 0;
	}
	if (fd != bolt->pipe[0] || !(events & POLLIN))
		return -EPROTO;
	bolt->readies++;
	return gust_watch(task, fd, 0);
}

static int v1_idle(void *self, struct gust_task *task)
{
	struct v1_bolt *bolt = self;

	bolt->idles = 1;
	while (bolt->retained_count > 0)
		gust_ack(task, bolt->retained[--bolt->retained_count]);
	if (bolt->batched)
		gust_batch_ack(task);
	bolt->batched = false;
	return 0;
}

static int v1_flush(void *self, struct gust_task *task)
{
	struct v1_bolt *bolt = self;
	int r;

	bolt->flushes = 1;
	if (bolt->held_count > 0) {
		r = gust_emit_anchored(task, 0, bolt->held, bolt->held_count,
				       gust_string("held", 4));
		if (r < 0)
			return r;
	}
	while (bolt->held_count > 0)
		gust_ack(task, bolt->held[--bolt->held_count]);
	return 0;
}

static int report(struct gust_task *task, const char *what, int64_t count)
{
	return gust_emit_to(task, 1, gust_string(what, strlen(what)),
			    gust_int(count));
}

static int v1_finish(void *self, struct gust_task *task)
{
	struct v1_bolt *bolt = self;
	const struct {
		const char *what;
		int64_t count;
	} reports[] = {
		{ "seen", bolt->seen },       { "sum", bolt->sum },
		{ "timers", bolt->timers },   { "readies", bolt->readies },
		{ "wakes", bolt->wakes },     { "idles", bolt->idles },
		{ "flushes", bolt->flushes },
	};
	size_t i = bolt->reported++;
	int r;

	r = report(task, reports[i].what, reports[i].count);
	if (r < 0)
		return r;
	return i + 1 < sizeof(reports) / sizeof(reports[0]) ? GUST_MORE : 0;
}

static void v1_close(void *self)
{
	struct v1_bolt *bolt = self;

	if (bolt->pipe[1] > 0) {
		close(bolt->pipe[0]);
		close(bolt->pipe[1]);
	}
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "v1_bolt",
	.summary = "a bolt of the first release",
	.options = options,
	.streams = streams,
	.instance_size = sizeof(struct v1_bolt),
	.flags = GUST_MEMORY,
	.declare = v1_declare,
	.open = v1_open,
	.execute = v1_execute,
	.tick = v1_tick,
	.timer = v1_timer,
	.ready = v1_ready,
	.idle = v1_idle,
	.flush = v1_flush,
	.finish = v1_finish,
	.close = v1_close,
};
