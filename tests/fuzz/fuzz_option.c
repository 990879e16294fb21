/* SPDX-License-Identifier: MIT */

/*
 * Any text as the value or the default of an option of any type: the first
 * byte says which. What is taken must lie within its bounds.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/option.h"
#include "plugin/option_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What no option may write beyond. */
#define GUARD 0x5a

union member {
	union option_value value;
	const char *string;
	struct gust_list list;
	struct gust_map map;
};

static void check(const struct gust_option *option, const union member *member)
{
	size_t i;

	if (option->type == GUST_OPTION_INT &&
	    (member->value.integer < -5 || member->value.integer > 1000))
		abort();
	if (option->type == GUST_OPTION_LIST)
		for (i = 0; i < member->list.count; i++)
			(void)strlen(member->list.items[i]);
	if (option->type == GUST_OPTION_MAP)
		for (i = 0; i < member->map.count; i++)
			if (member->map.keys[i][0] == '\0' ||
			    strlen(member->map.values[i]) > SIZE_MAX / 2)
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const choices[] = { "running", "final", NULL };
	struct {
		union member member;
		unsigned char guard[64];
	} instance;
	struct option_memory memory = { 0 };
	struct gust_error error = { 0 };
	struct gust_option option = { .name = "x", .choices = choices };
	struct option_given given = { .count = 1 };
	const char *text;
	size_t i;

	if (size == 0)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	option.type = (enum gust_option_type)(1 + data[0] % 9);
	option.flags = data[0] & 0x80 ? GUST_SECRET : 0;
	option.min = option.type == GUST_OPTION_INT ? -5 : 0;
	option.max = option.type == GUST_OPTION_INT ? 1000 : 0;
	option.fallback = text;
	given.items = &text;
	memset(&instance, GUARD, sizeof(instance));
	if (option_fill_default(&option, &instance.member, &memory, &error) ==
	    0)
		check(&option, &instance.member);
	if (option_fill(&option, &given, &instance.member, &memory, &error) ==
	    0)
		check(&option, &instance.member);
	for (i = 0; i < sizeof(instance.guard); i++)
		if (instance.guard[i] != GUARD)
			abort();
	option_memory_fini(&memory);
	free((char *)(uintptr_t)text);
	return 0;
}
