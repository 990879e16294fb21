/* SPDX-License-Identifier: MIT */
#include "state/redis_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define REDIS_PORT 6379

static int redis_link_bad(const char *what, struct gust_error *error)
{
	return gust_error_set(error, -EINVAL,
			      "the address of the Redis server %s, expected "
			      "redis://[[USER]:PASSWORD@]HOST[:PORT][/NUMBER] "
			      "or unix:PATH",
			      what);
}

/* Reads a number from `text` to its end. */
static bool redis_link_number(const char *text, int most, int *number)
{
	char *end;
	long found;

	errno = 0;
	found = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    found > most)
		return false;
	*number = (int)found;
	return true;
}

/* Cuts `[USER]:PASSWORD@` off, and returns what follows. */
static char *redis_link_login(struct redis_link *link, char *text)
{
	char *at = strrchr(text, '@'), *colon;

	if (at == NULL)
		return text;
	*at = '\0';
	colon = strchr(text, ':');
	if (colon == NULL) {
		link->password = strdup(text);
		return at + 1;
	}
	*colon = '\0';
	if (text[0] != '\0')
		link->user = strdup(text);
	link->password = strdup(colon + 1);
	return at + 1;
}

/* Reads `HOST[:PORT][/NUMBER]`, which it changes; a host of IPv6 stands in
 * brackets. */
static int redis_link_host(struct redis_link *link, char *text,
			   struct gust_error *error)
{
	char *slash = strchr(text, '/'), *end = text;
	char *colon;

	if (slash != NULL) {
		*slash = '\0';
		if (slash[1] != '\0' &&
		    !redis_link_number(slash + 1, 1000000, &link->number))
			return redis_link_bad("has a wrong number of the "
					      "database",
					      error);
	}
	if (text[0] == '[' && (end = strchr(text, ']')) != NULL) {
		*end++ = '\0';
		text++;
	} else {
		end = text;
	}
	colon = strchr(end, ':');
	link->port = REDIS_PORT;
	if (colon != NULL) {
		*colon = '\0';
		if (!redis_link_number(colon + 1, 65535, &link->port) ||
		    link->port == 0)
			return redis_link_bad("has a wrong port", error);
	}
	if (text[0] == '\0')
		return redis_link_bad("names no host", error);
	link->host = strdup(text);
	return link->host == NULL ? -ENOMEM : 0;
}

int redis_link_init(struct redis_link *link, const char *where,
		    struct gust_error *error)
{
	static const char scheme[] = "redis://", path[] = "unix:";
	char *copy;
	int r;

	memset(link, 0, sizeof(*link));
	if (strncmp(where, path, sizeof(path) - 1) == 0) {
		link->host = strdup(where + sizeof(path) - 1);
		if (link->host == NULL)
			return -ENOMEM;
		if (link->host[0] == '\0')
			return redis_link_bad("names no path", error);
		snprintf(link->name, sizeof(link->name), "%s", where);
		return 0;
	}
	if (strncmp(where, scheme, sizeof(scheme) - 1) != 0)
		return redis_link_bad("has another form", error);
	copy = strdup(where + sizeof(scheme) - 1);
	if (copy == NULL)
		return -ENOMEM;
	r = redis_link_host(link, redis_link_login(link, copy), error);
	free(copy);
	if (r < 0)
		return r;
	snprintf(link->name, sizeof(link->name), "redis://%s:%d/%d", link->host,
		 link->port, link->number);
	return 0;
}

void redis_link_drop(struct redis_link *link)
{
	if (link->context != NULL)
		redisFree(link->context);
	link->context = NULL;
}

void redis_link_fini(struct redis_link *link)
{
	redis_link_drop(link);
	free(link->host);
	free(link->user);
	free(link->password);
	memset(link, 0, sizeof(*link));
}

/* The connection has failed. */
static int redis_link_lost(struct redis_link *link, struct gust_error *error)
{
	gust_error_set(error, -EAGAIN, "%s is away: %s", link->name,
		       link->context == NULL           ? "out of memory"
		       : link->context->errstr[0] != 0 ? link->context->errstr
						       : "no answer");
	redis_link_drop(link);
	return -EAGAIN;
}

int redis_link_fault(const struct redis_link *link, const redisReply *reply,
		     struct gust_error *error)
{
	static const struct {
		const char *begins;
		int code;
	} faults[] = {
		{ "OOM", -ENOSPC },         { "MISCONF", -ENOSPC },
		{ "LOADING", -EAGAIN },     { "BUSY", -EAGAIN },
		{ "READONLY", -EAGAIN },    { "MASTERDOWN", -EAGAIN },
		{ "CLUSTERDOWN", -EAGAIN }, { "TRYAGAIN", -EAGAIN },
		{ "NOAUTH", -EACCES },      { "WRONGPASS", -EACCES },
		{ "NOPERM", -EACCES },      { "WRONGTYPE", -EBADMSG },
	};
	int code = -EIO;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strncmp(reply->str, faults[i].begins,
			    strlen(faults[i].begins)) == 0)
			code = faults[i].code;
	return gust_error_set(error, code, "%s says: %s", link->name,
			      reply->str);
}

int redis_link_send(struct redis_link *link, const struct redis_word *words,
		    size_t count, struct gust_error *error)
{
	const char **data;
	size_t *lengths;
	int r = 0;

	if (link->context == NULL)
		return gust_error_set(error, -EAGAIN, "%s is away", link->name);
	data = calloc(count, sizeof(*data));
	lengths = calloc(count, sizeof(*lengths));
	if (data == NULL || lengths == NULL) {
		free(data);
		free(lengths);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		data[i] = words[i].data;
		lengths[i] = words[i].length;
	}
	if (redisAppendCommandArgv(link->context, (int)count, data, lengths) !=
	    REDIS_OK)
		r = redis_link_lost(link, error);
	free(data);
	free(lengths);
	return r;
}

int redis_link_answer(struct redis_link *link, redisReply **reply,
		      struct gust_error *error)
{
	void *answer = NULL;
	int r;

	if (link->context == NULL)
		return gust_error_set(error, -EAGAIN, "%s is away", link->name);
	if (redisGetReply(link->context, &answer) != REDIS_OK || answer == NULL)
		return redis_link_lost(link, error);
	*reply = answer;
	if ((*reply)->type != REDIS_REPLY_ERROR)
		return 0;
	r = redis_link_fault(link, *reply, error);
	freeReplyObject(*reply);
	*reply = NULL;
	return r;
}

int redis_link_ask(struct redis_link *link, const struct redis_word *words,
		   size_t count, redisReply **reply, struct gust_error *error)
{
	int r = redis_link_send(link, words, count, error);

	return r < 0 ? r : redis_link_answer(link, reply, error);
}

static struct redis_word redis_link_word(const char *text)
{
	return (struct redis_word){ text, strlen(text) };
}

/* A command of which only the success matters. */
static int redis_link_do(struct redis_link *link,
			 const struct redis_word *words, size_t count,
			 struct gust_error *error)
{
	redisReply *reply;
	int r = redis_link_ask(link, words, count, &reply, error);

	if (r == 0)
		freeReplyObject(reply);
	return r;
}

static int redis_link_greet(struct redis_link *link, struct gust_error *error)
{
	struct redis_word words[3];
	char number[16];
	size_t count = 0;
	int r = 0;

	if (link->password != NULL) {
		words[count++] = REDIS_WORD("AUTH");
		if (link->user != NULL)
			words[count++] = redis_link_word(link->user);
		words[count++] = redis_link_word(link->password);
		r = redis_link_do(link, words, count, error);
	}
	if (r == 0 && link->number != 0) {
		snprintf(number, sizeof(number), "%d", link->number);
		words[0] = REDIS_WORD("SELECT");
		words[1] = redis_link_word(number);
		r = redis_link_do(link, words, 2, error);
	}
	return r;
}

int redis_link_begin(struct redis_link *link, struct gust_error *error)
{
	const struct timeval limit = { .tv_sec = REDIS_LINK_SECONDS };
	int r;

	if (link->context != NULL)
		return 0;
	link->context = link->port == 0
				? redisConnectUnixWithTimeout(link->host, limit)
				: redisConnectWithTimeout(link->host,
							  link->port, limit);
	if (link->context == NULL || link->context->err != 0)
		return redis_link_lost(link, error);
	redisSetTimeout(link->context, limit);
	r = redis_link_greet(link, error);
	if (r < 0)
		redis_link_drop(link);
	return r;
}
