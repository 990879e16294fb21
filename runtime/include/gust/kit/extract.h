/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_EXTRACT_H
#define GUST_KIT_EXTRACT_H

/*
 * What bolts have in common that parse one field and emit what they found:
 * parse_json, parse_csv, parse_log and grep.
 *
 * Their options mean the same everywhere:
 *
 *	field	the field that is parsed: string, bytes or json
 *	keep	fields of the input that are emitted, too, as they are
 *
 * What is emitted on `default` is what `outputs:` of the topology says, where
 * it says something: fields named in `keep` are taken from the input, all
 * others are what the bolt finds by that name, cast to the type that stands
 * there. Without `outputs:` it is the fields of `keep`, then all that the bolt
 * can name by itself, if it can.
 *
 * What cannot be parsed is put aside; see gust/kit/aside.h. One thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/aside.h>
#include <gust/kit/buffer.h>
#include <gust/option.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

struct extract_place; /* where a field of the output comes from */

struct extract {
	/* Options. */
	const char *field;
	struct gust_list keep;
	struct aside aside;

	/* From extract_open() on: what the bolt has to find, and the values
	 * that it found, one a column. */
	struct gust_column *columns;
	size_t count;
	struct gust_value *values;

	struct gust_field text;
	struct extract_place *places; /* one a field of the output */
	size_t place_count;
	struct gust_value *row;
	struct buffer scratch;
};

/* The entries of the options `field` and `keep`, where `member` of `type` is
 * the struct extract. */
#define EXTRACT_OPTIONS(type_name, member)                                     \
	{ .name = "field",                                                     \
	  .type = GUST_OPTION_STRING,                                          \
	  .offset = offsetof(type_name, member.field),                         \
	  .fallback = "line",                                                  \
	  .help = "the field to parse" },                                      \
	{                                                                      \
		.name = "keep", .type = GUST_OPTION_LIST,                      \
		.offset = offsetof(type_name, member.keep),                    \
		.help = "fields of the input that are emitted, too"            \
	}

/* The entry of the option `unparsed`, and the stream of that name. */
#define EXTRACT_UNPARSED "unparsed"
#define EXTRACT_UNPARSED_OPTION(type_name, member)                             \
	{                                                                      \
		.name = EXTRACT_UNPARSED, .type = GUST_OPTION_ENUM,            \
		.offset = offsetof(type_name, member.aside.where),             \
		.fallback = "dead_letter",                                     \
		.help = "where records go that cannot be parsed",              \
		.choices = aside_choices                                       \
	}

/*
 * In declare(): checks the options and declares `default`. `known` is what the
 * bolt can name by itself, or NULL; if it is `all` it can name, `outputs:` must
 * name nothing else. The stream for what is put aside is the bolt's to declare,
 * behind this call. -EINVAL, -ENOENT with `error`, -ENOMEM.
 */
int extract_declare(const struct extract *extract,
		    struct gust_declaration *about,
		    const struct gust_column *known, bool all,
		    struct gust_error *error);

/* In open(), before aside_open(). -ENOMEM, or as gust_field(). */
int extract_open(struct extract *extract, struct gust_task *task,
		 struct gust_error *error);

/*
 * Begins a record: sets all values to null and `*text` to what is to be
 * parsed. 0; 1 if that is null, and the caller returns `*result`.
 */
int extract_begin(struct extract *extract, struct gust_task *task,
		  const struct gust_tuple *in, struct gust_text *text,
		  int *result);

/*
 * Emits the values, each cast to its column's type, and what is kept. What
 * cannot be cast, or is too long for a tuple, is put aside. Returns what
 * execute() has to return.
 */
int extract_emit(struct extract *extract, struct gust_task *task,
		 const struct gust_tuple *in);

/* Also after extract_open() has failed; closes `aside`, too. */
void extract_close(struct extract *extract);

#endif
