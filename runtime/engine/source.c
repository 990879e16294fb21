/* SPDX-License-Identifier: MIT */

#include "engine/source.h"

#include <stdlib.h>
#include <string.h>

struct source *source_add(struct gust_task *task, const char *name)
{
	struct source *grown = realloc(task->sources, (task->source_count + 1) *
							      sizeof(*grown));

	if (grown == NULL)
		return NULL;
	task->sources = grown;
	grown += task->source_count;
	memset(grown, 0, sizeof(*grown));
	grown->name = strdup(name);
	return grown->name == NULL ? NULL : grown;
}
