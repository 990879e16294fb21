/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_task.h"

static const char *const names[] = { "id", "item", "price", "n", "text" };
static const char *const more_names[] = { "normal", "zipf", "time", "word",
					  "template" };
static const char *const more_specs[] = { "normal 0 1", "zipf 1000 1.1",
					  "time 2026-11-21 1ms 1s", "word 1",
					  "template {word}-{zipf}" };
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
static char *all_lines(uint32_t count, double seed, bool more)
{
	char *lines[1000], *text = malloc(200000), *joined = calloc(200000, 1);
	struct fake *fake;
	size_t n = 0, at = 0;
	uint32_t i;
	char *line;

	for (i = 0; i < count; i++) {
		fake = generate_create(1000);
		if (more)
			fake_set_map(fake, "fields", more_names, more_specs, 5);
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
	bool more;

	for (more = false;; more = true) {
		char *one = all_lines(1, 7, more);
		char *three = all_lines(3, 7, more);
		char *other = all_lines(1, 8, more);

		CHECK_STR(three, one);
		CHECK(strcmp(one, other) != 0);
		free(one);
		free(three);
		free(other);
		if (more)
			break;
	}
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
		"normal",
		"normal 1",
		"normal 1 -1",
		"normal nan 1",
		"normal 1 inf",
		"normal 1 2 3",
		"zipf",
		"zipf 10",
		"zipf 0 1",
		"zipf 1000001 1",
		"zipf 10 -1",
		"zipf 10 101",
		"zipf 10 nan",
		"zipf 10 1 1",
		"word x",
		"word -1",
		"word nan",
		"time",
		"time 2026-11-21",
		"time 2026-11-21 10",
		"time 2026-11-21 -1s",
		"time 2026-11-21 1w",
		"time 2026-11-21 s",
		"time 2026-11-21 1s 1",
		"time 2026-11-21 1s 1s 1s",
		"time 2026-11-21 1e9d",
		"time 2026-13-21 1s",
		"time 2026-11-21T1 1s",
		"time 2026-11-21T01:02:03+01 1s",
		"time 2026-11-21T01:02:03ZZZZZZZZZZZZZZZZZ 1s",
		"time yesterday 1s",
		"template",
		"template {",
		"template }",
		"template {x",
		"template x}",
		"template a}b",
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

/* The values of one field, a line each. */
static struct fake *make(const char *spec, double count)
{
	static const char *const name = "x";
	static const char *kept;
	struct fake *fake = fake_create("spouts/generate");

	kept = spec;
	fake_set_map(fake, "fields", &name, &kept, 1);
	fake_set_number(fake, "count", count);
	fake_set_number(fake, "seed", 3);
	CHECK_INT(fake_open(fake), 0);
	CHECK_STR(fake->error.text, "");
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emits, (size_t)count);
	return fake;
}

TEST(a_normal_distribution)
{
	struct fake *fake = make("normal 100 15", 100000);
	double sum = 0, squares = 0, value;
	size_t within = 0;
	char *line = fake->emitted.data;

	CHECK_INT(fake->columns[0].type, GUST_FLOAT);
	while (*line != '\0') {
		value = strtod(line, &line) - 100;
		line++;
		sum += value;
		squares += value * value;
		within += value > -15 && value < 15;
	}
	CHECK_NEAR(sum / 1e5, 0.0, 0.25);
	CHECK_NEAR(squares / 1e5, 225.0, 6.0);
	CHECK_NEAR((double)within, 68269.0, 800.0);
	fake_destroy(fake);
	fake = make("normal -2.5 0", 3);
	CHECK_STR(fake->emitted.data, "-2.5\n-2.5\n-2.5\n");
	fake_destroy(fake);
}

/* How often each number up to `n` is made. */
static void count_zipf(const char *spec, size_t n, size_t *counts)
{
	struct fake *fake = make(spec, 100000);
	char *line = fake->emitted.data;
	long value;

	CHECK_INT(fake->columns[0].type, GUST_INT);
	memset(counts, 0, (n + 1) * sizeof(*counts));
	while (*line != '\0') {
		value = strtol(line, &line, 10);
		line++;
		CHECK(value >= 1 && value <= (long)n);
		counts[value]++;
	}
	fake_destroy(fake);
}

TEST(the_law_of_zipf)
{
	static size_t counts[1000001];
	size_t k;

	/* 1 + 1/2 + 1/3 + 1/4 + 1/5 is 137/60. */
	count_zipf("zipf 5 1", 5, counts);
	for (k = 1; k <= 5; k++)
		CHECK_NEAR((double)counts[k], 1e5 * 60 / 137 / (double)k,
			   700.0);
	/* 1 + 1/4 + 1/9 is 49/36. */
	count_zipf("zipf 3 2", 3, counts);
	for (k = 1; k <= 3; k++)
		CHECK_NEAR((double)counts[k], 1e5 * 36 / 49 / (double)(k * k),
			   700.0);
	count_zipf("zipf 4 0", 4, counts);
	for (k = 1; k <= 4; k++)
		CHECK_NEAR((double)counts[k], 25000.0, 700.0);
	count_zipf("zipf 1 1.5", 1, counts);
	count_zipf("zipf 1000 100", 1000, counts);
	CHECK_UINT(counts[1], 100000);
	/* The sum of 1/k up to a million is 14.3927. */
	count_zipf("zipf 1000000 1", 1000000, counts);
	CHECK_NEAR((double)counts[1], 1e5 / 14.3927, 420.0);
	CHECK_NEAR((double)counts[10], 1e5 / 143.927, 135.0);
}

static size_t count_lines(const struct fake *fake, const char *line)
{
	const char *at = fake->emitted.data;
	size_t n = strlen(line), count = 0;

	for (; *at != '\0'; at = strchr(at, '\n') + 1)
		count += strncmp(at, line, n) == 0 && at[n] == '\n';
	return count;
}

TEST(words)
{
	struct fake *fake = make("word", 50000);

	CHECK_NEAR((double)count_lines(fake, "the"), 200.0, 70.0);
	CHECK_NEAR((double)count_lines(fake, "school"), 200.0, 70.0);
	fake_destroy(fake);
	fake = make("word 1", 50000);
	/* The sum of 1/k up to 250 is 6.1007. */
	CHECK_NEAR((double)count_lines(fake, "the"), 5e4 / 6.1007, 420.0);
	CHECK_NEAR((double)count_lines(fake, "of"), 5e4 / 12.2013, 310.0);
	fake_destroy(fake);
	fake = make("word 2 tea  milk coffee", 50000);
	CHECK_NEAR((double)count_lines(fake, "tea"), 5e4 * 36 / 49, 500.0);
	CHECK_NEAR((double)count_lines(fake, "milk"), 5e4 * 9 / 49, 440.0);
	CHECK_NEAR((double)count_lines(fake, "coffee"), 5e4 * 4 / 49, 310.0);
	fake_destroy(fake);
}

TEST(times)
{
	struct fake *fake = make("time 2026-11-21T12:00:00Z 1.5s", 3);

	CHECK_INT(fake->columns[0].type, GUST_INT);
	CHECK_STR(fake->emitted.data,
		  "1795262400000\n1795262401500\n1795262403000\n");
	fake_destroy(fake);
	fake = make("time 1970-01-01 1d", 3);
	CHECK_STR(fake->emitted.data, "0\n86400000\n172800000\n");
	fake_destroy(fake);
	fake = make("time -5000 700us", 3);
	CHECK_STR(fake->emitted.data, "-5000\n-5000\n-4999\n");
	fake_destroy(fake);
}

TEST(times_out_of_order)
{
	struct fake *fake = make("time 1000000 10ms 2s", 20000);
	char *line = fake->emitted.data;
	long i, early = 0, disorder = 0, latest = 0, value, before;
	double sum = 0;

	for (i = 0; *line != '\0'; i++) {
		value = strtol(line, &line, 10);
		line++;
		before = 1000000 + 10 * i - value;
		CHECK(before >= 0 && before <= 2000);
		sum += (double)before;
		early += before == 0;
		disorder += value < latest;
		latest = value > latest ? value : latest;
	}
	CHECK_NEAR(sum / 20000, 1000.0, 25.0);
	CHECK(early > 0 && disorder > 15000);
	fake_destroy(fake);
}

TEST(templates_take_the_fields_before_them)
{
	static const char *const fields[] = { "id", "part", "name", "all" };
	static const char *const kinds[] = { "sequence -1", "number 0.5 0.5",
					     "template  user-{id}  {{x}} ",
					     "template {name}/{part}{id}" };
	struct fake *fake = fake_create("spouts/generate");

	fake_set_map(fake, "fields", fields, kinds, 4);
	fake_set_number(fake, "count", 2);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake->columns[3].type, GUST_STRING);
	CHECK_INT(fake_run(fake, 10), GUST_DONE);
	CHECK_STR(fake->emitted.data,
		  "-1\t0.5\tuser--1  {x} \tuser--1  {x} /0.5-1\n"
		  "0\t0.5\tuser-0  {x} \tuser-0  {x} /0.50\n");
	fake_destroy(fake);
}

TEST(templates_know_no_other_fields)
{
	static const char *const fields[] = { "a", "b" };
	static const char *const bad[][2] = {
		{ "template {b}", "sequence" },
		{ "template {a}", "sequence" },
		{ "sequence", "template {}" },
		{ "sequence", "template {a}{aa}" },
	};
	size_t i;

	for (i = 0; i < 4; i++) {
		struct fake *fake = fake_create("spouts/generate");

		fake_set_map(fake, "fields", fields, bad[i], 2);
		CHECK_INT(fake_declare(fake), -EINVAL);
		CHECK_CONTAINS(fake->error.text, "option 'fields': the "
						 "template of '");
		CHECK_CONTAINS(fake->error.text,
			       "expected one of the fields before it");
		fake_destroy(fake);
	}
}
