/* SPDX-License-Identifier: MIT */
#include "cli/paragraph.h"

#include <stdbool.h>
#include <string.h>

static void pad(FILE *file, int columns)
{
	if (columns > 0)
		fprintf(file, "%*s", columns, "");
}

int paragraph_columns(const char *text, size_t length)
{
	int n = 0;
	size_t i;

	/* Counts the bytes that begin a character. */
	for (i = 0; i < length; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			n++;
	return n;
}

/* Prints the first `length` bytes of `text` word by word. */
static void fill(FILE *file, int indent, int at, const char *text,
		 size_t length)
{
	const char *end = text + length;
	bool first = true;
	int column = at;

	while (text < end) {
		size_t word = strcspn(text, " \n");
		int width;

		if (word == 0) {
			text++;
			continue;
		}
		if (word > (size_t)(end - text))
			word = (size_t)(end - text);
		width = paragraph_columns(text, word);
		if (!first && column + 1 + width > PARAGRAPH_WIDTH) {
			fputc('\n', file);
			column = 0;
		} else if (!first) {
			fputc(' ', file);
			column++;
		}
		pad(file, indent - column);
		column = column < indent ? indent : column;
		fwrite(text, 1, word, file);
		column += width;
		first = false;
		text += word;
	}
	fputc('\n', file);
}

static void keep(FILE *file, int indent, const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		size_t line = strcspn(text, "\n");

		if (line > (size_t)(end - text))
			line = (size_t)(end - text);
		pad(file, indent);
		fwrite(text, 1, line, file);
		fputc('\n', file);
		text += line;
		if (text < end)
			text++;
	}
}

void paragraph_print(FILE *file, int indent, int at, const char *text)
{
	while (*text != '\0') {
		const char *end = strstr(text, "\n\n");
		size_t length =
			end != NULL ? (size_t)(end - text) : strlen(text);

		if (text[0] == ' ')
			keep(file, indent, text, length);
		else
			fill(file, indent, at, text, length);
		text += length;
		if (end == NULL)
			break;
		fputc('\n', file);
		text += 2;
		at = 0;
	}
}

void paragraph_print_entry(FILE *file, int tab, const char *term,
			   const char *text)
{
	int width = 2 + paragraph_columns(term, strlen(term));

	fprintf(file, "  %s", term);
	if (text[0] == '\0') {
		fputc('\n', file);
		return;
	}
	if (width + 2 > tab) {
		fputc('\n', file);
		width = 0;
	}
	pad(file, tab - width);
	paragraph_print(file, tab, tab, text);
}
