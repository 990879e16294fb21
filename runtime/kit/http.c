/* SPDX-License-Identifier: MIT */

/*
 * Design notes. curl_multi_socket_action() is told of descriptors and of time
 * that has passed, and tells which descriptors it wants to be watched. When it
 * wants to be called next is asked for after each call: its own callback for
 * that leaves out what it takes for known. A timer of a task cannot be taken
 * back, so there is one for the earliest time that was ever asked for, and it
 * is set anew when it comes too early.
 *
 * Redirects are not left to libcurl, which would send all headers but
 * Authorization to whatever host an answer names.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <curl/curl.h>

#include <gust/kit/header.h>
#include <gust/kit/http.h>
#include <gust/kit/url.h>

#define HTTP_NEVER UINT64_MAX
#define HTTP_NS_PER_MS UINT64_C(1000000)
#define HTTP_NS_PER_S UINT64_C(1000000000)
#define HTTP_CONNECT_MS 10000L

/* A request under way, or done. The answer comes first: it is what is given
 * out. */
struct http_call {
	struct http_answer answer;
	struct http *http;
	struct http_call *next, *previous; /* of all, or of those done */
	struct http_request request;
	CURL *easy;
	struct curl_slist *headers;
	char *origin; /* where the headers of the settings may go */
	bool too_long;
	bool short_memory;
	char error[CURL_ERROR_SIZE];
};

struct http {
	const struct http_settings *settings;
	struct gust_task *task;
	CURLM *multi;
	bool global;                     /* curl_global_init() was called */
	struct http_call *calls;         /* under way */
	struct http_call *first, **last; /* done */
	uint64_t armed;                  /* when the earliest timer is due */
};

/* What libcurl wants to know of a descriptor. */
static int http_socket(CURL *easy, curl_socket_t fd, int what, void *self,
		       void *unused)
{
	struct http *http = self;
	const short events = what == CURL_POLL_IN      ? POLLIN
			     : what == CURL_POLL_OUT   ? POLLOUT
			     : what == CURL_POLL_INOUT ? POLLIN | POLLOUT
						       : 0;

	(void)easy;
	(void)unused;
	return gust_watch(http->task, fd, events) < 0 && events != 0 ? -1 : 0;
}

int http_open(struct http **made, const struct http_settings *settings,
	      struct gust_task *task, struct gust_error *error)
{
	struct http *http = calloc(1, sizeof(*http));

	*made = http;
	if (http == NULL)
		return -ENOMEM;
	http->settings = settings;
	http->task = task;
	http->last = &http->first;
	http->armed = HTTP_NEVER;
	if (settings->ca != NULL && access(settings->ca, R_OK) < 0)
		return gust_error_set(error, -errno, "option 'ca': '%s': %s",
				      settings->ca, strerror(errno));
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return gust_error_set(error, -ENOMEM,
				      "libcurl cannot be started");
	http->global = true;
	http->multi = curl_multi_init();
	if (http->multi == NULL)
		return -ENOMEM;
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, http_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	if ((curl_version_info(CURLVERSION_NOW)->features &
	     CURL_VERSION_ASYNCHDNS) == 0)
		gust_log(task, GUST_LOG_WARN,
			 "this libcurl stops all others while it looks up a "
			 "name, expected one with a threaded resolver");
	return 0;
}

static void http_call_destroy(struct http_call *call)
{
	if (call == NULL)
		return;
	if (call->easy != NULL)
		curl_easy_cleanup(call->easy);
	curl_slist_free_all(call->headers);
	buffer_destroy(&call->answer.body);
	free(call->answer.etag);
	free(call->answer.modified);
	free(call->origin);
	free(call);
}

void http_close(struct http *http)
{
	struct http_call *call;

	if (http == NULL)
		return;
	/* Its descriptors are forgotten when they are closed. */
	if (http->multi != NULL)
		curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, NULL);
	while ((call = http->calls) != NULL) {
		http->calls = call->next;
		curl_multi_remove_handle(http->multi, call->easy);
		http_call_destroy(call);
	}
	while ((call = http->first) != NULL) {
		http->first = call->next;
		http_call_destroy(call);
	}
	if (http->multi != NULL)
		curl_multi_cleanup(http->multi);
	if (http->global)
		curl_global_cleanup();
	free(http);
}

/* Has timer() called when libcurl wants to be. */
static void http_arm(struct http *http)
{
	const uint64_t now = gust_now(http->task);
	uint64_t due;
	long ms;

	if (curl_multi_timeout(http->multi, &ms) != CURLM_OK || ms < 0)
		return;
	due = now + (uint64_t)ms * HTTP_NS_PER_MS;
	if (due >= http->armed)
		return;
	/* Without memory for a timer the next descriptor will do. */
	if (gust_timer(http->task, due - now, HTTP_COOKIE) == 0)
		http->armed = due;
}

/* Takes in what has come, as much as is wanted. */
static size_t http_write(char *data, size_t size, size_t count, void *self)
{
	struct http_call *call = self;
	struct buffer *body = &call->answer.body;
	size_t n = size * count, room = call->request.answer_max - body->used;

	call->too_long = call->too_long || n > room;
	if (n > room && !call->request.cut)
		return 0;
	call->short_memory = buffer_append(body, data, n < room ? n : room) < 0;
	return call->short_memory ? 0 : n;
}

/* Keeps the value of a header, if the line is one of that name. */
static void http_keep(const char *line, size_t n, const char *name,
		      char **value)
{
	const size_t length = strlen(name);

	if (n < length || strncasecmp(line, name, length) != 0)
		return;
	line += length;
	n -= length;
	while (n > 0 && strchr(" \t", *line) != NULL) {
		line++;
		n--;
	}
	while (n > 0 && strchr(" \t\r\n", line[n - 1]) != NULL)
		n--;
	free(*value);
	/* Where memory is short all is asked for again. */
	*value = strndup(line, n);
}

static size_t http_header(char *line, size_t size, size_t count, void *self)
{
	struct http_call *call = self;

	http_keep(line, size * count, "ETag:", &call->answer.etag);
	http_keep(line, size * count, "Last-Modified:", &call->answer.modified);
	return size * count;
}

/* Writes the headers, those of the settings only if they may go there. */
static int http_list(struct http_call *call, bool all)
{
	const struct http_settings *settings = call->http->settings;
	const struct http_request *request = &call->request;
	struct curl_slist *grown;
	size_t i;
	int r = 0;

	curl_slist_free_all(call->headers);
	/* Without this, libcurl would wait to be asked for a long body. */
	grown = curl_slist_append(NULL, "Expect:");
	call->headers = grown;
	if (grown == NULL)
		return -ENOMEM;
	if (request->type != NULL &&
	    !(all && header_has(&settings->headers, "Content-Type")))
		r = header_add(&call->headers, "Content-Type", request->type);
	if (r == 0 && request->etag != NULL)
		r = header_add(&call->headers, "If-None-Match", request->etag);
	if (r == 0 && request->modified != NULL)
		r = header_add(&call->headers, "If-Modified-Since",
			       request->modified);
	for (i = 0; all && i < settings->headers.count && r == 0; i++)
		r = header_add(&call->headers, settings->headers.keys[i],
			       settings->headers.values[i]);
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
	return r;
}

/* Sets what is the same for all requests. */
static void http_set_up(struct http_call *call)
{
	const struct http_settings *settings = call->http->settings;
	const long timeout_ms = (long)(settings->timeout / HTTP_NS_PER_MS);
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "gust");
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 timeout_ms < HTTP_CONNECT_MS ? timeout_ms
						      : HTTP_CONNECT_MS);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	if (settings->ca != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
			 CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}

/* Sets what is the request's own. 0 or -ENOMEM. */
static int http_prepare(struct http_call *call)
{
	const struct http_request *request = &call->request;
	CURL *easy = call->easy;

	if (request->body != NULL) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)request->length);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	}
	if (curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) !=
		    CURLE_OK)
		return -ENOMEM;
	return http_list(call, true);
}

int http_start(struct http *http, const struct http_request *request)
{
	struct http_call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		return -ENOMEM;
	call->http = http;
	call->request = *request;
	call->answer.owner = request->owner;
	call->easy = curl_easy_init();
	if (call->easy == NULL)
		goto fail;
	http_set_up(call);
	if (http_prepare(call) < 0)
		goto fail;
	if (curl_multi_add_handle(http->multi, call->easy) != CURLM_OK)
		goto fail;
	call->next = http->calls;
	if (http->calls != NULL)
		http->calls->previous = call;
	http->calls = call;
	http_arm(http);
	return 0;
fail:
	http_call_destroy(call);
	return -ENOMEM;
}

static void http_unlink(struct http_call *call)
{
	struct http *http = call->http;

	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		http->calls = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	call->next = NULL;
	call->previous = NULL;
}

static void http_say(struct http_call *call, const char *text)
{
	snprintf(call->answer.reason, sizeof(call->answer.reason), "%s", text);
}

/*
 * Follows a redirect. 1: the request is under way again, 0: it is no redirect
 * or none that is followed, which the reason then says.
 */
static int http_follow(struct http_call *call)
{
	const char *origin = call->origin;
	char *to = NULL, *target = NULL;
	bool same, secure;

	if (call->request.redirects == 0 ||
	    curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_URL, &to) !=
		    CURLE_OK ||
	    to == NULL)
		return 0;
	if (origin == NULL)
		origin = call->origin = url_origin(call->request.url);
	target = url_origin(to);
	same = origin != NULL && target != NULL && strcmp(origin, target) == 0;
	secure = origin != NULL && strncmp(origin, "https:", 6) != 0;
	secure =
		target != NULL && (secure || strncmp(target, "https:", 6) == 0);
	free(target);
	if (!secure) {
		http_say(call, "it redirects from https to http");
		return 0;
	}
	call->request.redirects--;
	if (curl_easy_setopt(call->easy, CURLOPT_URL, to) != CURLE_OK ||
	    http_list(call, same) < 0)
		return 0;
	call->answer.body.used = 0;
	call->too_long = false;
	if (curl_multi_add_handle(call->http->multi, call->easy) != CURLM_OK)
		return 0;
	return 1;
}

/* Says why there is no answer. */
static void http_explain(struct http_call *call, CURLcode code)
{
	struct http_answer *answer = &call->answer;
	const size_t size = sizeof(answer->reason);

	answer->status = 0;
	answer->passing = true;
	if (call->too_long) {
		answer->passing = false;
		snprintf(answer->reason, size,
			 "the answer is longer than %zu bytes",
			 call->request.answer_max);
	} else if (call->short_memory) {
		http_say(call, "memory is short");
	} else if (code == CURLE_OPERATION_TIMEDOUT) {
		snprintf(answer->reason, size, "no answer within %g s",
			 (double)call->http->settings->timeout / 1e9);
	} else if (code == CURLE_PEER_FAILED_VERIFICATION) {
		/* Only this text says what is wrong with it. */
		answer->passing = false;
		http_say(call, call->error[0] != '\0'
				       ? call->error
				       : curl_easy_strerror(code));
	} else {
		/* The texts of the buffer have times in them. */
		answer->passing = code != CURLE_URL_MALFORMAT &&
				  code != CURLE_UNSUPPORTED_PROTOCOL &&
				  code != CURLE_SSL_CACERT_BADFILE;
		http_say(call, curl_easy_strerror(code));
	}
}

/* Says what the status means. */
static void http_judge(struct http_call *call)
{
	struct http_answer *answer = &call->answer;
	const long status = answer->status;
	curl_off_t seconds = 0;

	if ((status >= 200 && status < 300) || status == 304)
		return;
	if (answer->reason[0] == '\0')
		snprintf(answer->reason, sizeof(answer->reason),
			 "the answer is %ld", status);
	answer->passing = status == 408 || status == 425 || status == 429 ||
			  status >= 500;
	if (answer->passing &&
	    curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &seconds) ==
		    CURLE_OK &&
	    seconds > 0)
		answer->retry_after =
			(uint64_t)(seconds < 86400 ? seconds : 86400) *
			HTTP_NS_PER_S;
}

/* A transfer has ended: with an answer, or to go on elsewhere. */
static void http_ended(struct http_call *call, CURLcode code)
{
	struct http *http = call->http;

	curl_multi_remove_handle(http->multi, call->easy);
	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE,
			  &call->answer.status);
	if (code == CURLE_OK && http_follow(call) == 1)
		return;
	if (code == CURLE_OK)
		http_judge(call);
	else
		http_explain(call, code);
	http_unlink(call);
	*http->last = call;
	http->last = &call->next;
}

static void http_act(struct http *http, curl_socket_t fd, int events)
{
	int running, left;
	CURLMsg *message;
	void *call;

	curl_multi_socket_action(http->multi, fd, events, &running);
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  &call);
		/* The message is gone with its handle. */
		http_ended(call, message->data.result);
	}
	http_arm(http);
}

void http_ready(struct http *http, int fd, short events)
{
	int what = 0;

	if (fd < 0)
		return;
	what |= events & POLLIN ? CURL_CSELECT_IN : 0;
	what |= events & POLLOUT ? CURL_CSELECT_OUT : 0;
	what |= events & (POLLERR | POLLHUP) ? CURL_CSELECT_ERR : 0;
	http_act(http, fd, what);
}

void http_timer(struct http *http)
{
	if (gust_now(http->task) >= http->armed)
		http->armed = HTTP_NEVER;
	http_act(http, CURL_SOCKET_TIMEOUT, 0);
}

struct http_answer *http_answer(struct http *http)
{
	struct http_call *call = http->first;

	if (call == NULL)
		return NULL;
	http->first = call->next;
	if (http->first == NULL)
		http->last = &http->first;
	return &call->answer;
}

void http_release(struct http_answer *answer)
{
	http_call_destroy((struct http_call *)(void *)answer);
}
