/* SPDX-License-Identifier: MIT */

#include "plugin/descriptor.h"

#include <errno.h>
#include <string.h>

#include <gust/window.h>

#include "plugin/option_table.h"
#include "plugin/stream.h"

#define DESCRIPTOR_FLAGS                                                       \
	(GUST_DEDICATED | GUST_STDOUT | GUST_DETERMINISTIC | GUST_MEMORY |     \
	 GUST_STATE)

/* Both kinds begin with these two. */
static int descriptor_version(const char *kind, uint32_t abi, uint32_t abi_here,
			      struct gust_error *error)
{
	if (abi == abi_here)
		return 0;
	return gust_error_set(error, -EPROTO,
			      "built for %s ABI %u, this runtime has %u", kind,
			      (unsigned)abi, (unsigned)abi_here);
}

static int descriptor_size(const char *kind, size_t size, size_t min,
			   size_t max, struct gust_error *error)
{
	if (size > max)
		return gust_error_set(error, -EPROTO,
				      "struct gust_%s is %zu bytes, this "
				      "runtime has %zu: it was built with "
				      "newer headers",
				      kind, size, max);
	/* Members are pointers at the end, and half a one is none. */
	if (size < min || size % sizeof(void *) != 0)
		return gust_error_set(error, -EPROTO,
				      "struct gust_%s is %zu bytes, expected "
				      "%zu to %zu in whole words",
				      kind, size, min, max);
	return 0;
}

int descriptor_copy_spout(const struct gust_spout *found,
			  struct gust_spout *spout, struct gust_error *error)
{
	int r;

	r = descriptor_version("spout", found->abi, GUST_SPOUT_ABI, error);
	if (r == 0)
		r = descriptor_size("spout", found->size,
				    DESCRIPTOR_SPOUT_SIZE_MIN, sizeof(*spout),
				    error);
	if (r < 0)
		return r;
	memset(spout, 0, sizeof(*spout));
	memcpy(spout, found, found->size);
	return 0;
}

int descriptor_copy_bolt(const struct gust_bolt *found, struct gust_bolt *bolt,
			 struct gust_error *error)
{
	int r;

	r = descriptor_version("bolt", found->abi, GUST_BOLT_ABI, error);
	if (r == 0)
		r = descriptor_size("bolt", found->size,
				    DESCRIPTOR_BOLT_SIZE_MIN, sizeof(*bolt),
				    error);
	if (r < 0)
		return r;
	memset(bolt, 0, sizeof(*bolt));
	memcpy(bolt, found, found->size);
	return 0;
}

/* What both kinds have. */
struct descriptor_common {
	const char *kind;
	const char *name;
	const struct gust_option *options;
	const struct gust_stream *streams;
	size_t instance_size;
	uint32_t flags;
};

static int descriptor_check(const struct descriptor_common *common,
			    struct gust_error *error)
{
	struct gust_error why = { 0 };
	int r;

	if (common->name == NULL || common->name[0] == '\0')
		return gust_error_set(error, -EPROTO, "the %s has no name",
				      common->kind);
	if (common->flags & ~DESCRIPTOR_FLAGS)
		return gust_error_set(error, -EPROTO,
				      "%s '%s' has the flags 0x%x, of which "
				      "this runtime knows 0x%x",
				      common->kind, common->name,
				      (unsigned)common->flags,
				      DESCRIPTOR_FLAGS);
	if (common->instance_size > DESCRIPTOR_INSTANCE_MAX)
		return gust_error_set(error, -EPROTO,
				      "%s '%s' has an instance_size of %zu "
				      "bytes, expected at most %zu",
				      common->kind, common->name,
				      common->instance_size,
				      DESCRIPTOR_INSTANCE_MAX);
	r = option_table_check(common->options, common->instance_size, &why);
	if (r == 0)
		r = stream_table_check(common->streams, &why);
	if (r == 0)
		return 0;
	return gust_error_set(error, r == -ENOMEM ? r : -EPROTO, "%s '%s': %s",
			      common->kind, common->name, why.text);
}

int descriptor_check_spout(const struct gust_spout *spout,
			   struct gust_error *error)
{
	const struct descriptor_common common = {
		.kind = "spout",
		.name = spout->name,
		.options = spout->options,
		.streams = spout->streams,
		.instance_size = spout->instance_size,
		.flags = spout->flags,
	};
	int r;

	r = descriptor_check(&common, error);
	if (r < 0)
		return r;
	if (spout->next == NULL)
		return gust_error_set(error, -EPROTO,
				      "spout '%s' has no next()", spout->name);
	if ((unsigned)spout->replay > GUST_REPLAY_OWN)
		return gust_error_set(error, -EPROTO,
				      "spout '%s' has the replay %d, expected "
				      "one of enum gust_replay",
				      spout->name, (int)spout->replay);
	if (spout->replay == GUST_REPLAY_OWN && spout->fail == NULL)
		return gust_error_set(error, -EPROTO,
				      "spout '%s' replays by itself, but has "
				      "no fail()",
				      spout->name);
	return 0;
}

/* It has whole(), or add(), merge() and result(), but not both. */
static int descriptor_check_windowing(const struct gust_bolt *bolt,
				      struct gust_error *error)
{
	const struct gust_windowing *it = bolt->windowing;
	bool some, all;

	if (it->size > sizeof(*it))
		return gust_error_set(error, -EPROTO,
				      "struct gust_windowing of bolt '%s' is "
				      "%u bytes, this runtime has %zu: it was "
				      "built with newer headers",
				      bolt->name, (unsigned)it->size,
				      sizeof(*it));
	if (it->size < sizeof(*it))
		return gust_error_set(error, -EPROTO,
				      "struct gust_windowing of bolt '%s' is "
				      "%u bytes, expected %zu",
				      bolt->name, (unsigned)it->size,
				      sizeof(*it));
	some = it->init != NULL || it->add != NULL || it->merge != NULL ||
	       it->result != NULL;
	all = it->add != NULL && it->merge != NULL && it->result != NULL;
	if (it->whole != NULL ? some : !all)
		return gust_error_set(error, -EPROTO,
				      "bolt '%s' has windows, but neither "
				      "whole() alone nor add(), merge() and "
				      "result()",
				      bolt->name);
	return 0;
}

int descriptor_check_bolt(const struct gust_bolt *bolt,
			  struct gust_error *error)
{
	const struct descriptor_common common = {
		.kind = "bolt",
		.name = bolt->name,
		.options = bolt->options,
		.streams = bolt->streams,
		.instance_size = bolt->instance_size,
		.flags = bolt->flags,
	};
	int r;

	r = descriptor_check(&common, error);
	if (r < 0)
		return r;
	if (bolt->windowing != NULL)
		return descriptor_check_windowing(bolt, error);
	if (bolt->execute == NULL)
		return gust_error_set(error, -EPROTO,
				      "bolt '%s' has no execute()", bolt->name);
	return 0;
}
