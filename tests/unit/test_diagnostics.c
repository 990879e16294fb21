/* SPDX-License-Identifier: MIT */

#include "test.h"

#include "topology/diagnostics.h"

static char *printed(struct diagnostics *diagnostics)
{
	static char text[65536];
	FILE *file = fmemopen(text, sizeof(text), "w");

	diagnostics_sort(diagnostics);
	diagnostics_print(diagnostics, file);
	fclose(file);
	return text;
}

static struct place at(const char *file, int line, int column)
{
	return (struct place){ file, line, column };
}

TEST(mistakes_are_sorted_by_place)
{
	struct diagnostics diagnostics;
	struct place place;

	diagnostics_init(&diagnostics);
	diagnostics_file(&diagnostics, "b");
	place = at("a", 1, 1);
	diagnostics_error(&diagnostics, &place, "%s", "fourth");
	place = at("b", 2, 5);
	diagnostics_warning(&diagnostics, &place, "%s", "second");
	diagnostics_error(&diagnostics, &place, "%s", "third");
	place = at("b", 2, 0);
	diagnostics_error(&diagnostics, &place, "%s", "first");
	diagnostics_error(&diagnostics, NULL, "%s", "zeroth");
	CHECK_STR(printed(&diagnostics), "zeroth\nb:2: first\n"
					 "b:2:5: warning: second\n"
					 "b:2:5: third\na:1:1: fourth\n");
	CHECK_UINT(diagnostics.errors, 4);
	CHECK_UINT(diagnostics.warnings, 1);
	diagnostics_fini(&diagnostics);
}

TEST(control_characters_do_not_reach_the_terminal)
{
	struct diagnostics diagnostics;

	diagnostics_init(&diagnostics);
	diagnostics_error(&diagnostics, NULL, "%s", "a\n\x1b[m\xc3\xa9\xc3");
	CHECK_STR(printed(&diagnostics), "a\\n\\x1b[m\xc3\xa9\\xc3\n");
	diagnostics_fini(&diagnostics);
}

TEST(what_is_not_kept_is_counted)
{
	struct diagnostics diagnostics;
	struct place place = at("a", 1, 1);
	int i;

	diagnostics_init(&diagnostics);
	for (i = 0; i < DIAGNOSTICS_KEPT_MAX; i++) {
		CHECK_BOOL(diagnostics_full(&diagnostics), false);
		diagnostics_error(&diagnostics, &place, "x");
	}
	CHECK_BOOL(diagnostics_full(&diagnostics), true);
	for (i = 0; i < 7; i++)
		diagnostics_error(&diagnostics, &place, "x");
	CHECK_UINT(diagnostics.count, DIAGNOSTICS_KEPT_MAX);
	CHECK_CONTAINS(printed(&diagnostics),
		       "\n7 more errors are not shown\n");
	diagnostics_fini(&diagnostics);
}

TEST(warnings_can_be_forgotten)
{
	struct diagnostics diagnostics;
	struct place place = at("a", 1, 1);

	diagnostics_init(&diagnostics);
	diagnostics_warning(&diagnostics, &place, "%s", "one");
	diagnostics_error(&diagnostics, &place, "%s", "two");
	diagnostics_warning(&diagnostics, &place, "%s", "three");
	diagnostics_drop_warnings(&diagnostics);
	CHECK_STR(printed(&diagnostics), "a:1:1: two\n");
	CHECK_UINT(diagnostics.errors, 1);
	CHECK_UINT(diagnostics.warnings, 0);
	diagnostics_fini(&diagnostics);
}
