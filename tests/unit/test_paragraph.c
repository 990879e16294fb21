/* SPDX-License-Identifier: MIT */
#include "test.h"

#include "cli/paragraph.h"

static char *text;
static size_t text_size;

static FILE *begin(void)
{
	FILE *file = open_memstream(&text, &text_size);

	CHECK(file != NULL);
	return file;
}

static void end(FILE *file, const char *expected)
{
	fclose(file);
	CHECK_STR(text, expected);
	free(text);
}

TEST(words_are_filled)
{
	FILE *file = begin();

	paragraph_print(file, 60, 0, "one two three four five six seven");
	end(file, "                                                            "
		  "one two three four\n"
		  "                                                            "
		  "five six seven\n");
}

TEST(a_line_of_exactly_80_columns_stays_one)
{
	FILE *file = begin();

	paragraph_print(file, 70, 0, "12345 7890");
	paragraph_print(file, 70, 0, "12345 78901");
	end(file, "                                                            "
		  "          12345 7890\n"
		  "                                                            "
		  "          12345\n"
		  "                                                            "
		  "          78901\n");
}

TEST(columns_are_characters)
{
	CHECK_INT(paragraph_columns("a\xc3\xa4\xe2\x82\xac", 6), 3);
}

TEST(what_is_indented_keeps_its_lines)
{
	FILE *file = begin();

	paragraph_print(file, 2, 0, "a\nb\n\n  c\n  d\n\ne");
	end(file, "  a b\n\n    c\n    d\n\n  e\n");
}

TEST(an_entry_stands_beside_its_term)
{
	FILE *file = begin();

	paragraph_print_entry(file, 10, "term", "text");
	paragraph_print_entry(file, 10, "long-term", "text");
	paragraph_print_entry(file, 10, "alone", "");
	end(file, "  term    text\n  long-term\n          text\n  alone\n");
}
