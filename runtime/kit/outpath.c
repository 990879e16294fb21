/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "outpath.h"

#define OUTPATH_FIELDS "{task}, {number} or a time such as {%Y-%m-%d}"
/* What strftime() writes and strptime() reads back, whatever the locale and the
 * time zone. */
#define OUTPATH_TIMES "YmdHMSjFT"
#define OUTPATH_TIME_MAX ((size_t)64)

enum outpath_kind { OUTPATH_TEXT, OUTPATH_TASK, OUTPATH_NUMBER, OUTPATH_TIME };

struct outpath_part {
	enum outpath_kind kind;
	const char *text; /* or the format of a time */
	size_t length;
};

/*
 * Takes the next part off `*path`. 1, 0 at the end, or -EINVAL for a brace that
 * is alone and a field that is unknown.
 */
static int outpath_next(const char **path, struct outpath_part *part)
{
	const char *p = *path;
	size_t n = strcspn(p, "{}");

	part->kind = OUTPATH_TEXT;
	part->text = p;
	part->length = n > 0 ? n : 1;
	*path = p + n;
	if (n > 0 || *p == '\0')
		return n > 0;
	*path = p + 2;
	if (p[0] == p[1])
		return 1;
	part->text = p + 1;
	part->length = n = strcspn(p + 1, "{}");
	if (p[0] != '{' || p[n + 1] != '}')
		return -EINVAL;
	*path = p + n + 2;
	if (n == 4 && memcmp(part->text, "task", n) == 0)
		part->kind = OUTPATH_TASK;
	else if (n == 6 && memcmp(part->text, "number", n) == 0)
		part->kind = OUTPATH_NUMBER;
	else if (part->text[0] == '%')
		part->kind = OUTPATH_TIME;
	else
		return -EINVAL;
	return 1;
}

/* Copies the format of a time; false if it is not one that can be read. */
static bool outpath_format(const struct outpath_part *part,
			   char format[OUTPATH_TIME_MAX])
{
	const char *p;

	if (part->length >= OUTPATH_TIME_MAX)
		return false;
	memcpy(format, part->text, part->length);
	format[part->length] = '\0';
	for (p = strchr(format, '%'); p != NULL; p = strchr(p + 2, '%')) {
		if (p[1] == '\0' || strchr(OUTPATH_TIMES, p[1]) == NULL)
			return false;
	}
	return true;
}

int outpath_check(const char *path, bool rotates, struct gust_error *error)
{
	char format[OUTPATH_TIME_MAX];
	struct outpath_part part;
	const char *at = path;
	bool numbered = false;
	int r;

	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
		return gust_error_set(error, -EINVAL,
				      "option 'path' is '%s', expected the "
				      "path of a file",
				      path);
	while ((r = outpath_next(&at, &part)) == 1) {
		numbered = numbered || part.kind == OUTPATH_NUMBER;
		if (part.kind == OUTPATH_TIME && !outpath_format(&part, format))
			return gust_error_set(
				error, -EINVAL,
				"option 'path' has the time '{%.*s}', expected "
				"one of '%%' and a letter of '%s'",
				(int)part.length, part.text, OUTPATH_TIMES);
	}
	if (r < 0)
		return gust_error_set(error, -EINVAL,
				      "option 'path' is '%s', expected "
				      "%s between braces, or '{{' and '}}'",
				      path, OUTPATH_FIELDS);
	if (rotates && !numbered)
		return gust_error_set(error, -EINVAL,
				      "option 'path' is '%s', expected "
				      "{number} in it, which tells the files "
				      "of a rotation apart",
				      path);
	if (!rotates && numbered)
		return gust_error_set(error, -EINVAL,
				      "option 'path' has {number}, expected "
				      "'rotate_size' or 'rotate_every' with "
				      "it");
	return 0;
}

bool outpath_has_task(const char *path)
{
	struct outpath_part part;

	while (outpath_next(&path, &part) == 1) {
		if (part.kind == OUTPATH_TASK)
			return true;
	}
	return false;
}

static int outpath_field(const struct outpath_part *part,
			 const struct outpath_values *values,
			 struct buffer *name)
{
	char format[OUTPATH_TIME_MAX], text[4 * OUTPATH_TIME_MAX];
	struct tm tm = { 0 };
	size_t n;

	if (part->kind == OUTPATH_TEXT)
		return buffer_append(name, part->text, part->length);
	if (part->kind == OUTPATH_TASK)
		return buffer_int(name, values->task);
	if (part->kind == OUTPATH_NUMBER) {
		n = (size_t)snprintf(text, sizeof(text), "%06" PRIu64,
				     values->number);
		return buffer_append(name, text, n);
	}
	(void)outpath_format(part, format);
	gmtime_r(&values->begun, &tm);
	n = strftime(text, sizeof(text), format, &tm);
	return buffer_append(name, text, n);
}

int outpath_name(const char *path, const struct outpath_values *values,
		 const char *suffix, struct buffer *name)
{
	struct outpath_part part;
	int r = 0;

	name->used = 0;
	while (r == 0 && outpath_next(&path, &part) == 1)
		r = outpath_field(&part, values, name);
	if (r == 0)
		r = buffer_append(name, suffix, strlen(suffix) + 1);
	return r;
}

int outpath_find(const char *path, const char *suffix, glob_t *found)
{
	struct buffer pattern = { 0 };
	struct outpath_part part;
	size_t i;
	int r = 0;

	*found = (glob_t){ 0 };
	while (r == 0 && outpath_next(&path, &part) == 1) {
		if (part.kind != OUTPATH_TEXT)
			r = buffer_char(&pattern, '*');
		for (i = 0; part.kind == OUTPATH_TEXT && i < part.length; i++) {
			if (r == 0 && strchr("*?[]\\", part.text[i]) != NULL)
				r = buffer_char(&pattern, '\\');
			if (r == 0)
				r = buffer_char(&pattern, part.text[i]);
		}
	}
	if (r == 0)
		r = buffer_append(&pattern, suffix, strlen(suffix) + 1);
	if (r == 0)
		r = glob(pattern.data, GLOB_NOSORT, NULL, found);
	buffer_destroy(&pattern);
	if (r == GLOB_NOSPACE)
		return -ENOMEM;
	return r == 0 || r == GLOB_NOMATCH ? 0 : r == -ENOMEM ? r : -EIO;
}

static bool outpath_match(const char *path, const char *name,
			  const char *suffix, struct outpath_values *values);

/* Digits may end before the last one, if the rest needs them. */
static bool outpath_match_digits(const char *path, const char *name,
				 const char *suffix, enum outpath_kind kind,
				 struct outpath_values *values)
{
	uint64_t number = 0;

	for (; *name >= '0' && *name <= '9'; name++) {
		if (number > UINT64_MAX / 100)
			return false;
		number = 10 * number + (uint64_t)(*name - '0');
		if (!outpath_match(path, name + 1, suffix, values))
			continue;
		if (kind == OUTPATH_NUMBER)
			values->number = number;
		else
			values->task = (uint32_t)number;
		return kind == OUTPATH_NUMBER || number <= UINT32_MAX;
	}
	return false;
}

static bool outpath_match(const char *path, const char *name,
			  const char *suffix, struct outpath_values *values)
{
	char format[OUTPATH_TIME_MAX];
	struct outpath_part part;
	struct tm tm = { 0 };

	while (outpath_next(&path, &part) == 1) {
		if (part.kind == OUTPATH_TASK || part.kind == OUTPATH_NUMBER)
			return outpath_match_digits(path, name, suffix,
						    part.kind, values);
		if (part.kind == OUTPATH_TIME) {
			(void)outpath_format(&part, format);
			name = strptime(name, format, &tm);
			if (name == NULL)
				return false;
			continue;
		}
		if (strncmp(name, part.text, part.length) != 0)
			return false;
		name += part.length;
	}
	return strcmp(name, suffix) == 0;
}

bool outpath_matches(const char *path, const char *name, const char *suffix,
		     struct outpath_values *values)
{
	*values = (struct outpath_values){ 0 };
	return outpath_match(path, name, suffix, values);
}

int outpath_make_folders(const char *path, const char *name)
{
	struct outpath_part part;
	char folder[4096];
	size_t fixed = 0, i;

	/* The text before the first field is the same in both. */
	while (outpath_next(&path, &part) == 1 && part.kind == OUTPATH_TEXT)
		fixed += part.length;
	for (i = fixed; name[i] != '\0'; i++) {
		if (name[i] != '/')
			continue;
		if (i >= sizeof(folder))
			return -ENAMETOOLONG;
		memcpy(folder, name, i);
		folder[i] = '\0';
		if (mkdir(folder, 0777) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}
