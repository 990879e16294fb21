/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/cast.h>
#include <gust/kit/regex.h>

#include "rule.h"

/* How much of a value is shown in a reason. */
#define RULE_SHOWN ((size_t)80)

const char *rule_option(enum rule_kind kind)
{
	static const char *const names[RULE_KINDS] = {
		[RULE_REQUIRED] = "required", [RULE_TYPE] = "type",
		[RULE_RANGE] = "range",       [RULE_LENGTH] = "length",
		[RULE_PATTERN] = "pattern",   [RULE_ONE_OF] = "one_of",
	};

	return names[kind];
}

static int rule_misplaced(const struct rule *rule, const char *expected,
			  struct gust_error *error)
{
	return gust_error_set(error, -EINVAL,
			      "option '%s': field '%s' is %s, expected %s",
			      rule_option(rule->kind), rule->field,
			      gust_type_name(rule->type), expected);
}

/* A number of a range; an int where it can be one. */
static int rule_number(const char *text, size_t n, struct gust_value *number)
{
	if (cast_text(text, n, GUST_INT, number) == 0)
		return 0;
	if (cast_text(text, n, GUST_FLOAT, number) < 0)
		return -EINVAL;
	return isfinite(number->as.number) ? 0 : -EINVAL;
}

/* Below 0, 0 or above 0, as a is less than, equal to or more than b; NAN if
 * one is none. */
static double rule_compare(struct gust_value a, struct gust_value b)
{
	if (a.type != GUST_FLOAT && b.type != GUST_FLOAT)
		return (a.as.integer > b.as.integer) -
		       (a.as.integer < b.as.integer);
	return (a.type == GUST_FLOAT ? a.as.number : (double)a.as.integer) -
	       (b.type == GUST_FLOAT ? b.as.number : (double)b.as.integer);
}

/* LOW..HIGH. Ends of lengths are ints that are not negative. */
static int rule_open_range(struct rule *rule, struct gust_error *error)
{
	const char *text = rule->text, *dots = strstr(text, "..");
	const size_t before =
		dots != NULL ? (size_t)(dots - text) : strlen(text);
	const char *after = dots != NULL ? dots + 2 : text;
	int r = 0;

	if (before > 0)
		r = rule_number(text, before, &rule->low);
	if (r == 0 && *after != '\0')
		r = rule_number(after, strlen(after), &rule->high);
	if (r == 0 && rule->low.type == GUST_NULL &&
	    rule->high.type == GUST_NULL)
		r = -EINVAL;
	if (r == 0 && rule->kind == RULE_LENGTH &&
	    (rule->low.type == GUST_FLOAT || rule->high.type == GUST_FLOAT ||
	     rule->low.as.integer < 0 || rule->high.as.integer < 0))
		r = -EINVAL;
	if (r == 0 && rule->low.type != GUST_NULL &&
	    rule->high.type != GUST_NULL &&
	    rule_compare(rule->low, rule->high) > 0)
		r = -EINVAL;
	return r == 0 ? 0
		      : gust_error_set(error, -EINVAL,
				       "option '%s': '%.80s' is no %s, "
				       "expected one such as 1..80, 1.. or "
				       "..80",
				       rule_option(rule->kind), text,
				       rule_option(rule->kind));
}

/* Takes the blanks off both ends of the `n` bytes at `*word`. */
static size_t rule_trim(const char **word, size_t n)
{
	while (n > 0 && (*word)[0] == ' ') {
		++*word;
		n--;
	}
	while (n > 0 && (*word)[n - 1] == ' ')
		n--;
	return n;
}

static int rule_open_choices(struct rule *rule, struct gust_error *error)
{
	const char *text = rule->text, *word;
	size_t n, length;
	int r;

	rule->choices = calloc(strlen(text) + 1, sizeof(*rule->choices));
	if (rule->choices == NULL)
		return -ENOMEM;
	for (;; text += n + 1) {
		n = strcspn(text, ",");
		word = text;
		length = rule_trim(&word, n);
		r = cast_text(word, length, rule->type,
			      &rule->choices[rule->choice_count++]);
		if (r < 0)
			return gust_error_set(
				error, -EINVAL,
				"option 'one_of': '%.80s' is no list of "
				"values of field '%s', expected %s with "
				"commas between them",
				rule->text, rule->field,
				gust_type_name(rule->type));
		if (text[n] == '\0')
			return 0;
	}
}

static int rule_open_type(struct rule *rule, struct gust_error *error)
{
	struct gust_error why = { 0 };

	if (rule->type < GUST_STRING)
		return rule_misplaced(
			rule, "a text: of others the type is certain", error);
	if (cast_type(rule->text, &rule->reads, &why) < 0)
		return gust_error_set(error, -EINVAL, "option 'type': %s",
				      why.text);
	return 0;
}

int rule_open(struct rule *rule, enum gust_type reads, struct gust_error *error)
{
	const bool number = reads == GUST_INT || reads == GUST_FLOAT;
	const bool text = rule->type >= GUST_STRING;

	rule->reads = reads;
	rule->low = gust_null();
	rule->high = gust_null();
	switch (rule->kind) {
	case RULE_TYPE:
		return rule_open_type(rule, error);
	case RULE_RANGE:
		return number ? rule_open_range(rule, error)
			      : rule_misplaced(rule,
					       "int or float, or one of them "
					       "in 'type'",
					       error);
	case RULE_LENGTH:
		return text ? rule_open_range(rule, error)
			    : rule_misplaced(rule, "a text", error);
	case RULE_PATTERN:
		return text ? regex_compile(&rule->regex, rule->text, "pattern",
					    error)
			    : rule_misplaced(rule, "a text", error);
	case RULE_ONE_OF:
		return rule_open_choices(rule, error);
	default:
		return 0;
	}
}

void rule_close(struct rule *rule)
{
	regex_destroy(rule->regex);
	free(rule->choices);
	rule->regex = NULL;
	rule->choices = NULL;
}

/* "field 'x' is VALUE, expected ", or another verb and value. */
static int rule_explain(const struct rule *rule, struct gust_value value,
			struct buffer *reason)
{
	int r = buffer_text(reason, "field '");

	if (r == 0)
		r = buffer_text(reason, rule->field);
	if (r == 0)
		r = buffer_text(reason, "' is ");
	if (r == 0 && value.type >= GUST_STRING) {
		if (value.length > RULE_SHOWN)
			value.length = RULE_SHOWN;
		r = buffer_char(reason, '\'');
		if (r == 0)
			r = buffer_value(reason, value);
		if (r == 0)
			r = buffer_char(reason, '\'');
	} else if (r == 0) {
		r = value.type == GUST_NULL ? buffer_text(reason, "null")
					    : buffer_value(reason, value);
	}
	return r == 0 ? buffer_text(reason, ", expected ") : r;
}

/* Breaks the rule: `what` and the rule's own text are what was expected. */
static int rule_break(const struct rule *rule, struct gust_value value,
		      const char *what, struct buffer *reason)
{
	int r = rule_explain(rule, value, reason);

	if (r == 0)
		r = buffer_text(reason, what);
	if (r == 0 && rule->text != NULL)
		r = buffer_text(reason, rule->text);
	return r < 0 ? r : 1;
}

static bool rule_within(const struct rule *rule, struct gust_value number)
{
	if (rule->low.type != GUST_NULL &&
	    !(rule_compare(number, rule->low) >= 0))
		return false;
	return rule->high.type == GUST_NULL ||
	       rule_compare(number, rule->high) <= 0;
}

/* Code points of UTF-8: bytes that do not go on with one. */
static size_t rule_characters(struct gust_value value)
{
	size_t i, count = 0;

	for (i = 0; i < value.length; i++)
		if (((unsigned char)value.as.data[i] & 0xc0) != 0x80)
			count++;
	return count;
}

static int rule_check_length(const struct rule *rule, struct gust_value value,
			     struct buffer *reason)
{
	const bool bytes = value.type == GUST_BYTES;
	const int64_t length =
		bytes ? (int64_t)value.length : (int64_t)rule_characters(value);
	int r;

	if (rule_within(rule, gust_int(length)))
		return 0;
	r = rule_explain(rule, gust_int(length), reason);
	if (r < 0)
		return r;
	/* "is 90, expected " reads better as this. */
	reason->used -= strlen(", expected ");
	r = buffer_text(reason, bytes ? " bytes long, expected "
				      : " characters long, expected ");
	if (r == 0)
		r = buffer_text(reason, rule->text);
	return r < 0 ? r : 1;
}

static int rule_check_pattern(const struct rule *rule, struct gust_value value,
			      struct buffer *reason)
{
	const int r = regex_match(rule->regex, value.as.data, value.length);

	if (r == 1)
		return 0;
	if (r == 0)
		return rule_break(rule, value, "the pattern ", reason);
	return r == -ELOOP ? rule_break(rule, value,
					"fewer steps for the pattern ", reason)
			   : r;
}

static bool rule_same(struct gust_value a, struct gust_value b)
{
	if (a.type < GUST_STRING)
		return rule_compare(a, b) == 0;
	return a.length == b.length &&
	       memcmp(a.as.data, b.as.data, a.length) == 0;
}

static int rule_check_choices(const struct rule *rule, struct gust_value value,
			      struct buffer *reason)
{
	size_t i;

	for (i = 0; i < rule->choice_count; i++)
		if (rule_same(value, rule->choices[i]))
			return 0;
	return rule_break(rule, value, "one of ", reason);
}

int rule_check(const struct rule *rule, struct gust_value value,
	       struct buffer *reason)
{
	struct gust_value number = value;

	if (value.type == GUST_NULL)
		return rule->kind == RULE_REQUIRED
			       ? rule_break(rule, value, "a value", reason)
			       : 0;
	switch (rule->kind) {
	case RULE_TYPE:
		if (cast_text(value.as.data, value.length, rule->reads,
			      &number) == 0)
			return 0;
		return rule_break(rule, value, "", reason);
	case RULE_RANGE:
		/* What cannot be read breaks the rule of its type. */
		if (value.type >= GUST_STRING &&
		    cast_text(value.as.data, value.length, rule->reads,
			      &number) < 0)
			return 0;
		return rule_within(rule, number)
			       ? 0
			       : rule_break(rule, value, "", reason);
	case RULE_LENGTH:
		return rule_check_length(rule, value, reason);
	case RULE_PATTERN:
		return rule_check_pattern(rule, value, reason);
	case RULE_ONE_OF:
		return rule_check_choices(rule, value, reason);
	default:
		return 0;
	}
}
