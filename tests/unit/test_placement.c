/* SPDX-License-Identifier: MIT */

#include "topology/placement.h"

#include <errno.h>

#include "base/random.h"
#include "test.h"

#define COMPONENTS_MAX 5
#define HOSTS_MAX 4

/* Components a, b, ... without streams. */
struct fixture {
	struct plan_component components[COMPONENTS_MAX];
	struct plan_host hosts[HOSTS_MAX];
	struct plan plan;
};

static void prepare(struct fixture *f, uint32_t workers, uint32_t executors)
{
	static const char *const ids[] = { "a", "b", "c", "d", "e" };
	uint32_t i;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < COMPONENTS_MAX; i++) {
		f->components[i].id = ids[i];
		f->components[i].executor = -1;
	}
	f->plan.name = "t";
	f->plan.config.workers = workers;
	f->plan.config.executors = executors;
	f->plan.components = f->components;
}

static struct plan_component *add(struct fixture *f, uint32_t tasks)
{
	struct plan_component *added =
		&f->components[f->plan.component_count++];

	added->task_count = tasks;
	return added;
}

static void add_host(struct fixture *f, const char *name, uint32_t slots)
{
	f->plan.hosts = f->hosts;
	f->hosts[f->plan.host_count].name = name;
	f->hosts[f->plan.host_count++].slots = slots;
}

static void derive(struct fixture *f)
{
	struct gust_error error = { 0 };

	CHECK_INT(plan_derive(&f->plan, &error), 0);
	CHECK_STR(error.text, "");
}

static uint32_t executor(const struct fixture *f, uint32_t component,
			 uint32_t index)
{
	return f->plan.tasks[f->components[component].first_task + index]
		.executor;
}

static uint32_t worker(const struct fixture *f, uint32_t component,
		       uint32_t index)
{
	return f->plan.worker_of[executor(f, component, index)];
}

static uint32_t host(const struct fixture *f, uint32_t component,
		     uint32_t index)
{
	return f->plan.workers[worker(f, component, index)].host;
}

TEST(one_worker_is_the_rule)
{
	struct fixture f;

	prepare(&f, 0, 2);
	add(&f, 3);
	derive(&f);
	CHECK_UINT(f.plan.worker_count, 1);
	CHECK_UINT(f.plan.executor_count, 2);
	CHECK_UINT(f.plan.workers[0].first_executor, 0);
	CHECK_UINT(f.plan.workers[0].executor_count, 2);
	CHECK_UINT(executor(&f, 0, 2), 0);
	CHECK_UINT(f.plan.worker_of[1], 0);
	plan_fini_derived(&f.plan);
}

TEST(workers_come_before_executors_in_turn)
{
	static const uint32_t expected[] = { 0, 2, 4, 1, 3, 5, 0 };
	struct fixture f;
	uint32_t i;

	prepare(&f, 3, 2);
	add(&f, 7);
	add(&f, 2);
	derive(&f);
	CHECK_UINT(f.plan.worker_count, 3);
	CHECK_UINT(f.plan.executor_count, 6);
	for (i = 0; i < 7; i++)
		CHECK_UINT(executor(&f, 0, i), expected[i]);
	CHECK_UINT(executor(&f, 1, 1), 2);
	CHECK_UINT(f.plan.workers[2].first_executor, 4);
	CHECK_UINT(f.plan.worker_of[3], 1);
	plan_fini_derived(&f.plan);
}

TEST(dedicated_executors_come_last_in_their_worker)
{
	struct fixture f;

	prepare(&f, 2, 2);
	add(&f, 4);
	add(&f, 3)->dedicated = true;
	derive(&f);
	CHECK_UINT(f.plan.executor_count, 7);
	CHECK_UINT(f.plan.workers[0].executor_count, 4);
	CHECK_UINT(f.plan.workers[1].first_executor, 4);
	CHECK_UINT(executor(&f, 1, 0), 2);
	CHECK_UINT(executor(&f, 1, 1), 6);
	CHECK_UINT(executor(&f, 1, 2), 3);
	CHECK_UINT(f.plan.config.executors, 2);
	plan_fini_derived(&f.plan);
}

TEST(a_worker_without_a_task_is_left_out)
{
	struct fixture f;

	prepare(&f, 8, 4);
	add(&f, 3);
	derive(&f);
	CHECK_UINT(f.plan.worker_count, 3);
	CHECK_UINT(f.plan.executor_count, 3);
	CHECK_UINT(f.plan.config.executors, 1);
	plan_fini_derived(&f.plan);
}

TEST(a_plan_without_a_task_has_a_worker)
{
	struct fixture f;

	prepare(&f, 3, 2);
	derive(&f);
	CHECK_UINT(f.plan.worker_count, 1);
	CHECK_UINT(f.plan.executor_count, 0);
	plan_fini_derived(&f.plan);
}

TEST(pins_go_on_over_the_workers)
{
	struct fixture f;

	prepare(&f, 3, 4);
	add(&f, 3)->executor = 5;
	add(&f, 1)->executor = 11;
	add(&f, 1)->executor = 0;
	derive(&f);
	CHECK_UINT(f.plan.worker_count, 3);
	CHECK_UINT(worker(&f, 0, 0), 1);
	CHECK_UINT(worker(&f, 0, 2), 1);
	CHECK_UINT(executor(&f, 0, 2), 2);
	CHECK_UINT(worker(&f, 1, 0), 2);
	CHECK_UINT(executor(&f, 1, 0), 6);
	CHECK_UINT(executor(&f, 2, 0), 0);
	CHECK_UINT(f.plan.config.executors, 4);
	plan_fini_derived(&f.plan);
}

TEST(isolated_components_have_a_worker_of_their_own)
{
	struct fixture f;

	prepare(&f, 2, 2);
	add(&f, 2);
	add(&f, 3)->isolate = true;
	add(&f, 1)->isolate = true;
	add(&f, 1);
	derive(&f);
	CHECK_UINT(f.plan.worker_count, 4);
	CHECK_UINT(worker(&f, 0, 1), 1);
	CHECK_UINT(worker(&f, 1, 0), 2);
	CHECK_UINT(worker(&f, 1, 2), 2);
	CHECK_UINT(executor(&f, 1, 2), executor(&f, 1, 0));
	CHECK_UINT(worker(&f, 2, 0), 3);
	CHECK_UINT(worker(&f, 3, 0), 0);
	CHECK_UINT(f.plan.workers[3].slot, 3);
	CHECK_UINT(placement_choice(&f.plan, &f.components[1]), 1);
	plan_fini_derived(&f.plan);
}

TEST(hosts_come_before_workers_in_turn)
{
	struct fixture f;
	uint32_t i;

	prepare(&f, 9, 1);
	add_host(&f, "x", 2);
	add_host(&f, "y", 1);
	add_host(&f, "z", 2);
	add(&f, 6);
	derive(&f);
	CHECK_UINT(f.plan.worker_count, 5);
	for (i = 0; i < 3; i++)
		CHECK_UINT(host(&f, 0, i), i);
	CHECK_UINT(host(&f, 0, 3), 0);
	CHECK_UINT(host(&f, 0, 4), 2);
	CHECK_UINT(executor(&f, 0, 5), executor(&f, 0, 0));
	CHECK_UINT(f.plan.workers[worker(&f, 0, 3)].slot, 1);
	CHECK_UINT(f.plan.hosts[1].first_worker, 2);
	CHECK_UINT(f.plan.hosts[1].worker_count, 1);
	CHECK_UINT(f.plan.hosts[2].worker_count, 2);
	plan_fini_derived(&f.plan);
}

TEST(components_stay_on_their_hosts)
{
	static const uint32_t hosts[] = { 2, 1 };
	struct fixture f;

	prepare(&f, 1, 2);
	add_host(&f, "x", 1);
	add_host(&f, "y", 1);
	add_host(&f, "z", 2);
	add(&f, 4)->hosts = hosts;
	f.components[0].host_count = 2;
	add(&f, 2)->isolate = true;
	f.components[1].hosts = hosts;
	f.components[1].host_count = 1;
	derive(&f);
	CHECK_UINT(host(&f, 0, 0), 2);
	CHECK_UINT(host(&f, 0, 1), 1);
	CHECK_UINT(host(&f, 0, 2), 2);
	CHECK_UINT(f.plan.hosts[0].worker_count, 0);
	CHECK_UINT(f.plan.hosts[2].worker_count, 3);
	CHECK_UINT(host(&f, 1, 0), 2);
	CHECK_UINT(f.plan.workers[worker(&f, 1, 1)].slot, 2);
	CHECK_UINT(placement_choice(&f.plan, &f.components[0]), 3);
	plan_fini_derived(&f.plan);
}

/* The slot decides the port, so it must not depend on who has a task. */
TEST(slots_are_kept_when_workers_are_left_out)
{
	struct fixture f;

	prepare(&f, 1, 1);
	add_host(&f, "x", 3);
	add(&f, 1)->isolate = true;
	derive(&f);
	CHECK_UINT(f.plan.worker_count, 1);
	CHECK_UINT(f.plan.workers[0].slot, 3);
	plan_fini_derived(&f.plan);
}

TEST(too_much_is_refused)
{
	struct gust_error error = { 0 };
	struct fixture f;

	prepare(&f, 1, 1);
	add_host(&f, "x", 100);
	add_host(&f, "y", 29);
	add(&f, 129);
	CHECK_INT(plan_derive(&f.plan, &error), -E2BIG);
	CHECK_CONTAINS(error.text, "more than 128 workers");
	f.components[0].task_count = 128;
	derive(&f);
	plan_fini_derived(&f.plan);

	prepare(&f, 2, 1);
	add(&f, 401)->dedicated = true;
	add(&f, 1);
	memset(&error, 0, sizeof(error));
	CHECK_INT(plan_derive(&f.plan, &error), -E2BIG);
	CHECK_CONTAINS(error.text, "worker 0 would need 202 executors");
	f.components[0].task_count = 398;
	derive(&f);
	plan_fini_derived(&f.plan);
}

static void make_any(struct fixture *f, struct random *random)
{
	uint32_t hosts = random_below(random, HOSTS_MAX + 1);
	uint32_t count = 1 + random_below(random, COMPONENTS_MAX);
	struct plan_component *component;

	prepare(f, random_below(random, 5), 1 + random_below(random, 4));
	while (hosts-- > 0)
		add_host(f, "h", 1 + random_below(random, 3));
	while (count-- > 0) {
		component = add(f, 1 + random_below(random, 20));
		component->dedicated = random_below(random, 4) == 0;
		component->isolate = random_below(random, 4) == 0;
		if (component->dedicated || random_below(random, 3) > 0)
			continue;
		component->executor = (int32_t)random_below(
			random, f->plan.config.executors *
					placement_choice(&f->plan, component));
	}
}

/* No worker has two tasks of a component more than another that may have it. */
static void check_even(const struct fixture *f, uint32_t component)
{
	uint32_t choice = placement_choice(&f->plan, &f->components[component]);
	uint32_t tasks = f->components[component].task_count;
	uint32_t counts[PLAN_WORKERS_MAX] = { 0 };
	uint32_t i;

	for (i = 0; i < tasks; i++)
		counts[worker(f, component, i)]++;
	for (i = 0; i < f->plan.worker_count; i++)
		CHECK(counts[i] <= (tasks + choice - 1) / choice);
}

static void check_whole(const struct fixture *f)
{
	const struct plan *plan = &f->plan;
	uint32_t used[PLAN_WORKERS_MAX] = { 0 };
	uint32_t next = 0;
	uint32_t i;
	uint32_t t;

	for (i = 0; i < plan->task_count; i++) {
		CHECK(plan->tasks[i].executor < plan->executor_count);
		used[plan->worker_of[plan->tasks[i].executor]]++;
	}
	for (i = 0; i < plan->worker_count; i++) {
		CHECK(used[i] > 0);
		CHECK_UINT(plan->workers[i].first_executor, next);
		next += plan->workers[i].executor_count;
	}
	CHECK_UINT(next, plan->executor_count);
	for (i = 0; i < plan->component_count; i++) {
		if (f->components[i].executor < 0)
			check_even(f, i);
		for (t = 0; f->components[i].isolate && t < plan->task_count;
		     t++)
			if (plan->tasks[t].component != i)
				CHECK(plan->worker_of[plan->tasks[t]
							      .executor] !=
				      worker(f, i, 0));
	}
}

TEST(any_plan_is_whole_and_even)
{
	struct random random;
	struct fixture f;
	uint32_t round;

	random_seed(&random, 20261121);
	for (round = 0; round < 2000; round++) {
		make_any(&f, &random);
		derive(&f);
		check_whole(&f);
		plan_fini_derived(&f.plan);
	}
}
