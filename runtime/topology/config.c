/* SPDX-License-Identifier: MIT */

#include "topology/config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "topology/value.h"

#define NS_PER_S 1000000000.0
#define NS_PER_MS 1000000.0
#define S ((uint64_t)1000000000)
#define MS ((uint64_t)1000000)
#define MIB ((uint64_t)1024 * 1024)

#define PREFIX "topology."
#define PREFIX_LENGTH (sizeof(PREFIX) - 1)

#define SECONDS_MAX 1e9

/* clang-format off */
#define KEY(key, kind, member, text, value, least, most, component, why,  \
	    about)                                                        \
	{ PREFIX key, kind, offsetof(struct config_values, member),       \
	  text, value, least, most, component, why, about }

static const struct config_key keys[] = {
	KEY("executors", CONFIG_INTEGER, executors,
	    "the machine's cores, at most 12; 4 with hosts", 0, 1, 1024, false,
	    NULL,
	    "threads a worker for the components that are not dedicated"),
	KEY("workers", CONFIG_INTEGER, workers, "1", 1, 1, PLAN_WORKERS_MAX,
	    false, NULL, "processes that share the tasks"),
	KEY("worker.timeout.secs", CONFIG_SECONDS, worker_timeout,
	    "30", 30 * S, 0, SECONDS_MAX, false, NULL,
	    "a worker that is silent for so long is given up; 0 is never"),
	KEY("max.spout.pending", CONFIG_INTEGER, max_spout_pending,
	    "bounded by memory", 0, 1, 16777215, true, NULL,
	    "open trees a spout task"),
	KEY("message.timeout.secs", CONFIG_SECONDS, message_timeout,
	    "30", 30 * S, 0, SECONDS_MAX, true, NULL,
	    "a tree fails when it made no progress for so long; 0 is never"),
	KEY("message.timeout.max.secs", CONFIG_SECONDS, message_timeout_max,
	    "600", 600 * S, 0.001, SECONDS_MAX, false, NULL,
	    "a tree fails when it is open for so long, whatever happens"),
	KEY("replay.max.attempts", CONFIG_INTEGER, replay_max_attempts,
	    "5", 5, 1, 1000000, false, NULL,
	    "attempts before a tuple goes to the dead letters"),
	KEY("replay.backoff.ms", CONFIG_MILLIS, replay_backoff,
	    "100", 100 * MS, 0, 3600000, false, NULL,
	    "wait before the first replay; it doubles with each attempt"),
	KEY("replay.hold.secs", CONFIG_SECONDS, replay_hold,
	    "60", 60 * S, 0, SECONDS_MAX, false, NULL,
	    "a retry within that time is not late"),
	KEY("retry.max.secs", CONFIG_SECONDS, retry_max,
	    "600", 600 * S, 0, SECONDS_MAX, false, NULL,
	    "how long a bolt may say 'not now' to a tuple"),
	KEY("memory.max.bytes", CONFIG_SIZE, memory_max,
	    "256MiB", 256 * MIB, 1048576, 1e15, false, NULL,
	    "memory for tuples in flight, held and kept for a replay"),
	KEY("tuple.max.bytes", CONFIG_SIZE, tuple_max,
	    "1MiB", MIB, 64, 268435456, false, NULL,
	    "longer tuples are refused when they are emitted"),
	KEY("dead.letters", CONFIG_STRING, dead_letters,
	    "NAME.dead-letters.jsonl", 0, 0, 0, false, NULL,
	    "the file for tuples that were given up, made for the first one"),
	KEY("drain.timeout.secs", CONFIG_SECONDS, drain_timeout,
	    "30", 30 * S, 0, SECONDS_MAX, false, NULL,
	    "how long a stop waits for trees in flight"),
	KEY("state.dir", CONFIG_STRING, state_dir,
	    "none", 0, 0, 0, false, NULL,
	    "the directory for positions, so that a later run goes on, and for "
	    "what windows and replays have no memory for"),
	KEY("state.provider", CONFIG_STRING, state_provider,
	    "memory", 0, 0, 0, false, NULL,
	    "where keyed state is kept: 'memory', 'lmdb' (in state.dir), "
	    "'redis' or 'redis://HOST:PORT/NUMBER'"),
	KEY("state.commit.ms", CONFIG_MILLIS, state_commit,
	    "100", 100 * MS, 1, 3600000, false, NULL,
	    "how often positions and state are stored"),
	KEY("state.commit.tuples", CONFIG_INTEGER, state_commit_tuples,
	    "10000", 10000, 1, 1000000000, false, NULL,
	    "state of a task is stored after so many tuples, too"),
	KEY("state.dedupe", CONFIG_FLAG, state_dedupe,
	    "false", 0, 0, 1, false, NULL,
	    "state remembers what was applied, so that a replay changes "
	    "nothing"),
	KEY("state.memory.max.bytes", CONFIG_SIZE, state_memory_max,
	    "1GiB", 1024 * MIB, 65536, 1e15, false, NULL,
	    "keyed state that a task has in memory; more of it must be stored"),
	KEY("acker.executors", CONFIG_INTEGER, acker_executors,
	    "1", 1, 0, 65535, false, NULL,
	    "0 turns tracking off; other values are as 1"),
	KEY("tick.tuple.freq.secs", CONFIG_SECONDS, tick,
	    "none", 0, 0.001, SECONDS_MAX, true, NULL,
	    "how often bolts get a tick; fractions are possible"),
	KEY("credit.bytes", CONFIG_SIZE, credit,
	    "from memory.max.bytes", 0, 1, 1e15, false, NULL,
	    "bytes outstanding a link and rank; for tests"),
};
/* clang-format on */

#define KEYS_COUNT (sizeof(keys) / sizeof(keys[0]))
_Static_assert(KEYS_COUNT <= CONFIG_KEYS_MAX, "struct config is too small");

/* Storm's keys that mean something else here, with what to write instead. */
static const struct {
	const char *name;
	const char *instead;
} storm_keys[] = {
	{ "topology.enable.message.timeouts",
	  "expected 'topology.message.timeout.secs: 0' to have no timeouts" },
	{ "topology.tasks", "expected 'numTasks' of the components" },
	{ "topology.max.task.parallelism",
	  "expected 'parallelism' of the components" },
	{ "topology.debug", "expected '--log-level debug' of gust run" },
	{ "topology.state.checkpoint.interval.ms",
	  "expected 'topology.state.commit.ms'" },
	{ "topology.shellbolt.max.pending",
	  "expected an option of the plugin" },
	{ "topology.subprocess.timeout.secs",
	  "expected an option of the plugin" },
	{ "topology.metrics.reporters", "expected '--report' of gust run" },
};

const struct config_key *config_keys(size_t *count)
{
	*count = KEYS_COUNT;
	return keys;
}

static size_t find(const char *name)
{
	size_t i;

	for (i = 0; i < KEYS_COUNT; i++)
		if (strcmp(keys[i].name, name) == 0)
			break;
	return i;
}

size_t config_index(const char *name)
{
	size_t index = find(name);

	assert(index < KEYS_COUNT);
	return index;
}

static uint64_t *number_at(struct config *config, const struct config_key *key)
{
	return (uint64_t *)(void *)((char *)&config->values + key->offset);
}

static const char **string_at(struct config *config,
			      const struct config_key *key)
{
	return (const char **)(void *)((char *)&config->values + key->offset);
}

void config_init(struct config *config)
{
	size_t i;

	memset(config, 0, sizeof(*config));
	for (i = 0; i < KEYS_COUNT; i++)
		if (keys[i].refusal == NULL && keys[i].type != CONFIG_STRING)
			*number_at(config, &keys[i]) = keys[i].initial;
}

/* Compares without `topology.`, which would make all keys seem alike. */
static const char *nearest_key(const char *name)
{
	const char *names[KEYS_COUNT];
	const char *nearest;
	size_t i;

	if (strncmp(name, PREFIX, PREFIX_LENGTH) == 0)
		name += PREFIX_LENGTH;
	for (i = 0; i < KEYS_COUNT; i++)
		names[i] = keys[i].refusal == NULL
				   ? keys[i].name + PREFIX_LENGTH
				   : NULL;
	nearest = suggest_nearest(name, names, KEYS_COUNT);
	return nearest == NULL ? NULL : nearest - PREFIX_LENGTH;
}

static void report_unknown(const struct node *key,
			   struct diagnostics *diagnostics)
{
	const char *nearest = nearest_key(key->text);
	size_t i;

	for (i = 0; i < sizeof(storm_keys) / sizeof(storm_keys[0]); i++) {
		if (strcmp(storm_keys[i].name, key->text) != 0)
			continue;
		diagnostics_error(diagnostics, &key->place,
				  "'%s' has no meaning here, %s", key->text,
				  storm_keys[i].instead);
		return;
	}
	if (nearest != NULL)
		diagnostics_error(diagnostics, &key->place,
				  "'%.60s' is no key of the configuration, "
				  "expected '%s'",
				  key->text, nearest);
	else
		diagnostics_error(diagnostics, &key->place,
				  "'%.60s' is no key of the configuration, "
				  "expected one that 'gust help config' lists",
				  key->text);
}

static bool set_scaled(struct config *config, const struct config_key *key,
		       const struct node *value, double scale,
		       struct diagnostics *diagnostics)
{
	double number;

	if (!value_number(value, key->name, key->min, key->max, diagnostics,
			  &number))
		return false;
	*number_at(config, key) = (uint64_t)(number * scale + 0.5);
	return true;
}

static bool set_value(struct config *config, const struct config_key *key,
		      const struct node *value, struct diagnostics *diagnostics)
{
	int64_t integer;
	bool flag;

	switch (key->type) {
	case CONFIG_INTEGER:
		if (!value_integer(value, key->name, (int64_t)key->min,
				   (int64_t)key->max, diagnostics, &integer))
			return false;
		*number_at(config, key) = (uint64_t)integer;
		return true;
	case CONFIG_SECONDS:
		return set_scaled(config, key, value, NS_PER_S, diagnostics);
	case CONFIG_MILLIS:
		return set_scaled(config, key, value, NS_PER_MS, diagnostics);
	case CONFIG_SIZE:
		return value_size(value, key->name, (uint64_t)key->min,
				  (uint64_t)key->max, diagnostics,
				  number_at(config, key));
	case CONFIG_FLAG:
		if (!value_bool(value, key->name, diagnostics, &flag))
			return false;
		*number_at(config, key) = flag;
		return true;
	case CONFIG_STRING:
		return value_string(value, key->name, diagnostics,
				    string_at(config, key));
	}
	abort();
}

void config_set(struct config *config, const struct node *key,
		const struct node *value, bool of_component,
		struct diagnostics *diagnostics)
{
	size_t index = find(key->text);

	if (index == KEYS_COUNT) {
		report_unknown(key, diagnostics);
		return;
	}
	if (keys[index].refusal != NULL) {
		diagnostics_error(diagnostics, &key->place, "'%s' %s",
				  keys[index].name, keys[index].refusal);
		return;
	}
	if (of_component && !keys[index].of_component) {
		diagnostics_error(diagnostics, &key->place,
				  "'%s' is no key of one component, expected "
				  "it in the 'config' of the topology",
				  key->text);
		return;
	}
	if (!set_value(config, &keys[index], value, diagnostics))
		return;
	config->given[index] = true;
	config->places[index] = value->place;
}

void config_read(struct config *config, const struct node *map,
		 bool of_component, struct diagnostics *diagnostics)
{
	const struct node_item *item;

	if (!value_map(map, "config", diagnostics))
		return;
	for (item = map->items; item != NULL; item = item->next)
		config_set(config, item->key, item->value, of_component,
			   diagnostics);
}

void config_merge(struct config *config, const struct config *from,
		  bool override)
{
	size_t size;
	size_t i;

	for (i = 0; i < KEYS_COUNT; i++) {
		if (!from->given[i] || (config->given[i] && !override))
			continue;
		size = keys[i].type == CONFIG_STRING ? sizeof(char *)
						     : sizeof(uint64_t);
		memcpy((char *)&config->values + keys[i].offset,
		       (const char *)&from->values + keys[i].offset, size);
		config->given[i] = true;
		config->places[i] = from->places[i];
	}
}

const struct place *config_place(const struct config *config, const char *name)
{
	size_t index = config_index(name);

	return config->given[index] ? &config->places[index] : NULL;
}

/* Adds a warning at the key if it was given. */
static void warn_given(const struct config *config, const char *name,
		       const char *text, struct diagnostics *diagnostics)
{
	const struct place *place = config_place(config, name);

	if (place != NULL)
		diagnostics_warning(diagnostics, place, "'%s' %s", name, text);
}

static void check_acking(const struct config *config,
			 struct diagnostics *diagnostics)
{
	static const char *const idle[] = { "topology.max.spout.pending",
					    "topology.message.timeout.secs",
					    "topology.message.timeout.max.secs",
					    "topology.replay.max.attempts",
					    "topology.replay.backoff.ms",
					    "topology.state.dir" };
	size_t i;

	if (config->values.acker_executors > 0)
		return;
	for (i = 0; i < sizeof(idle) / sizeof(idle[0]); i++)
		warn_given(config, idle[i],
			   "has no effect, because "
			   "'topology.acker.executors: 0' turns tracking off",
			   diagnostics);
}

bool config_is_durable(const struct config *config)
{
	const char *provider = config->values.state_provider;

	return provider != NULL && strcmp(provider, "memory") != 0;
}

/* What is stored and what is read again must agree. */
static void check_state(const struct config *config,
			struct diagnostics *diagnostics)
{
	static const char *const name = "topology.state.provider";
	const char *provider = config->values.state_provider;
	const struct place *place = config_place(config, name);

	if (!config_is_durable(config) && config->values.state_dedupe)
		warn_given(config, "topology.state.dedupe",
			   "has no effect on state in memory, expected "
			   "'topology.state.provider: lmdb' as well",
			   diagnostics);
	if (!config_is_durable(config))
		return;
	if (strcmp(provider, "lmdb") != 0 && strcmp(provider, "redis") != 0 &&
	    strncmp(provider, "redis://", 8) != 0)
		diagnostics_error(diagnostics, place,
				  "'%s' is '%.60s', expected 'memory', "
				  "'lmdb', 'redis' or 'redis://HOST:PORT'",
				  name, provider);
	else if (config->values.state_dir == NULL)
		diagnostics_error(diagnostics, place,
				  "'%s' is '%.60s', which outlives a run, but "
				  "the positions of its spouts do not, "
				  "expected 'topology.state.dir' as well",
				  name, provider);
	if (config->values.acker_executors == 0)
		diagnostics_warning(
			diagnostics, place,
			"'%s' stores what was processed, but "
			"'topology.acker.executors: 0' has nothing wait for it",
			name);
}

void config_check(const struct config *config, struct diagnostics *diagnostics)
{
	const struct config_values *values = &config->values;
	const struct place *place;

	check_acking(config, diagnostics);
	check_state(config, diagnostics);
	if (values->message_timeout == 0 && values->acker_executors > 0)
		warn_given(config, "topology.max.spout.pending",
			   "with timeouts off lets a forgotten tuple block "
			   "its spout for ever, expected "
			   "'topology.message.timeout.secs' above 0",
			   diagnostics);
	if (values->message_timeout > values->message_timeout_max) {
		place = config_place(config, "topology.message.timeout.secs");
		if (place == NULL)
			place = config_place(
				config, "topology.message.timeout.max.secs");
		diagnostics_error(diagnostics, place,
				  "'topology.message.timeout.secs' is above "
				  "'topology.message.timeout.max.secs', "
				  "expected at most %.15g",
				  (double)values->message_timeout_max /
					  NS_PER_S);
	}
	if (values->tuple_max > values->memory_max) {
		place = config_place(config, "topology.tuple.max.bytes");
		if (place == NULL)
			place = config_place(config,
					     "topology.memory.max.bytes");
		diagnostics_error(diagnostics, place,
				  "'topology.tuple.max.bytes' is above "
				  "'topology.memory.max.bytes', expected at "
				  "most %llu bytes",
				  (unsigned long long)values->memory_max);
	}
}
