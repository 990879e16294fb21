/* SPDX-License-Identifier: MIT */
#ifndef STATE_REDIS_LINK_H
#define STATE_REDIS_LINK_H

/*
 * A connection to a Redis server that comes back by itself: after a failure the
 * next command connects anew. Commands block for REDIS_LINK_SECONDS at most.
 * One thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <hiredis/hiredis.h>

#define REDIS_LINK_SECONDS 10

struct redis_link {
	char *host;            /* or the path of a socket */
	int port;              /* 0: it is a path */
	int number;            /* of the database */
	char *user, *password; /* NULL: none */
	redisContext *context; /* NULL: not connected */
	char name[256];        /* for people */
};

/* Reads an address; nothing is connected yet. 0, -EINVAL, -ENOMEM. */
int redis_link_init(struct redis_link *link, const char *where,
		    struct gust_error *error);
void redis_link_fini(struct redis_link *link);

/* A part of a command. */
struct redis_word {
	const char *data;
	size_t length;
};
#define REDIS_WORD(text) ((struct redis_word){ (text), sizeof(text) - 1 })

/* Connects, unless it is. 0 or -EAGAIN; -EACCES: the password is wrong. */
int redis_link_begin(struct redis_link *link, struct gust_error *error);

/* Sends a command whose answer is read later with redis_link_answer(). */
int redis_link_send(struct redis_link *link, const struct redis_word *words,
		    size_t count, struct gust_error *error);

/* Reads an answer, which the caller frees. An error of the server is returned
 * as a negative errno of store.h. */
int redis_link_answer(struct redis_link *link, redisReply **reply,
		      struct gust_error *error);

/* Both. */
int redis_link_ask(struct redis_link *link, const struct redis_word *words,
		   size_t count, redisReply **reply, struct gust_error *error);

/* What an error of the server means. */
int redis_link_fault(const struct redis_link *link, const redisReply *reply,
		     struct gust_error *error);

/* Closes the connection: what was sent on it has no meaning any more. */
void redis_link_drop(struct redis_link *link);

#endif
