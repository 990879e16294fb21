/* SPDX-License-Identifier: MIT */
#include "cli/junit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void free_result(struct junit_result *result)
{
	free(result->suite);
	free(result->name);
	free(result->report);
}

int junit_add(struct junit *junit, const struct junit_result *result)
{
	struct junit_result copy = *result;
	struct junit_result *grown;
	size_t room;

	if (junit->count == junit->room) {
		room = junit->room * 2 + 16;
		grown = realloc(junit->items, room * sizeof(*grown));
		if (grown == NULL)
			return -ENOMEM;
		junit->items = grown;
		junit->room = room;
	}
	copy.suite = strdup(result->suite);
	copy.name = strdup(result->name);
	copy.report = strdup(result->report);
	if (copy.suite == NULL || copy.name == NULL || copy.report == NULL) {
		free_result(&copy);
		return -ENOMEM;
	}
	junit->items[junit->count++] = copy;
	return 0;
}

void junit_fini(struct junit *junit)
{
	size_t i;

	for (i = 0; i < junit->count; i++)
		free_result(&junit->items[i]);
	free(junit->items);
	memset(junit, 0, sizeof(*junit));
}

/* The length of the UTF-8 character that begins here, 0 if it is none that XML
 * may hold. */
static size_t character(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t length = at[0] < 0x80    ? 1
			: at[0] < 0xc2  ? 0
			: at[0] < 0xe0  ? 2
			: at[0] < 0xf0  ? 3
			: at[0] <= 0xf4 ? 4
					: 0;
	size_t i;

	if (at[0] < ' ' && strchr("\t\n\r", at[0]) == NULL)
		return 0;
	for (i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Surrogates, and what lies beyond Unicode or is no character. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) ||
	    (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) ||
	    (at[0] == 0xf4 && at[1] > 0x8f) ||
	    (at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe))
		return 0;
	return length;
}

static void print_escaped(FILE *file, const char *text)
{
	size_t length;

	for (; *text != '\0'; text += length > 0 ? length : 1) {
		length = character(text);
		if (length == 0)
			fputc('?', file);
		else if (*text == '<')
			fputs("&lt;", file);
		else if (*text == '>')
			fputs("&gt;", file);
		else if (*text == '&')
			fputs("&amp;", file);
		else if (*text == '"')
			fputs("&quot;", file);
		else
			fwrite(text, 1, length, file);
	}
}

static void print_case(FILE *file, const struct junit_result *result)
{
	const char *tag = result->outcome == JUNIT_FAILED ? "failure" : "error";
	const char *message = result->outcome == JUNIT_FAILED
				      ? "it is not as expected"
				      : "the test has mistakes";

	fputs("    <testcase classname=\"", file);
	print_escaped(file, result->suite);
	fputs("\" name=\"", file);
	print_escaped(file, result->name);
	fprintf(file, "\" time=\"%.3f\"", result->seconds);
	if (result->outcome == JUNIT_PASSED) {
		fputs("/>\n", file);
		return;
	}
	fprintf(file, ">\n      <%s message=\"%s\">", tag, message);
	print_escaped(file, result->report);
	fprintf(file, "</%s>\n    </testcase>\n", tag);
}

/* Counts what is between `from` and the end of its suite; returns that end. */
static size_t sum_suite(const struct junit *junit, size_t from, size_t *failed,
			size_t *wrong, double *seconds)
{
	size_t i = from;

	*failed = *wrong = 0;
	*seconds = 0;
	for (; i < junit->count &&
	       strcmp(junit->items[i].suite, junit->items[from].suite) == 0;
	     i++) {
		*failed += junit->items[i].outcome == JUNIT_FAILED ? 1 : 0;
		*wrong += junit->items[i].outcome == JUNIT_WRONG ? 1 : 0;
		*seconds += junit->items[i].seconds;
	}
	return i;
}

static void print_suites(FILE *file, const struct junit *junit)
{
	size_t from, end, failed, wrong;
	double seconds;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n",
	      file);
	for (from = 0; from < junit->count; from = end) {
		end = sum_suite(junit, from, &failed, &wrong, &seconds);
		fputs("  <testsuite name=\"", file);
		print_escaped(file, junit->items[from].suite);
		fprintf(file,
			"\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
			"time=\"%.3f\">\n",
			end - from, failed, wrong, seconds);
		for (; from < end; from++)
			print_case(file, &junit->items[from]);
		fputs("  </testsuite>\n", file);
	}
	fputs("</testsuites>\n", file);
}

int junit_write(const struct junit *junit, const char *path,
		struct gust_error *error)
{
	FILE *file = fopen(path, "we");
	int r = 0;

	if (file != NULL)
		print_suites(file, junit);
	if (file == NULL || ferror(file) != 0)
		r = -errno;
	if (file != NULL && fclose(file) != 0 && r == 0)
		r = -errno;
	if (r < 0)
		gust_error_set(error, r, "'%s' cannot be written: %s", path,
			       strerror(-r));
	return r;
}
