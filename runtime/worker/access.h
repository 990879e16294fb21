/* SPDX-License-Identifier: MIT */
#ifndef WORKER_ACCESS_H
#define WORKER_ACCESS_H

/* What keeps strangers out of a run on several hosts: the cluster key. */

#include <gust/error.h>

#include "topology/plan.h"

struct key;

/*
 * Takes the key of a run: that of the file `path`, or with `path` NULL that of
 * the environment, see key_open(). `*key` is NULL where there is none, or none
 * of use, since all workers are on this machine and talk by sockets in a folder
 * of its owner. To be called before the first plugin is opened, and before the
 * fork: the environment has no key afterwards.
 *
 * What key_open() gives, and what seal_allows() gives for the addresses of the
 * plan's workers; all set `error`.
 */
int access_open(const struct plan *plan, const char *path, struct key **key,
		struct gust_error *error);

#endif
