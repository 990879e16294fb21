/* SPDX-License-Identifier: MIT */
#ifndef FAKE_INSIDE_H
#define FAKE_INSIDE_H

/* What the parts of the fake runtime share; tests include fake_task.h. */

#include "fake_task.h"

/* A tuple that the plugin keeps; the tuple follows. */
struct fake_kept {
	struct fake_kept *next;
	bool held;
};

/* The same thing, seen by the plugin. */
static inline struct fake *fake_of(const struct gust_task *task)
{
	return (struct fake *)(uintptr_t)task;
}

/* Appends `length` bytes; a NUL follows them. */
void fake_append(struct fake_text *text, const void *data, size_t length);

/* A callback has returned `r`: what it has written stays, or is taken back.
 * Returns `r`. */
int fake_state_ends(struct fake *fake, int r);

/* Frees the keyed state. */
void fake_forget_state(struct fake *fake);

/* Parts of fake_open() and fake_destroy(). */
int fake_open_window(struct fake *fake);
void fake_close_window(struct fake *fake);

#endif
