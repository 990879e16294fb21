/* SPDX-License-Identifier: MIT */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gust/kit/span.h>

#define SPAN_SECOND INT64_C(1000000000)

const char *const span_choices[] = { "ms", "s", "us", "ns", "rfc3339", NULL };

enum gust_type span_type(enum span_times times)
{
	return times == SPAN_RFC3339 ? GUST_STRING : GUST_INT;
}

int span_declare(struct span *span, const struct gust_declaration *about,
		 struct gust_column *columns, struct gust_error *error)
{
	const struct gust_window_spec *spec = gust_declared_window(about);
	const enum gust_type type = span_type((enum span_times)span->times);
	size_t i;
	int r;

	assert(spec != NULL);
	if (spec->key_count > SPAN_KEYS_MAX)
		return gust_error_set(error, -EINVAL,
				      "'keys' of 'window' has %zu fields, "
				      "expected at most %u",
				      spec->key_count, SPAN_KEYS_MAX);
	for (i = 0; i < spec->key_count; i++) {
		columns[i].name = spec->keys[i];
		r = gust_declared_type(about, spec->keys[i], &columns[i].type,
				       error);
		if (r < 0)
			return r;
	}
	columns[i++] = (struct gust_column){ "window_start", type };
	columns[i++] = (struct gust_column){ "window_end", type };
	span->firing = spec->early > 0 || spec->lateness > 0;
	span->key_count = spec->key_count;
	return (int)i;
}

void span_declare_end(const struct span *span, struct gust_column *columns)
{
	if (span->firing)
		*columns++ = (struct gust_column){ "firing", GUST_STRING };
	*columns = (struct gust_column){ NULL, GUST_NULL };
}

/* As many digits behind the point as it takes: none, 3, 6 or 9. */
static void span_fraction(int64_t ns, char *text, size_t size)
{
	if (ns == 0)
		snprintf(text, size, "Z");
	else if (ns % 1000000 == 0)
		snprintf(text, size, ".%03dZ", (int)(ns / 1000000));
	else if (ns % 1000 == 0)
		snprintf(text, size, ".%06dZ", (int)(ns / 1000));
	else
		snprintf(text, size, ".%09dZ", (int)ns);
}

struct gust_value span_time(enum span_times times, int64_t time,
			    char text[SPAN_TEXT_MAX])
{
	static const int64_t units[] = { 1000000, SPAN_SECOND, 1000, 1,
					 SPAN_SECOND };
	const int64_t unit = units[times];
	int64_t count = time / unit - (time % unit < 0), rest;
	struct tm tm;
	time_t seconds;
	size_t n;

	if (times != SPAN_RFC3339)
		return gust_int(count);
	rest = time % unit + (time % unit < 0 ? unit : 0);
	seconds = (time_t)count;
	gmtime_r(&seconds, &tm);
	n = strftime(text, SPAN_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	span_fraction(rest, text + n, SPAN_TEXT_MAX - n);
	return gust_string(text, strlen(text));
}

size_t span_values(struct span *span, const struct gust_window *window,
		   struct gust_value *row)
{
	const enum span_times times = (enum span_times)span->times;
	size_t i;

	assert(window->key_count == span->key_count);
	for (i = 0; i < window->key_count; i++)
		row[i] = window->keys[i];
	row[i++] = span_time(times, window->begin, span->begin);
	row[i++] = span_time(times, window->end, span->end);
	return i;
}

size_t span_values_end(const struct span *span,
		       const struct gust_window *window, struct gust_value *row)
{
	static const char *const names[] = { [GUST_ON_TIME] = "on_time",
					     [GUST_EARLY] = "early",
					     [GUST_LATE] = "late" };
	const char *name = names[window->firing];

	if (!span->firing)
		return 0;
	row[0] = gust_string(name, strlen(name));
	return 1;
}
