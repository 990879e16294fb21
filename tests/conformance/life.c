/* SPDX-License-Identifier: MIT */

#include "subject.h"

#include <errno.h>
#include <string.h>

#include "host.h"
#include "starvation.h"
#include "topology/topology.h"

/* More allocations than an open() makes. */
#define ALLOCATIONS_MAX 2000

static struct host *create(const struct topology *topology)
{
	struct host *host;

	if (host_create(topology_plan(topology), &host) < 0)
		refuse("memory is short");
	return host;
}

/* Opens all instances with the n-th allocation failing; whether one did. */
static bool open_starved(const struct topology *topology, unsigned long n)
{
	struct host *host = create(topology);
	struct gust_error error = { 0 };
	bool failed;
	int r;

	starvation_begin(n);
	r = host_open(host, &error);
	failed = starvation_end();
	if (r < 0 && !failed)
		refuse("open() fails: %s", error.text);
	if (r < 0 && error.code == 0)
		refuse("open() fails without a reason: %s", strerror(-r));
	if (r > 0)
		refuse("open() returns %d, expected 0 or a negative errno", r);
	host_destroy(host);
	return failed;
}

void check_open(const struct subject *subject)
{
	struct topology *topology = load_sample(subject);
	size_t descriptors = count_descriptors();
	unsigned long n;

	open_starved(topology, 0);
	check_descriptors("close()");
	if (starvation_works())
		for (n = 1; open_starved(topology, n); n++)
			if (n == ALLOCATIONS_MAX)
				refuse("open() allocates without an end");
	check_descriptors("close() after a failed open()");
	if (count_descriptors() != descriptors)
		refuse("open() and close() leave descriptors open");
	topology_destroy(topology);
}

static uint32_t component_number(const struct plan *plan)
{
	uint32_t i;

	for (i = 0; i < plan->component_count; i++)
		if (strcmp(plan->components[i].id, "it") == 0)
			return i;
	refuse("its sample has no component with the id 'it'");
}

void check_run(const struct subject *subject)
{
	struct topology *topology = load_sample(subject);
	const struct plan *plan = topology_plan(topology);
	uint32_t component = component_number(plan);
	const struct gust_error *failure;
	struct host *host = create(topology);
	struct gust_error error = { 0 };
	size_t descriptors = count_descriptors();
	bool ended;

	if (host_open(host, &error) < 0)
		refuse("open() fails: %s", error.text);
	ended = host_run(host);
	failure = host_failure(host);
	if (failure != NULL)
		refuse("its sample fails: %s", failure->text);
	if (!ended)
		refuse("its sample does not come to an end");
	if (host_mistakes(host, component) > 0)
		refuse("the runtime has counted %llu mistakes",
		       (unsigned long long)host_mistakes(host, component));
	if (!host_balances(host))
		refuse("the counters do not balance");
	if (host_wrote_unsaid(host))
		refuse("it writes to standard output, but GUST_STDOUT is not "
		       "among its flags");
	host_destroy(host);
	check_descriptors("close()");
	if (count_descriptors() != descriptors)
		refuse("a run leaves descriptors open");
	topology_destroy(topology);
}
