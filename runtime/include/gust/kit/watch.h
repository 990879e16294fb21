/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_WATCH_H
#define GUST_KIT_WATCH_H

/*
 * Says when something may have changed in some folders: inotify(7), as a hint.
 *
 * What happens in a folder makes the descriptor readable: a file in it is
 * written to, comes, goes or gets another name. It does not say what it was,
 * so the user looks at all it is interested in, and looks now and then without
 * a hint, too: network file systems and symbolic links tell nothing, and the
 * system has only so many watches.
 *
 *	watch_open() -> watch_folder(), poll fd -> watch_clear(), look
 *
 * One thread.
 */

#include <stdbool.h>

struct watch {
	int fd; /* to be polled for POLLIN; -1: there is none */
};

/* A negative errno where the system gives none; `fd` is then -1. */
int watch_open(struct watch *watch);

/* Watches a folder, also one that is watched already. A negative errno. */
int watch_folder(struct watch *watch, const char *path);

/* Takes the hints off, before a look, so that none gets lost; whether there
 * was one. */
bool watch_clear(struct watch *watch);

void watch_close(struct watch *watch);

#endif
