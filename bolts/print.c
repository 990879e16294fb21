/* SPDX-License-Identifier: MIT */

/*
 * print: writes a line for every tuple to standard output.
 *
 * The line is `template` with the value of field NAME in place of every
 * {NAME}; "{{" and "}}" stand for braces. Without a template the line is all
 * fields, separated by tabs. Strings, bytes and json are written as they are,
 * floats so that they read back to the same number, null as nothing.
 *
 * Lines are gathered and written together, at the latest when there is nothing
 * else to do. A tuple is acked when its line has been written.
 *
 * Input:
 *	any streams that have all fields of the template
 * Output:
 *	none
 *
 * Example:
 *	bolts:
 *	  - id: print
 *	    plugin: print
 *	    options: {template: "{word}\t{count}"}
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gust/bolt.h>

/* Lines are written when so much has been gathered. */
#define PRINT_GATHER ((size_t)32 * 1024)
#define PRINT_NAME_MAX 256u

/* A part of the template: text as it is, or a field. */
struct print_part {
	const char *text; /* the text, or the name between the braces */
	size_t length;
	bool is_field;
	struct gust_field field;
};

struct print {
	const char *template; /* option */

	struct print_part *parts;
	size_t part_count;
	char *lines; /* whole lines that wait to be written */
	size_t size, used;
	size_t written; /* so many of the bytes used are out already */
};

static const struct gust_option print_options[] = {
	{ .name = "template",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct print, template),
	  .help = "the line, with {NAME} for a field; all fields if left out" },
	{ .name = NULL },
};

/*
 * Takes the next part off the template at `*at`. 1, or 0 at its end; -EINVAL
 * for a brace that is alone.
 */
static int print_part(const struct print *print, const char **at,
		      struct print_part *part, struct gust_error *error)
{
	const char *p = *at;
	size_t n;

	if (*p == '\0')
		return 0;
	part->text = p;
	part->length = strcspn(p, "{}");
	part->is_field = false;
	*at = p + part->length;
	if (part->length > 0)
		return 1;
	if (p[0] == p[1]) {
		part->length = 1;
		*at = p + 2;
		return 1;
	}
	n = strcspn(p + 1, "{}");
	if (p[0] == '}' || p[1 + n] != '}')
		return gust_error_set(error, -EINVAL,
				      "option 'template': '%c' at character "
				      "%zu stands alone, expected {NAME}, "
				      "'{{' or '}}'",
				      *p, (size_t)(p - print->template) + 1);
	part->text = p + 1;
	part->length = n;
	part->is_field = true;
	*at = p + n + 2;
	return 1;
}

/* Copies the name of a field; the empty one if it is too long to be one. */
static const char *print_name(const struct print_part *part,
			      char name[PRINT_NAME_MAX])
{
	size_t length = part->length < PRINT_NAME_MAX ? part->length : 0;

	memcpy(name, part->text, length);
	name[length] = '\0';
	return name;
}

static int print_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	const struct print *print = self;
	const char *at = print->template;
	char name[PRINT_NAME_MAX];
	struct print_part part;
	enum gust_type type;
	int r;

	if (at == NULL)
		return 0;
	while ((r = print_part(print, &at, &part, error)) == 1) {
		if (!part.is_field)
			continue;
		r = gust_declared_type(about, print_name(&part, name), &type,
				       error);
		if (r < 0)
			return r;
	}
	return r;
}

static int print_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct print *print = self;
	const char *at = print->template;
	char name[PRINT_NAME_MAX];
	struct print_part *part;
	int r;

	print->size = 2 * PRINT_GATHER;
	print->lines = malloc(print->size);
	if (print->lines == NULL)
		return -ENOMEM;
	if (at == NULL)
		return 0;
	/* No part is shorter than a character. */
	print->parts = calloc(strlen(at) + 1, sizeof(*print->parts));
	if (print->parts == NULL)
		return -ENOMEM;
	for (;;) {
		part = &print->parts[print->part_count];
		r = print_part(print, &at, part, error);
		if (r != 1)
			return r;
		if (part->is_field)
			r = gust_field(task, print_name(part, name), GUST_NULL,
				       &part->field, error);
		if (r < 0)
			return r;
		print->part_count++;
	}
}

static int print_append(struct print *print, const char *data, size_t length)
{
	size_t size = print->size;
	char *grown;

	if (length > size - print->used) {
		while (length > size - print->used)
			size *= 2;
		grown = realloc(print->lines, size);
		if (grown == NULL)
			return -ENOMEM;
		print->lines = grown;
		print->size = size;
	}
	memcpy(print->lines + print->used, data, length);
	print->used += length;
	return 0;
}

static int print_int(struct print *print, int64_t integer)
{
	uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
	char digits[24], *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	if (integer < 0)
		*--p = '-';
	return print_append(print, p, (size_t)(digits + sizeof(digits) - p));
}

/* With as few digits as give the same number again. */
static int print_float(struct print *print, double number)
{
	char text[32];
	int digits, length = 0;

	for (digits = 15; digits <= 17; digits++) {
		length = snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	return print_append(print, text, (size_t)length);
}

static int print_value(struct print *print, struct gust_value value)
{
	switch (value.type) {
	case GUST_NULL:
		return 0;
	case GUST_BOOL:
		return value.as.integer != 0 ? print_append(print, "true", 4)
					     : print_append(print, "false", 5);
	case GUST_INT:
		return print_int(print, value.as.integer);
	case GUST_FLOAT:
		return print_float(print, value.as.number);
	default:
		return print_append(print, value.as.data, value.length);
	}
}

static int print_line(struct print *print, const struct gust_tuple *in)
{
	const struct print_part *part;
	size_t i, n = print->template == NULL ? in->fields : print->part_count;
	int r = 0;

	for (i = 0; i < n && r == 0; i++) {
		if (print->template == NULL) {
			if (i > 0)
				r = print_append(print, "\t", 1);
			if (r == 0)
				r = print_value(print, gust_value_at(in, i));
			continue;
		}
		part = &print->parts[i];
		if (part->is_field)
			r = print_value(print, gust_value(in, part->field));
		else
			r = print_append(print, part->text, part->length);
	}
	return r == 0 ? print_append(print, "\n", 1) : r;
}

/*
 * Writes what was gathered. -EAGAIN: some of it is left; -EPIPE: the reader
 * has gone. Other failures are those of the tuples whose lines are lost.
 */
static int print_write(struct print *print, struct gust_task *task)
{
	ssize_t n;

	while (print->written < print->used) {
		n = gust_stdout_write(task, print->lines + print->written,
				      print->used - print->written);
		if (n == 0)
			n = -EAGAIN;
		if (n == -EAGAIN)
			return gust_not_now(task, "standard output is full");
		if (n == -EPIPE)
			return -EPIPE;
		if (n < 0) {
			print->written = 0;
			print->used = 0;
			gust_batch_fail(task, "standard output: %s",
					strerror((int)-n));
			return 0;
		}
		print->written += (size_t)n;
	}
	if (print->used > 0)
		gust_batch_ack(task);
	print->written = 0;
	print->used = 0;
	return 0;
}

static int print_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct print *print = self;
	size_t before;
	int r;

	/* What is partly out must go first: its tuples could never be acked
	 * if more were added for ever. */
	if (print->written > 0 || print->used >= PRINT_GATHER) {
		r = print_write(print, task);
		if (r < 0)
			return r;
	}
	before = print->used;
	r = print_line(print, in);
	if (r == 0)
		r = gust_batch_add(task, in);
	if (r < 0) {
		print->used = before;
		return r;
	}
	/* The tuple is in the batch now; the next call tells of trouble. */
	if (print->used >= PRINT_GATHER)
		(void)print_write(print, task);
	return 0;
}

static int print_flush(void *self, struct gust_task *task)
{
	return print_write(self, task);
}

static void print_close(void *self)
{
	struct print *print = self;

	free(print->parts);
	free(print->lines);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "print",
	.summary = "writes a line for every tuple to standard output",
	.options = print_options,
	.instance_size = sizeof(struct print),
	.flags = GUST_STDOUT,
	.declare = print_declare,
	.open = print_open,
	.execute = print_execute,
	.idle = print_flush,
	.flush = print_flush,
	.close = print_close,
};
