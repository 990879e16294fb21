/* SPDX-License-Identifier: MIT */
#ifndef PLUGIN_DECLARATION_H
#define PLUGIN_DECLARATION_H

/*
 * What a component's declare() is told and what it says: behind the functions
 * of gust/stream.h. One thread.
 *
 *	declaration_create() -> declaration_set_inputs() ->
 *	declaration_call() -> declaration_streams(), declaration_replay() ->
 *	declaration_destroy()
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/stream.h>
#include <gust/window.h>

#include "plugin/plugin.h"

/* -ENOMEM. `*about` is written on success only. */
int declaration_create(struct gust_declaration **about);

/* Takes NULL. Streams it gave out are gone with it. */
void declaration_destroy(struct gust_declaration *about);

/* The inputs in the order of the file; borrowed until destroy. */
void declaration_set_inputs(struct gust_declaration *about,
			    const struct gust_input *inputs, size_t count);

/* What `outputs:` of the topology names, for gust_declared_output(); it is not
 * declared thereby. `*asked` becomes true when the plugin asks for it. Both are
 * borrowed until destroy. */
void declaration_set_outputs(struct gust_declaration *about,
			     const struct gust_stream *outputs, size_t count,
			     bool *asked);

/* How many tasks the component has; 1 unless this says otherwise. */
void declaration_set_tasks(struct gust_declaration *about, uint32_t tasks);

/* What `window:` says; none unless this is called. Borrowed for good. */
void declaration_set_window(struct gust_declaration *about,
			    const struct gust_window_spec *window);

/*
 * Takes the streams and the replay of the descriptor, then calls declare(),
 * if there is one, with `self`, an instance whose options are filled. What
 * `gust_declare_stream()` refused counts, even if the plugin did not look at
 * the result. At most once for a declaration. On failure `error` names what
 * is wrong; -ENOMEM, -EPROTO (a mistake of the plugin) or what declare()
 * returned.
 */
int declaration_call(struct gust_declaration *about,
		     const struct plugin *plugin, void *self,
		     struct gust_error *error);

/*
 * The streams of the descriptor, then the declared ones; `*count` of them, and
 * one without a name behind. Names and columns belong to `about`; they stay
 * until it is destroyed, or until a later declaration_add().
 */
const struct gust_stream *
declaration_streams(const struct gust_declaration *about, size_t *count);

/* How the spout replays; GUST_REPLAY_NONE for bolts. */
enum gust_replay declaration_replay(const struct gust_declaration *about);

/*
 * Adds a stream behind the others, as gust_declare_stream() does, for what
 * the topology's `outputs:` names. -EEXIST: there is one of that name;
 * -EINVAL: a name or type is missing or stands twice; -E2BIG; -ENOMEM.
 */
int declaration_add(struct gust_declaration *about, const char *name,
		    const struct gust_column *columns,
		    struct gust_error *error);

#endif
