/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_MODEL_H
#define TOPOLOGY_MODEL_H

/*
 * A topology as its files say it: keys and their values are checked, but not
 * yet what they refer to.
 *
 * Components and streams are lists in the order of the files. All of it lives
 * in the arena of the nodes, and points into them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/window.h>

#include "topology/config.h"
#include "topology/diagnostics.h"
#include "topology/node.h"
#include "topology/plan.h"
#include "topology/yaml.h"

#define MODEL_TASKS_MAX 65535
#define MODEL_INCLUDES_MAX 16 /* files within files */

/* A host on which a component may be. */
struct model_pin {
	const char *name;
	struct place place;
	struct model_pin *next;
};

/* `timestamp:`. */
struct model_timestamp {
	struct place place;
	const char *field;
	struct place field_place;
	const char *format; /* NULL: the usual one */
	struct place format_place;
	const char *zone; /* NULL: UTC */
	struct place zone_place;
	uint64_t lag_ns;
	uint64_t idle_ns; /* 0: never */
	bool broken;      /* it has mistakes, which are reported */
};

/* `window:` of a bolt. */
struct model_window {
	struct place place;
	struct gust_window_spec spec;
	struct place zone_place;
	const struct place *key_places; /* of spec.keys */
	bool broken; /* it has mistakes, which are reported */
};

struct model_component {
	struct place place;
	enum plan_kind kind;
	const char *id; /* NULL: it lacks one, which is reported */
	struct place id_place;
	const struct node *plugin;      /* a string, or NULL: reported */
	const struct gust_spout *spout; /* in the place of a plugin, or NULL */
	const struct node *options;     /* a map, or NULL */
	const struct node *outputs;     /* a map, or NULL */
	struct model_timestamp *timestamp; /* or NULL */
	struct model_window *window;       /* of a bolt, or NULL */
	uint32_t tasks;
	struct place tasks_place;
	bool dedicated_given;
	bool dedicated;
	struct place dedicated_place;
	bool isolate;
	struct model_pin *pins; /* in the order of the file; NULL: any host */
	uint32_t pin_count;
	struct place pins_place;
	int32_t executor; /* -1: not given */
	struct place executor_place;
	struct config config; /* only what the component was given */
	uint32_t number;      /* in the plan */
	struct model_component *next;
};

struct model_stream {
	struct place place;
	const char *from; /* each NULL when it is missing, which is reported */
	const char *to;
	struct place from_place;
	struct place to_place;
	const char *name; /* NULL: the first stream of `from` */
	struct place name_place;
	enum plan_grouping grouping;
	struct place grouping_place;
	const struct node *keys; /* fields: one or a list; NULL: none */
	bool feedback;
	struct model_stream *next;
};

struct model {
	const char *name; /* NULL: missing or wrong */
	struct place name_place;
	struct config config;
	bool names_spouts; /* be they right or wrong */
	struct model_component *components;
	struct model_component **components_end;
	struct model_stream *streams;
	struct model_stream **streams_end;
};

/*
 * Reads the file at `path` and what it includes. Mistakes are added to the
 * diagnostics of `yaml`; the model then has what could be understood. Returns
 * 0; -EINVAL when there is no model at all, since a file is no YAML or cannot
 * be read; -ENOMEM.
 */
int model_load(struct yaml *yaml, const char *path, struct model *model);

/*
 * The same for a file that has been parsed, as `path`, to which includes are
 * relative.
 */
int model_read(struct yaml *yaml, const char *path, const struct node *root,
	       struct model *model);

/* The component with that id, or NULL. */
struct model_component *model_find(const struct model *model, const char *id);

#endif
