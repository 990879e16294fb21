/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <math.h>

#include <gust/kit/columns.h>
#include <gust/kit/tally.h>

#include "fake_task.h"

static const struct gust_column columns[] = {
	{ "user", GUST_STRING }, { "n", GUST_INT },    { "x", GUST_FLOAT },
	{ "ok", GUST_BOOL },     { "raw", GUST_JSON }, { NULL, GUST_NULL },
};

/* All formulas that there are, with names of one or two letters. */
static const char *const all[][2] = {
	{ "c", "count" },
	{ "cu", "count(user)" },
	{ "s", "sum(n)" },
	{ "sx", " sum ( x ) " },
	{ "lo", "min(user)" },
	{ "hi", "max(n)" },
	{ "m", "mean(x)" },
	{ "d", "stddev(x)" },
	{ "q", "quantile(x, 0.5)" },
	{ "q9", "quantile(x, 0.9)" },
	{ "u", "distinct(user)" },
	{ "f", "first(user)" },
	{ "l", "last(user)" },
	{ "t", "top(user, 2)" },
	{ "a", "collect(user, 3)" },
	{ "ok", "first(ok)" },
};
#define ALL (sizeof(all) / sizeof(all[0]))

struct bench {
	struct fake fake; /* its inputs, for fields */
	struct tally tally;
	struct gust_column columns[TALLY_FORMULAS_MAX];
	struct gust_error error;
	struct gust_value row[TALLY_FORMULAS_MAX];
};

static int declare(struct bench *bench, const char *const (*formulas)[2],
		   size_t count)
{
	const char *keys[64], *values[64];
	const struct gust_map map = { keys, values, count };
	size_t i;

	for (i = 0; i < count; i++) {
		keys[i] = formulas[i][0];
		values[i] = formulas[i][1];
	}
	memset(bench, 0, sizeof(*bench));
	fake_input(&bench->fake, columns);
	return tally_declare(&bench->tally, "aggregates", &map,
			     (void *)&bench->fake, bench->columns,
			     &bench->error);
}

static void begin(struct bench *bench, const char *const (*formulas)[2],
		  size_t count)
{
	CHECK_INT(declare(bench, formulas, count), 0);
	CHECK_STR(bench->error.text, "");
	CHECK_INT(
		tally_open(&bench->tally, (void *)&bench->fake, &bench->error),
		0);
}

static struct flat fresh(const struct bench *bench)
{
	struct flat flat = flat_heap();

	CHECK_INT(tally_begin(&bench->tally, &flat), 0);
	CHECK(tally_fits(&bench->tally, flat.data, flat.size));
	return flat;
}

static void add_values(struct bench *bench, struct flat *flat,
		       const struct gust_value *values, int64_t time)
{
	struct gust_tuple *in = fake_tuple(0, values, 5);

	CHECK_INT(tally_add(&bench->tally, flat, in, time), 0);
	CHECK(tally_fits(&bench->tally, flat->data, flat->size));
	free(in);
}

static void add(struct bench *bench, struct flat *flat, const char *user,
		int64_t n, double x, int64_t time)
{
	const struct gust_value values[] = { gust_string(user, strlen(user)),
					     gust_int(n), gust_float(x),
					     gust_bool(n % 2 != 0),
					     gust_json("{}", 2) };

	add_values(bench, flat, values, time);
}

/* The results, each with a space behind. */
static const char *results(struct bench *bench, const struct flat *flat)
{
	static char text[4096];
	size_t i, used = 0;
	const struct gust_value *value;

	CHECK_INT(
		tally_values(&bench->tally, flat->data, flat->size, bench->row),
		0);
	for (i = 0; i < bench->tally.count; i++) {
		value = &bench->row[i];
		CHECK(value->type == GUST_NULL ||
		      value->type == (uint32_t)bench->columns[i].type);
		if (value->type == GUST_NULL)
			used += (size_t)snprintf(text + used, 100, "null ");
		else if (value->type == GUST_FLOAT)
			used += (size_t)snprintf(text + used, 100, "%.6g ",
						 value->as.number);
		else if (value->type < GUST_STRING)
			used += (size_t)snprintf(text + used, 100,
						 "%" PRId64 " ",
						 value->as.integer);
		else
			used += (size_t)snprintf(text + used, 1000, "%.*s ",
						 (int)value->length,
						 value->as.data);
	}
	return text;
}

TEST(columns_have_types)
{
	static const enum gust_type types[] = {
		GUST_INT,    GUST_INT,   GUST_INT,   GUST_FLOAT,
		GUST_STRING, GUST_INT,   GUST_FLOAT, GUST_FLOAT,
		GUST_FLOAT,  GUST_FLOAT, GUST_INT,   GUST_STRING,
		GUST_STRING, GUST_JSON,  GUST_JSON,  GUST_BOOL
	};
	struct bench bench;
	size_t i;

	begin(&bench, all, ALL);
	for (i = 0; i < ALL; i++) {
		CHECK_STR(bench.columns[i].name, all[i][0]);
		CHECK_INT(bench.columns[i].type, types[i]);
	}
	/* mean and stddev share one, and so do both quantiles. */
	CHECK_UINT(bench.tally.slot_count, ALL - 2);
	tally_close(&bench.tally);
}

TEST(of_nothing_there_is_nothing)
{
	struct bench bench;
	struct flat flat;

	begin(&bench, all, ALL);
	flat = fresh(&bench);
	CHECK_STR(results(&bench, &flat), "0 0 null null null null null null "
					  "null null 0 null null [] [] null ");
	flat_free(&flat);
	tally_close(&bench.tally);
}

TEST(all_at_once)
{
	struct bench bench;
	struct flat flat;

	begin(&bench, all, ALL);
	flat = fresh(&bench);
	add(&bench, &flat, "bob", 5, 1.5, 30);
	add(&bench, &flat, "al", -2, 2.5, 10);
	add(&bench, &flat, "cindy\"", 8, 3.5, 40);
	add(&bench, &flat, "bob", 1, 4.5, 20);
	CHECK_STR(results(&bench, &flat),
		  "4 4 12 12 al 8 3 1.29099 3 4.5 3 al cindy\" "
		  "[{\"value\":\"bob\",\"count\":2},"
		  "{\"value\":\"al\",\"count\":1}] "
		  "[\"al\",\"bob\",\"cindy\\\"\"] 0 ");
	flat_free(&flat);
	tally_close(&bench.tally);
}

TEST(null_counts_for_nothing)
{
	struct gust_value nulls[5] = { { .type = GUST_NULL } };
	struct bench bench;
	struct flat flat;

	begin(&bench, all, ALL);
	flat = fresh(&bench);
	add_values(&bench, &flat, nulls, 7);
	CHECK_STR(results(&bench, &flat), "1 0 null null null null null null "
					  "null null 0 null null [] [] null ");
	nulls[2] = gust_float(2);
	add_values(&bench, &flat, nulls, 7);
	CHECK_STR(results(&bench, &flat), "2 0 null 2 null null 2 null "
					  "2 2 0 null null [] [] null ");
	flat_free(&flat);
	tally_close(&bench.tally);
}

TEST(texts_may_be_empty_or_have_any_byte)
{
	static const char *const formulas[][2] = { { "lo", "min(user)" },
						   { "hi", "max(user)" },
						   { "f", "first(user)" },
						   { "l", "last(user)" },
						   { "a", "collect(user)" } };
	struct gust_value row[5] = { { .type = GUST_NULL } };
	struct bench bench;
	struct flat flat;

	begin(&bench, formulas, 5);
	flat = fresh(&bench);
	row[0] = gust_string("a\0\xff", 3);
	add_values(&bench, &flat, row, 1);
	row[0] = gust_string("", 0);
	add_values(&bench, &flat, row, 2);
	CHECK_INT(tally_values(&bench.tally, flat.data, flat.size, bench.row),
		  0);
	CHECK_UINT(bench.row[0].length, 0);
	CHECK_UINT(bench.row[0].type, GUST_STRING);
	CHECK_MEM(bench.row[1].as.data, bench.row[1].length, "a\0\xff", 3);
	CHECK_MEM(bench.row[2].as.data, bench.row[2].length, "a\0\xff", 3);
	CHECK_UINT(bench.row[3].length, 0);
	CHECK_CONTAINS(bench.row[4].as.data, "[\"a\\u0000\xef\xbf\xbd\",\"\"]");
	flat_free(&flat);
	tally_close(&bench.tally);
}

/* Adds tuple `i` of a run: few users, numbers of all signs. */
static void add_drawn(struct bench *bench, struct flat *flat, int i)
{
	const int drawn = (i * 7919) % 10007;
	char user[32];

	snprintf(user, sizeof(user), "user %d", drawn % 37);
	add(bench, flat, user, drawn - 5000, drawn / 8.0 - 600, drawn);
}

TEST(what_is_merged_is_as_if_added)
{
	struct bench bench;
	struct flat whole, left, right;
	char expected[4096];
	int n, cut, i;

	begin(&bench, all, ALL);
	for (n = 0; n <= 500; n = 3 * n + 2)
		for (cut = 0; cut <= n; cut += 1 + n / 7) {
			whole = fresh(&bench);
			left = fresh(&bench);
			right = fresh(&bench);
			for (i = 0; i < n; i++) {
				add_drawn(&bench, &whole, i);
				add_drawn(&bench, i < cut ? &left : &right, i);
			}
			CHECK_INT(tally_merge(&bench.tally, &left, right.data,
					      right.size),
				  0);
			CHECK(tally_fits(&bench.tally, left.data, left.size));
			strcpy(expected, results(&bench, &whole));
			CHECK_STR(results(&bench, &left), expected);
			flat_free(&whole);
			flat_free(&left);
			flat_free(&right);
		}
	tally_close(&bench.tally);
}

TEST(sums_do_not_lose_what_is_small)
{
	static const char *const formulas[][2] = { { "s", "sum(n)" },
						   { "sx", "sum(x)" },
						   { "d", "stddev(x)" } };
	struct bench bench;
	struct flat flat, other;
	int i;

	begin(&bench, formulas, 3);
	flat = fresh(&bench);
	other = fresh(&bench);
	add(&bench, &flat, "", INT64_MAX, 1e100, 0);
	add(&bench, &flat, "", INT64_MAX, 1, 0);
	add(&bench, &other, "", -INT64_MAX, 1, 0);
	add(&bench, &other, "", -INT64_MAX + 7, -1e100, 0);
	CHECK_INT(tally_merge(&bench.tally, &flat, other.data, other.size), 0);
	CHECK_INT(tally_values(&bench.tally, flat.data, flat.size, bench.row),
		  0);
	CHECK_INT(bench.row[0].as.integer, 7);
	CHECK(bench.row[1].as.number == 2);
	flat.size = other.size = 0;
	CHECK_INT(tally_begin(&bench.tally, &flat), 0);
	for (i = 0; i < 1000; i++)
		add(&bench, &flat, "", INT64_MIN, 1e9 + i % 2, 0);
	CHECK_INT(tally_values(&bench.tally, flat.data, flat.size, bench.row),
		  0);
	CHECK_INT(bench.row[0].as.integer, INT64_MIN);
	CHECK_NEAR(bench.row[2].as.number, sqrt(250.0 / 999), 1e-9);
	flat_free(&flat);
	flat_free(&other);
	tally_close(&bench.tally);
}

TEST(nan_and_infinities)
{
	static const char *const formulas[][2] = { { "s", "sum(x)" },
						   { "lo", "min(x)" },
						   { "hi", "max(x)" } };
	struct bench bench;
	struct flat flat, other;

	begin(&bench, formulas, 3);
	flat = fresh(&bench);
	other = fresh(&bench);
	add(&bench, &flat, "", 0, NAN, 0);
	CHECK_STR(results(&bench, &flat), "nan null null ");
	flat.size = 0;
	CHECK_INT(tally_begin(&bench.tally, &flat), 0);
	add(&bench, &flat, "", 0, INFINITY, 0);
	add(&bench, &flat, "", 0, 1, 0);
	add(&bench, &other, "", 0, 2, 0);
	CHECK_INT(tally_merge(&bench.tally, &other, flat.data, flat.size), 0);
	CHECK_STR(results(&bench, &other), "inf 1 inf ");
	flat_free(&flat);
	flat_free(&other);
	tally_close(&bench.tally);
}

TEST(bytes_of_other_formulas_are_refused)
{
	static const char *const one[][2] = { { "a", "sum(n)" } };
	static const char *const two[][2] = { { "a", "sum(x)" } };
	struct bench first, second;
	struct flat flat, other;

	begin(&first, one, 1);
	begin(&second, two, 1);
	flat = fresh(&first);
	other = fresh(&second);
	CHECK(!tally_fits(&second.tally, flat.data, flat.size));
	CHECK(!tally_fits(&first.tally, flat.data, 8));
	CHECK_INT(tally_merge(&first.tally, &flat, other.data, other.size),
		  -EBADMSG);
	CHECK_INT(tally_values(&second.tally, flat.data, flat.size, second.row),
		  -EBADMSG);
	flat_free(&flat);
	flat_free(&other);
	tally_close(&first.tally);
	tally_close(&second.tally);
}

static void refuse(const char *formula, int code, const char *text)
{
	const char *const formulas[][2] = { { "it", formula } };
	char expected[600];
	struct bench bench;

	snprintf(expected, sizeof(expected), "option 'aggregates': it: %s",
		 text);
	CHECK_INT(declare(&bench, formulas, 1), code);
	CHECK_STR(bench.error.text, expected);
}

TEST(wrong_formulas_are_refused)
{
	refuse("quantil(x, 0.5)", -EINVAL,
	       "no function is named 'quantil', did you mean 'quantile'?");
	refuse("zzz", -EINVAL,
	       "no function is named 'zzz', expected count, sum, min, max, "
	       "mean, stddev, quantile, distinct, first, last, top or collect");
	refuse("sum(m)", -ENOENT, "no field is named 'm'");
	refuse("sum(user)", -EINVAL,
	       "field 'user' is string, expected int or float");
	refuse("sum", -EINVAL, "'sum' needs a field, expected 'sum(FIELD)'");
	refuse("quantile", -EINVAL,
	       "'quantile' needs a field, expected 'quantile(FIELD, 0.5)'");
	refuse("quantile(x)", -EINVAL,
	       "'' is no quantile, expected a number from 0 to 1, as in "
	       "quantile(latency, 0.99)");
	refuse("quantile(x, 99)", -EINVAL,
	       "'99' is no quantile, expected a number from 0 to 1, as in "
	       "quantile(latency, 0.99)");
	refuse("quantile(x, nan)", -EINVAL,
	       "'nan' is no quantile, expected a number from 0 to 1, as in "
	       "quantile(latency, 0.99)");
	refuse("top(user, 1.5)", -EINVAL,
	       "'1.5' is no number of values, expected 1 to 1000");
	refuse("collect(user, 0)", -EINVAL,
	       "'0' is no number of values, expected 1 to 100000");
	refuse("count(user, 3)", -EINVAL,
	       "'count' has too many parameters, expected one");
	refuse("sum(n", -EINVAL, "'sum(n' ends too early, expected ',' or ')'");
	refuse("sum(n))", -EINVAL,
	       "')' at character 7 of 'sum(n))', expected the end");
	refuse("sum n)", -EINVAL,
	       "')' at character 6 of 'sum n)', expected "
	       "'('");
	refuse("sum(,)", -EINVAL,
	       "a name is missing at character 5 of "
	       "'sum(,)'");
	refuse("", -EINVAL, "a name is missing at character 1 of ''");
	refuse("top(user, 1, 2)", -EINVAL,
	       "'2' at character 14 of 'top(user, 1, 2)', expected ')'");
}

TEST(too_many_are_refused)
{
	const char *names[33];
	const struct gust_map map = { names, names, 33 };
	struct bench bench;
	int i;

	for (i = 0; i < 33; i++)
		names[i] = "count";
	memset(&bench, 0, sizeof(bench));
	CHECK_INT(tally_declare(&bench.tally, "aggregates", &map,
				(void *)&bench.fake, bench.columns,
				&bench.error),
		  -EINVAL);
	CHECK_STR(bench.error.text, "option 'aggregates' has 33 formulas, "
				    "expected at most 32");
}
