/* SPDX-License-Identifier: MIT */

/*
 * grep: lets texts through that have a pattern, or takes them apart by it.
 *
 * Patterns are as in Perl (PCRE2) and stand anywhere in the text unless they
 * have anchors: '^' for its beginning, '$' for its end (`\r?$` where lines may
 * end with CRLF). They and the texts are UTF-8; bytes that are none are matched
 * by nothing.
 *
 * A pattern without named groups lets whole tuples through, or with `invert`
 * those without it; null has no pattern. Named groups, (?<name>...), become
 * the fields that are emitted, as strings, or cast to the types of `outputs`;
 * a group that took no part is null. `keep` names fields of the input that go
 * with them.
 *
 * A text without the pattern is dropped, or goes where `unmatched` says: to
 * the dead letters with its reason, or to the stream `unmatched`. A text of
 * which nobody knows is never dropped: one for which the pattern needs too many
 * steps (it is given up after a million from one place, or a second), or with
 * a group that cannot be cast. With `unmatched: drop`, too, it goes to the dead
 * letters.
 *
 * Input:
 *	any streams with the field `field` (line), a text; without groups, and
 *	for the stream `unmatched`, all with the same fields
 * Output:
 *	default: the same fields, or those of `keep` and the named groups
 *	unmatched: the same fields and reason: string (with `unmatched: stream`)
 *
 * Example:
 *	bolts:
 *	  - {id: errors, plugin: grep, options: {pattern: "(?i)error|fatal"}}
 *	  - id: visits
 *	    plugin: grep
 *	    options: {pattern: '^(?<host>\S+) .* (?<status>\d{3})$'}
 *	    outputs: {default: {host: string, status: int}}
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/aside.h>
#include <gust/kit/extract.h>
#include <gust/kit/forward.h>
#include <gust/kit/regex.h>

#define GREP_UNMATCHED "unmatched"

enum grep_unmatched { GREP_DROP, GREP_DEAD_LETTER, GREP_STREAM };

struct grep {
	const char *pattern; /* options */
	bool invert;
	int unmatched;
	struct extract extract;

	bool groups;
	struct regex *regex;
	struct forward forward; /* without groups */
	size_t *numbers;        /* of the groups, one a column */
};

static const char *const grep_unmatched[] = { "drop", "dead_letter", "stream",
					      NULL };

static const struct gust_option grep_options[] = {
	{ .name = "pattern",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct grep, pattern),
	  .help = "what to look for; its named groups become fields",
	  .flags = GUST_REQUIRED },
	{ .name = "invert",
	  .type = GUST_OPTION_BOOL,
	  .offset = offsetof(struct grep, invert),
	  .fallback = "false",
	  .help = "lets through what does not have the pattern" },
	EXTRACT_OPTIONS(struct grep, extract),
	{ .name = GREP_UNMATCHED,
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct grep, unmatched),
	  .fallback = "drop",
	  .help = "where texts go that are not let through",
	  .choices = grep_unmatched },
	{ .name = NULL },
};

/* The fields that the groups make, all of them strings. */
static int grep_declare_groups(const struct grep *grep,
			       const struct regex *regex,
			       struct gust_declaration *about,
			       struct gust_error *error)
{
	const size_t count = regex_names(regex);
	struct gust_column *columns = calloc(count + 1, sizeof(*columns));
	size_t i;
	int r;

	if (columns == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		columns[i] = (struct gust_column){ regex_name(regex, i),
						   GUST_STRING };
	r = extract_declare(&grep->extract, about, columns, true, error);
	free(columns);
	return r;
}

static int grep_declare_whole(const struct grep *grep,
			      struct gust_declaration *about,
			      struct gust_error *error)
{
	enum gust_type type;
	int r;

	if (grep->extract.keep.count > 0)
		return gust_error_set(error, -EINVAL,
				      "option 'keep' is for patterns with "
				      "named groups, expected it left out: "
				      "all fields are kept");
	r = gust_declared_type(about, grep->extract.field, &type, error);
	if (r < 0)
		return r;
	if (type < GUST_STRING)
		return gust_error_set(error, -EINVAL,
				      "field '%s' is %s, expected string, "
				      "bytes or json",
				      grep->extract.field,
				      gust_type_name(type));
	return forward_declare(about, error);
}

static int grep_declare(void *self, struct gust_declaration *about,
			struct gust_error *error)
{
	struct grep *grep = self;
	struct regex *regex;
	int r;

	grep->extract.aside.where = grep->unmatched == GREP_STREAM
					    ? ASIDE_STREAM
					    : ASIDE_DEAD_LETTER;
	r = regex_compile(&regex, grep->pattern, "pattern", error);
	if (r < 0)
		return r;
	grep->groups = regex_names(regex) > 0;
	if (grep->groups && grep->invert)
		r = gust_error_set(error, -EINVAL,
				   "option 'invert' is for patterns without "
				   "named groups, expected it left out");
	else if (grep->groups)
		r = grep_declare_groups(grep, regex, about, error);
	else
		r = grep_declare_whole(grep, about, error);
	regex_destroy(regex);
	return r < 0 ? r
		     : aside_declare(&grep->extract.aside, GREP_UNMATCHED,
				     about, error);
}

/* Finds the group of every column. */
static int grep_open_groups(struct grep *grep, struct gust_task *task,
			    struct gust_error *error)
{
	size_t i, group;
	int r = extract_open(&grep->extract, task, error);

	if (r < 0)
		return r;
	grep->numbers = calloc(grep->extract.count + 1, sizeof(size_t));
	if (grep->numbers == NULL)
		return -ENOMEM;
	for (i = 0; i < grep->extract.count; i++) {
		group = 0;
		while (strcmp(regex_name(grep->regex, group),
			      grep->extract.columns[i].name) != 0)
			group++;
		grep->numbers[i] = group;
	}
	return 0;
}

static int grep_open(void *self, struct gust_task *task,
		     struct gust_error *error)
{
	struct grep *grep = self;
	int r;

	r = regex_compile(&grep->regex, grep->pattern, "pattern", error);
	if (r < 0)
		return r;
	if (grep->groups) {
		r = grep_open_groups(grep, task, error);
	} else {
		r = gust_field(task, grep->extract.field, GUST_NULL,
			       &grep->extract.text, error);
		if (r == 0)
			r = forward_open(&grep->forward, task, error);
	}
	return r < 0 ? r
		     : aside_open(&grep->extract.aside, GREP_UNMATCHED, task,
				  error);
}

static int grep_refuse(struct grep *grep, struct gust_task *task,
		       const struct gust_tuple *in)
{
	if (grep->unmatched == GREP_DROP)
		return 0;
	return aside_put(&grep->extract.aside, task, in,
			 grep->invert ? "field '%s' has the pattern"
				      : "field '%s' lacks the pattern",
			 grep->extract.field);
}

static int grep_emit(struct grep *grep, struct gust_task *task,
		     const struct gust_tuple *in)
{
	struct extract *extract = &grep->extract;
	struct gust_text found;
	size_t i;

	if (!grep->groups)
		return forward_emit(&grep->forward, task, in);
	for (i = 0; i < extract->count; i++)
		extract->values[i] =
			regex_group(grep->regex, grep->numbers[i], &found)
				? gust_string(found.data, found.length)
				: gust_null();
	return extract_emit(extract, task, in);
}

static int grep_execute(void *self, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct grep *grep = self;
	struct extract *extract = &grep->extract;
	const struct gust_text text = gust_text(in, extract->text);
	int r = 0;

	if (!gust_is_null(in, extract->text))
		r = regex_match(grep->regex, text.data, text.length);
	if (r == -ELOOP)
		return aside_put(&extract->aside, task, in,
				 "field '%s' takes the pattern too many steps",
				 extract->field);
	if (r < 0)
		return r;
	return (r == 1) != grep->invert ? grep_emit(grep, task, in)
					: grep_refuse(grep, task, in);
}

static void grep_close(void *self)
{
	struct grep *grep = self;

	regex_destroy(grep->regex);
	forward_close(&grep->forward);
	extract_close(&grep->extract);
	free(grep->numbers);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "grep",
	.summary = "lets texts through that have a pattern",
	.options = grep_options,
	.instance_size = sizeof(struct grep),
	.flags = GUST_DETERMINISTIC,
	.declare = grep_declare,
	.open = grep_open,
	.execute = grep_execute,
	.close = grep_close,
};
