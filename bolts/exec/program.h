/* SPDX-License-Identifier: MIT */
#ifndef EXEC_PROGRAM_H
#define EXEC_PROGRAM_H

/*
 * The program of the bolt `exec` and what it was asked: started, restarted,
 * written to, and ended where it breaks the protocol.
 */

#include <stdbool.h>
#include <stdint.h>

#include <gust/kit/backoff.h>
#include <gust/kit/buffer.h>
#include <gust/kit/child.h>
#include <gust/kit/layout.h>
#include <gust/kit/scanner.h>
#include <gust/task.h>

#include "pending.h"

enum exec_protocol { EXEC_LINES, EXEC_JSON };

/* It has answered once: it works, whatever ends it later. */
#define PROGRAM_WORKS UINT32_MAX

struct exec {
	struct gust_list command; /* options */
	int protocol;             /* enum exec_protocol */
	const char *text;         /* template, or NULL */
	int64_t pending_max;
	uint64_t timeout_ns;

	struct layout layout;
	const struct gust_column *columns; /* of its output, or NULL */
	size_t column_count;

	struct child child;
	struct scanner answers;
	struct buffer unsent; /* requests */
	size_t sent;          /* so much of them is with the child */
	struct pending pending;

	/*
	 * How many tuples the child may have now. A tuple that ends the child
	 * takes all along that are there at the same time, and they come again
	 * together. So after a failure it is one for some time, in which they
	 * come again, and then grows slowly.
	 */
	uint32_t window, answered;
	uint64_t careful_ns; /* until then it stays one */

	uint32_t
		vain; /* ends in a row without an answer before; see answer.c */
	uint64_t progress_ns; /* the last answer, or the first tuple */
	uint64_t reset_ns;    /* timeouts were reset */
	bool checking;        /* a timer looks for progress */
	bool paused;          /* there is no room for what it emits */
	bool broken;          /* it is to end, and is not listened to */
	const char *closed;   /* the pipe that it has closed, or NULL */
	bool finishing;
	char away[CHILD_STATUS_SIZE + 160]; /* why it cannot be asked */
	uint32_t generation; /* how many were started; tells old timers */

	struct buffer scratch;     /* of one answer */
	struct gust_value *values; /* of one emit */
	struct backoff backoff;
	struct gust_counter *restarts;
};

/* The first start. 0, or -errno with the reason. */
int program_open(struct exec *exec, struct gust_task *task,
		 struct gust_error *error);

/* Whether it can be asked: it runs, and listens. If not, `away` says why. */
bool program_listens(const struct exec *exec);

/* Writes what is unsent, as far as the pipe takes it; the rest follows when
 * there is room. */
void program_write(struct exec *exec, struct gust_task *task);

/* Ends it for the reason, for which all fail that it had. */
void program_break(struct exec *exec, struct gust_task *task,
		   const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* It has closed `name`: it is ended if it does not end by itself. */
void program_closed(struct exec *exec, struct gust_task *task,
		    const char *name);

/* The callbacks of the bolt. */
int program_ready(struct exec *exec, struct gust_task *task, int fd);
int program_timer(struct exec *exec, struct gust_task *task, uint64_t cookie);
int program_finish(struct exec *exec, struct gust_task *task);

/* Has timer() call program_timer() to see whether there is progress. */
void program_check(struct exec *exec, struct gust_task *task);

/* Has timer() go on with the answers as soon as there is room. */
void program_pause(struct exec *exec, struct gust_task *task);

#endif
