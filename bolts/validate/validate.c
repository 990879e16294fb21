/* SPDX-License-Identifier: MIT */

/*
 * validate: lets tuples through that keep the rules, and puts others aside.
 *
 * Each option names fields and what they must be:
 *
 *	required	must not be null; all other rules let null through
 *	type		texts that must read as a bool, int, float or json
 *	range		numbers: LOW..HIGH with both ends, LOW.., ..HIGH or
 *			one number; also texts whose `type` is int or float
 *	length		texts: the same in characters, or in bytes for bytes
 *	pattern		texts: a pattern as of Perl (PCRE2), which stands
 *			anywhere in the text unless it has '^' and '$'
 *	one_of		values with commas between them
 *
 * Tuples go through as they are: `select` is what changes types. A tuple that
 * breaks rules goes to the dead letters, or to the stream `invalid`, with all
 * that is wrong as the reason. A pattern that needs too many steps for a text
 * (a million from one place, or a second) is broken by it.
 *
 * Input:
 *	any streams that all have the same fields
 * Output:
 *	default: the same fields
 *	invalid: the same fields and reason: string (with `invalid: stream`)
 *
 * Example:
 *	bolts:
 *	  - id: people
 *	    plugin: validate
 *	    options:
 *	      required: [id, email]
 *	      range: {age: 0..150}
 *	      length: {name: 1..80, country: 2}
 *	      pattern: {email: '^[^@ ]+@[^@ ]+$'}
 *	      one_of: {status: "active, gone"}
 *	      invalid: stream
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/aside.h>
#include <gust/kit/buffer.h>
#include <gust/kit/forward.h>

#include "rule.h"

#define VALIDATE_INVALID "invalid"

struct validate {
	struct gust_list required; /* options */
	struct gust_map maps[RULE_KINDS];
	struct aside aside;

	struct rule *rules;
	struct gust_field *fields; /* one a rule */
	size_t count;
	struct forward forward;
	struct buffer reason;
};

#define VALIDATE_MAP(kind, option_name, option_help)                           \
	{                                                                      \
		.name = option_name, .type = GUST_OPTION_MAP,                  \
		.offset = offsetof(struct validate, maps[kind]),               \
		.help = option_help                                            \
	}

static const struct gust_option validate_options[] = {
	{ .name = "required",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct validate, required),
	  .help = "fields that must not be null" },
	VALIDATE_MAP(RULE_TYPE, "type",
		     "what texts must read as: {field: type}"),
	VALIDATE_MAP(RULE_RANGE, "range",
		     "between what numbers lie: {field: LOW..HIGH}"),
	VALIDATE_MAP(RULE_LENGTH, "length",
		     "how many characters texts have: {field: LOW..HIGH}"),
	VALIDATE_MAP(RULE_PATTERN, "pattern",
		     "what texts look like: {field: pattern}"),
	VALIDATE_MAP(RULE_ONE_OF, "one_of",
		     "which values there are: {field: \"a, b\"}"),
	{ .name = VALIDATE_INVALID,
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct validate, aside.where),
	  .fallback = "dead_letter",
	  .help = "where tuples go that break a rule",
	  .choices = aside_choices },
	{ .name = NULL },
};

static size_t validate_count(const struct validate *validate)
{
	size_t kind, count = validate->required.count;

	for (kind = RULE_TYPE; kind < RULE_KINDS; kind++)
		count += validate->maps[kind].count;
	return count;
}

/* Sets the first members of rule `number`, in the order of the options. */
static void validate_rule(const struct validate *validate, size_t number,
			  struct rule *rule)
{
	size_t kind = RULE_REQUIRED, count = validate->required.count;

	while (number >= count) {
		number -= count;
		count = validate->maps[++kind].count;
	}
	*rule = (struct rule){ .kind = (enum rule_kind)kind };
	if (kind == RULE_REQUIRED) {
		rule->field = validate->required.items[number];
		return;
	}
	rule->field = validate->maps[kind].keys[number];
	rule->text = validate->maps[kind].values[number];
}

/* What texts of a field are to be read as, or the field's own type. */
static enum gust_type validate_reads(const struct validate *validate,
				     const struct rule *rule)
{
	const struct gust_map *types = &validate->maps[RULE_TYPE];
	enum gust_type candidate;
	size_t i;

	for (i = 0; rule->type >= GUST_STRING && i < types->count; i++) {
		if (strcmp(types->keys[i], rule->field) != 0)
			continue;
		for (candidate = GUST_BOOL; candidate <= GUST_JSON; candidate++)
			if (strcmp(types->values[i],
				   gust_type_name(candidate)) == 0)
				return candidate;
	}
	return rule->type;
}

static int validate_declare(void *self, struct gust_declaration *about,
			    struct gust_error *error)
{
	const struct validate *validate = self;
	const size_t count = validate_count(validate);
	struct rule rule;
	size_t i;
	int r = forward_declare(about, error);

	if (r == 0 && count == 0)
		r = gust_error_set(error, -EINVAL,
				   "it has no rules, expected 'required', "
				   "'type', 'range', 'length', 'pattern' or "
				   "'one_of'");
	for (i = 0; r == 0 && i < count; i++) {
		validate_rule(validate, i, &rule);
		r = gust_declared_type(about, rule.field, &rule.type, error);
		if (r == 0)
			r = rule_open(&rule, validate_reads(validate, &rule),
				      error);
		rule_close(&rule);
	}
	return r < 0 ? r
		     : aside_declare(&validate->aside, VALIDATE_INVALID, about,
				     error);
}

/* The type of a field, which declare() has seen. */
static enum gust_type validate_type(const struct gust_task *task,
				    const char *name)
{
	const struct gust_column *column = gust_task_output(task, 0)->columns;

	while (strcmp(column->name, name) != 0)
		column++;
	return column->type;
}

static int validate_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct validate *validate = self;
	const size_t count = validate_count(validate);
	struct rule *rule;
	int r = 0;

	validate->rules = calloc(count, sizeof(*validate->rules));
	validate->fields = calloc(count, sizeof(*validate->fields));
	if (validate->rules == NULL || validate->fields == NULL)
		return -ENOMEM;
	while (validate->count < count && r == 0) {
		rule = &validate->rules[validate->count];
		validate_rule(validate, validate->count, rule);
		rule->type = validate_type(task, rule->field);
		r = gust_field(task, rule->field, rule->type,
			       &validate->fields[validate->count++], error);
		if (r == 0)
			r = rule_open(rule, validate_reads(validate, rule),
				      error);
	}
	if (r == 0)
		r = forward_open(&validate->forward, task, error);
	return r < 0 ? r
		     : aside_open(&validate->aside, VALIDATE_INVALID, task,
				  error);
}

static int validate_execute(void *self, struct gust_task *task,
			    const struct gust_tuple *in)
{
	struct validate *validate = self;
	struct buffer *reason = &validate->reason;
	size_t i, before;
	int r;

	reason->used = 0;
	for (i = 0; i < validate->count; i++) {
		before = reason->used;
		r = before > 0 ? buffer_text(reason, "; ") : 0;
		if (r == 0)
			r = rule_check(&validate->rules[i],
				       gust_value(in, validate->fields[i]),
				       reason);
		if (r < 0)
			return r;
		if (r == 0)
			reason->used = before;
	}
	if (reason->used == 0)
		return forward_emit(&validate->forward, task, in);
	return aside_put(&validate->aside, task, in, "%.*s", (int)reason->used,
			 reason->data);
}

static void validate_close(void *self)
{
	struct validate *validate = self;
	size_t i;

	for (i = 0; i < validate->count; i++)
		rule_close(&validate->rules[i]);
	free(validate->rules);
	free(validate->fields);
	forward_close(&validate->forward);
	buffer_destroy(&validate->reason);
	aside_close(&validate->aside);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "validate",
	.summary = "lets tuples through that keep the rules",
	.options = validate_options,
	.instance_size = sizeof(struct validate),
	.flags = GUST_DETERMINISTIC,
	.declare = validate_declare,
	.open = validate_open,
	.execute = validate_execute,
	.close = validate_close,
};
