/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_HTTP_H
#define GUST_KIT_HTTP_H

/*
 * Requests by HTTP that never block: what the spout `http_poll` and the bolt
 * `http_post` share. It is libcurl, driven by the timers and descriptors of a
 * task: timer() and ready() hand on what they are told, and http_answer()
 * gives what has come of it.
 *
 *	int ready(void *self, struct gust_task *task, int fd, short events)
 *		http_ready(http, fd, events);
 *		while ((answer = http_answer(http)) != NULL) {
 *			...
 *			http_release(answer);
 *		}
 *
 * http and https only; certificates are verified. Neither headers nor the user
 * and the query of a URL are ever in a message. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/option.h>
#include <gust/task.h>

/* The cookie of its timers; a plugin has others for its own. */
#define HTTP_COOKIE UINT64_MAX

/* Options of every plugin that has requests. */
struct http_settings {
	struct gust_map headers; /* secret */
	const char *ca;          /* a file of certificates, or NULL */
	uint64_t timeout;        /* of a request with all of its answer, ns */
};

/* Elements of a table of options for `member`, of the type of `instance`. */
#define HTTP_OPTIONS(instance, member)                                         \
	{ .name = "headers",                                                   \
	  .type = GUST_OPTION_MAP,                                             \
	  .offset = offsetof(instance, member.headers),                        \
	  .help = "what is sent with each request, such as {Authorization: "   \
		  "\"Bearer ...\"}",                                           \
	  .flags = GUST_SECRET },                                              \
		{ .name = "timeout",                                           \
		  .type = GUST_OPTION_DURATION,                                \
		  .offset = offsetof(instance, member.timeout),                \
		  .fallback = "30s",                                           \
		  .help = "how long a request may take",                       \
		  .min = 1e6,                                                  \
		  .max = 86400e9 },                                            \
	{                                                                      \
		.name = "ca", .type = GUST_OPTION_STRING,                      \
		.offset = offsetof(instance, member.ca),                       \
		.help = "a file of certificates in PEM that are trusted, in "  \
			"place of those of the system"                         \
	}

/* A request. All is borrowed until http_answer() gives its answer. */
struct http_request {
	const char *method; /* "GET", "POST"... */
	const char *url;
	const char *body; /* or NULL */
	size_t length;
	const char *type;     /* Content-Type of the body, or NULL */
	const char *etag;     /* If-None-Match, or NULL */
	const char *modified; /* If-Modified-Since, or NULL */
	unsigned redirects;   /* how many are followed */
	size_t answer_max;    /* bytes of the answer; a longer one is ... */
	bool cut;             /* ... cut off, or else a failure */
	void *owner;          /* for the caller */
};

/*
 * What has come of a request. With `status` 0 there is no answer, and `reason`
 * says why. `passing` says that it may work later: the server is away, answers
 * 408, 425, 429 or 5xx, and perhaps when.
 */
struct http_answer {
	long status;
	char reason[256]; /* "the answer is 503"; "" if it is 2xx or 304 */
	bool passing;
	uint64_t retry_after; /* ns, or 0 */
	struct buffer body;
	char *etag, *modified; /* ETag and Last-Modified, or NULL */
	void *owner;
};

struct http;

/* In open(). `settings` is borrowed until http_close(). */
int http_open(struct http **http, const struct http_settings *settings,
	      struct gust_task *task, struct gust_error *error);

/* Ends what is under way. Takes NULL. */
void http_close(struct http *http);

/* Begins a request. 0 or -ENOMEM; all else is told by its answer. */
int http_start(struct http *http, const struct http_request *request);

/* From ready(), and from timer() with HTTP_COOKIE. */
void http_ready(struct http *http, int fd, short events);
void http_timer(struct http *http);

/* The next answer, until http_release(); NULL: no other one has come yet. */
struct http_answer *http_answer(struct http *http);
void http_release(struct http_answer *answer);

#endif
