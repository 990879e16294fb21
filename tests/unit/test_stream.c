/* SPDX-License-Identifier: MIT */

#include "plugin/stream.h"

#include <errno.h>

#include "test.h"

static void refuses(const struct gust_stream *table, int code, const char *text)
{
	struct gust_error error = { 0 };

	CHECK_INT(stream_table_check(table, &error), code);
	CHECK_INT(error.code, code);
	CHECK_STR(error.text, text);
}

static const struct gust_column word[] = { { "word", GUST_STRING },
					   { "number", GUST_INT },
					   { NULL, GUST_NULL } };
static const struct gust_column none[] = { { NULL, GUST_NULL } };

TEST(a_table_may_be_missing_or_have_streams_without_columns)
{
	const struct gust_stream table[] = { { "default", word },
					     { "ticks", none },
					     { NULL, NULL } };

	CHECK_INT(stream_table_check(NULL, NULL), 0);
	CHECK_INT(stream_table_check(table, NULL), 0);
	CHECK_UINT(stream_column_count(word), 2);
	CHECK_UINT(stream_column_count(none), 0);
}

TEST(columns_are_found)
{
	CHECK_PTR(stream_column(word, "number"), &word[1]);
	CHECK_PTR(stream_column(word, "numbers"), NULL);
	CHECK_STR(stream_column_near(word, "numbers"), "number");
	CHECK_STR(stream_column_near(word, "elephant"), NULL);
}

TEST(mistakes_are_named)
{
	const struct gust_column unnamed[] = { { "", GUST_INT }, { NULL, 0 } };
	const struct gust_column untyped[] = { { "n", GUST_NULL },
					       { NULL, 0 } };
	const struct gust_column strange[] = { { "n", (enum gust_type)9 },
					       { NULL, 0 } };
	const struct gust_column twice[] = { { "n", GUST_INT },
					     { "n", GUST_INT },
					     { NULL, 0 } };

	refuses((const struct gust_stream[]){ { "", word }, { NULL, NULL } },
		-EINVAL, "a stream has no name");
	refuses((const struct gust_stream[]){ { "a", NULL }, { NULL, NULL } },
		-EINVAL, "stream 'a' has no columns");
	refuses((const struct gust_stream[]){ { "a", word },
					      { "b", word },
					      { "a", word },
					      { NULL, NULL } },
		-EINVAL, "stream 'a' stands twice");
	refuses((const struct gust_stream[]){ { "a", unnamed },
					      { NULL, NULL } },
		-EINVAL, "column 1 of stream 'a' has no name");
	refuses((const struct gust_stream[]){ { "a", untyped },
					      { NULL, NULL } },
		-EINVAL,
		"column 'n' of stream 'a' has the type 0, expected bool, int, "
		"float, string, bytes or json");
	refuses((const struct gust_stream[]){ { "a", strange },
					      { NULL, NULL } },
		-EINVAL,
		"column 'n' of stream 'a' has the type 9, expected bool, int, "
		"float, string, bytes or json");
	refuses((const struct gust_stream[]){ { "a", twice }, { NULL, NULL } },
		-EINVAL, "column 'n' of stream 'a' stands twice");
}

TEST(a_table_without_an_end_is_refused)
{
	static struct gust_stream table[STREAM_TABLE_MAX + 1];
	static struct gust_column columns[STREAM_COLUMNS_MAX + 1];
	static char names[STREAM_COLUMNS_MAX + 1][8];
	const struct gust_stream wide[] = { { "a", columns }, { NULL, NULL } };
	size_t i;

	for (i = 0; i <= STREAM_COLUMNS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "n%zu", i);
		columns[i].name = names[i];
		columns[i].type = GUST_INT;
	}
	for (i = 0; i <= STREAM_TABLE_MAX; i++) {
		table[i].name = names[i];
		table[i].columns = none;
	}
	refuses(table, -E2BIG,
		"more than 1024 streams; is the end of the table missing?");
	refuses(wide, -E2BIG,
		"stream 'a' has more than 4096 columns; is the end of the "
		"table missing?");
}
