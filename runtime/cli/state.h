/* SPDX-License-Identifier: MIT */
#ifndef CLI_STATE_H
#define CLI_STATE_H

/* What a component is doing, in words. */

#include "cli/snapshot.h"

#define STATE_TEXT_SIZE 240

/* The word for a state: "emitting", "source empty", "backpressure", ... */
const char *state_name(enum plan_kind kind, uint32_t state);

/*
 * Writes the state that matters most among the tasks of a component, such as
 * `backpressure by 'count' (2 of 4)`, into `text` of STATE_TEXT_SIZE bytes,
 * which it returns. `reason` is why a task waits; NULL or "" if unknown.
 */
const char *state_format(char *text, const struct snapshot *snapshot,
			 uint32_t component, const char *reason);

/* The task that state_format() speaks of. */
uint32_t state_task(const struct snapshot *snapshot, uint32_t component);

#endif
