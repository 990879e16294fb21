/* SPDX-License-Identifier: MIT */

#include "topology/diagnostics.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1024

void diagnostics_init(struct diagnostics *diagnostics)
{
	memset(diagnostics, 0, sizeof(*diagnostics));
}

void diagnostics_fini(struct diagnostics *diagnostics)
{
	size_t i;

	if (diagnostics == NULL)
		return;
	for (i = 0; i < diagnostics->count; i++)
		free(diagnostics->items[i].text);
	for (i = 0; i < diagnostics->files_count; i++)
		free(diagnostics->files[i]);
	free(diagnostics->items);
	free(diagnostics->files);
	diagnostics_init(diagnostics);
}

const char *diagnostics_file(struct diagnostics *diagnostics, const char *name)
{
	size_t count = diagnostics->files_count;
	char **files;
	char *copy;
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(diagnostics->files[i], name) == 0)
			return diagnostics->files[i];
	files = realloc(diagnostics->files, (count + 1) * sizeof(*files));
	if (files == NULL)
		goto fail;
	diagnostics->files = files;
	copy = strdup(name);
	if (copy == NULL)
		goto fail;
	files[count] = copy;
	diagnostics->files_count++;
	return copy;
fail:
	diagnostics->no_memory = true;
	return NULL;
}

/*
 * Copies `text` so that it prints as one line and cannot steer a terminal. A
 * character that a format cut in its middle is written in hexadecimal.
 */
static void clean(char *out, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;
	size_t length;
	size_t i;

	while (*text != '\0' && used + 5 < size) {
		unsigned char c = (unsigned char)*text;

		length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		for (i = 1; i < length && (text[i] & 0xc0) == 0x80; i++)
			;
		if (i == length && c >= 0x20 && c != 0x7f &&
		    (c < 0x80 || c >= 0xc2)) {
			memcpy(out + used, text, length);
			used += length;
			text += length;
			continue;
		}
		out[used++] = '\\';
		if (c == '\n' || c == '\t' || c == '\r') {
			out[used++] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
		} else {
			out[used++] = 'x';
			out[used++] = hex[c >> 4];
			out[used++] = hex[c & 15];
		}
		text++;
	}
	out[used] = '\0';
}

static int grow(struct diagnostics *diagnostics)
{
	size_t capacity = diagnostics->capacity * 2 + 8;
	struct diagnostic *items;

	if (diagnostics->count < diagnostics->capacity)
		return 0;
	items = realloc(diagnostics->items, capacity * sizeof(*items));
	if (items == NULL)
		return -1;
	diagnostics->items = items;
	diagnostics->capacity = capacity;
	return 0;
}

static void add(struct diagnostics *diagnostics, enum severity severity,
		const struct place *place, const char *format, va_list args)
{
	struct diagnostic item = { .severity = severity };
	char raw[TEXT_MAX];
	char text[TEXT_MAX];

	vsnprintf(raw, sizeof(raw), format, args);
	clean(text, sizeof(text), raw);
	if (place != NULL) {
		item.place = *place;
		if (place->file != NULL)
			item.place.file =
				diagnostics_file(diagnostics, place->file);
	}
	if (grow(diagnostics) < 0)
		goto fail;
	item.text = strdup(text);
	if (item.text == NULL)
		goto fail;
	diagnostics->items[diagnostics->count++] = item;
	return;
fail:
	diagnostics->no_memory = true;
}

void diagnostics_error(struct diagnostics *diagnostics,
		       const struct place *place, const char *format, ...)
{
	va_list args;

	if (diagnostics->errors++ >= DIAGNOSTICS_KEPT_MAX)
		return;
	va_start(args, format);
	add(diagnostics, SEVERITY_ERROR, place, format, args);
	va_end(args);
}

void diagnostics_warning(struct diagnostics *diagnostics,
			 const struct place *place, const char *format, ...)
{
	va_list args;

	if (diagnostics->warnings++ >= DIAGNOSTICS_KEPT_MAX)
		return;
	va_start(args, format);
	add(diagnostics, SEVERITY_WARNING, place, format, args);
	va_end(args);
}

void diagnostics_drop_warnings(struct diagnostics *diagnostics)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < diagnostics->count; i++)
		if (diagnostics->items[i].severity == SEVERITY_WARNING)
			free(diagnostics->items[i].text);
		else
			diagnostics->items[kept++] = diagnostics->items[i];
	diagnostics->count = kept;
	diagnostics->warnings = 0;
}

bool diagnostics_full(const struct diagnostics *diagnostics)
{
	return diagnostics->errors >= DIAGNOSTICS_KEPT_MAX;
}

static size_t file_rank(const struct diagnostics *diagnostics, const char *file)
{
	size_t i;

	for (i = 0; i < diagnostics->files_count; i++)
		if (diagnostics->files[i] == file)
			return i + 1;
	return 0;
}

static bool stands_after(const struct diagnostics *diagnostics,
			 const struct diagnostic *a, const struct diagnostic *b)
{
	size_t rank_a = file_rank(diagnostics, a->place.file);
	size_t rank_b = file_rank(diagnostics, b->place.file);

	if (rank_a != rank_b)
		return rank_a > rank_b;
	if (a->place.line != b->place.line)
		return a->place.line > b->place.line;
	return a->place.column > b->place.column;
}

/* By insertion, which is stable and needs no memory; there are 200 at most. */
void diagnostics_sort(struct diagnostics *diagnostics)
{
	struct diagnostic *items = diagnostics->items;
	struct diagnostic item;
	size_t i;
	size_t j;

	assert(diagnostics->count <= 2 * DIAGNOSTICS_KEPT_MAX);
	for (i = 1; i < diagnostics->count; i++) {
		item = items[i];
		for (j = i;
		     j > 0 && stands_after(diagnostics, &items[j - 1], &item);
		     j--)
			items[j] = items[j - 1];
		items[j] = item;
	}
}

static void print_place(const struct place *place, FILE *file)
{
	if (place->file == NULL)
		return;
	fprintf(file, "%s:", place->file);
	if (place->line > 0)
		fprintf(file, "%d:", place->line);
	if (place->line > 0 && place->column > 0)
		fprintf(file, "%d:", place->column);
	fputc(' ', file);
}

static void print_rest(size_t found, const char *what, FILE *file)
{
	if (found > DIAGNOSTICS_KEPT_MAX)
		fprintf(file, "%zu more %s are not shown\n",
			found - DIAGNOSTICS_KEPT_MAX, what);
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *file)
{
	const struct diagnostic *item;
	size_t i;

	for (i = 0; i < diagnostics->count; i++) {
		item = &diagnostics->items[i];
		print_place(&item->place, file);
		fprintf(file, "%s%s\n",
			item->severity == SEVERITY_WARNING ? "warning: " : "",
			item->text);
	}
	print_rest(diagnostics->errors, "errors", file);
	print_rest(diagnostics->warnings, "warnings", file);
	if (diagnostics->no_memory)
		fputs("the memory does not suffice to show every mistake\n",
		      file);
}
