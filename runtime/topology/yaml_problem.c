/* SPDX-License-Identifier: MIT */

#include "topology/yaml_problem.h"

#include <errno.h>
#include <string.h>

#include "topology/input.h"

/*
 * libyaml's texts and ours. Those with %d name the line in which what could
 * not be finished begins.
 */
static const struct wording {
	const char *problem;
	const char *text;
} wordings[] = {
	{ "mapping values are not allowed in this context",
	  "a ':' cannot stand here, expected the keys of a map in one column, "
	  "or quotes around a value that holds ': '" },
	{ "did not find expected key",
	  "this is no part of the map that begins in line %d, expected a key "
	  "in the column of its first one, or the end" },
	{ "did not find expected '-' indicator",
	  "this is no part of the list that begins in line %d, expected '- ' "
	  "in the column of its first one, or the end" },
	{ "did not find expected ',' or '}'",
	  "the map that '{' opens in line %d goes on with something else, "
	  "expected ',' or '}'" },
	{ "did not find expected ',' or ']'",
	  "the list that '[' opens in line %d goes on with something else, "
	  "expected ',' or ']'" },
	{ "could not find expected ':'",
	  "no ':' follows this key in its line, expected one, or quotes "
	  "around it" },
	{ "found unexpected end of stream",
	  "the file ends within the quotes that open in line %d, expected "
	  "them closed" },
	{ "found unexpected document indicator",
	  "the quotes that open in line %d are not closed, expected them "
	  "closed before '---' or '...'" },
	{ "found unknown escape character",
	  "this is no escape of double quotes, expected one such as '\\n' or "
	  "'\\\\', or single quotes" },
	{ "block sequence entries are not allowed in this context",
	  "a list cannot begin here, expected '- ' in a line of its own" },
	{ "did not find expected <document start>",
	  "something follows the end of the topology, expected one map and "
	  "nothing else" },
	{ "did not find expected node content",
	  "a value is missing here, expected a scalar, a list or a map" },
	{ "found undefined tag handle",
	  "this is an unknown tag, expected none; quotes make a string" },
};

static void report_reader(const yaml_parser_t *parser, const char *bytes,
			  size_t length, struct place *place,
			  struct diagnostics *diagnostics)
{
	size_t offset = parser->problem_offset;

	if (offset > length)
		offset = length;
	input_place(bytes, offset, place);
	diagnostics_error(diagnostics, place,
			  "byte 0x%02x: %s, expected a text file in UTF-8",
			  offset < length ? (unsigned char)bytes[offset] : 0,
			  parser->problem);
}

/* The line that `line` counts to, from 0; NULL when the text is shorter. */
static const char *find_line(const char *bytes, size_t length, size_t line)
{
	const char *end = bytes + length;

	for (; line > 0 && bytes != NULL; line--) {
		bytes = memchr(bytes, '\n', (size_t)(end - bytes));
		if (bytes != NULL)
			bytes++;
	}
	return bytes;
}

/* Whether a tab stands in the blanks that `mark` is in or behind. */
static bool is_tab(const char *bytes, size_t length, const yaml_mark_t *mark,
		   size_t *column)
{
	const char *line = find_line(bytes, length, mark->line);
	const char *end = bytes + length;
	const char *c;

	if (line == NULL)
		return false;
	for (c = line; c < end && (*c == ' ' || *c == '\t'); c++) {
		if (*c == '\t') {
			*column = (size_t)(c - line);
			return *column <= mark->column;
		}
	}
	c = line + mark->column;
	*column = mark->column;
	return c < end && *c == '\t';
}

static const char *find_wording(const yaml_parser_t *parser)
{
	size_t i;

	for (i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++)
		if (strcmp(wordings[i].problem, parser->problem) == 0)
			return wordings[i].text;
	return NULL;
}

static void report_words(const yaml_parser_t *parser, const struct place *place,
			 struct diagnostics *diagnostics)
{
	const char *text = find_wording(parser);
	int begun = parser->context != NULL ? (int)parser->context_mark.line + 1
					    : place->line;

	if (text == NULL && parser->context != NULL)
		diagnostics_error(diagnostics, place,
				  "%s %s that begins in line %d, expected YAML",
				  parser->problem, parser->context, begun);
	else if (text == NULL)
		diagnostics_error(diagnostics, place, "%s, expected YAML",
				  parser->problem);
	else if (strstr(text, "%d") != NULL)
		diagnostics_error(diagnostics, place, "%.*s%d%s",
				  (int)(strstr(text, "%d") - text), text, begun,
				  strstr(text, "%d") + 2);
	else
		diagnostics_error(diagnostics, place, "%s", text);
}

/* A key without its colon is shown where it begins, not where it is missed. */
static struct place place_of(const yaml_parser_t *parser, const char *file)
{
	const yaml_mark_t *mark = &parser->problem_mark;
	struct place place = { .file = file };

	if (strcmp(parser->problem, "could not find expected ':'") == 0 &&
	    parser->context != NULL)
		mark = &parser->context_mark;
	place.line = (int)mark->line + 1;
	place.column = (int)mark->column + 1;
	return place;
}

int yaml_problem_report(const yaml_parser_t *parser, const char *file,
			const char *bytes, size_t length,
			struct diagnostics *diagnostics)
{
	struct place place = { .file = file };
	size_t column;

	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (parser->error == YAML_READER_ERROR) {
		report_reader(parser, bytes, length, &place, diagnostics);
		return -EINVAL;
	}
	place = place_of(parser, file);
	if (is_tab(bytes, length, &parser->problem_mark, &column)) {
		place.column = (int)column + 1;
		diagnostics_error(diagnostics, &place,
				  "a tab stands here, expected spaces");
	} else if (strcmp(parser->problem, "found character that cannot start "
					   "any token") == 0) {
		diagnostics_error(diagnostics, &place,
				  "this character cannot begin a value, "
				  "expected quotes around the value");
	} else {
		report_words(parser, &place, diagnostics);
	}
	return -EINVAL;
}
