/* SPDX-License-Identifier: MIT */

#include "topology/substitute.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"

#define NAME_MAX_LENGTH 255
#define NAMES_MAX 64

struct substitution {
	struct node *node;
	const struct variables *variables;
	struct diagnostics *diagnostics;
	char *out; /* NULL while only the length is counted */
	size_t length;
	bool broken;
};

/* What stands between `${` and `}`. */
struct placeholder {
	char name[NAME_MAX_LENGTH + 1];
	const char *fallback; /* NULL: there is none */
	size_t fallback_length;
};

static void append(struct substitution *s, const char *text, size_t length)
{
	if (s->out != NULL)
		memcpy(s->out + s->length, text, length);
	s->length += length;
}

static bool is_name(const char *name, size_t length)
{
	size_t i;

	if (length == 0 || length > NAME_MAX_LENGTH)
		return false;
	for (i = 0; i < length; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') &&
		    !(name[i] >= 'A' && name[i] <= 'Z') &&
		    !(name[i] >= '0' && name[i] <= '9') && name[i] != '_' &&
		    name[i] != '.' && name[i] != '-')
			return false;
	return true;
}

/* `${ENV-NAME}` without its prefix; NULL when it is no such name. */
static const char *environment_name(const char *name)
{
	return strncmp(name, "ENV-", 4) == 0 ? name + 4 : NULL;
}

static const char *find_value(const struct substitution *s, const char *name)
{
	const char *environment = environment_name(name);
	size_t i;

	if (environment != NULL)
		return getenv(environment);
	for (i = 0; i < s->variables->count; i++) {
		if (strcmp(s->variables->items[i].name, name) != 0)
			continue;
		s->variables->items[i].used = true;
		return s->variables->items[i].value;
	}
	return NULL;
}

static const char *nearest_variable(const struct substitution *s,
				    const char *name)
{
	const char *names[NAMES_MAX];
	size_t i;

	for (i = 0; i < s->variables->count && i < NAMES_MAX; i++)
		names[i] = s->variables->items[i].name;
	return suggest_nearest(name, names, i);
}

static void report_unset(struct substitution *s, const char *name)
{
	const char *environment = environment_name(name);
	const char *nearest;

	s->broken = true;
	if (environment != NULL) {
		diagnostics_error(s->diagnostics, &s->node->place,
				  "the environment has no '%.60s', expected it "
				  "to be set or a default, '${%.60s:-VALUE}'",
				  environment, name);
		return;
	}
	nearest = nearest_variable(s, name);
	if (nearest != NULL)
		diagnostics_error(s->diagnostics, &s->node->place,
				  "nothing sets '%.60s', the nearest name that "
				  "is set is '%.60s'",
				  name, nearest);
	else
		diagnostics_error(s->diagnostics, &s->node->place,
				  "nothing sets '%.60s', expected '-D "
				  "%.60s=VALUE' or a default, "
				  "'${%.60s:-VALUE}'",
				  name, name, name);
}

/*
 * Takes `${...}` apart, which begins at `text`. Returns its length, or 0 after
 * a mistake, which is reported.
 */
static size_t read_placeholder(struct substitution *s, const char *text,
			       size_t length, struct placeholder *placeholder)
{
	const char *close = memchr(text, '}', length);
	const char *name = text + 2;
	const char *end;

	if (close == NULL) {
		diagnostics_error(s->diagnostics, &s->node->place,
				  "'%.40s' is not closed, expected '}' after "
				  "the name, or '$${' for a literal '${'",
				  text);
		return 0;
	}
	end = memmem(name, (size_t)(close - name), ":-", 2);
	placeholder->fallback = end != NULL ? end + 2 : NULL;
	if (end == NULL)
		end = close;
	else
		placeholder->fallback_length =
			(size_t)(close - placeholder->fallback);
	if (!is_name(name, (size_t)(end - name))) {
		diagnostics_error(s->diagnostics, &s->node->place,
				  "'%.*s' is not the name of a variable, "
				  "expected letters, digits, '_', '.' and '-', "
				  "as in '${name:-default}'",
				  end - name > 60 ? 60 : (int)(end - name),
				  name);
		return 0;
	}
	memcpy(placeholder->name, name, (size_t)(end - name));
	placeholder->name[end - name] = '\0';
	if (placeholder->fallback != NULL &&
	    memmem(placeholder->fallback, placeholder->fallback_length, "${",
		   2) != NULL) {
		diagnostics_error(s->diagnostics, &s->node->place,
				  "the default of '%.60s' holds a '${', "
				  "expected plain text",
				  placeholder->name);
		return 0;
	}
	return (size_t)(close + 1 - text);
}

/* Replaces one placeholder. Returns its length, or 0 after a mistake. */
static size_t replace(struct substitution *s, const char *text, size_t length)
{
	struct placeholder placeholder;
	const char *value;
	size_t taken;

	taken = read_placeholder(s, text, length, &placeholder);
	if (taken == 0) {
		s->broken = true;
		return 0;
	}
	value = find_value(s, placeholder.name);
	if (value != NULL)
		append(s, value, strlen(value));
	else if (placeholder.fallback != NULL)
		append(s, placeholder.fallback, placeholder.fallback_length);
	else
		report_unset(s, placeholder.name);
	return taken;
}

/* Returns whether the scalar is one placeholder and nothing else. */
static bool expand(struct substitution *s)
{
	const char *text = s->node->text;
	size_t length = s->node->length;
	size_t i = 0;
	size_t taken = 0;

	s->length = 0;
	while (i < length) {
		if (length - i >= 3 && memcmp(text + i, "$${", 3) == 0) {
			append(s, "${", 2);
			i += 3;
		} else if (length - i >= 2 && memcmp(text + i, "${", 2) == 0) {
			taken = replace(s, text + i, length - i);
			if (taken == 0)
				return false;
			i += taken;
		} else {
			append(s, text + i, 1);
			i++;
		}
	}
	return taken == length;
}

int substitute_scalar(struct node *node, const struct variables *variables,
		      struct arena *arena, size_t *room,
		      struct diagnostics *diagnostics)
{
	struct substitution s = { .node = node,
				  .variables = variables,
				  .diagnostics = diagnostics };
	bool whole;

	assert(node->kind == NODE_SCALAR);
	if (memmem(node->text, node->length, "${", 2) == NULL)
		return 0;
	whole = expand(&s);
	if (!s.broken && s.length > *room) {
		diagnostics_error(diagnostics, &node->place,
				  "this is too long after substitution, "
				  "expected all files to stay within 16 MiB");
		s.broken = true;
	}
	node->broken = s.broken;
	if (s.broken)
		return 0;
	*room -= s.length;
	s.out = arena_alloc(arena, s.length + 1);
	if (s.out == NULL)
		return -ENOMEM;
	expand(&s);
	s.out[s.length] = '\0';
	node->text = s.out;
	node->length = s.length;
	node->substituted = whole || !node->quoted;
	return 0;
}
