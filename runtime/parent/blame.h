/* SPDX-License-Identifier: MIT */
#ifndef PARENT_BLAME_H
#define PARENT_BLAME_H

/*
 * Who is told which trees a worker died of. Where the ledger of a tree is in
 * another worker of this host, that one is. Where it died as well, its next
 * process finds the position among the charges. Where it is on another host,
 * the next process of the dead worker says so with its heartbeats, since that
 * is the first that can talk to it and is sure to.
 */

#include <stdint.h>

#include "parent/child.h"
#include "parent/death.h"
#include "topology/plan.h"
#include "worker/board.h"

struct charges;

struct blame {
	const struct plan *plan;
	const struct board *board;
	struct charges *charges;
	struct child *children; /* all of this host */
	uint32_t count;
};

/* `reason` of DEATH_TEXT_SIZE bytes is why, or left alone where nobody is
 * charged. */
void blame_death(const struct blame *blame, struct child *dead,
		 const struct death *death, char *reason);

#endif
