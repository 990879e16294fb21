/* SPDX-License-Identifier: MIT */

#include "subject.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "topology/topology.h"

#define TEXT_SIZE 65536

/* What stands for a plugin without a sample, which needs no options. */
static const char spout_sample[] =
	"name: sample\n"
	"spouts:\n"
	"  - {id: it, parallelism: 2, plugin: %s, options: {}}\n";
static const char bolt_sample[] =
	"name: sample\n"
	"spouts:\n"
	"  - id: feed\n"
	"    plugin: feed\n"
	"    options: {fields: {line: string, word: string, number: int}}\n"
	"bolts:\n"
	"  - {id: it, parallelism: 2, plugin: %s, options: {}}\n"
	"streams:\n"
	"  - {from: feed, to: it}\n";

static void read_sample(const struct subject *subject, char *text)
{
	char path[4096];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/conformance/samples/%ss/%s.yaml",
		 subject->source, plugin_kind_name(subject->kind),
		 subject->name);
	file = fopen(path, "r");
	if (file == NULL && subject->kind == PLUGIN_SPOUT) {
		snprintf(text, TEXT_SIZE, spout_sample, subject->name);
	} else if (file == NULL) {
		snprintf(text, TEXT_SIZE, bolt_sample, subject->name);
	} else {
		length = fread(text, 1, TEXT_SIZE - 1, file);
		text[length] = '\0';
		fclose(file);
	}
}

/* Adds an option that the plugin does not have. */
static void spoil(const struct subject *subject, char *text)
{
	static const char extra[] = "no-such-option: 1, ";
	char plugin[256], *at;

	snprintf(plugin, sizeof(plugin), "plugin: %s", subject->name);
	at = strstr(text, plugin);
	at = at != NULL ? strstr(at, "options: {") : NULL;
	if (at == NULL || strlen(text) + sizeof(extra) > TEXT_SIZE)
		refuse("its sample lacks '%s' with 'options: {' behind it",
		       plugin);
	at += strlen("options: {");
	memmove(at + sizeof(extra) - 1, at, strlen(at) + 1);
	memcpy(at, extra, sizeof(extra) - 1);
}

/* Loads a topology that stands in `text`. */
static int load(const char *text, struct diagnostics *diagnostics,
		struct topology **topology)
{
	char path[] = "/tmp/gust-conformance-XXXXXX";
	static const struct variable executors = { .name = "topology.executors",
						   .value = "1" };
	const struct topology_request request = { .path = path,
						  .settings = &executors,
						  .setting_count = 1 };
	size_t length = strlen(text);
	int fd = mkstemp(path), r;

	if (fd < 0 || write(fd, text, length) != (ssize_t)length)
		refuse("'%s' cannot be written", path);
	close(fd);
	diagnostics_init(diagnostics);
	r = topology_load(&request, diagnostics, topology);
	unlink(path);
	return r;
}

static const char *first_error(const struct diagnostics *diagnostics)
{
	size_t i;

	for (i = 0; i < diagnostics->count; i++)
		if (diagnostics->items[i].severity == SEVERITY_ERROR)
			return diagnostics->items[i].text;
	return "no reason is given";
}

struct topology *load_sample(const struct subject *subject)
{
	char text[TEXT_SIZE];
	struct diagnostics diagnostics;
	struct topology *topology = NULL;

	read_sample(subject, text);
	if (load(text, &diagnostics, &topology) < 0)
		refuse("its sample does not load: %s",
		       first_error(&diagnostics));
	diagnostics_fini(&diagnostics);
	return topology;
}

void check_sample(const struct subject *subject)
{
	char text[TEXT_SIZE];
	struct diagnostics diagnostics;
	struct topology *topology = NULL;

	topology_destroy(load_sample(subject));
	read_sample(subject, text);
	spoil(subject, text);
	if (load(text, &diagnostics, &topology) == 0)
		refuse("an unknown option is not refused");
	if (strstr(first_error(&diagnostics), "no-such-option") == NULL)
		refuse("an unknown option is refused with '%s'",
		       first_error(&diagnostics));
	diagnostics_fini(&diagnostics);
}
