/* SPDX-License-Identifier: MIT */

#include "plugin/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "gust_config.h"
#include "plugin/descriptor.h"
#include "plugin/search.h"

/* What dlerror() begins with when a symbol cannot be resolved. */
#define UNDEFINED "undefined symbol: "

static const char *plugin_symbol(enum plugin_kind kind)
{
	return kind == PLUGIN_SPOUT ? "gust_spout" : "gust_bolt";
}

const char *plugin_kind_name(enum plugin_kind kind)
{
	return kind == PLUGIN_SPOUT ? "spout" : "bolt";
}

static int plugin_refuse_open(const struct plugin *plugin,
			      struct gust_error *error)
{
	const char *reason = dlerror(), *hint = "";
	size_t length = strlen(plugin->path);

	if (reason == NULL)
		reason = "the reason is unknown";
	/* It begins with the path, which the message has already. */
	if (strncmp(reason, plugin->path, length) == 0 &&
	    strncmp(reason + length, ": ", 2) == 0)
		reason += length + 2;
	if (strncmp(reason, UNDEFINED "gust_", sizeof(UNDEFINED "gust_") - 1) ==
	    0)
		hint = ", which gust " GUST_VERSION " does not have";
	return gust_error_set(error, -ENOEXEC, "%s '%s' cannot be opened: %s%s",
			      plugin_kind_name(plugin->kind), plugin->path,
			      reason, hint);
}

/* The symbol is not there; perhaps that of the other kind is. */
static int plugin_refuse_kind(const struct plugin *plugin,
			      struct gust_error *error)
{
	enum plugin_kind other =
		plugin->kind == PLUGIN_SPOUT ? PLUGIN_BOLT : PLUGIN_SPOUT;

	if (dlsym(plugin->handle, plugin_symbol(other)) != NULL)
		return gust_error_set(error, -ENOEXEC,
				      "'%s' is a %s, but it is used as a %s",
				      plugin->path, plugin_kind_name(other),
				      plugin_kind_name(plugin->kind));
	return gust_error_set(error, -ENOEXEC,
			      "'%s' is no %s: it does not export '%s' (is "
			      "GUST_EXPORT missing?)",
			      plugin->path, plugin_kind_name(plugin->kind),
			      plugin_symbol(plugin->kind));
}

static int plugin_take(struct plugin *plugin, const void *found,
		       struct gust_error *error)
{
	struct gust_error why = { 0 };
	int r;

	if (plugin->kind == PLUGIN_SPOUT) {
		r = descriptor_copy_spout(found, &plugin->spout, &why);
		if (r == 0)
			r = descriptor_check_spout(&plugin->spout, &why);
	} else {
		r = descriptor_copy_bolt(found, &plugin->bolt, &why);
		if (r == 0)
			r = descriptor_check_bolt(&plugin->bolt, &why);
	}
	if (r < 0)
		gust_error_set(error, r, "'%s': %s", plugin->path, why.text);
	return r;
}

static int plugin_load(struct plugin *plugin, struct gust_error *error)
{
	const void *found;

	plugin->handle = dlopen(plugin->path, RTLD_NOW | RTLD_LOCAL);
	if (plugin->handle == NULL)
		return plugin_refuse_open(plugin, error);
	found = dlsym(plugin->handle, plugin_symbol(plugin->kind));
	if (found == NULL)
		return plugin_refuse_kind(plugin, error);
	return plugin_take(plugin, found, error);
}

int plugin_open(enum plugin_kind kind, const char *name, const char *near,
		struct plugin **plugin, struct gust_error *error)
{
	struct plugin *made;
	int r;

	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "memory is short");
	made->kind = kind;
	r = search_find(kind, name, near, &made->path, error);
	if (r == 0)
		r = plugin_load(made, error);
	if (r < 0) {
		plugin_close(made);
		return r;
	}
	*plugin = made;
	return 0;
}

int plugin_wrap(const struct gust_spout *spout, struct plugin **plugin)
{
	struct plugin *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return -ENOMEM;
	made->kind = PLUGIN_SPOUT;
	made->spout = *spout;
	*plugin = made;
	return 0;
}

int plugin_hash(const struct plugin *plugin, uint64_t *hash,
		struct gust_error *error)
{
	struct stat status;
	void *bytes = MAP_FAILED;
	int fd;

	*hash = 0;
	if (plugin->path == NULL)
		return 0;
	fd = open(plugin->path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &status) == 0)
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ,
			     MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		gust_error_set(error, -EINVAL, "'%s' cannot be read: %s",
			       plugin->path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (bytes == MAP_FAILED)
		return -EINVAL;
	*hash = hash_bytes(bytes, (size_t)status.st_size);
	munmap(bytes, (size_t)status.st_size);
	return 0;
}

void plugin_close(struct plugin *plugin)
{
	if (plugin == NULL)
		return;
	/* What stays open keeps its names for valgrind and sanitizers. */
	if (plugin->handle != NULL && getenv("GUST_KEEP_PLUGINS") == NULL)
		dlclose(plugin->handle);
	free(plugin->path);
	free(plugin);
}

const char *plugin_name(const struct plugin *plugin)
{
	return plugin->kind == PLUGIN_SPOUT ? plugin->spout.name
					    : plugin->bolt.name;
}

const char *plugin_summary(const struct plugin *plugin)
{
	const char *summary = plugin->kind == PLUGIN_SPOUT
				      ? plugin->spout.summary
				      : plugin->bolt.summary;

	return summary != NULL ? summary : "";
}

const struct gust_option *plugin_options(const struct plugin *plugin)
{
	return plugin->kind == PLUGIN_SPOUT ? plugin->spout.options
					    : plugin->bolt.options;
}

const struct gust_stream *plugin_streams(const struct plugin *plugin)
{
	return plugin->kind == PLUGIN_SPOUT ? plugin->spout.streams
					    : plugin->bolt.streams;
}

size_t plugin_instance_size(const struct plugin *plugin)
{
	return plugin->kind == PLUGIN_SPOUT ? plugin->spout.instance_size
					    : plugin->bolt.instance_size;
}

unsigned plugin_flags(const struct plugin *plugin)
{
	return plugin->kind == PLUGIN_SPOUT ? plugin->spout.flags
					    : plugin->bolt.flags;
}
