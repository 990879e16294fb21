/* SPDX-License-Identifier: MIT */

#include "test.h"

#include "topology/config.h"

static struct place here = { "t", 1, 1 };

static struct node plain(const char *text)
{
	return (struct node){ .kind = NODE_SCALAR,
			      .place = here,
			      .text = text,
			      .length = strlen(text),
			      .size = 1,
			      .height = 1 };
}

/* Sets a key; returns how many mistakes that was. */
static size_t set(struct config *config, const char *key, const char *value)
{
	struct diagnostics diagnostics;
	struct node name = plain(key);
	struct node text = plain(value);
	size_t errors;

	diagnostics_init(&diagnostics);
	config_set(config, &name, &text, false, &diagnostics);
	errors = diagnostics.errors;
	diagnostics_fini(&diagnostics);
	return errors;
}

TEST(the_table_is_complete_and_has_no_key_twice)
{
	const struct config_key *keys;
	size_t count;
	size_t i;

	keys = config_keys(&count);
	CHECK(count > 10);
	for (i = 0; i < count; i++) {
		CHECK(strncmp(keys[i].name, "topology.", 9) == 0);
		CHECK(keys[i].fallback != NULL && keys[i].help != NULL);
		CHECK(keys[i].help[strlen(keys[i].help) - 1] != '.');
		CHECK_UINT(config_index(keys[i].name), i);
	}
}

TEST(defaults_are_within_their_ranges)
{
	const struct config_key *keys;
	struct config config;
	struct diagnostics diagnostics;
	size_t count;
	size_t i;

	config_init(&config);
	diagnostics_init(&diagnostics);
	config_check(&config, &diagnostics);
	CHECK_UINT(diagnostics.errors + diagnostics.warnings, 0);
	diagnostics_fini(&diagnostics);
	keys = config_keys(&count);
	for (i = 0; i < count; i++)
		/* Where the default is a plain number, it may be written. */
		if (keys[i].refusal == NULL && keys[i].type != CONFIG_STRING &&
		    keys[i].fallback[0] >= '0' && keys[i].fallback[0] <= '9')
			CHECK_UINT(set(&config, keys[i].name, keys[i].fallback),
				   0);
	CHECK_UINT(config.values.memory_max, 268435456);
	CHECK_UINT(config.values.replay_backoff, 100000000);
}

TEST(seconds_take_fractions)
{
	struct config config;

	config_init(&config);
	CHECK_UINT(set(&config, "topology.tick.tuple.freq.secs", "0.25"), 0);
	CHECK_UINT(config.values.tick, 250000000);
	CHECK_UINT(set(&config, "topology.tick.tuple.freq.secs", "0"), 1);
	CHECK_UINT(config.values.tick, 250000000);
}

TEST(merging_takes_what_was_given)
{
	struct config base;
	struct config more;

	config_init(&base);
	config_init(&more);
	set(&base, "topology.executors", "3");
	set(&more, "topology.executors", "5");
	set(&more, "topology.state.dir", "d");
	config_merge(&base, &more, false);
	CHECK_UINT(base.values.executors, 3);
	CHECK_STR(base.values.state_dir, "d");
	CHECK(config_place(&base, "topology.state.dir") != NULL);
	CHECK_PTR(config_place(&base, "topology.dead.letters"), NULL);
	config_merge(&base, &more, true);
	CHECK_UINT(base.values.executors, 5);
	CHECK_UINT(base.values.replay_max_attempts, 5);
}
