/* SPDX-License-Identifier: MIT */
#ifndef STATE_RAM_H
#define STATE_RAM_H

/*
 * A store whose disk is memory: for simulations and tests, which have tasks die
 * and come back, and commits fail. It keeps what store.h promises, but for the
 * machine's death. The disk outlives the stores that are opened on it.
 */

#include <stddef.h>

#include <gust/error.h>

#include "state/store.h"

struct ram; /* the disk */

/* NULL: memory is short. */
struct ram *ram_create(void);

/* Takes NULL. All stores on it are closed. */
void ram_destroy(struct ram *ram);

/* Opens it as the one that may write from now on. 0 or -ENOMEM. */
int ram_open(struct ram *ram, struct store **store);

/* The next commits answer `code`, a negative errno, with these words, and store
 * nothing; 0: they work again. `text` is borrowed. */
void ram_fail(struct ram *ram, int code, const char *text);

/* How many records there are, and how many commits there were. */
size_t ram_count(const struct ram *ram);
size_t ram_commits(const struct ram *ram);

#endif
