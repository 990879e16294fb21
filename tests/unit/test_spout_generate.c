/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_task.h"

static const char *const names[] = { "id", "item", "price", "n", "text" };
static const char *const specs[] = { "sequence 100", "choice tea  milk",
				     "number 0.5 2.5", "number -3 3",
				     "sentence 3 a bb" };

static struct fake *generate_create(double count)
{
	struct fake *fake = fake_create("spouts/generate");

	fake_set_map(fake, "fields", names, specs, 5);
	fake_set_number(fake, "count", count);
	fake_set_number(fake, "seed", 1);
	return fake;
}

TEST(fields_are_typed)
{
	static const enum gust_type types[] = { GUST_INT, GUST_STRING,
						GUST_FLOAT, GUST_INT,
						GUST_STRING };
	struct fake *fake = generate_create(0);
	int i;

	CHECK_INT(fake_open(fake), 0);
	CHECK_UINT(fake->column_count, 5);
	for (i = 0; i < 5; i++) {
		CHECK_STR(fake->columns[i].name, names[i]);
		CHECK_INT(fake->columns[i].type, types[i]);
	}
	CHECK_INT(fake->replay, GUST_REPLAY_RECORD);
	CHECK_INT(fake_run(fake, 10), GUST_DONE);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
}

/* Checks a line and returns where the next one begins. */
static char *check_line(char *line, long id, unsigned seen[7])
{
	double price;
	long n;

	CHECK_INT(strtol(line, &line, 10), id);
	CHECK(strncmp(line, "\ttea\t", 5) == 0 ||
	      strncmp(line, "\tmilk\t", 6) == 0);
	line += line[1] == 't' ? 5 : 6;
	price = strtod(line, &line);
	CHECK(price >= 0.5 && price <= 2.5);
	n = strtol(line, &line, 10);
	CHECK(n >= -3 && n <= 3);
	seen[n + 3]++;
	CHECK_INT(*line++, '\t');
	CHECK_UINT(strspn(line, "ab "), strcspn(line, "\n"));
	return line + strcspn(line, "\n") + 1;
}

TEST(values_are_what_was_asked_for)
{
	struct fake *fake = generate_create(7000);
	unsigned seen[7] = { 0 };
	char *line;
	long i;

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emits, 7000);
	line = fake->emitted.data;
	for (i = 0; i < 7000; i++)
		line = check_line(line, 100 + i, seen);
	CHECK_STR(line, "");
	/* Evenly: 1000 each, and five times the deviation. */
	for (i = 0; i < 7; i++)
		CHECK_NEAR(seen[i], 1000.0, 150.0);
	fake_destroy(fake);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of `count` tasks, sorted and joined. */
static char *all_lines(uint32_t count, double seed)
{
	char *lines[1000], *text = malloc(200000), *joined = calloc(200000, 1);
	struct fake *fake;
	size_t n = 0, at = 0;
	uint32_t i;
	char *line;

	for (i = 0; i < count; i++) {
		fake = generate_create(1000);
		fake_set_number(fake, "seed", seed);
		fake->index = i;
		fake->count = count;
		CHECK_INT(fake_open(fake), 0);
		CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
		CHECK(fake->emits >= 1000 / count);
		CHECK(at + fake->emitted.length < 200000);
		memcpy(text + at, fake->emitted.data, fake->emitted.length + 1);
		at += fake->emitted.length;
		fake_destroy(fake);
	}
	for (line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		lines[n++] = line;
	CHECK_UINT(n, 1000);
	qsort(lines, n, sizeof(*lines), by_text);
	for (i = 0, at = 0; i < n; i++)
		at += (size_t)sprintf(joined + at, "%s\n", lines[i]);
	free(text);
	return joined;
}

TEST(any_number_of_tasks_makes_the_same_tuples)
{
	char *one = all_lines(1, 7), *three = all_lines(3, 7);
	char *other = all_lines(1, 8);

	CHECK_STR(three, one);
	CHECK(strcmp(one, other) != 0);
	free(one);
	free(three);
	free(other);
}

TEST(a_rate_is_a_timetable)
{
	struct fake *fake = generate_create(10);

	fake_set_number(fake, "rate", 1000);
	fake->index = 1;
	fake->count = 2;
	fake->now = 5000000;
	CHECK_INT(fake_open(fake), 0);
	/* Task 1 of 2 has the odd numbers. */
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_UINT(fake->emits, 0);
	CHECK_UINT(fake->wait_until, 6000000);
	fake->now = 6000000;
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_UINT(fake->emits, 1);
	CHECK_UINT(fake->wait_until, 8000000);
	/* It was held up: what is overdue comes at once. */
	fake->now = 13000000;
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_UINT(fake->emits, 4);
	CHECK_UINT(fake->wait_until, 14000000);
	fake->now = 14000000;
	CHECK_INT(fake_run(fake, 100), GUST_DONE);
	CHECK_UINT(fake->emits, 5);
	fake_destroy(fake);
}

TEST(a_sentence_without_words_takes_those_of_storm)
{
	static const char *const name = "text", *const spec = "sentence 5";
	struct fake *fake = fake_create("spouts/generate");

	fake_set_map(fake, "fields", &name, &spec, 1);
	fake_set_number(fake, "count", 100);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 1000), GUST_DONE);
	CHECK_CONTAINS(fake->emitted.data, "dwarfs");
	fake_destroy(fake);
}

static void refuse(const char *spec)
{
	static const char *const name = "x";
	struct fake *fake = fake_create("spouts/generate");

	fake_set_map(fake, "fields", &name, &spec, 1);
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "option 'fields': 'x' is '");
	CHECK_CONTAINS(fake->error.text, spec);
	fake_destroy(fake);
}

TEST(other_specs_are_refused)
{
	static const char *const bad[] = {
		"",
		"sequel",
		"sequence x",
		"sequence 1 2",
		"sequence 99999999999999999999",
		"number",
		"number 1",
		"number 2 1",
		"number 1 x",
		"number nan 1",
		"number 0 inf",
		"number 1 2 3",
		"choice",
		"sentence",
		"sentence 0",
		"sentence 10001",
		"sentence two",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuse(bad[i]);
}

TEST(the_ends_of_a_number_are_included)
{
	static const char *const name = "x";
	static const char *const spec =
		"number -9223372036854775808 9223372036854775807";
	static const char *const one = "number 7 7";
	struct fake *fake = fake_create("spouts/generate");

	fake_set_map(fake, "fields", &name, &spec, 1);
	fake_set_number(fake, "count", 3);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 10), GUST_DONE);
	fake_destroy(fake);
	fake = fake_create("spouts/generate");
	fake_set_map(fake, "fields", &name, &one, 1);
	fake_set_number(fake, "count", 2);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 10), GUST_DONE);
	CHECK_STR(fake->emitted.data, "7\n7\n");
	fake_destroy(fake);
}
