/* SPDX-License-Identifier: MIT */
#ifndef TOPOLOGY_BUILD_H
#define TOPOLOGY_BUILD_H

/*
 * The way from a model to a plan: plugins are opened, names are resolved, and
 * what refers to each other is checked.
 *
 * Mistakes go to the diagnostics and mark what they touch as broken, so that
 * one mistake does not cause a second message further on. The functions run in
 * the order in which they stand here; all return 0, also after mistakes, or
 * -ENOMEM.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/stream.h>

#include "base/arena.h"
#include "plugin/declaration.h"
#include "plugin/option.h"
#include "plugin/plugin.h"
#include "topology/diagnostics.h"
#include "topology/hosts.h"
#include "topology/model.h"
#include "topology/plan.h"

/* A stream of `outputs:`. */
struct build_output {
	struct gust_stream stream;
	struct place place;
	struct build_output *next;
};

struct build_component {
	struct model_component *model;
	struct plugin *plugin;          /* NULL: it cannot be opened */
	struct gust_declaration *about; /* NULL until it is declared */
	void *instance;
	uint32_t *hosts; /* those it may be on; none: all */
	uint32_t host_count;
	uint64_t plugin_hash;
	uint64_t options_hash;
	struct build_output *outputs;
	bool outputs_broken;
	bool outputs_asked;   /* declare() has looked at them */
	bool outputs_in_vain; /* there is a warning of it */
	bool ready; /* plugin open, options filled: declare() can be called */
	bool known; /* `streams` are all it has */
	const struct gust_stream *streams; /* `stream_count` of them */
	size_t stream_count;
	struct stamp *stamp; /* of `timestamp:`, or NULL */
	uint32_t late; /* of them, that of late tuples; UINT32_MAX: none */
	uint32_t first_stream; /* in the plan */
	uint32_t rank;
	bool lacks_input; /* one of its inputs is broken */
	uint32_t input_count;
};

/* An entry of `streams:`. */
struct build_edge {
	struct model_stream *model;
	struct build_component *from;     /* NULL: there is none of that name */
	struct build_component *to;       /* NULL, too */
	const struct gust_stream *stream; /* NULL: not found, or not known */
	uint32_t number; /* of the stream among those of `from` */
	uint16_t *keys;
	uint16_t key_count;
};

/* All but the model, the arena and the diagnostics is in the arena. */
struct build {
	struct arena *arena;
	struct diagnostics *diagnostics;
	struct option_memory *memory; /* what instances point to */
	struct model *model;
	const struct hosts *hosts;          /* NULL: none */
	struct build_component *components; /* spouts first */
	uint32_t component_count;
	struct build_edge *edges;
	uint32_t edge_count;
};

/* Numbers the components and opens their plugins. */
int build_components(struct build *build);

/* Fills the instance of a component whose plugin is open, or breaks it. */
int build_options(struct build *build, struct build_component *component);

/* Reads `outputs:` of a component. */
int build_outputs(struct build *build, struct build_component *component);

/* `timestamp:`: finds the field in what a spout emits, or in the inputs of a
 * bolt, which are known, and how it is read; and puts that into the plan. */
int build_timestamp(struct build *build, struct build_component *component);
int build_timestamp_plan(struct build *build,
			 const struct build_component *from,
			 struct plan_component *to);

/* `window:`: whether the plugin takes part; whether all inputs, which are
 * known, have the keys. */
int build_window_plugin(struct build *build, struct build_component *component);
bool build_window_keys(struct build *build,
		       const struct build_component *component);

/* Declares the stream of late tuples if somebody subscribes to it and all
 * inputs have the same fields; else that is why an edge has no source. */
int build_window_late(struct build *build, struct build_component *component);
bool build_window_lacks_late(const struct build_edge *edge);

/* Says that tuples of one key go to several tasks. */
void build_window_warn(struct build *build,
		       const struct build_component *component);

/*
 * Finds who the streams connect, and refuses cycles. -ELOOP: there are so many
 * that nothing more can be said.
 */
int build_edges(struct build *build);

/* Calls declare() in the order of the streams and finds their fields. */
int build_declarations(struct build *build);

/* topology.state.dedupe: says who cannot take part in it. */
int build_dedupe(struct build *build);

/* Finds the hosts that components are pinned to. */
int build_hosts(struct build *build);

/* Whether each task has an executor of its own, by the file or the plugin. */
bool build_is_dedicated(const struct build_component *component);

/* How many executors there are for the others; some may have no task. */
uint32_t build_executors(const struct build *build);

/* Finds the stream and the key fields of an edge whose source is known. */
int build_edge_resolve(struct build *build, struct build_edge *edge);

/* Says where the tasks do not fit the executors, or the process. */
void build_placement(struct build *build);

/* Whatever is allowed and hardly meant. */
void build_warnings(struct build *build);

/*
 * Fills `plan` from a build without mistakes, but for plan_derive(). What it
 * points to lives in the arena, and in the plugins and declarations.
 */
int build_plan(struct build *build, struct plan *plan);

/* The same for what is known of the derived plan only. */
void build_warn_workers(struct build *build, const struct plan *plan);

/* Closes plugins and declarations. The plan is void then. */
void build_fini(struct build *build);

#endif
