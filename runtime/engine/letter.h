/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_LETTER_H
#define ENGINE_LETTER_H

/*
 * Dead letters on their way to the host. The tree stays in the ledger, in
 * TREE_STORING, until the host has answered that the letter is stored; a
 * failure to store is tried again after a pause, for as long as it takes.
 */

#include "engine/state.h"

/* Begins to store the letter of a tree that has a record. */
void letter_store(struct executor *x, struct tree *tree, enum letter_kind kind,
		  uint32_t failed_task, const char *reason);

/* It could not be stored: tries again after a pause. */
void letter_retry(struct executor *x, struct tree *tree);

/* A timer: that pause is over. */
void letter_store_due(struct executor *x, uint64_t root);

#endif
