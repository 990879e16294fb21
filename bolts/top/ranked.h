/* SPDX-License-Identifier: MIT */
#ifndef TOP_RANKED_H
#define TOP_RANKED_H

/*
 * Of `top`: rankings of windows, see gust/window.h. What a window comes to is
 * all its keys with their numbers.
 */

#include <stdbool.h>

#include <gust/kit/buffer.h>
#include <gust/kit/heavy.h>
#include <gust/kit/span.h>
#include <gust/task.h>
#include <gust/tuple.h>
#include <gust/window.h>

struct ranked {
	struct span span;
	struct heavy_kind kind;
	size_t most;
	bool ties;           /* also those as great as the last one */
	size_t field_count;  /* of a key that is ranked */
	struct buffer row;   /* of one key */
	struct buffer found; /* the ranking */
};

void ranked_close(struct ranked *ranked);

/* Gives a key a number. 0 or -ENOMEM. */
int ranked_add(struct ranked *ranked, struct gust_accumulator *accumulator,
	       const struct gust_value *key, struct gust_value number);

int ranked_merge(struct ranked *ranked, struct gust_accumulator *into,
		 const struct gust_accumulator *from);

/* Emits the ranking: the window, rank, key and number. */
int ranked_result(struct ranked *ranked, struct gust_task *task,
		  const struct gust_window *window,
		  const struct gust_accumulator *accumulator);

#endif
