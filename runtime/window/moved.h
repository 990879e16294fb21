/* SPDX-License-Identifier: MIT */
#ifndef WINDOW_MOVED_H
#define WINDOW_MOVED_H

/*
 * Entries of windows_save() on their way to another number of tasks: whose they
 * are, and what becomes of what each task has.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/tuple.h>

#include "window/key.h"
#include "window/past.h"
#include "window/windows.h"

/*
 * The keys of an entry of WINDOWS_CELLS or WINDOWS_PARTS, to be given to
 * free(). `*as` is the key that it is to be stored with, so that entries of
 * several tasks do not meet, and is to be freed if it is not that of the entry.
 * 0, -ENOMEM; -EBADMSG: it is no such entry.
 */
int moved_entry(enum windows_group group, struct gust_text key,
		struct gust_text value, struct key **keys,
		struct gust_text *as);

#define MOVED_HEAD_SIZE ((size_t)72)
#define MOVED_FACT_KEY_SIZE ((size_t)17)

/*
 * What the head of a task says, of which the store is that of `task` of
 * `tasks`: `head` is one that is nobody's. `*fact` is what it says of the keys
 * of that task; fact->tasks is 0 if that is nothing. 0, -EBADMSG, or -ENOTSUP
 * as of windows_restore().
 */
int moved_head(struct gust_text value, uint32_t task, uint32_t tasks,
	       char head[MOVED_HEAD_SIZE], struct past_fact *fact);

/* The key of the entry of a fact, whose value is `done`. */
void moved_fact_key(const struct past_fact *fact,
		    char key[MOVED_FACT_KEY_SIZE]);

#endif
