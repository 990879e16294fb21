/* SPDX-License-Identifier: MIT */

#include "subject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/declaration.h"
#include "plugin/option.h"

void check_descriptors(const char *when)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			refuse("%s closes descriptor %d, which is not its own",
			       when, fd);
}

size_t count_descriptors(void)
{
	size_t count = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Something of the right type for an option without a default. */
static void fill_required(const struct gust_option *option, void *instance,
			  struct option_memory *memory)
{
	const char *text = "1";
	struct option_given given = { .name = option->name,
				      .items = &text,
				      .count = 1 };

	switch (option->type) {
	case GUST_OPTION_BOOL:
		text = "true";
		break;
	case GUST_OPTION_DURATION:
		text = "1s";
		break;
	case GUST_OPTION_ENUM:
		text = option->choices[0];
		break;
	case GUST_OPTION_MAP:
		given.keys = &text;
		break;
	default:
		break;
	}
	/* What is out of range stays zero. */
	option_fill(option, &given, instance, memory, NULL);
}

static void fill(const struct subject *subject, void *instance,
		 struct option_memory *memory)
{
	const struct gust_option *option = plugin_options(subject->plugin);
	struct gust_error error = { 0 };

	for (; option != NULL && option->name != NULL; option++) {
		if (option->flags & GUST_REQUIRED)
			fill_required(option, instance, memory);
		else if (option_fill_default(option, instance, memory, &error) <
			 0)
			refuse("%s", error.text);
	}
}

static void *instance_create(const struct subject *subject,
			     struct option_memory *memory)
{
	size_t size = (plugin_instance_size(subject->plugin) + 15) & ~15ull;
	void *instance = aligned_alloc(16, size > 0 ? size : 16);

	if (instance == NULL)
		refuse("memory is short");
	memset(instance, 0, size);
	fill(subject, instance, memory);
	return instance;
}

/* An instance may go before it was opened, when another one failed. */
static void check_close(const struct subject *subject)
{
	const struct plugin *plugin = subject->plugin;
	struct option_memory memory = { 0 };
	void (*release)(void *self);
	void *one, *other;

	release = plugin->kind == PLUGIN_SPOUT ? plugin->spout.close
					       : plugin->bolt.close;
	one = instance_create(subject, &memory);
	other = instance_create(subject, &memory);
	if (release != NULL) {
		release(one);
		release(other);
	}
	check_descriptors("close() without open()");
	free(one);
	free(other);
	option_memory_fini(&memory);
}

/* Whatever the inputs are, declare() succeeds or says why it does not. */
static void check_declare(const struct subject *subject,
			  const struct gust_input *inputs, size_t count)
{
	struct option_memory memory = { 0 };
	struct gust_declaration *about;
	struct gust_error error = { 0 };
	void *instance;
	int r;

	if (declaration_create(&about) < 0)
		refuse("memory is short");
	declaration_set_inputs(about, inputs, count);
	instance = instance_create(subject, &memory);
	r = declaration_call(about, subject->plugin, instance, &error);
	if (r == -EPROTO)
		refuse("%s", error.text);
	if (strstr(error.text, "declare() failed") != NULL)
		refuse("declare() fails without a reason: %s", error.text);
	if (r == 0 && error.code != 0)
		refuse("declare() succeeds and says '%s'", error.text);
	declaration_destroy(about);
	free(instance);
	option_memory_fini(&memory);
}

void check_instance(const struct subject *subject)
{
	static const struct gust_column none[] = { { NULL, GUST_NULL } };
	static const struct gust_column odd[] = { { "1", GUST_JSON },
						  { NULL, GUST_NULL } };
	static const struct gust_input inputs[] = { { "a", "default", odd },
						    { "b", "default", none } };

	check_close(subject);
	check_declare(subject, NULL, 0);
	if (subject->kind == PLUGIN_SPOUT)
		return;
	check_declare(subject, inputs, 1);
	check_declare(subject, inputs, 2);
	check_declare(subject, inputs + 1, 1);
}
