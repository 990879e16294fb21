/* SPDX-License-Identifier: MIT */
#ifndef HTTP_POST_POST_H
#define HTTP_POST_POST_H

/*
 * What the bolt `http_post` sends in one go: tuples, and the body of a request
 * that is made of them. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/stream.h>
#include <gust/task.h>

enum post_body { POST_ARRAY, POST_LINES, POST_SINGLE };

/* The choices of option 'body'. */
extern const char *const post_bodies[];

/* How a body is written. */
struct post_form {
	int body;               /* options: enum post_body */
	const char *field_name; /* or NULL */
	const char *type;       /* Content-Type; from declare() on not NULL */

	struct gust_field field;
};

/* In declare() and open(). Errors as gust_declared_type() and gust_field(). */
int post_form_declare(struct post_form *form,
		      const struct gust_declaration *about,
		      struct gust_error *error);
int post_form_open(struct post_form *form, struct gust_task *task,
		   struct gust_error *error);

enum post_state {
	POST_FREE,
	POST_GATHERING, /* more tuples may join */
	POST_WAITING,   /* to be sent */
	POST_ASKING     /* a request is under way */
};

struct post {
	enum post_state state;
	uint64_t number; /* grows from post to post */
	const struct gust_tuple **rows;
	size_t count;
	size_t begin, end; /* of the rows that go next, or are under way */
	bool alone;        /* they go one by one */
	struct buffer url, body;
};

/* With room for so many tuples. 0 or -ENOMEM. */
int post_init(struct post *post, size_t room);
void post_fini(struct post *post);

void post_add(struct post *post, const struct gust_tuple *row);

/* From now on the tuples that are left go one by one. */
void post_part(struct post *post);

/* What was under way is done; the post is free when nothing is left. */
void post_advance(struct post *post);

/* Writes the body of what goes next. 0 or -ENOMEM. */
int post_write(struct post *post, const struct post_form *form,
	       const struct gust_task *task);

#endif
