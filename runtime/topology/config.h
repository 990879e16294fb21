/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_CONFIG_H
#define TOPOLOGY_CONFIG_H

/*
 * The `topology.*` keys: one table for the file, for `--set`, and for `gust
 * help config`.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/diagnostics.h"
#include "topology/node.h"
#include "topology/plan.h"

#define CONFIG_KEYS_MAX 32

enum config_type {
	CONFIG_INTEGER, /* uint64_t */
	CONFIG_SECONDS, /* a number; uint64_t in nanoseconds */
	CONFIG_MILLIS,  /* a number; uint64_t in nanoseconds */
	CONFIG_SIZE,    /* uint64_t in bytes */
	CONFIG_FLAG,    /* uint64_t: 0 or 1 */
	CONFIG_STRING,  /* const char *; NULL: none */
};

struct config_key {
	const char *name; /* "topology.message.timeout.secs" */
	enum config_type type;
	size_t offset;        /* of the value in struct config_values */
	const char *fallback; /* for people, as `gust help config` shows it */
	uint64_t initial;     /* the default, in the member's unit */
	double min;           /* as it stands in the file */
	double max;
	bool of_component;   /* may stand in the `config` of a component */
	const char *refusal; /* not in this version, and why; else NULL */
	const char *help;    /* one sentence without a full stop */
};

/* What the keys set. Times are in nanoseconds, sizes in bytes. */
struct config_values {
	uint64_t executors; /* 0: as many as the machine has cores */
	uint64_t workers;
	uint64_t worker_timeout;
	uint64_t max_spout_pending;
	uint64_t message_timeout;
	uint64_t message_timeout_max;
	uint64_t replay_max_attempts;
	uint64_t replay_backoff;
	uint64_t replay_hold;
	uint64_t retry_max;
	uint64_t memory_max;
	uint64_t tuple_max;
	uint64_t credit;
	uint64_t drain_timeout;
	uint64_t state_commit;
	uint64_t state_memory_max;
	uint64_t state_commit_tuples;
	uint64_t state_dedupe;
	uint64_t acker_executors;
	uint64_t tick;
	const char *dead_letters;
	const char *state_dir;
	const char *state_provider; /* NULL: memory */
};

struct config {
	struct config_values values;
	bool given[CONFIG_KEYS_MAX]; /* by the key's place in the table */
	struct place places[CONFIG_KEYS_MAX]; /* of the values given */
};

/* The table, sorted as people read it. */
const struct config_key *config_keys(size_t *count);

/* The place of a key in the table; it must be there. */
size_t config_index(const char *name);

/* Sets all defaults. */
void config_init(struct config *config);

/*
 * Sets one key. `of_component` tells that it stands in the `config` of a
 * component, where few may. A string is borrowed from the node.
 */
void config_set(struct config *config, const struct node *key,
		const struct node *value, bool of_component,
		struct diagnostics *diagnostics);

/* Reads a `config` map. */
void config_read(struct config *config, const struct node *map,
		 bool of_component, struct diagnostics *diagnostics);

/* Takes what `from` was given: all of it, or only what `config` was not. */
void config_merge(struct config *config, const struct config *from,
		  bool override);

/* Where `name` was set; NULL when it was not. */
const struct place *config_place(const struct config *config, const char *name);

/* Whether keyed state outlives the process. */
bool config_is_durable(const struct config *config);

/*
 * Adds mistakes for values that contradict each other: errors where they
 * cannot be meant, warnings where they can.
 */
void config_check(const struct config *config, struct diagnostics *diagnostics);

#endif
