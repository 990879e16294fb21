/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_KEYED_H
#define ENGINE_KEYED_H

/*
 * The keyed state of a task: state/keyspace.h, with the clock of its executor
 * and the limits of the topology. Executor's thread.
 */

#include <gust/error.h>

#include "engine/state.h"

/*
 * The keyspace of a task, which is opened at the first call. Returns 0 or a
 * negative errno, and sets `error`; `*keyspace` is written on success only.
 */
int keyed_open(struct gust_task *task, struct keyspace **keyspace,
	       struct gust_error *error);

/* Does nothing if there is none. */
void keyed_close(struct gust_task *task);

/* Why a callback that has returned `code`, a negative errno, may have done so:
 * the last trouble of its state, or what the number means. */
const char *keyed_reason(const struct gust_task *task, int code);

#endif
