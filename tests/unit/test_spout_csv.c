/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fake_task.h"

static const struct gust_column columns[] = { { "id", GUST_INT },
					      { "value", GUST_STRING },
					      { NULL, GUST_NULL } };

static char path[64];

__attribute__((destructor)) static void tidy(void)
{
	if (path[0] != '\0')
		unlink(path);
}

static void put(const void *data, size_t n)
{
	int fd;

	if (path[0] == '\0') {
		strcpy(path, "/tmp/test_spout_csv.XXXXXX");
		close(mkstemp(path));
	}
	fd = open(path, O_WRONLY | O_TRUNC);
	CHECK(fd >= 0);
	CHECK_INT(write(fd, data, n), n);
	CHECK_INT(close(fd), 0);
}

/* Opens what was put, with an option, or NULL. */
static struct fake *create(const char *option, const char *value)
{
	static const char *const files[] = { path };
	struct fake *fake = fake_create("spouts/csv");

	fake_set_list(fake, "files", files, 1);
	fake_set_string(fake, "delimiter", ",");
	fake_set_string(fake, "quote", "\"");
	fake_set_number(fake, "header", 1);
	if (option != NULL && value != NULL)
		fake_set_string(fake, option, value);
	else if (option != NULL)
		fake_set_number(fake, option, strcmp(option, "header") != 0);
	fake_output(fake, "default", columns);
	return fake;
}

static struct fake *read_all(const void *data, size_t n, const char *option,
			     const char *value)
{
	struct fake *fake;

	put(data, n);
	fake = create(option, value);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	return fake;
}

/* What `text` is read as, and nothing is rejected. */
static void reads(const char *text, const char *option, const char *value,
		  const char *rows)
{
	struct fake *fake = read_all(text, strlen(text), option, value);

	CHECK_STR(fake->emitted.data, rows);
	CHECK_UINT(fake->rejected, 0);
	CHECK_UINT(fake->logs, 0);
	fake_destroy(fake);
}

TEST(rows_are_read_by_the_names_of_their_columns)
{
	reads("id,value\n1,one\n2,two\n", NULL, NULL, "1\tone\n2\ttwo\n");
	reads("value,more,id\none,x,1\ntwo,,2\n", NULL, NULL,
	      "1\tone\n2\ttwo\n");
	reads("id,value\n", NULL, NULL, "");
	reads("", NULL, NULL, "");
}

TEST(without_a_header_columns_are_in_their_order)
{
	reads("1,one\n2,two\n", "header", NULL, "1\tone\n2\ttwo\n");
	reads("1,id\n", "header", NULL, "1\tid\n");
}

TEST(variations_are_read)
{
	reads("\xef\xbb\xbfid,value\r\n1,one\r\n\r\n2,two", NULL, NULL,
	      "1\tone\n2\ttwo\n");
	reads("\xef\xbb\xbf", NULL, NULL, "");
	reads("\xef\xbb\xbf"
	      "1,one\n",
	      "header", NULL, "1\tone\n");
	reads("id;value\n1;a,b\n", "delimiter", ";", "1\ta,b\n");
	reads("id\tvalue\n1\ta b\n", "delimiter", "\\t", "1\ta b\n");
	reads("id,value\n1,'it''s'\n", "quote", "'", "1\tit's\n");
	reads("id,value\n1,5\" pipe\n", "quote", "", "1\t5\" pipe\n");
	reads("# x,y\nid,value\n#1,\"\n1,#one\n# end", "comment", "#",
	      "1\t#one\n");
	reads(" id ,\tvalue\n 1 , one two\t\n  \n2,\" x \"\n", "trim", NULL,
	      "1\tone two\n2\t x \n");
}

TEST(quotes_hold_delimiters_line_ends_and_quotes)
{
	reads("id,value\n1,\"a,\"\"b\"\"\r\nc\"\n2,\"\"\n", NULL, NULL,
	      "1\ta,\"b\"\r\nc\n2\t\n");
}

TEST(null_is_an_empty_value_without_quotes)
{
	reads("id,value\n,\n1,\"\"\n", NULL, NULL, "null\tnull\n1\t\n");
	reads("id,value\nNA,NA\n1,\"NA\"\n2,\n", "null", "NA",
	      "null\tnull\n1\tNA\n2\t\n");
	reads("id,value\n1,  \n", "trim", NULL, "1\tnull\n");
}

TEST(bytes_pass_through)
{
	struct fake *fake = read_all("id,value\n1,a\0b\xff\n", 16, NULL, NULL);

	CHECK_MEM(fake->emitted.data, fake->emitted.length, "1\ta\0b\xff\n", 7);
	fake_destroy(fake);
}

/* One row is rejected, with that reason and text, and the others come. */
static void rejects(const char *text, const char *rows, const char *reason,
		    const char *data)
{
	struct fake *fake = read_all(text, strlen(text), NULL, NULL);
	char expected[600];

	CHECK_STR(fake->emitted.data, rows);
	CHECK_UINT(fake->rejected, 1);
	snprintf(expected, sizeof(expected), "'%s', %s", path, reason);
	CHECK_STR(fake->reason, expected);
	CHECK_STR(fake->rejected_data.data, data);
	fake_destroy(fake);
}

TEST(bad_rows_are_rejected_with_file_and_line)
{
	rejects("id,value\n1,one\n2\n3,three\n", "1\tone\n3\tthree\n",
		"line 3: 1 column, expected 2", "2\n");
	rejects("id,value\n1,\"a\nb\"\n2,two,\n", "1\ta\nb\n",
		"line 4: 3 columns, expected 2", "2,two,\n");
	rejects("id,value\nx1,one\n2,two\n", "2\ttwo\n",
		"line 2: field 'id' is 'x1', expected int", "x1,one\n");
	rejects("id,value\n\"\",one\n", "",
		"line 2: field 'id' is '', expected int", "\"\",one\n");
	rejects("id,value\n99999999999999999999,one\n", "",
		"line 2: field 'id' is '99999999999999999999', expected int",
		"99999999999999999999,one\n");
	rejects("id,value\r\n1,a\"b\r\n2,two\r\n", "2\ttwo\n",
		"line 2: field 2 has '\"' at byte 4, but does not begin with "
		"it",
		"1,a\"b\r\n");
	/* Half a record at the end. */
	rejects("id,value\n1,one\n2", "1\tone\n",
		"line 3: 1 column, expected 2", "2");
}

TEST(a_quote_that_is_never_closed_costs_one_line)
{
	rejects("id,value\n1,\"one\n2,two\n3,three\n", "2\ttwo\n3\tthree\n",
		"line 2: the quote at byte 3, before field 2, is never closed",
		"1,\"one\n");
	rejects("id,value\n1,\"one", "",
		"line 2: the quote at byte 3, before field 2, is never closed",
		"1,\"one");
}

TEST(a_row_that_does_not_end_costs_one_line)
{
	enum { LINES = 100000 };
	char *text = malloc(LINES * 12 + 30);
	struct fake *fake;
	size_t n = 0;
	int i;

	n += (size_t)sprintf(text, "id,value\n1,\"one\n");
	for (i = 2; i < LINES; i++)
		n += (size_t)sprintf(text + n, "%d,x\n", i);
	put(text, n);
	free(text);
	fake = create(NULL, NULL);
	fake->tuple_max = 65536;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emits, LINES - 2);
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, "line 2: the row does not end within "
				     "topology.tuple.max.bytes");
	CHECK_STR(fake->rejected_data.data, "1,\"one\n");
	fake_destroy(fake);
}

TEST(a_row_of_100_megabytes_passes_or_is_rejected)
{
	enum { LONG = 100000000 };
	char *text = malloc(LONG + 30);
	struct fake *fake;

	memset(text, 'x', LONG + 30);
	memcpy(text, "id,value\n1,", 11);
	memcpy(text + LONG, "\n2,two\n", 7);
	put(text, LONG + 7);
	free(text);
	fake = create(NULL, NULL);
	fake->tuple_max = 200000000;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emits, 2);
	CHECK_UINT(fake->rejected, 0);
	fake_destroy(fake);
	fake = create(NULL, NULL);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_STR(fake->emitted.data, "2\ttwo\n");
	CHECK_UINT(fake->rejected, 1);
	CHECK_UINT(fake->rejected_data.length, 1024);
	fake_destroy(fake);
}

/* A tuple of an int and a string has 72 bytes, and what the string takes. */
TEST(a_row_that_does_not_fit_is_rejected)
{
	char text[600];
	struct fake *fake;
	int length;

	for (length = 255; length <= 256; length++) {
		snprintf(text, sizeof(text), "id,value\n1,%0*d\n", length, 0);
		put(text, strlen(text));
		fake = create(NULL, NULL);
		fake->tuple_max = 40 + 32 + 256;
		CHECK_INT(fake_open(fake), 0);
		CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
		CHECK_UINT(fake->emits, length == 255);
		CHECK_UINT(fake->rejected, length == 256);
		fake_destroy(fake);
	}
}

static void no_header(const char *text, const char *reason)
{
	struct fake *fake;

	put(text, strlen(text));
	fake = create(NULL, NULL);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), -EINVAL);
	CHECK_CONTAINS(fake->log, reason);
	CHECK_UINT(fake->emits, 0);
	fake_destroy(fake);
	fake = create("follow", NULL);
	CHECK_INT(fake_open(fake), 0);
	fake->now = 1000000000;
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, reason);
	fake_destroy(fake);
}

TEST(a_header_without_a_field_is_told)
{
	no_header("id,val\n1,one\n",
		  "': the header has no column 'value', expected one of "
		  "'id', 'val'");
	no_header("id;value\n1;one\n",
		  "': the header has no column 'id', expected one of "
		  "'id;value'");
	no_header("\xff\xfei,value\n1,one\n", "' is in UTF-16, expected UTF-8");
	no_header("id,value,id\n1,one,2\n",
		  "': the header has more than one column 'id', expected one");
}

TEST(a_later_run_goes_on_in_the_right_line)
{
	struct fake *fake, *next;

	put("value,id\none,1\n\"two\nlines\",2\nthree,3\n4\n", 39);
	fake = create(NULL, NULL);
	CHECK_INT(fake_open(fake), 0);
	while (fake->emits < 2)
		CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
	CHECK_UINT(fake->how.next, 29);
	next = create(NULL, NULL);
	fake_resume(next, fake);
	CHECK_INT(fake_open(next), 0);
	CHECK_INT(fake_run(next, 100), GUST_DONE);
	CHECK_STR(next->emitted.data, "3\tthree\n");
	CHECK_UINT(next->how.offset, 29);
	CHECK_CONTAINS(next->reason, ", line 6: 1 column, expected 2");
	fake_destroy(fake);
	fake_destroy(next);
}

TEST(a_file_is_followed)
{
	struct fake *fake;
	int out;

	put("id,val", 6);
	fake = create("follow", NULL);
	CHECK_INT(fake_open(fake), 0);
	fake->now = 1000000000;
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	out = open(path, O_WRONLY | O_APPEND);
	CHECK_INT(write(out, "ue\n1,\"o\nn", 9), 9);
	fake->now += 1000000000;
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_UINT(fake->emits, 0);
	CHECK_INT(write(out, "e\"\n2,t", 6), 6);
	fake->now += 1000000000;
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_STR(fake->emitted.data, "1\to\nne\n");
	CHECK_INT(close(out), 0);
	/* Cut, and with other columns. */
	put("value,id\nx,3\n", 13);
	fake->now += 1000000000;
	CHECK_INT(fake_run(fake, 100), GUST_WAIT);
	CHECK_STR(fake->emitted.data, "1\to\nne\n2\tt\n3\tx\n");
	fake_destroy(fake);
}

TEST(mistakes_in_the_options_are_told)
{
	struct fake *fake = create("comment", "ab");

	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "option 'comment' is 'ab'");
	fake_destroy(fake);
	fake = create("delimiter", "ab");
	CHECK_INT(fake_declare(fake), -EINVAL);
	fake_destroy(fake);
}
