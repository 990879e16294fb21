/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_SPAN_H
#define GUST_KIT_SPAN_H

/*
 * What bolts with windows say of a window: a row begins with the values of its
 * keys, `window_start` and `window_end`, and ends with `firing`, on_time,
 * early or late, where the topology has a window handed over more than once.
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>
#include <gust/option.h>
#include <gust/stream.h>
#include <gust/tuple.h>
#include <gust/window.h>

/* How times are written: ints since 1970, rounded down, or texts. */
enum span_times { SPAN_MS, SPAN_S, SPAN_US, SPAN_NS, SPAN_RFC3339 };
extern const char *const span_choices[];

/* The entry of a plugin's table of options. */
#define SPAN_OPTION(owner, member)                                             \
	{                                                                      \
		.name = "times", .type = GUST_OPTION_ENUM,                     \
		.offset = offsetof(owner, member.times), .fallback = "ms",     \
		.help = "how the times of windows are written: a number "      \
			"since 1970, or rfc3339, a text in UTC",               \
		.choices = span_choices                                        \
	}

#define SPAN_KEYS_MAX 32u
#define SPAN_COLUMNS_MAX (SPAN_KEYS_MAX + 3u)
#define SPAN_TEXT_MAX 40u

struct span {
	int times; /* option */

	bool firing;
	size_t key_count;
	char begin[SPAN_TEXT_MAX], end[SPAN_TEXT_MAX];
};

/*
 * In declare(), where there is a window: writes the columns that rows begin
 * with, and returns how many they are, at most SPAN_KEYS_MAX + 2. -EINVAL or
 * -ENOENT set `error`. span_declare_end() writes what comes behind the results,
 * which is nothing or one, and an end without a name.
 */
int span_declare(struct span *span, const struct gust_declaration *about,
		 struct gust_column *columns, struct gust_error *error);
void span_declare_end(const struct span *span, struct gust_column *columns);

/* Writes the values that rows begin with, which are good until the next call,
 * and those that they end with. Both return how many they are. */
size_t span_values(struct span *span, const struct gust_window *window,
		   struct gust_value *row);
size_t span_values_end(const struct span *span,
		       const struct gust_window *window,
		       struct gust_value *row);

/* A time in ns since 1970 as such a value; a text is written to `text`. */
struct gust_value span_time(enum span_times times, int64_t time,
			    char text[SPAN_TEXT_MAX]);

/* The type of such a value. */
enum gust_type span_type(enum span_times times);

#endif
