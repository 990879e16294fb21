/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_SCAN_H
#define ENGINE_SCAN_H

/*
 * Timeouts: a walk over the ledger, a few times within each timeout.
 *
 * A tree times out when it has made no progress for its component's
 * topology.message.timeout.secs plus the greatest time that anything waits in
 * a queue or a callback lasts; a hard cap holds whatever happens. Trees that
 * are held do neither. A task that keeps a tuple for half of that time is made
 * known to the ledger, so that the reason can name it.
 */

#include "engine/state.h"

/* Sees to it that a walk comes; called when something is open or kept. */
void scan_arm(struct executor *x);

/* The timer: walks, and sets the next one while anything is open. */
void scan_run(struct executor *x);

#endif
