/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "cli/arguments.h"

enum { OPTION_NAME = 1, OPTION_FLAG, OPTION_OTHER };

static const struct command_option options[] = {
	{ OPTION_NAME, "name", 'n', "NAME", "Takes a value." },
	{ OPTION_FLAG, "flag", 'f', NULL, "Takes none." },
	{ OPTION_OTHER, "other", 'o', NULL, "Takes none." },
	{ 0 },
};
static const struct command command = { .name = "test", .options = options };

/* Takes the arguments apart and writes them down: `name=x flag operand:y`. */
static int take(char *text, size_t size, int count, ...)
{
	struct arguments arguments;
	char *items[8];
	va_list list;
	int i, r;

	va_start(list, count);
	for (i = 0; i < count; i++)
		items[i] = va_arg(list, char *);
	va_end(list);
	text[0] = '\0';
	arguments_init(&arguments, &command, items, count);
	while ((r = arguments_next(&arguments)) > 0) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, "%s%s%s%s",
			 used > 0 ? " " : "",
			 arguments.option != NULL ? arguments.option->name
						  : "operand",
			 arguments.value != NULL ? "=" : "",
			 arguments.value != NULL ? arguments.value : "");
	}
	return r;
}

/* The same with stderr in `said`. */
static int take_wrong(char *said, size_t size, const char *item)
{
	char text[256];
	FILE *file = tmpfile();
	int saved, r;
	size_t n;

	CHECK(file != NULL);
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	r = take(text, sizeof(text), 1, item);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	n = fread(said, 1, size - 1, file);
	said[n] = '\0';
	fclose(file);
	return r;
}

TEST(values_may_be_joined_or_apart)
{
	char text[256];

	CHECK_INT(take(text, sizeof(text), 2, "--name", "a"), 0);
	CHECK_STR(text, "name=a");
	CHECK_INT(take(text, sizeof(text), 1, "--name=a=b"), 0);
	CHECK_STR(text, "name=a=b");
	CHECK_INT(take(text, sizeof(text), 2, "-n", "a"), 0);
	CHECK_STR(text, "name=a");
	CHECK_INT(take(text, sizeof(text), 1, "-na"), 0);
	CHECK_STR(text, "name=a");
	CHECK_INT(take(text, sizeof(text), 1, "--name="), 0);
	CHECK_STR(text, "name=");
}

TEST(a_value_may_look_like_an_option)
{
	char text[256];

	CHECK_INT(take(text, sizeof(text), 2, "--name", "--flag"), 0);
	CHECK_STR(text, "name=--flag");
}

TEST(letters_may_be_joined)
{
	char text[256];

	CHECK_INT(take(text, sizeof(text), 2, "-fo", "x"), 0);
	CHECK_STR(text, "flag other operand=x");
	CHECK_INT(take(text, sizeof(text), 2, "-fn", "x"), 0);
	CHECK_STR(text, "flag name=x");
	CHECK_INT(take(text, sizeof(text), 1, "-fnx"), 0);
	CHECK_STR(text, "flag name=x");
}

TEST(operands_and_options_mix)
{
	char text[256];

	CHECK_INT(take(text, sizeof(text), 4, "a", "-f", "-", "b"), 0);
	CHECK_STR(text, "operand=a flag operand=- operand=b");
	CHECK_INT(take(text, sizeof(text), 4, "-f", "--", "-f", "--"), 0);
	CHECK_STR(text, "flag operand=-f operand=--");
	CHECK_INT(take(text, sizeof(text), 0), 0);
	CHECK_STR(text, "");
}

TEST(help_is_known_to_every_command)
{
	char text[256];

	CHECK_INT(take(text, sizeof(text), 2, "--help", "-h"), 0);
	CHECK_STR(text, "help help");
}

TEST(mistakes_are_named)
{
	char said[1024];

	CHECK_INT(take_wrong(said, sizeof(said), "--nmae"), -EINVAL);
	CHECK_STR(said, "gust test: no option is named '--nmae'; did you mean "
			"'--name'?\nsee 'gust help test'\n");
	CHECK_INT(take_wrong(said, sizeof(said), "--zzzzzz"), -EINVAL);
	CHECK_CONTAINS(said, "no option is named '--zzzzzz'\n");
	CHECK_INT(take_wrong(said, sizeof(said), "--name"), -EINVAL);
	CHECK_CONTAINS(said, "'--name' needs a value: --name NAME\n");
	CHECK_INT(take_wrong(said, sizeof(said), "-n"), -EINVAL);
	CHECK_CONTAINS(said, "'--name' needs a value: --name NAME\n");
	CHECK_INT(take_wrong(said, sizeof(said), "--flag=1"), -EINVAL);
	CHECK_CONTAINS(said, "'--flag' takes no value\n");
	CHECK_INT(take_wrong(said, sizeof(said), "-fz"), -EINVAL);
	CHECK_CONTAINS(said, "no option is named '-z'\n");
}
