/* SPDX-License-Identifier: MIT */

#include "sim/tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int tap_execute(void *self, struct gust_task *task,
		       const struct gust_tuple *in)
{
	struct tap *tap = ((struct tap_instance *)self)->tap;
	struct gust_tuple **grown;
	size_t room;

	(void)task;
	if (tap->count == tap->room) {
		room = tap->room == 0 ? 64 : tap->room * 2;
		grown = realloc(tap->items, room * sizeof(struct gust_tuple *));
		if (grown == NULL)
			return -ENOMEM;
		tap->items = grown;
		tap->room = room;
	}
	tap->items[tap->count] = malloc(in->size);
	if (tap->items[tap->count] == NULL)
		return -ENOMEM;
	memcpy(tap->items[tap->count++], in, in->size);
	return 0;
}

void tap_fini(struct tap *tap)
{
	size_t i;

	for (i = 0; i < tap->count; i++)
		free(tap->items[i]);
	free(tap->items);
	memset(tap, 0, sizeof(*tap));
}

const struct gust_bolt tap_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "tap",
	.summary = "keeps what it gets",
	.instance_size = sizeof(struct tap_instance),
	.flags = GUST_DETERMINISTIC,
	.execute = tap_execute,
};
