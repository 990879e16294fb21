/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "journal/exact.h"
#include "journal/letter_reader.h"

enum { OPTION_JSON = 1, OPTION_COMPONENT, OPTION_REASON };

struct request {
	const char *path;
	const char *component; /* NULL: all */
	const char *reason;
	bool json;
};

/*
 * Letters hold what came from anywhere: nothing of it may move a terminal's
 * cursor. Bytes from 0x80 to 0x9f behind 0xc2 are such characters, too.
 */
static void print_text(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] < ' ' || p[i] == 0x7f)
			putchar('?');
		else if (p[i] == 0xc2 && i + 1 < n && p[i + 1] >= 0x80 &&
			 p[i + 1] <= 0x9f)
			putchar('?'), i++;
		else
			putchar(p[i]);
	}
}

static void print_string(const char *text)
{
	print_text(text, strlen(text));
}

/* With as few digits as give the same number again. */
static void print_float(double number)
{
	char text[32];
	int digits;

	for (digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	fputs(text, stdout);
}

/* What has no form of its own here, as it stands in the file. */
static int print_exact(const struct gust_value *value)
{
	json_t *json = exact_from_value(value);
	char *text =
		json == NULL
			? NULL
			: json_dumps(json, EXACT_DUMP_FLAGS | JSON_ENCODE_ANY);

	json_decref(json);
	if (text == NULL)
		return -ENOMEM;
	print_string(text);
	free(text);
	return 0;
}

static int print_value(const struct gust_value *value)
{
	if (value->type == GUST_FLOAT) {
		print_float(value->as.number);
		return 0;
	}
	if (value->type == GUST_JSON) {
		print_text(value->as.data, value->length);
		return 0;
	}
	return print_exact(value);
}

static void print_origin(const struct dead_letter *letter)
{
	fputs("    from '", stdout);
	print_string(letter->topology);
	printf("', task %" PRIu32, letter->task);
	if (letter->stream != NULL) {
		fputs(", stream '", stdout);
		print_string(letter->stream);
		putchar('\'');
	}
	if (letter->source != NULL) {
		fputs(", '", stdout);
		print_string(letter->source);
		printf("' at %" PRIu64, letter->offset);
	}
	putchar('\n');
}

static int print_readable(const struct dead_letter *letter)
{
	const struct gust_value record = gust_string(
		letter->data != NULL ? letter->data : "", letter->size);
	size_t i;
	int r = 0;

	print_string(letter->time);
	putchar(' ');
	print_string(letter->kind);
	fputs(" in '", stdout);
	print_string(letter->component);
	putchar('\'');
	if (letter->attempts > 0)
		printf(" after %" PRIu32 " attempt%s", letter->attempts,
		       letter->attempts == 1 ? "" : "s");
	fputs(": ", stdout);
	print_string(letter->reason);
	putchar('\n');
	print_origin(letter);
	for (i = 0; i < letter->field_count && r == 0; i++) {
		fputs("    ", stdout);
		print_string(letter->fields[i].name);
		fputs(": ", stdout);
		r = print_value(&letter->fields[i].value);
		putchar('\n');
	}
	if (letter->data != NULL) {
		fputs("    record: ", stdout);
		r = print_value(&record);
		putchar('\n');
	}
	return r;
}

static int print_json(const struct dead_letter *letter)
{
	json_t *json = dead_letter_to_json(letter);
	char *text;
	size_t n;
	int r = json == NULL ? -ENOMEM
			     : exact_dump(json, EXACT_DUMP_FLAGS, &text, &n);

	json_decref(json);
	if (r < 0)
		return r;
	fwrite(text, 1, n, stdout);
	free(text);
	return 0;
}

static bool is_wanted(const struct request *request,
		      const struct dead_letter *letter)
{
	if (request->component != NULL &&
	    strcmp(request->component, letter->component) != 0)
		return false;
	return request->reason == NULL ||
	       strstr(letter->reason, request->reason) != NULL;
}

static void say(const struct gust_error *error)
{
	fputs("gust dead-letters: ", stderr);
	if (error->line > 0)
		fprintf(stderr, "%s:%d: ", error->source, error->line);
	fprintf(stderr, "%s\n", error->text);
}

/* Prints what is wanted up to the end, and says which lines are no letters. */
static int print_letters(const struct request *request,
			 struct letter_reader *reader)
{
	struct dead_letter letter;
	struct gust_error error;
	int code = COMMAND_DONE, r;

	while (!ferror(stdout)) {
		memset(&error, 0, sizeof(error));
		r = letter_reader_next(reader, &letter, &error);
		if (r == 0)
			break;
		if (r == 1 && is_wanted(request, &letter)) {
			r = request->json ? print_json(&letter)
					  : print_readable(&letter);
			if (r < 0)
				gust_error_set(&error, r, "%s", strerror(-r));
		}
		if (r >= 0)
			continue;
		say(&error);
		code = COMMAND_FAILED;
		if (r != -EBADMSG && r != -ENOTSUP)
			break;
	}
	return code;
}

static int read_arguments(struct request *request, struct arguments *arguments)
{
	while (arguments_next(arguments) > 0) {
		if (arguments->option == NULL && request->path != NULL)
			return command_misuse(&command_dead_letters,
					      "'%s' is one file too many",
					      arguments->value);
		if (arguments->option == NULL)
			request->path = arguments->value;
		else if (arguments->option->key == OPTION_JSON)
			request->json = true;
		else if (arguments->option->key == OPTION_COMPONENT)
			request->component = arguments->value;
		else
			request->reason = arguments->value;
	}
	if (request->path == NULL)
		return command_misuse(&command_dead_letters, "which FILE?");
	return COMMAND_DONE;
}

static int dead_letters_run(struct arguments *arguments)
{
	struct request request = { 0 };
	struct letter_reader *reader;
	struct gust_error error = { 0 };
	int code = read_arguments(&request, arguments);

	if (code != COMMAND_DONE)
		return code;
	if (letter_reader_open(&reader, request.path, &error) < 0) {
		say(&error);
		return COMMAND_USAGE;
	}
	code = print_letters(&request, reader);
	letter_reader_close(reader);
	return code;
}

static const struct command_option dead_letters_options[] = {
	{ OPTION_COMPONENT, "component", 'c', "NAME",
	  "Only those that failed in the component NAME." },
	{ OPTION_REASON, "reason", 'r', "TEXT",
	  "Only those whose reason has TEXT in it." },
	{ OPTION_JSON, "json", 0, NULL,
	  "Prints a line of JSON for each, as they stand in the file." },
	{ 0 },
};

const struct command command_dead_letters = {
	.name = "dead-letters",
	.synopsis = "[OPTION]... FILE",
	.summary = "prints what was put aside, and why",
	.description =
		"Prints the dead letters in FILE ('-': standard input): when "
		"and in which component each of them failed, after how many "
		"attempts and for what reason, where it came from, and the "
		"tuple as its spout emitted it, or the record of which no "
		"tuple could be made. Values are in JSON.\n\n"
		"A run says where it put its dead letters; unless "
		"'topology.dead.letters' says otherwise, that is "
		"NAME.dead-letters.jsonl. The spout 'dead_letters' emits them "
		"again.\n\n"
		"Exits with 1 if a line is no dead letter, or one of a newer "
		"gust; the others are printed.",
	.options = dead_letters_options,
	.run = dead_letters_run,
};
