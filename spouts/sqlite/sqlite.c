/* SPDX-License-Identifier: MIT */

/*
 * sqlite: emits the rows of a query of SQLite.
 *
 * `outputs` names the columns of the query that are emitted, and their types;
 * others are left out. An INTEGER may become any type that holds it, a TEXT
 * may be any type that it can be read as, a BLOB is bytes or a string. A row
 * with another value is rejected, with its position, and so is one that does
 * not fit a tuple.
 *
 * With `position`, a column of integers that are not negative and not there
 * twice (a primary key), rows come in its order. Then topology.state.dir has a
 * later run go on where this one was, and `interval` has the query run again
 * for what has come meanwhile, without an end. Rows that come later with a
 * smaller position are not seen. The query is run anew for each thousand rows,
 * so that no writer is held up; the column should have an index. `:position`
 * may stand in the query as well, for the first position that is wanted.
 *
 * Without `position` the query is run once. Until it is through, its rows are
 * what they were when it began, and writers of a file without a write-ahead
 * log have to wait.
 *
 * Failed rows are emitted again. One task reads; further ones have nothing to
 * do. It has a thread, since a query may take its time.
 *
 * Output:
 *	default, or a stream of another name: the columns in `outputs`
 *
 * Example:
 *	spouts:
 *	  - id: orders
 *	    plugin: sqlite
 *	    options:
 *	      path: shop.db
 *	      query: SELECT id, amount, note FROM orders WHERE state = :state
 *	      parameters: {state: paid}
 *	      position: id
 *	      interval: 5s
 *	    outputs: {default: {id: int, amount: float, note: string}}
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/buffer.h>
#include <gust/kit/columns.h>
#include <gust/kit/database.h>
#include <gust/kit/object.h>
#include <gust/spout.h>

#include "query.h"

/* The longest text of a number. */
#define SQLITE_NUMBER_MAX 64u

/* When a locked file is tried again. */
#define SQLITE_BUSY_NS (UINT64_C(50) * 1000 * 1000)

struct sqlite {
	const char *path; /* options */
	struct query query;
	uint64_t interval;

	struct database database;
	struct gust_value *values; /* of the row at hand */
	struct buffer scratch;
	uint32_t source;

	bool running; /* the statement has been started */
	int rows;     /* that it has given since */
	int64_t last; /* position emitted, or -1 */
	bool met;     /* the row of that position has been seen again */
	bool told;    /* that the file is locked */
};

static const struct gust_option sqlite_options[] = {
	{ .name = "path",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct sqlite, path),
	  .help = "the file",
	  .flags = GUST_REQUIRED },
	{ .name = "query",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct sqlite, query.text),
	  .help = "a statement of SQL that gives rows",
	  .flags = GUST_REQUIRED },
	{ .name = "parameters",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct sqlite, query.parameters),
	  .help = "what stands for :NAME in the query" },
	{ .name = "position",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct sqlite, query.position),
	  .help = "the column by which the rows are in order, and by which a "
		  "later run goes on" },
	{ .name = "interval",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct sqlite, interval),
	  .fallback = "0s",
	  .help = "how long to wait before new rows are looked for; 0s reads "
		  "once" },
	{ .name = NULL },
};

static int sqlite_declare(void *self, struct gust_declaration *about,
			  struct gust_error *error)
{
	const struct sqlite *sqlite = self;

	if (gust_declared_outputs(about) != 1)
		return gust_error_set(error, -EINVAL,
				      "expected the columns of the query in "
				      "'outputs', such as 'outputs: {default: "
				      "{id: int, name: string}}'");
	if (sqlite->query.position == NULL && sqlite->interval > 0)
		return gust_error_set(error, -EINVAL,
				      "option 'interval' needs option "
				      "'position', which tells what is new");
	if (sqlite->query.position == NULL)
		gust_declare_replay(about, GUST_REPLAY_RECORD);
	return 0;
}

/* Room for the values of a row, of which nothing may move while it is read. */
static int sqlite_make_room(struct sqlite *sqlite)
{
	const size_t n = sqlite->query.column_count;

	sqlite->values = calloc(n + 1, sizeof(*sqlite->values));
	if (sqlite->values == NULL)
		return -ENOMEM;
	return buffer_reserve(&sqlite->scratch, n * SQLITE_NUMBER_MAX);
}

static int sqlite_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct sqlite *sqlite = self;
	uint64_t begin = 0;
	int r;

	if (gust_task_index(task) > 0)
		return 0;
	r = database_open(&sqlite->database, sqlite->path, DATABASE_READ,
			  error);
	if (r == 0)
		r = query_open(&sqlite->query, &sqlite->database,
			       gust_task_output(task, 0)->columns, error);
	if (r == 0)
		r = sqlite_make_room(sqlite);
	if (r < 0)
		return r;
	database_hurry(&sqlite->database);
	if (sqlite->query.position != NULL)
		r = gust_source(task, sqlite->path, &sqlite->source, &begin);
	sqlite->last = (int64_t)begin - 1;
	return r;
}

/* Lets go of the file until the query is run again. */
static void sqlite_rest(struct sqlite *sqlite)
{
	sqlite3_reset(sqlite->query.statement);
	sqlite->running = false;
}

/* Ends the run because of the file. */
static int sqlite_broken(struct sqlite *sqlite, struct gust_task *task)
{
	struct gust_error error = { 0 };
	int r = database_failed(&sqlite->database, &error);

	if (r == -EAGAIN) {
		sqlite_rest(sqlite);
		if (!sqlite->told)
			gust_log(task, GUST_LOG_WARN, "%s", error.text);
		sqlite->told = true;
		return gust_wait_until(task, gust_now(task) + SQLITE_BUSY_NS);
	}
	return gust_give_up(task, r, "%s", error.text);
}

/* Appends the row as an object of JSON, for the dead letters. */
static int sqlite_describe(struct sqlite *sqlite)
{
	struct buffer *text = &sqlite->scratch;
	const int count = sqlite3_column_count(sqlite->query.statement);
	struct gust_value value = gust_null();
	const char *name;
	int i, r = 0;

	text->used = 0;
	for (i = 0; i < count && r == 0; i++) {
		name = sqlite3_column_name(sqlite->query.statement, i);
		if (name == NULL)
			return -ENOMEM;
		r = buffer_char(text, i == 0 ? '{' : ',');
		if (r == 0)
			r = object_string(text, name, strlen(name));
		if (r == 0)
			r = buffer_char(text, ':');
		if (r == 0)
			r = database_raw(sqlite->query.statement, i, &value);
		if (r == 0)
			r = object_value(text, value);
	}
	return r == 0 ? buffer_char(text, '}') : r;
}

static int sqlite_reject(struct sqlite *sqlite, struct gust_task *task,
			 int64_t position, const char *reason)
{
	int r = sqlite_describe(sqlite);

	if (r < 0)
		return r;
	if (sqlite->query.position == NULL)
		return gust_reject_record(task, sqlite->scratch.data,
					  sqlite->scratch.used, "'%.80s': %s",
					  sqlite->path, reason);
	return gust_reject_at(
		task, sqlite->source, (uint64_t)position, sqlite->scratch.data,
		sqlite->scratch.used, "'%.80s': the row at %s %" PRId64 ": %s",
		sqlite->path, sqlite->query.position, position, reason);
}

/* Emits or rejects the row at hand. */
static int sqlite_emit(struct sqlite *sqlite, struct gust_task *task,
		       int64_t position)
{
	struct gust_emission how = { .direct = -1 };
	char reason[256];
	size_t i;
	int r;

	for (i = 0; i < sqlite->query.column_count; i++) {
		r = database_read(sqlite->query.statement,
				  sqlite->query.places[i],
				  sqlite->query.columns[i].type,
				  &sqlite->scratch, &sqlite->values[i]);
		if (r == 0)
			continue;
		if (r == -ENOMEM)
			return r;
		snprintf(reason, sizeof(reason),
			 "column '%.80s' is %s, expected %s",
			 sqlite->query.columns[i].name,
			 database_kind(sqlite->query.statement,
				       sqlite->query.places[i]),
			 gust_type_name(sqlite->query.columns[i].type));
		return sqlite_reject(sqlite, task, position, reason);
	}
	if (columns_size(sqlite->values, sqlite->query.column_count) >
	    gust_tuple_max(task))
		return sqlite_reject(sqlite, task, position,
				     "it does not fit into "
				     "topology.tuple.max.bytes");
	if (sqlite->query.position != NULL) {
		how.kind = GUST_EMIT_AT;
		how.source = sqlite->source;
		how.offset = (uint64_t)position;
		how.next = (uint64_t)position + 1;
	}
	return gust_emit_with(task, &how, sqlite->values,
			      sqlite->query.column_count);
}

/* Ends the run because of the position of the row at hand. */
static int sqlite_misplaced(const struct sqlite *sqlite, struct gust_task *task,
			    const char *reason)
{
	const unsigned char *text = sqlite3_column_text(
		sqlite->query.statement, sqlite->query.position_place);

	return gust_give_up(
		task, -EINVAL,
		"'%s': the row at %s '%.80s': %s, expected integers that are "
		"not negative, and each of them once",
		sqlite->path, sqlite->query.position,
		text == NULL ? "" : (const char *)text, reason);
}

/* Deals with the row at hand. */
static int sqlite_row(struct sqlite *sqlite, struct gust_task *task)
{
	int64_t position = 0;
	int r;

	sqlite->scratch.used = 0;
	if (sqlite->query.position == NULL)
		return sqlite_emit(sqlite, task, 0);
	if (sqlite3_column_type(sqlite->query.statement,
				sqlite->query.position_place) != SQLITE_INTEGER)
		return sqlite_misplaced(sqlite, task, "no integer");
	position = sqlite3_column_int64(sqlite->query.statement,
					sqlite->query.position_place);
	if (position < 0)
		return sqlite_misplaced(sqlite, task, "negative");
	if (position == sqlite->last && sqlite->met)
		return sqlite_misplaced(sqlite, task, "there twice");
	/* The last one is asked for again to find out just that. */
	if (position != sqlite->last) {
		r = sqlite_emit(sqlite, task, position);
		if (r < 0)
			return r;
	}
	sqlite->last = position;
	sqlite->met = true;
	return 0;
}

/* Has the query begin behind the last row. */
static int sqlite_begin(struct sqlite *sqlite, struct gust_task *task)
{
	/* What is negative is found out by looking at it. */
	const int64_t from = sqlite->last < 0 ? INT64_MIN : sqlite->last;

	if (sqlite->query.position != NULL &&
	    sqlite3_bind_int64(sqlite->query.statement,
			       sqlite->query.position_parameter,
			       from) != SQLITE_OK)
		return sqlite_broken(sqlite, task);
	sqlite->running = true;
	sqlite->rows = 0;
	sqlite->met = sqlite->last < 0;
	return 0;
}

/* The query is through. */
static int sqlite_end(struct sqlite *sqlite, struct gust_task *task)
{
	sqlite_rest(sqlite);
	if (sqlite->query.position != NULL && sqlite->rows == QUERY_CHUNK)
		return GUST_EMITTED;
	if (sqlite->interval == 0)
		return GUST_DONE;
	return gust_wait_until(task, gust_now(task) + sqlite->interval);
}

static int sqlite_next(void *self, struct gust_task *task)
{
	struct sqlite *sqlite = self;
	const int64_t before = sqlite->last;
	int code, r = 0;

	if (gust_task_index(task) > 0)
		return GUST_DONE;
	if (!sqlite->running)
		r = sqlite_begin(sqlite, task);
	if (r != 0)
		return r;
	do {
		code = sqlite3_step(sqlite->query.statement);
		if (code == SQLITE_DONE)
			return sqlite_end(sqlite, task);
		if (code != SQLITE_ROW)
			return sqlite_broken(sqlite, task);
		sqlite->rows++;
		sqlite->told = false;
		r = sqlite_row(sqlite, task);
		/* One row at least, and one it had not seen yet. */
	} while (r == 0 &&
		 (gust_room(task) > 0 ||
		  (sqlite->query.position != NULL && sqlite->last == before)));
	/* It may be long until it is called again. */
	if (sqlite->query.position != NULL)
		sqlite_rest(sqlite);
	return r;
}

static void sqlite_close(void *self)
{
	struct sqlite *sqlite = self;

	query_close(&sqlite->query);
	database_close(&sqlite->database);
	buffer_destroy(&sqlite->scratch);
	free(sqlite->values);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "sqlite",
	.summary = "emits the rows of a query of SQLite",
	.options = sqlite_options,
	.instance_size = sizeof(struct sqlite),
	.flags = GUST_DEDICATED,
	.replay = GUST_REPLAY_POSITION,
	.declare = sqlite_declare,
	.open = sqlite_open,
	.next = sqlite_next,
	.close = sqlite_close,
};
