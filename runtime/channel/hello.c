/* SPDX-License-Identifier: MIT */

#include "channel/hello.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "channel/link.h"

/* What a hello says of one side. */
struct hello_view {
	const char *name; /* no NUL */
	uint32_t name_length;
	uint32_t plugin_count;
	uint64_t plan_hash;
	uint64_t plugins_hash;
	const uint64_t *plugins;
};

static uint32_t hello_told(uint32_t plugin_count)
{
	return plugin_count < HELLO_PLUGINS_MAX ? plugin_count
						: HELLO_PLUGINS_MAX;
}

static struct hello_view hello_of(const struct link_identity *identity)
{
	size_t length = strlen(identity->topology);
	struct hello_view view = {
		.name = identity->topology,
		.name_length = length < HELLO_NAME_MAX ? (uint32_t)length
						       : HELLO_NAME_MAX,
		.plugin_count = identity->plugin_count,
		.plan_hash = identity->plan_hash,
		.plugins_hash =
			hash_bytes(identity->plugins,
				   identity->plugin_count * sizeof(uint64_t)),
		.plugins = identity->plugins,
	};

	return view;
}

size_t hello_size(const struct link_identity *identity)
{
	struct hello_view view = hello_of(identity);

	return sizeof(struct hello) +
	       hello_told(view.plugin_count) * sizeof(uint64_t) +
	       view.name_length;
}

void hello_write(const struct link_identity *identity, void *data)
{
	struct hello_view view = hello_of(identity);
	size_t plugins = hello_told(view.plugin_count) * sizeof(uint64_t);
	struct hello *hello = data;
	char *rest = (char *)(hello + 1);

	hello->plan_hash = view.plan_hash;
	hello->plugins_hash = view.plugins_hash;
	hello->plugin_count = view.plugin_count;
	hello->name_length = view.name_length;
	if (plugins > 0)
		memcpy(rest, view.plugins, plugins);
	memcpy(rest + plugins, view.name, view.name_length);
}

static int hello_read(const void *data, size_t size, struct hello_view *view)
{
	const struct hello *hello = data;
	size_t plugins;

	if (size < sizeof(*hello) || hello->name_length > HELLO_NAME_MAX)
		return -EBADMSG;
	plugins = hello_told(hello->plugin_count) * sizeof(uint64_t);
	if (size != sizeof(*hello) + plugins + hello->name_length)
		return -EBADMSG;
	view->plan_hash = hello->plan_hash;
	view->plugins_hash = hello->plugins_hash;
	view->plugin_count = hello->plugin_count;
	view->plugins = (const void *)(hello + 1);
	view->name = (const char *)(hello + 1) + plugins;
	view->name_length = hello->name_length;
	return 0;
}

/* The first component whose plugin differs, or the count told if none does. */
static uint32_t hello_odd_plugin(const struct hello_view *a,
				 const struct hello_view *b)
{
	uint32_t count = hello_told(a->plugin_count);
	uint32_t at = 0;

	while (at < count && a->plugins[at] == b->plugins[at])
		at++;
	return at;
}

static bool hello_same_name(const struct hello_view *a,
			    const struct hello_view *b)
{
	return a->name_length == b->name_length &&
	       memcmp(a->name, b->name, a->name_length) == 0;
}

/* How much of a name a message shows. */
static int hello_shown(const struct hello_view *view)
{
	return view->name_length < 100 ? (int)view->name_length : 100;
}

/* What of `theirs`, of worker `peer`, is not as `ours` is, in words. */
static void hello_say(const struct link_identity *identity, uint32_t peer,
		      const struct hello_view *ours,
		      const struct hello_view *theirs, char *text)
{
	int length = hello_shown(ours);
	uint32_t odd;

	if (!hello_same_name(ours, theirs)) {
		snprintf(text, HELLO_TEXT_SIZE,
			 "worker %u runs topology '%.*s', expected '%.*s'",
			 (unsigned)peer, hello_shown(theirs), theirs->name,
			 length, ours->name);
		return;
	}
	if (ours->plan_hash != theirs->plan_hash ||
	    ours->plugin_count != theirs->plugin_count) {
		snprintf(text, HELLO_TEXT_SIZE,
			 "worker %u has another plan of '%.*s' (%016" PRIx64
			 "), expected %016" PRIx64
			 ": the topology file, its options or the hosts "
			 "differ",
			 (unsigned)peer, length, ours->name, theirs->plan_hash,
			 ours->plan_hash);
		return;
	}
	odd = hello_odd_plugin(ours, theirs);
	if (odd < hello_told(ours->plugin_count) &&
	    identity->components != NULL)
		snprintf(text, HELLO_TEXT_SIZE,
			 "worker %u has another plugin for component '%.100s' "
			 "(%016" PRIx64 "), expected %016" PRIx64,
			 (unsigned)peer, identity->components[odd],
			 theirs->plugins[odd], ours->plugins[odd]);
	else
		snprintf(text, HELLO_TEXT_SIZE,
			 "worker %u has another plugin for component %u",
			 (unsigned)peer, (unsigned)odd);
}

int hello_compare(const struct link_identity *identity, uint32_t peer,
		  const void *data, size_t size, char *mine, char *theirs)
{
	struct hello_view ours = hello_of(identity);
	struct hello_view other;

	if (hello_read(data, size, &other) < 0)
		return -EBADMSG;
	if (hello_same_name(&ours, &other) &&
	    ours.plan_hash == other.plan_hash &&
	    ours.plugin_count == other.plugin_count &&
	    ours.plugins_hash == other.plugins_hash &&
	    hello_odd_plugin(&ours, &other) == hello_told(ours.plugin_count))
		return 0;
	hello_say(identity, peer, &ours, &other, mine);
	hello_say(identity, identity->worker, &other, &ours, theirs);
	return -ESTALE;
}
