/* SPDX-License-Identifier: MIT */

/*
 * http_poll: asks a server for JSON, once or again and again.
 *
 * The answer of `url` is one record, or an array of them; `records` names the
 * member where they are, such as data.items. Where `outputs` names columns, a
 * record must be an object, and each column takes the member of its name;
 * otherwise a record is emitted whole, as json.
 *
 * With `interval` the server is asked again after that time, without an end.
 * What it said of its last answer by ETag and Last-Modified is sent along, and
 * an answer that has not changed (304) emits nothing. One that has changed is
 * emitted as a whole, unless `position` names a member that tells what is new:
 * an integer that is not negative and grows from record to record. Then only
 * records beyond the greatest one are emitted, in its order, and with
 * topology.state.dir a later run goes on there.
 *
 * When the server is away or answers 408, 425, 429 or 5xx, it is asked again
 * after pauses that grow up to a minute, or when it says (Retry-After), at
 * most `retries` times. After that, and for other statuses, the run fails;
 * with `interval` the reason is logged and the next time is waited for.
 *
 * Certificates are verified. Up to 5 redirects are followed, none from https
 * to http; `headers` are sent to no other server than that of `url`. An answer
 * that is no JSON or lacks its records, and a record of which no tuple can be
 * made, are rejected. Failed records are emitted again. One task asks; further
 * ones have nothing to do. Messages show scheme, host and port of the URL, and
 * nothing else of it.
 *
 * Output:
 *	default, or a stream of another name: the columns in `outputs`;
 *	default: record: json, without `outputs`
 *
 * Example:
 *	spouts:
 *	  - id: issues
 *	    plugin: http_poll
 *	    options:
 *	      url: "https://api.example.com/issues?state=open"
 *	      headers: {Authorization: "Bearer ${ENV-TOKEN}"}
 *	      records: data.items
 *	      position: id
 *	      interval: 1m
 *	    outputs: {default: {id: int, title: string, labels: json}}
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <gust/kit/backoff.h>
#include <gust/kit/buffer.h>
#include <gust/kit/columns.h>
#include <gust/kit/header.h>
#include <gust/kit/http.h>
#include <gust/kit/object.h>
#include <gust/kit/url.h>
#include <gust/spout.h>

#include "records.h"

#define HTTP_POLL_REDIRECTS 5
/* How much of what is rejected is kept with the dead letters. */
#define HTTP_POLL_REJECTED_MAX ((size_t)4096)
#define HTTP_POLL_PAUSE_MIN_NS (UINT64_C(500) * 1000 * 1000)
#define HTTP_POLL_PAUSE_MAX_NS (UINT64_C(60) * 1000 * 1000 * 1000)

struct http_poll {
	const char *url, *records, *position; /* options */
	struct http_settings settings;
	uint64_t interval, answer_max;
	int64_t retries;

	char place[200]; /* the URL, for messages */
	struct http *http;
	bool whole; /* without `outputs` records are emitted as they are */
	const struct gust_column *columns;
	size_t column_count;
	struct gust_value *values;
	struct buffer scratch;
	uint32_t source;
	int64_t last; /* position emitted, or -1 */

	bool asking;  /* a request is under way */
	uint64_t due; /* when the next one is */
	int64_t tried;
	struct backoff backoff;
	char *etag, *modified; /* of the last answer that was taken */

	bool taking; /* there are records to emit */
	struct records answer;
};

static const struct gust_column http_poll_whole[] = {
	{ "record", GUST_JSON },
	{ NULL, GUST_NULL },
};

static const struct gust_option http_poll_options[] = {
	{ .name = "url",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct http_poll, url),
	  .help = "what is asked for",
	  .flags = GUST_REQUIRED | GUST_SECRET },
	{ .name = "records",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct http_poll, records),
	  .help = "where in the answer the records are, such as data.items" },
	{ .name = "position",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct http_poll, position),
	  .help = "the member of a record that tells what is new" },
	{ .name = "interval",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct http_poll, interval),
	  .fallback = "0s",
	  .help = "how long to wait before it is asked again; 0s asks once" },
	{ .name = "retries",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct http_poll, retries),
	  .fallback = "5",
	  .help = "how often it is tried again when the server is away",
	  .min = 0,
	  .max = 1000000 },
	{ .name = "answer_max",
	  .type = GUST_OPTION_SIZE,
	  .offset = offsetof(struct http_poll, answer_max),
	  .fallback = "16MiB",
	  .help = "a longer answer is a failure",
	  .min = 1,
	  .max = 1024.0 * 1024 * 1024 },
	HTTP_OPTIONS(struct http_poll, settings),
	{ .name = NULL },
};

static int http_poll_declare(void *self, struct gust_declaration *about,
			     struct gust_error *error)
{
	struct http_poll *poll = self;
	int r = url_check(poll->url, "url", error);

	if (r == 0)
		r = header_check(&poll->settings.headers, error);
	if (r < 0)
		return r;
	if (poll->position == NULL)
		gust_declare_replay(about, GUST_REPLAY_RECORD);
	if (gust_declared_outputs(about) > 1)
		return gust_error_set(error, -EINVAL,
				      "there are %zu streams in 'outputs', "
				      "expected one",
				      gust_declared_outputs(about));
	if (gust_declared_outputs(about) == 1)
		return 0;
	poll->whole = true;
	return gust_declare_stream(about, "default", http_poll_whole);
}

static int http_poll_open(void *self, struct gust_task *task,
			  struct gust_error *error)
{
	struct http_poll *poll = self;
	char source[sizeof(poll->place) + 17];
	uint64_t begin = 0;
	int r;

	if (gust_task_index(task) > 0)
		return 0;
	url_place(poll->url, poll->place, sizeof(poll->place));
	poll->columns = gust_task_output(task, 0)->columns;
	poll->column_count = columns_count(poll->columns);
	poll->values = calloc(poll->column_count + 1, sizeof(*poll->values));
	if (poll->values == NULL)
		return -ENOMEM;
	poll->backoff = (struct backoff){ .least_ns = HTTP_POLL_PAUSE_MIN_NS,
					  .most_ns = HTTP_POLL_PAUSE_MAX_NS };
	if (poll->position != NULL) {
		url_source(poll->url, source, sizeof(source));
		r = gust_source(task, source, &poll->source, &begin);
		if (r < 0)
			return r;
	}
	poll->last = (int64_t)begin - 1;
	return http_open(&poll->http, &poll->settings, task, error);
}

static int http_poll_ask(struct http_poll *poll)
{
	const struct http_request request = {
		.method = "GET",
		.url = poll->url,
		.etag = poll->etag,
		.modified = poll->modified,
		.redirects = HTTP_POLL_REDIRECTS,
		.answer_max = (size_t)poll->answer_max,
	};
	int r = http_start(poll->http, &request);

	poll->asking = r == 0;
	return r < 0 ? r : GUST_WAIT;
}

/* The server is to be asked again after the interval, if at all. */
static int http_poll_end(struct http_poll *poll, struct gust_task *task)
{
	poll->tried = 0;
	backoff_reset(&poll->backoff);
	if (poll->interval == 0)
		return GUST_DONE;
	poll->due = gust_now(task) + poll->interval;
	return gust_wait_until(task, poll->due);
}

static int http_poll_failed(struct http_poll *poll, struct gust_task *task,
			    const struct http_answer *answer)
{
	uint64_t pause;

	if (!answer->passing || poll->tried == poll->retries) {
		if (poll->interval == 0)
			return gust_give_up(task, -EIO, "%s: %s", poll->place,
					    answer->reason);
		gust_log(task, GUST_LOG_ERROR, "%s: %s", poll->place,
			 answer->reason);
		return http_poll_end(poll, task);
	}
	poll->tried++;
	pause = backoff_next(&poll->backoff);
	if (pause < answer->retry_after)
		pause = answer->retry_after;
	gust_log(task, GUST_LOG_WARN, "%s: %s; it is asked again in %.3g s",
		 poll->place, answer->reason, (double)pause / 1e9);
	poll->due = gust_now(task) + pause;
	return gust_wait_until(task, poll->due);
}

/* Rejects the answer as a whole. */
static int http_poll_reject(struct http_poll *poll, struct gust_task *task,
			    const struct buffer *body, const char *reason)
{
	const size_t n = body->used < HTTP_POLL_REJECTED_MAX
				 ? body->used
				 : HTTP_POLL_REJECTED_MAX;
	int r = gust_reject_record(task, n == 0 ? "" : body->data, n, "%s: %s",
				   poll->place, reason);

	return r < 0 ? r : http_poll_end(poll, task);
}

/* Keeps what the server said of the answer that is taken. */
static void http_poll_remember(struct http_poll *poll,
			       struct http_answer *answer)
{
	free(poll->etag);
	free(poll->modified);
	poll->etag = answer->etag;
	poll->modified = answer->modified;
	answer->etag = NULL;
	answer->modified = NULL;
}

/* Takes an answer apart. What next() returns. */
static int http_poll_take(struct http_poll *poll, struct gust_task *task,
			  struct http_answer *answer)
{
	const struct buffer *body = &answer->body;
	struct gust_error error = { 0 };
	int r = records_read(&poll->answer, body->used == 0 ? "" : body->data,
			     body->used, poll->records, poll->position, &error);

	if (r == -EINVAL)
		return http_poll_reject(poll, task, body, error.text);
	if (r < 0)
		return r;
	http_poll_remember(poll, answer);
	poll->taking = true;
	return GUST_EMITTED;
}

static int http_poll_answered(struct http_poll *poll, struct gust_task *task,
			      struct http_answer *answer)
{
	if (answer->status == 304)
		return http_poll_end(poll, task);
	if (answer->reason[0] != '\0')
		return http_poll_failed(poll, task, answer);
	return http_poll_take(poll, task, answer);
}

static int http_poll_append(const char *text, size_t n, void *buffer)
{
	return buffer_append(buffer, text, n);
}

/* Writes a record into the scratch buffer, as JSON. */
static int http_poll_write(struct http_poll *poll, const json_t *record)
{
	poll->scratch.used = 0;
	return json_dump_callback(record, http_poll_append, &poll->scratch,
				  JSON_COMPACT | JSON_ENCODE_ANY) < 0
		       ? -ENOMEM
		       : 0;
}

/* Rejects one record. */
static int http_poll_refuse(struct http_poll *poll, struct gust_task *task,
			    const struct record *record, const char *reason)
{
	size_t n;
	int r = http_poll_write(poll, record->json);

	if (r < 0)
		return r;
	n = poll->scratch.used;
	n = n < HTTP_POLL_REJECTED_MAX ? n : HTTP_POLL_REJECTED_MAX;
	if (poll->position == NULL || record->position < 0)
		return gust_reject_record(task, poll->scratch.data, n, "%s: %s",
					  poll->place, reason);
	return gust_reject_at(task, poll->source, (uint64_t)record->position,
			      poll->scratch.data, n, "%s: %s", poll->place,
			      reason);
}

/* Makes values of a record. -EINVAL sets `error`. */
static int http_poll_values(struct http_poll *poll, const json_t *record,
			    struct gust_error *error)
{
	int r;

	if (poll->whole) {
		r = http_poll_write(poll, record);
		poll->values[0] =
			gust_json(poll->scratch.data, poll->scratch.used);
		return r;
	}
	if (!json_is_object(record))
		return gust_error_set(error, -EINVAL,
				      "the record is no object");
	poll->scratch.used = 0;
	return object_values(record, poll->columns, &poll->scratch,
			     poll->values, error);
}

/* Emits or rejects a record, or leaves it out as it is not new. */
static int http_poll_emit(struct http_poll *poll, struct gust_task *task,
			  const struct record *record)
{
	struct gust_emission how = { .direct = -1 };
	struct gust_error error = { 0 };
	int r;

	if (poll->position != NULL && record->position < 0) {
		gust_error_set(&error, -EINVAL,
			       "member '%s' is no integer that is not negative",
			       poll->position);
		return http_poll_refuse(poll, task, record, error.text);
	}
	if (poll->position != NULL && record->position <= poll->last)
		return 0;
	r = http_poll_values(poll, record->json, &error);
	if (r == 0 && columns_size(poll->values, poll->column_count) >
			      gust_tuple_max(task))
		r = gust_error_set(&error, -EINVAL,
				   "the record does not fit into "
				   "topology.tuple.max.bytes");
	if (r < 0 && r != -EINVAL)
		return r;
	poll->last = record->position;
	if (r < 0)
		return http_poll_refuse(poll, task, record, error.text);
	if (poll->position != NULL) {
		how.kind = GUST_EMIT_AT;
		how.source = poll->source;
		how.offset = (uint64_t)record->position;
		how.next = (uint64_t)record->position + 1;
	}
	return gust_emit_with(task, &how, poll->values, poll->column_count);
}

/* Emits records as long as there is room. */
static int http_poll_go_on(struct http_poll *poll, struct gust_task *task)
{
	struct records *answer = &poll->answer;
	int r = 0;

	while (r == 0 && answer->at < answer->count) {
		r = http_poll_emit(poll, task, &answer->list[answer->at]);
		if (r == 0)
			answer->at++;
		if (gust_room(task) == 0)
			break;
	}
	if (r < 0 || answer->at < answer->count)
		return r;
	records_clear(answer);
	poll->taking = false;
	return http_poll_end(poll, task);
}

static int http_poll_next(void *self, struct gust_task *task)
{
	struct http_poll *poll = self;
	struct http_answer *answer;
	int r;

	if (gust_task_index(task) > 0)
		return GUST_DONE;
	if (poll->taking)
		return http_poll_go_on(poll, task);
	if (!poll->asking && gust_now(task) < poll->due)
		return gust_wait_until(task, poll->due);
	if (!poll->asking)
		return http_poll_ask(poll);
	answer = http_answer(poll->http);
	if (answer == NULL)
		return GUST_WAIT;
	poll->asking = false;
	r = http_poll_answered(poll, task, answer);
	http_release(answer);
	return r;
}

static int http_poll_ready(void *self, struct gust_task *task, int fd,
			   short events)
{
	struct http_poll *poll = self;

	(void)task;
	http_ready(poll->http, fd, events);
	return 0;
}

static int http_poll_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct http_poll *poll = self;

	(void)task;
	(void)cookie;
	http_timer(poll->http);
	return 0;
}

static void http_poll_close(void *self)
{
	struct http_poll *poll = self;

	http_close(poll->http);
	records_clear(&poll->answer);
	buffer_destroy(&poll->scratch);
	free(poll->values);
	free(poll->etag);
	free(poll->modified);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "http_poll",
	.summary = "asks a server for JSON, once or again and again",
	.options = http_poll_options,
	.instance_size = sizeof(struct http_poll),
	.replay = GUST_REPLAY_POSITION,
	.declare = http_poll_declare,
	.open = http_poll_open,
	.next = http_poll_next,
	.timer = http_poll_timer,
	.ready = http_poll_ready,
	.close = http_poll_close,
};
