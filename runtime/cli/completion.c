/* SPDX-License-Identifier: MIT */
#include "cli/completion.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/catalogue.h"
#include "cli/command.h"
#include "cli/topic.h"
#include "topology/config.h"
#include "topology/input.h"
#include "topology/model.h"

/* More files are not looked at. */
#define FILES_MAX 64
#define FILE_BYTES_MAX ((size_t)1024 * 1024)

struct completion {
	FILE *file;
	const struct command *command; /* NULL: not known yet */
	const char *const *words;      /* after the command */
	size_t count;                  /* the last one is to be completed */
	const char *word;              /* the last one, */
	const char *whole;             /* and what stands before it */
};

static void offer(const struct completion *completion, const char *candidate,
		  const char *suffix)
{
	size_t length = strlen(completion->word);

	if (strncmp(candidate, completion->word, length) == 0)
		fprintf(completion->file, "%.*s%s%s\n",
			(int)(completion->word - completion->whole),
			completion->whole, candidate, suffix);
}

static void offer_list(const struct completion *completion,
		       const char *const *names)
{
	for (; *names != NULL; names++)
		offer(completion, *names, "");
}

static void offer_commands(const struct completion *completion)
{
	size_t i;

	for (i = 0; command_table[i] != NULL; i++)
		offer(completion, command_table[i]->name, "");
}

static void offer_topics(const struct completion *completion)
{
	offer_commands(completion);
	offer_list(completion, topic_names);
}

static void offer_plugins(const struct completion *completion)
{
	struct catalogue catalogue;
	size_t i;

	if (catalogue_init(&catalogue) < 0)
		return;
	for (i = 0; i < catalogue.count; i++)
		if (i == 0 || strcmp(catalogue.items[i].name,
				     catalogue.items[i - 1].name) != 0)
			offer(completion, catalogue.items[i].name, "");
	catalogue_fini(&catalogue);
}

static void offer_config(const struct completion *completion)
{
	const struct config_key *keys;
	size_t count, i;

	keys = config_keys(&count);
	for (i = 0; i < count; i++)
		offer(completion, keys[i].name, "=");
}

static void offer_formats(const struct completion *completion)
{
	static const char *const names[] = { "text", "dot", "mermaid", "svg",
					     NULL };

	offer_list(completion, names);
}

static void offer_levels(const struct completion *completion)
{
	static const char *const names[] = { "error", "warn", "info", "debug",
					     NULL };

	offer_list(completion, names);
}

static void offer_kinds(const struct completion *completion)
{
	static const char *const names[] = { "bolt", "spout", NULL };

	if (completion->count == 1)
		offer_list(completion, names);
}

static bool is_yaml(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL &&
	       (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* Calls `visit` for the topologies of the command line or, where there are
 * none, of this folder. */
static void visit_topologies(const struct completion *completion,
			     void (*visit)(const struct completion *completion,
					   const char *path))
{
	size_t visited = 0, i;
	struct dirent *entry;
	DIR *folder;

	for (i = 0; i + 1 < completion->count; i++) {
		if (!is_yaml(completion->words[i]))
			continue;
		visit(completion, completion->words[i]);
		visited++;
	}
	folder = visited == 0 ? opendir(".") : NULL;
	while (folder != NULL && visited < FILES_MAX &&
	       (entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' || !is_yaml(entry->d_name))
			continue;
		visit(completion, entry->d_name);
		visited++;
	}
	if (folder != NULL)
		(void)closedir(folder);
}

static void visit_components(const struct completion *completion,
			     const char *path)
{
	const struct model_component *component;
	struct variables variables = { 0 };
	struct diagnostics diagnostics;
	struct arena arena;
	struct model model;
	struct yaml yaml;

	diagnostics_init(&diagnostics);
	arena_init(&arena, 0);
	yaml_init(&yaml, &arena, &diagnostics, &variables);
	if (model_load(&yaml, path, &model) == 0)
		for (component = model.components; component != NULL;
		     component = component->next)
			if (component->id != NULL)
				offer(completion, component->id, "");
	arena_fini(&arena);
	diagnostics_fini(&diagnostics);
}

static void offer_components(const struct completion *completion)
{
	visit_topologies(completion, visit_components);
}

/* The names in `${name}`, as they stand in the text of the file. */
static void visit_variables(const struct completion *completion,
			    const char *path)
{
	const char *at, *end;
	struct input input = { 0 };
	char name[128];
	size_t length;

	if (input_read(&input, path, FILE_BYTES_MAX) == 0) {
		at = input.bytes;
		end = at + input.length;
		while ((at = memmem(at, (size_t)(end - at), "${", 2)) != NULL) {
			at += 2;
			for (length = 0; at + length < end &&
					 strchr(":}", at[length]) == NULL;)
				length++;
			if (length == 0 || length >= sizeof(name) ||
			    strncmp(at, "ENV-", 4) == 0)
				continue;
			memcpy(name, at, length);
			name[length] = '\0';
			offer(completion, name, "=");
		}
	}
	input_fini(&input);
}

static void offer_variables(const struct completion *completion)
{
	visit_topologies(completion, visit_variables);
}

/* Where nothing stands here, a file does, or what nobody can know. */
static const struct {
	const char *command; /* NULL: any */
	const char *option;  /* NULL: operands */
	void (*source)(const struct completion *completion);
} completion_table[] = {
	{ NULL, "define", offer_variables },
	{ NULL, "set", offer_config },
	{ "dead-letters", "component", offer_components },
	{ "graph", "format", offer_formats },
	{ "run", "log-level", offer_levels },
	{ "help", NULL, offer_topics },
	{ "info", NULL, offer_plugins },
	{ "new", NULL, offer_kinds },
};

static void offer_values(const struct completion *completion,
			 const char *option)
{
	size_t i;

	for (i = 0; i < sizeof(completion_table) / sizeof(completion_table[0]);
	     i++) {
		const char *command = completion_table[i].command;
		const char *name = completion_table[i].option;

		if (command != NULL &&
		    strcmp(command, completion->command->name) != 0)
			continue;
		if ((name == NULL) == (option == NULL) &&
		    (name == NULL || strcmp(name, option) == 0))
			completion_table[i].source(completion);
	}
}

static void offer_options(const struct completion *completion)
{
	const struct command_option *option = completion->command->options;
	char name[80];

	for (; option->name != NULL; option++) {
		(void)snprintf(name, sizeof(name), "--%s", option->name);
		offer(completion, name, "");
	}
	offer(completion, "--help", "");
}

/* The option that `word` is, if it takes an argument. */
static const struct command_option *
find_option(const struct completion *completion, const char *word)
{
	const struct command_option *option = completion->command->options;
	char name[80];

	for (; option->name != NULL; option++) {
		if (option->argument == NULL)
			continue;
		(void)snprintf(name, sizeof(name), "--%s", option->name);
		if (strcmp(word, name) == 0)
			return option;
		if (option->letter != 0 && word[0] == '-' &&
		    word[1] == option->letter && word[2] == '\0')
			return option;
	}
	return NULL;
}

/* Takes `--name=value` apart, which is one word to zsh. */
static const struct command_option *split_word(struct completion *completion)
{
	const char *equals = strchr(completion->word, '=');
	const struct command_option *option;
	char name[80];

	if (equals == NULL || strncmp(completion->word, "--", 2) != 0)
		return NULL;
	(void)snprintf(name, sizeof(name), "%.*s",
		       (int)(equals - completion->word), completion->word);
	option = find_option(completion, name);
	if (option != NULL)
		completion->word = equals + 1;
	return option;
}

/* The option whose argument the last word is, or NULL. `--name = value` is how
 * bash takes `--name=value` apart. */
static const struct command_option *argument_of(struct completion *completion)
{
	const struct command_option *option = split_word(completion);
	size_t at = completion->count - 1;

	if (option != NULL)
		return option;

	if (at >= 1 && strcmp(completion->words[at - 1], "=") == 0)
		at--;
	return at >= 1 ? find_option(completion, completion->words[at - 1])
		       : NULL;
}

void completion_print(FILE *file, const char *const *words, size_t count)
{
	struct completion completion = { .file = file };
	const struct command_option *option;

	if (count == 0)
		return;
	completion.word = words[count - 1];
	completion.whole = completion.word;
	if (count == 1) {
		offer_commands(&completion);
		offer(&completion, "--help", "");
		offer(&completion, "--version", "");
		return;
	}
	completion.command = command_find(words[0]);
	completion.words = words + 1;
	completion.count = count - 1;
	if (completion.command == NULL)
		return;
	if (strcmp(completion.word, "=") == 0)
		completion.whole = completion.word = "";
	option = argument_of(&completion);
	if (option != NULL)
		offer_values(&completion, option->name);
	else if (completion.word[0] == '-')
		offer_options(&completion);
	else
		offer_values(&completion, NULL);
}
