/* SPDX-License-Identifier: MIT */

#include "test.h"

#include <errno.h>

#include "starve.h"
#include "topology/topology.h"

/* Loads `path` with every allocation failing once; the last time none does. */
static void starve_load(const char *path, int expected)
{
	struct variable items[] = { { .name = "name", .value = "t" } };
	const struct variable settings[] = {
		{ .name = "topology.state.dir", .value = "s" },
	};
	struct topology_request request = { .path = path,
					    .variables = { items, 1 },
					    .settings = settings,
					    .setting_count = 1 };
	struct diagnostics diagnostics;
	struct topology *topology;
	unsigned long n;
	int r;

	setenv("GUST_PLUGIN_PATH", TEST_BUILD_DIR "/tests/plugins", 1);
	for (n = 1; starve(n); n++) {
		topology = NULL;
		diagnostics_init(&diagnostics);
		r = topology_load(&request, &diagnostics, &topology);
		if (starve_ends())
			CHECK_INT(r, -ENOMEM);
		else
			CHECK_INT(r, expected);
		CHECK((r == 0) == (topology != NULL));
		topology_destroy(topology);
		diagnostics_fini(&diagnostics);
	}
	CHECK(n > 20);
}

TEST(a_good_topology)
{
	starve_load(TEST_SOURCE_DIR "/tests/unit/data/topology-good.yaml", 0);
}

TEST(a_topology_with_mistakes)
{
	starve_load(TEST_SOURCE_DIR "/tests/unit/data/topology-bad.yaml",
		    -EINVAL);
}
