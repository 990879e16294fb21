/* SPDX-License-Identifier: MIT */

#include "parent/nest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "topology/plan.h"

int nest_make(struct nest *nest, struct gust_error *error)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	int n = -1;

	if (folder != NULL && folder[0] == '/')
		n = snprintf(nest->path, sizeof(nest->path), "%s/gust-XXXXXX",
			     folder);
	if (n > 0 && (size_t)n < sizeof(nest->path) &&
	    mkdtemp(nest->path) != NULL)
		return 0;
	strcpy(nest->path, "/tmp/gust-XXXXXX");
	if (mkdtemp(nest->path) != NULL)
		return 0;
	nest->path[0] = '\0';
	return gust_error_set(error, -errno,
			      "cannot make a folder in /tmp for the workers: "
			      "%s",
			      strerror(errno));
}

void nest_clear(const struct nest *nest, uint32_t worker)
{
	char path[NEST_PATH_SIZE + 16];

	if (nest->path[0] == '\0')
		return;
	snprintf(path, sizeof(path), "%s/%u", nest->path, (unsigned)worker);
	(void)unlink(path);
}

void nest_remove(struct nest *nest)
{
	if (nest->path[0] == '\0')
		return;
	for (uint32_t i = 0; i < PLAN_WORKERS_MAX; i++)
		nest_clear(nest, i);
	(void)rmdir(nest->path);
	nest->path[0] = '\0';
}
