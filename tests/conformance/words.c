/* SPDX-License-Identifier: MIT */

#include "subject.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 4096

/* A line for people: neither empty nor long, without a full stop. */
static void check_line(const char *what, const char *line)
{
	size_t length = line != NULL ? strlen(line) : 0;

	if (length == 0)
		refuse("%s is missing", what);
	if (strchr(line, '\n') != NULL || length > 100)
		refuse("%s is '%s', expected one line", what, line);
	if (line[length - 1] == '.')
		refuse("%s is '%s', expected no full stop", what, line);
}

static void check_manual(const struct subject *subject)
{
	char path[LINE_SIZE], line[LINE_SIZE] = "", begin[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/manuals/%ss/%s.txt", subject->build,
		 plugin_kind_name(subject->kind), subject->name);
	file = fopen(path, "r");
	if (file == NULL)
		refuse("it has no manual, expected '%s'", path);
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	fclose(file);
	snprintf(begin, sizeof(begin), "%s: ", subject->name);
	if (strncmp(line, begin, strlen(begin)) != 0)
		refuse("its manual begins with '%s', expected '%s'", line,
		       begin);
}

void check_words(const struct subject *subject)
{
	const struct gust_option *option = plugin_options(subject->plugin);
	char what[256];

	if (strcmp(plugin_name(subject->plugin), subject->name) != 0)
		refuse("its name is '%s', expected '%s' as its file",
		       plugin_name(subject->plugin), subject->name);
	check_line("its summary", plugin_summary(subject->plugin));
	for (; option != NULL && option->name != NULL; option++) {
		snprintf(what, sizeof(what), "the help of option '%s'",
			 option->name);
		check_line(what, option->help);
	}
	check_manual(subject);
}
