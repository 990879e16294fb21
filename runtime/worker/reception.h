/* SPDX-License-Identifier: MIT */
#ifndef WORKER_RECEPTION_H
#define WORKER_RECEPTION_H

/*
 * Where others can ask what a run is doing: a socket of mode 0600 in a folder
 * of this user alone. Whoever connects is sent one text and then the end of
 * file. It belongs to the main thread, which it never makes wait: who does not
 * read gets less, and beyond RECEPTION_GUESTS_MAX at once nobody is let in.
 */

#include <stddef.h>
#include <sys/types.h>

#include <gust/error.h>

#define RECEPTION_GUESTS_MAX 8
#define RECEPTION_SUFFIX ".sock"

struct reception;

/* $XDG_RUNTIME_DIR/gust or /tmp/gust-UID. Free it; NULL: no memory. */
char *reception_folder(void);

/*
 * Opens a socket in that folder, which is made if need be, named after the
 * topology and the process. `describe` gives the text, malloc()ed, or NULL.
 * The folder must be this user's and nobody else's. -errno with `error`;
 * `*reception` is written on success only.
 */
int reception_open(struct reception **reception, const char *topology,
		   char *(*describe)(void *self, size_t *n), void *self,
		   struct gust_error *error);

/* Removes the socket. Takes NULL. */
void reception_close(struct reception *reception);

/* In another process: closes what it has inherited, and removes nothing. */
void reception_forget(const struct reception *reception);

/* Readable when reception_look() has something to do. -1 of NULL. */
int reception_fd(const struct reception *reception);

void reception_look(struct reception *reception);

#endif
