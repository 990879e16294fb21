/* SPDX-License-Identifier: MIT */

#include "cli/testmatch.h"

#include "test.h"

#define FIELDS 2
#define ROWS 64

/* Rows of the fields a and b, which are ints. */
struct rows {
	struct testrow items[ROWS];
	const char *names[ROWS][FIELDS];
	struct gust_value values[ROWS][FIELDS];
	size_t count;
};

static struct testrow *rows_add(struct rows *rows, bool whole)
{
	size_t at = rows->count++;
	struct testrow *row = &rows->items[at];

	memset(row, 0, sizeof(*row));
	row->names = rows->names[at];
	row->values = rows->values[at];
	row->whole = whole;
	return row;
}

static void row_set(struct testrow *row, const char *name, int64_t value)
{
	row->names[row->count] = name;
	row->values[row->count++] = gust_int(value);
}

static void add_both(struct rows *rows, int64_t a, int64_t b)
{
	struct testrow *row = rows_add(rows, true);

	row_set(row, "a", a);
	row_set(row, "b", b);
}

static void add_one(struct rows *rows, const char *name, int64_t value)
{
	row_set(rows_add(rows, false), name, value);
}

/* Compares, and what is reported with `expected`. */
static void check_match(const struct rows *expected, const struct rows *found,
			bool ordered, int differences, const char *report)
{
	struct testmatch match = { expected->items, expected->count,
				   found->items, found->count, ordered };
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	int r;

	CHECK(file != NULL);
	r = testmatch_compare(&match, file);
	fclose(file);
	CHECK_INT(r, differences);
	if (report != NULL)
		CHECK_STR(text, report);
	free(text);
}

TEST(equal_lists_match_in_order_and_not)
{
	struct rows expected = { .count = 0 }, found = { .count = 0 };

	check_match(&expected, &found, true, 0, "");
	add_both(&expected, 1, 2);
	add_both(&expected, 3, 4);
	add_both(&found, 1, 2);
	add_both(&found, 3, 4);
	check_match(&expected, &found, true, 0, NULL);
	check_match(&expected, &found, false, 0, "");
}

TEST(order_matters_only_when_it_is_asked_for)
{
	struct rows expected = { .count = 0 }, found = { .count = 0 };

	add_both(&expected, 1, 2);
	add_both(&expected, 3, 4);
	add_both(&found, 3, 4);
	add_both(&found, 1, 2);
	check_match(&expected, &found, false, 0, "");
	check_match(&expected, &found, true, 2,
		    "    - {a: 1, b: 2}\n"
		    "      {a: 3, b: 4}\n"
		    "    + {a: 1, b: 2}\n");
}

TEST(rows_that_name_few_fields_change_partners)
{
	struct rows expected = { .count = 0 }, found = { .count = 0 };

	/* The first one takes what the others need, one after the other. */
	add_one(&expected, "a", 1);
	add_both(&expected, 1, 2);
	add_both(&expected, 1, 3);
	add_both(&found, 1, 2);
	add_both(&found, 1, 3);
	add_both(&found, 1, 4);
	check_match(&expected, &found, false, 0, "");
	found.count = 2;
	check_match(&expected, &found, false, 1, NULL);
}

TEST(each_found_row_serves_once)
{
	struct rows expected = { .count = 0 }, found = { .count = 0 };

	add_both(&expected, 1, 2);
	add_both(&expected, 1, 2);
	add_both(&found, 1, 2);
	check_match(&expected, &found, false, 1, "    - {a: 1, b: 2}\n");
	check_match(&expected, &found, true, 1, NULL);
	check_match(&found, &expected, false, 1, "    + {a: 1, b: 2}\n");
}

TEST(the_nearest_row_says_what_differs)
{
	struct rows expected = { .count = 0 }, found = { .count = 0 };

	add_both(&expected, 1, 2);
	add_both(&found, 7, 7);
	add_both(&found, 1, 5);
	check_match(&expected, &found, false, 2,
		    "    - {a: 1, b: 2}\n"
		    "    + {a: 1, b: 5}\n"
		    "      b is 5, expected 2\n"
		    "    + {a: 7, b: 7}\n");
}

TEST(a_whole_row_has_no_other_fields)
{
	struct rows expected = { .count = 0 }, found = { .count = 0 };
	struct testrow *row = rows_add(&expected, true);

	row_set(row, "a", 1);
	add_both(&found, 1, 2);
	check_match(&expected, &found, false, 1, NULL);
	row->whole = false;
	check_match(&expected, &found, false, 0, "");
}

TEST(many_differences_are_counted)
{
	struct rows expected = { .count = 0 }, found = { .count = 0 };
	int i;

	for (i = 0; i < 30; i++)
		add_both(&expected, i, i);
	check_match(&expected, &found, true, 30, NULL);
	check_match(&expected, &found, false, 30, NULL);
}

TEST(an_extra_row_in_the_middle_does_not_move_the_rest)
{
	struct rows expected = { .count = 0 }, found = { .count = 0 };
	int i;

	for (i = 0; i < 30; i++)
		add_both(&expected, i, i);
	for (i = 0; i < 30; i++) {
		if (i == 11)
			add_both(&found, 100, 100);
		add_both(&found, i, i);
	}
	check_match(&expected, &found, true, 1, "    + {a: 100, b: 100}\n");
}
