/* SPDX-License-Identifier: MIT */

/*
 * http_post: sends tuples to a server.
 *
 * A tuple is an object of JSON with all its fields, or just the value of
 * `field`. Up to `batch` of them go in one request: as an array, as lines
 * (one a line), or one in each (single). Fewer go when there is no input at the
 * moment. Up to `requests` are under way at the same time; with one, tuples
 * arrive in their order as long as nothing fails.
 *
 * {NAME} in `url` stands for the value of field NAME, escaped; tuples with
 * different URLs go in different requests.
 *
 * A tuple is acked when the server has answered its request with 2xx. When the
 * server is away or answers 408, 425, 429 or 5xx, everything waits and is sent
 * again after pauses that grow up to a minute, or when the server says
 * (Retry-After), as long as it takes. So it may get a request twice whose
 * answer was lost.
 *
 * Another answer is a refusal. A request with several tuples that is refused
 * with 400, 413 or 422 is sent again in parts, a tuple each, to find out which
 * ones are meant. What is refused then goes to the dead letters, or fails, to
 * be tried again as often as others are, as `refused` says. Redirects are not
 * followed; certificates are verified. Messages show scheme, host and port of
 * the URL, and nothing else of it.
 *
 * Input:
 *	any streams that have the fields of `url` and `field`
 * Output:
 *	none
 *
 * Example:
 *	bolts:
 *	  - id: send
 *	    plugin: http_post
 *	    options:
 *	      url: "https://example.com/shops/{shop}/orders"
 *	      headers: {Authorization: "Bearer ${ENV-TOKEN}"}
 *	      batch: 500
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/backoff.h>
#include <gust/kit/buffer.h>
#include <gust/kit/header.h>
#include <gust/kit/http.h>
#include <gust/kit/layout.h>
#include <gust/kit/url.h>

#include "post.h"

#define HTTP_POST_PAUSE_MIN_NS (UINT64_C(250) * 1000 * 1000)
#define HTTP_POST_PAUSE_MAX_NS (UINT64_C(60) * 1000 * 1000 * 1000)
/* The cookie of the timer that ends a pause. */
#define HTTP_POST_PAUSE 1u

enum http_post_refused { HTTP_POST_DEAD_LETTER, HTTP_POST_FAIL };

struct http_post {
	const char *url; /* options */
	struct post_form form;
	struct http_settings settings;
	int method, refused;
	int64_t batch, requests;

	char place[200]; /* the URL, for messages */
	struct layout layout;
	bool many_urls;
	struct buffer target; /* the URL of the tuple at hand */
	struct http *http;

	struct post *posts; /* one more than `requests` */
	size_t post_count;
	struct post *gathering; /* or NULL */
	uint64_t number;        /* of the post that is begun next */
	int64_t asking;         /* how many are under way */

	struct backoff backoff;
	bool paused;
	uint64_t pause_until;
	char reason[512]; /* of the pause */
};

static const char *const http_post_methods[] = { "POST", "PUT", "PATCH", NULL };
static const char *const http_post_refusals[] = { "dead_letter", "fail", NULL };

static const struct gust_option http_post_options[] = {
	{ .name = "url",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct http_post, url),
	  .help = "where to, with {NAME} for a field",
	  .flags = GUST_REQUIRED | GUST_SECRET },
	{ .name = "method",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct http_post, method),
	  .fallback = "POST",
	  .choices = http_post_methods,
	  .help = "the method of the requests" },
	{ .name = "body",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct http_post, form.body),
	  .fallback = "array",
	  .choices = post_bodies,
	  .help = "an array of tuples, lines with a tuple each, or a single "
		  "tuple a request" },
	{ .name = "field",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct http_post, form.field_name),
	  .help = "the field that is sent; all as an object if left out" },
	{ .name = "content_type",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct http_post, form.type),
	  .help = "Content-Type of the requests; what fits the body if left "
		  "out" },
	{ .name = "batch",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct http_post, batch),
	  .fallback = "100",
	  .help = "tuples in a request at most, unless they are single",
	  .min = 1,
	  .max = 100000 },
	{ .name = "requests",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct http_post, requests),
	  .fallback = "4",
	  .help = "requests under way at most",
	  .min = 1,
	  .max = 100 },
	{ .name = "refused",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct http_post, refused),
	  .fallback = "dead_letter",
	  .choices = http_post_refusals,
	  .help = "what becomes of tuples that the server refuses" },
	HTTP_OPTIONS(struct http_post, settings),
	{ .name = NULL },
};

static int http_post_declare(void *self, struct gust_declaration *about,
			     struct gust_error *error)
{
	struct http_post *post = self;
	int r = layout_check(post->url, "url", about, error);

	if (r == 0 && strncmp(post->url, "http://", 7) != 0 &&
	    strncmp(post->url, "https://", 8) != 0)
		r = gust_error_set(error, -EINVAL,
				   "option 'url' does not begin with http:// "
				   "or https://");
	if (r == 0 && strchr(post->url, '{') == NULL)
		r = url_check(post->url, "url", error);
	if (r == 0)
		r = header_check(&post->settings.headers, error);
	return r == 0 ? post_form_declare(&post->form, about, error) : r;
}

/* What the URL is called in messages. */
static int http_post_name(struct http_post *post, struct gust_error *error)
{
	int r;

	post->many_urls = layout_has_fields(&post->layout);
	snprintf(post->place, sizeof(post->place), "the server");
	if (post->many_urls)
		return 0;
	r = layout_append(&post->layout, NULL, &post->target);
	if (r == 0)
		r = buffer_append(&post->target, "", 1);
	if (r == 0)
		r = url_check(post->target.data, "url", error);
	if (r == 0)
		url_place(post->target.data, post->place, sizeof(post->place));
	return r;
}

static int http_post_open(void *self, struct gust_task *task,
			  struct gust_error *error)
{
	struct http_post *post = self;
	size_t i;
	int r;

	if (post->form.body == POST_SINGLE)
		post->batch = 1;
	post->backoff = (struct backoff){ .least_ns = HTTP_POST_PAUSE_MIN_NS,
					  .most_ns = HTTP_POST_PAUSE_MAX_NS };
	r = layout_open(&post->layout, post->url, "url", task, error);
	if (r == 0)
		r = http_post_name(post, error);
	if (r == 0)
		r = post_form_open(&post->form, task, error);
	if (r < 0)
		return r;
	post->posts = calloc((size_t)post->requests + 1, sizeof(*post->posts));
	if (post->posts == NULL)
		return -ENOMEM;
	post->post_count = (size_t)post->requests + 1;
	for (i = 0; i < post->post_count; i++)
		if (post_init(&post->posts[i], (size_t)post->batch) < 0)
			return -ENOMEM;
	return http_open(&post->http, &post->settings, task, error);
}

/* Lets everything wait, because of what the server has said. */
static void http_post_pause(struct http_post *post, struct gust_task *task,
			    const char *reason, uint64_t retry_after)
{
	const uint64_t now = gust_now(task);
	uint64_t pause;

	snprintf(post->reason, sizeof(post->reason), "%s: %s", post->place,
		 reason);
	/* What was under way when it began fails for the same reason. */
	if (post->paused && now < post->pause_until)
		return;
	if (post->backoff.last_ns == 0)
		gust_log(task, GUST_LOG_WARN, "%s; it is tried again",
			 post->reason);
	pause = backoff_next(&post->backoff);
	if (pause < retry_after)
		pause = retry_after;
	post->paused = true;
	post->pause_until = now + pause;
	/* Without memory for a timer idle() and flush() will do. */
	(void)gust_timer(task, pause, HTTP_POST_PAUSE);
}

/* Begins the request for what is due of a post. */
static int http_post_start(struct http_post *post, struct gust_task *task,
			   struct post *one)
{
	struct http_request request = {
		.method = http_post_methods[post->method],
		.url = one->url.data,
		.type = post->form.type,
		.cut = true,
		.owner = one,
	};
	int r = post_write(one, &post->form, task);

	request.body = one->body.data;
	request.length = one->body.used;
	if (r == 0)
		r = http_start(post->http, &request);
	if (r == 0) {
		one->state = POST_ASKING;
		post->asking++;
	}
	return r;
}

/* Sends what waits, the oldest first, as far as it may. */
static void http_post_send(struct http_post *post, struct gust_task *task)
{
	struct post *oldest;
	size_t i;

	if (post->paused && gust_now(task) < post->pause_until)
		return;
	post->paused = false;
	while (!post->paused && post->asking < post->requests) {
		oldest = NULL;
		for (i = 0; i < post->post_count; i++)
			if (post->posts[i].state == POST_WAITING &&
			    (oldest == NULL ||
			     post->posts[i].number < oldest->number))
				oldest = &post->posts[i];
		if (oldest == NULL)
			return;
		if (http_post_start(post, task, oldest) < 0)
			http_post_pause(post, task, "memory is short", 0);
	}
}

/* What was gathered is to be sent. */
static void http_post_dispatch(struct http_post *post, struct gust_task *task)
{
	if (post->gathering == NULL || post->gathering->count == 0)
		return;
	post->gathering->state = POST_WAITING;
	post->gathering = NULL;
	http_post_send(post, task);
}

/* Deals with those tuples of a post that the server has refused. */
static void http_post_refuse(struct http_post *post, struct gust_task *task,
			     struct post *one, const char *reason)
{
	size_t i;

	for (i = one->begin; i < one->end; i++) {
		if (post->refused == HTTP_POST_FAIL)
			gust_fail(task, one->rows[i], "%s: %s", post->place,
				  reason);
		else
			gust_dead_letter(task, one->rows[i], "%s: %s",
					 post->place, reason);
	}
}

static void http_post_answered(struct http_post *post, struct gust_task *task,
			       const struct http_answer *answer)
{
	struct post *one = answer->owner;
	const bool good = answer->reason[0] == '\0';
	size_t i;

	post->asking--;
	one->state = POST_WAITING;
	if (!good && (answer->passing || answer->status == 0)) {
		http_post_pause(post, task, answer->reason,
				answer->retry_after);
		return;
	}
	/* Who has failed once and not twice is worth one line, not two. */
	if (post->backoff.last_ns > post->backoff.least_ns)
		gust_log(task, GUST_LOG_INFO, "%s answers again", post->place);
	backoff_reset(&post->backoff);
	if (!good && one->end - one->begin > 1 &&
	    (answer->status == 400 || answer->status == 413 ||
	     answer->status == 422)) {
		post_part(one);
		return;
	}
	for (i = one->begin; good && i < one->end; i++)
		gust_ack(task, one->rows[i]);
	if (!good)
		http_post_refuse(post, task, one, answer->reason);
	post_advance(one);
}

/* Takes the answers in that have come. */
static void http_post_collect(struct http_post *post, struct gust_task *task)
{
	struct http_answer *answer;

	while ((answer = http_answer(post->http)) != NULL) {
		http_post_answered(post, task, answer);
		http_release(answer);
	}
	http_post_send(post, task);
}

static int http_post_not_now(const struct http_post *post,
			     struct gust_task *task)
{
	if (post->paused)
		return gust_not_now(task, "%s", post->reason);
	return gust_not_now(task, "requests are under way to %s", post->place);
}

/* Writes the URL for a tuple. -EINVAL: none that can be used. */
static int http_post_target(struct http_post *post, const struct gust_tuple *in)
{
	int r;

	if (!post->many_urls)
		return 0;
	post->target.used = 0;
	r = layout_append_as(&post->layout, in, &post->target, url_escape);
	if (r == 0)
		r = buffer_append(&post->target, "", 1);
	return r == 0 ? url_check(post->target.data, "url", NULL) : r;
}

/* The post that a tuple with the URL at hand goes to; NULL: not now. */
static struct post *http_post_gather(struct http_post *post,
				     struct gust_task *task)
{
	struct post *one = post->gathering;
	size_t i;

	if (one != NULL && strcmp(one->url.data, post->target.data) != 0)
		http_post_dispatch(post, task);
	if (post->gathering != NULL)
		return one;
	for (i = 0; i < post->post_count; i++)
		if (post->posts[i].state == POST_FREE)
			break;
	if (i == post->post_count)
		return NULL;
	one = &post->posts[i];
	one->url.used = 0;
	if (buffer_append(&one->url, post->target.data, post->target.used) < 0)
		return NULL;
	one->number = post->number++;
	one->state = POST_GATHERING;
	post->gathering = one;
	return one;
}

static int http_post_execute(void *self, struct gust_task *task,
			     const struct gust_tuple *in)
{
	struct http_post *post = self;
	const struct gust_tuple *row;
	struct post *one;
	int r = http_post_target(post, in);

	if (r == -EINVAL)
		return gust_reject(task, in,
				   "option 'url' with these values is no URL");
	if (r < 0)
		return r;
	one = http_post_gather(post, task);
	if (one == NULL)
		return http_post_not_now(post, task);
	row = gust_hold(task, in);
	if (row == NULL)
		return -ENOMEM;
	post_add(one, row);
	if (one->end == (size_t)post->batch)
		http_post_dispatch(post, task);
	return 0;
}

static int http_post_idle(void *self, struct gust_task *task)
{
	struct http_post *post = self;

	http_post_dispatch(post, task);
	http_post_send(post, task);
	return post->paused ? http_post_not_now(post, task) : 0;
}

/* Nothing may be kept when this has been done. */
static int http_post_flush(void *self, struct gust_task *task)
{
	struct http_post *post = self;
	size_t i;

	http_post_dispatch(post, task);
	http_post_send(post, task);
	for (i = 0; i < post->post_count; i++)
		if (post->posts[i].state != POST_FREE)
			return http_post_not_now(post, task);
	return 0;
}

static int http_post_ready(void *self, struct gust_task *task, int fd,
			   short events)
{
	struct http_post *post = self;

	http_ready(post->http, fd, events);
	http_post_collect(post, task);
	return 0;
}

static int http_post_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct http_post *post = self;

	if (cookie == HTTP_COOKIE)
		http_timer(post->http);
	http_post_collect(post, task);
	return 0;
}

static void http_post_close(void *self)
{
	struct http_post *post = self;
	size_t i;

	http_close(post->http);
	for (i = 0; i < post->post_count; i++)
		post_fini(&post->posts[i]);
	free(post->posts);
	layout_close(&post->layout);
	buffer_destroy(&post->target);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "http_post",
	.summary = "sends tuples to a server",
	.options = http_post_options,
	.instance_size = sizeof(struct http_post),
	.declare = http_post_declare,
	.open = http_post_open,
	.execute = http_post_execute,
	.timer = http_post_timer,
	.ready = http_post_ready,
	.idle = http_post_idle,
	.flush = http_post_flush,
	.close = http_post_close,
};
