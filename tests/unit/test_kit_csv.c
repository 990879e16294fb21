/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <string.h>

#include <gust/kit/csv.h>

#include "test.h"

static const struct csv_dialect plain = { .delimiter = ',',
					  .quote = '"',
					  .quotes = true };

/* Appends a record as people read it: [a|b|NULL] and where it stood. */
static void show(struct csv *csv, int r, struct buffer *out)
{
	struct gust_error error = { 0 };
	struct gust_text text;
	size_t i;

	buffer_int(out, (int64_t)csv->line);
	buffer_char(out, r == CSV_RECORD ? '[' : '!');
	for (i = 0; r == CSV_RECORD && i < csv->count; i++) {
		text = csv_text(csv, i);
		if (i > 0)
			buffer_char(out, '|');
		if (csv_is_null(csv, i))
			buffer_text(out, "NULL");
		else
			buffer_append(out, text.data, text.length);
	}
	if (r == CSV_MISTAKE) {
		CHECK_INT(csv_mistake(csv, &error), -EINVAL);
		buffer_text(out, error.text);
	}
	buffer_char(out, r == CSV_RECORD ? ']' : '!');
	buffer_int(out, (int64_t)csv->bytes);
	buffer_char(out, ' ');
}

/* Parses a text that comes in pieces of `piece` bytes. */
static void parse(struct csv *csv, const char *data, size_t n, size_t piece,
		  struct buffer *out)
{
	size_t at = 0, taken, part;
	bool end = false;
	int r;

	while (!end) {
		part = n - at < piece ? n - at : piece;
		end = part == 0;
		do {
			r = csv_parse(csv, data + at, part, end, &taken);
			CHECK(r >= 0 && taken <= part);
			CHECK(r != CSV_MORE || taken == part);
			at += taken;
			part -= taken;
			if (r != CSV_MORE)
				show(csv, r, out);
		} while (r != CSV_MORE);
	}
	CHECK_UINT(at, n);
}

/* In pieces of any size the same comes out. */
static void check_bytes(const struct csv_dialect *dialect, size_t max,
			const char *data, size_t n, const char *expected)
{
	const size_t pieces[] = { 1, 2, 3, 7, SIZE_MAX };
	size_t i;

	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct buffer out = { 0 };
		struct csv csv = { 0 };

		csv_init(&csv, dialect, max);
		parse(&csv, data, n, pieces[i], &out);
		buffer_char(&out, '\0');
		CHECK_STR(out.data, expected);
		csv_destroy(&csv);
		buffer_destroy(&out);
	}
}

static void check(const char *text, const char *expected)
{
	check_bytes(&plain, 0, text, strlen(text), expected);
}

TEST(records_and_fields)
{
	check("", "");
	check("a,b\nc,d\n", "1[a|b]4 2[c|d]4 ");
	check("a,b", "1[a|b]3 ");
	check("a,", "1[a|NULL]2 ");
	check(",", "1[NULL|NULL]1 ");
	check(" a , b \n", "1[ a | b ]8 ");
}

TEST(an_empty_line_has_no_fields)
{
	check("\n\na\n\r\n", "1[]1 2[]1 3[a]2 4[]2 ");
	check("\"\"\n", "1[]3 ");
}

TEST(lines_end_with_lf_or_crlf)
{
	check("a,b\r\nc\n", "1[a|b]5 2[c]2 ");
	check("a\rb\r\r\nc\r", "1[a\rb\r]6 2[c]2 ");
	check("\"a\"\r\n\r\n", "1[a]5 2[]2 ");
	check(",\r,\n", "1[NULL|\r|NULL]4 ");
}

TEST(quotes_hold_anything)
{
	check("\"a,b\",\"c\"\"d\",\"\"\"\"\n", "1[a,b|c\"d|\"]18 ");
	check("\"a\n\r\nb\",c\nd", "1[a\n\r\nb|c]10 4[d]1 ");
	check("\"\",\n", "1[|NULL]4 ");
}

TEST(other_delimiters_and_quotes)
{
	const struct csv_dialect other = {
		.delimiter = '\t', .quote = '\'', .quotes = true, .null = "\\N"
	};
	const struct csv_dialect none = { .delimiter = ';' };
	const char *text = "a,\"b\"\t'c\t'\t\\N\t'\\N'\t\n";

	check_bytes(&other, 0, text, strlen(text),
		    "1[a,\"b\"|c\t|NULL|\\N|]20 ");
	check_bytes(&none, 0, "\"a;b\"\n", 6, "1[\"a|b\"]6 ");
}

TEST(all_other_bytes_are_a_field)
{
	const char *text = "a\0b,\xff\xfe\n";
	struct csv csv = { 0 };
	size_t taken;

	csv_init(&csv, &plain, 0);
	CHECK_INT(csv_parse(&csv, text, 7, false, &taken), CSV_RECORD);
	CHECK_MEM(csv_text(&csv, 0).data, csv_text(&csv, 0).length, "a\0b", 3);
	CHECK_MEM(csv_text(&csv, 1).data, csv_text(&csv, 1).length, "\xff\xfe",
		  2);
	csv_destroy(&csv);
}

TEST(mistakes_say_which_byte_and_end_with_their_line)
{
	check("a,b\"c,d\ne\n",
	      "1!field 2 has '\"' at byte 4, but does not begin with it!8 "
	      "2[e]2 ");
	check("a,\"b\" ,\"\ne",
	      "1!0x20 at byte 6 follows the closing quote of field 2, expected "
	      "a delimiter or the end of the line!9 2[e]1 ");
	check("\"a\"\rb\nc",
	      "1!0x0d at byte 4 follows the closing quote of field 1, expected "
	      "a delimiter or the end of the line!6 2[c]1 ");
	check("a\nb,\"c\nd,e\n", "1[a]2 2!the quote at byte 3, before field 2, "
				 "is never closed!9 ");
	check("a\"", "1!field 1 has '\"' at byte 2, but does not begin with "
		     "it!2 ");
}

TEST(a_record_that_is_too_long_ends_where_it_ends)
{
	const char *text = "a,\"bcd\nefg\"\"\",h\nab,cde\nabc,def\n,,,,,\na";

	check_bytes(&plain, 5, text, strlen(text),
		    "1!the record is longer than 5 bytes!16 3[ab|cde]7 "
		    "4!the record is longer than 5 bytes!8 "
		    "5!the record is longer than 5 bytes!6 6[a]1 ");
}

TEST(a_reset_forgets_half_a_record)
{
	struct csv csv = { 0 };
	struct buffer out = { 0 };
	size_t taken;

	csv_init(&csv, &plain, 0);
	CHECK_INT(csv_parse(&csv, "a,\"b", 4, false, &taken), CSV_MORE);
	csv_reset(&csv);
	parse(&csv, "c\n", 2, SIZE_MAX, &out);
	CHECK_MEM(out.data, out.used, "1[c]2 ", 6);
	csv_destroy(&csv);
	buffer_destroy(&out);
}

/* Were the field scanned anew with every piece, this would take minutes. */
TEST(a_field_of_100_megabytes_in_quotes)
{
	const size_t piece = 4096, pieces = 25600;
	char *block = malloc(piece);
	struct csv csv = { 0 };
	size_t i, taken;

	memset(block, '\n', piece);
	csv_init(&csv, &plain, 0);
	CHECK_INT(csv_parse(&csv, "\"", 1, false, &taken), CSV_MORE);
	for (i = 0; i < pieces; i++)
		CHECK_INT(csv_parse(&csv, block, piece, false, &taken),
			  CSV_MORE);
	CHECK_INT(csv_parse(&csv, "\"\n", 2, false, &taken), CSV_RECORD);
	CHECK_UINT(csv_text(&csv, 0).length, piece * pieces);
	CHECK_UINT(csv.bytes, piece * pieces + 3);
	CHECK_INT(csv_parse(&csv, "x", 1, true, &taken), CSV_RECORD);
	CHECK_UINT(csv.line, piece * pieces + 2);
	csv_destroy(&csv);
	free(block);
}

static void dialect(const char *delimiter, const char *quote, const char *text)
{
	struct csv_dialect made;
	struct gust_error error = { 0 };
	int r = csv_dialect(&made, delimiter, quote, NULL, &error);

	CHECK_INT(r, text == NULL ? 0 : -EINVAL);
	CHECK_STR(error.text, text == NULL ? "" : text);
}

TEST(dialects)
{
	struct csv_dialect tab;

	dialect(NULL, NULL, NULL);
	dialect("|", "'", NULL);
	dialect("\"", "", NULL);
	CHECK_INT(csv_dialect(&tab, "\\t", "", NULL, NULL), 0);
	CHECK_INT(tab.delimiter, '\t');
	CHECK_BOOL(tab.quotes, false);
	CHECK_INT(csv_dialect(&tab, NULL, NULL, "\"", NULL), -EINVAL);
	CHECK_INT(csv_dialect(&tab, NULL, NULL, "NA", NULL), 0);
	dialect("", NULL,
		"option 'delimiter' is '', expected one byte that "
		"ends no line");
	dialect("::", NULL,
		"option 'delimiter' is '::', expected one byte "
		"that ends no line");
	dialect(",", "\n",
		"option 'quote' is '\n', expected one byte that "
		"ends no line, or none");
	dialect("\"", NULL,
		"options 'delimiter' and 'quote' are both '\"', "
		"expected two bytes");
}

static void check_write(const struct csv_dialect *how,
			const struct gust_value *values, size_t count,
			const char *expected)
{
	struct buffer buffer = { 0 };
	size_t bad;

	CHECK_INT(csv_write(how, values, count, &buffer, &bad), 0);
	CHECK_MEM(buffer.data, buffer.used, expected, strlen(expected));
	buffer_destroy(&buffer);
}

#define TEXT(text) gust_string(text, strlen(text))

TEST(quotes_are_written_where_they_are_needed)
{
	const struct gust_value row[] = { TEXT("a b"),  TEXT("a,b"),
					  TEXT("a\"b"), TEXT("a\nb"),
					  TEXT("a\r"),  TEXT("\"\""),
					  gust_int(-3), gust_float(0.1) };

	check_write(&plain, row, 8,
		    "a b,\"a,b\",\"a\"\"b\",\"a\nb\",\"a\r\",\"\"\"\"\"\","
		    "-3,0.1\n");
}

TEST(null_and_the_empty_text_are_two_things)
{
	const struct csv_dialect named = {
		.delimiter = ',', .quote = '"', .quotes = true, .null = "NA"
	};
	const struct gust_value row[] = { gust_null(), TEXT(""), TEXT("NA") };

	check_write(&plain, row, 3, ",\"\",NA\n");
	check_write(&named, row, 3, "NA,,\"NA\"\n");
}

TEST(a_record_of_one_field_is_no_empty_line)
{
	const struct csv_dialect named = {
		.delimiter = ',', .quote = '"', .quotes = true, .null = "NA"
	};
	const struct gust_value null = gust_null(), empty = TEXT("");

	check_write(&plain, &null, 1, "\"\"\n");
	check_write(&plain, &empty, 1, "\"\"\n");
	check_write(&named, &null, 1, "NA\n");
	check_write(&named, &empty, 1, "\"\"\n");
}

TEST(without_quotes_some_values_cannot_be_written)
{
	const struct csv_dialect none = { .delimiter = '\t' };
	const struct gust_value row[] = { TEXT("\""), TEXT(""), TEXT("a\tb") };
	struct buffer buffer = { 0 };
	size_t bad = 9;

	check_write(&none, row, 2, "\"\t\n");
	CHECK_INT(csv_write(&none, row, 3, &buffer, &bad), -EINVAL);
	CHECK_UINT(bad, 2);
	CHECK_UINT(buffer.used, 0);
	buffer_destroy(&buffer);
}
