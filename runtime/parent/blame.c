/* SPDX-License-Identifier: MIT */

#include "parent/blame.h"

#include <stdio.h>
#include <string.h>

#include "engine/charges.h"
#include "engine/executing.h"

static struct child *blame_child(const struct blame *blame, uint32_t worker)
{
	for (uint32_t i = 0; i < blame->count; i++)
		if (blame->children[i].number == worker)
			return &blame->children[i];
	return NULL;
}

/* The ledger is on another host: the next process of the dead tells it. */
static void blame_owe(struct child *dead, const struct executing_charge *charge,
		      const char *reason)
{
	struct beat_charge *debt = &dead->debts[dead->debt_count];

	/* Those of an earlier death were told, or are of no use any more. */
	if (dead->debt_count > 0 &&
	    dead->debts[0].incarnation != dead->incarnation) {
		dead->debt_count = 0;
		debt = dead->debts;
	}
	if (dead->debt_count == BEAT_CHARGES_MAX)
		return;
	dead->debt_count++;
	*debt = (struct beat_charge){ .incarnation = dead->incarnation,
				      .root = charge->root,
				      .task = charge->task };
	snprintf(debt->reason, sizeof(debt->reason), "%s", reason);
}

/* Who has the ledger of that tree is told; if it is dead as well, what comes
 * after it. */
static void blame_one(const struct blame *blame, struct child *dead,
		      const struct executing_charge *charge, const char *reason)
{
	const struct plan *plan = blame->plan;
	uint32_t owner =
		plan->worker_of[plan->tasks[charge->root >> 48].executor];
	struct control_message message = { .kind = CONTROL_CHARGE,
					   .task = charge->task,
					   .root = charge->root,
					   .size = strlen(reason) };
	const struct child *child = blame_child(blame, owner);

	if (child == NULL)
		blame_owe(dead, charge, reason);
	else if (child != dead && child->pid != 0)
		(void)control_send(child->control, &message, reason);
	else if (charge->positioned)
		(void)charges_add(blame->charges, charge->component,
				  charge->source, charge->offset, reason);
}

/* Trees that are charged with a death, each once. */
struct blamed {
	uint64_t trees[PLAN_EXECUTORS_MAX];
	uint32_t count;
};

/* Whether it is the first time. */
static bool blamed_add(struct blamed *blamed, uint64_t root)
{
	for (uint32_t i = 0; i < blamed->count; i++)
		if (blamed->trees[i] == root >> 24)
			return false;
	if (blamed->count == PLAN_EXECUTORS_MAX)
		return false;
	blamed->trees[blamed->count++] = root >> 24;
	return true;
}

/* Several executors may have been executing parts of one tree. */
void blame_death(const struct blame *blame, struct child *dead,
		 const struct death *death, char *reason)
{
	const struct plan_worker *place = &blame->plan->workers[dead->number];
	struct executing_charge charges[EXECUTING_CHARGES_MAX];
	struct blamed blamed = { .count = 0 };

	for (uint32_t i = 0; i < place->executor_count; i++) {
		uint32_t count = death_charge(death, blame->board,
					      place->first_executor + i,
					      charges, reason);

		for (uint32_t k = 0; k < count; k++)
			if (blamed_add(&blamed, charges[k].root))
				blame_one(blame, dead, &charges[k], reason);
	}
}
