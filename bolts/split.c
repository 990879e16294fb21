/* SPDX-License-Identifier: MIT */

/*
 * split: cuts a text into words.
 *
 * Emits the words of a string field one by one, in their order. Words are what
 * stands between whitespace as C has it (space, tab, newline, vertical tab,
 * form feed, carriage return), or between the bytes of `separators`. There are
 * no empty words, and null has none. All other bytes are taken as they are.
 *
 * Input:
 *	any stream with a string field of the name `field` (line)
 * Output:
 *	default: the field `output` (word: string)
 *
 * Example:
 *	bolts:
 *	  - {id: split, plugin: split, parallelism: 2}
 *	  - id: tags
 *	    plugin: split
 *	    options: {field: tags, output: tag, separators: ",;"}
 */

#include <errno.h>

#include <gust/bolt.h>

/* How much of a text is cut before the runtime is asked for room. */
#define SPLIT_STRETCH 4096u

struct split {
	const char *field; /* options */
	const char *output;
	const char *separators;

	struct gust_field text;
	bool separates[256];
	size_t at; /* where a text goes on that was given again */
};

static const struct gust_option split_options[] = {
	{ .name = "field",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct split, field),
	  .fallback = "line",
	  .help = "the string field to cut" },
	{ .name = "output",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct split, output),
	  .fallback = "word",
	  .help = "the name of the field that is emitted" },
	{ .name = "separators",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct split, separators),
	  .help = "the bytes that stand between words; whitespace if left "
		  "out" },
	{ .name = NULL },
};

static int split_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	const struct split *split = self;
	const struct gust_column columns[] = {
		{ split->output, GUST_STRING },
		{ NULL, GUST_NULL },
	};
	enum gust_type type;
	int r;

	r = gust_declared_type(about, split->field, &type, error);
	if (r < 0)
		return r;
	if (type != GUST_STRING)
		return gust_error_set(error, -EINVAL,
				      "field '%s' is %s, expected string",
				      split->field, gust_type_name(type));
	return gust_declare_stream(about, "default", columns);
}

static int split_open(void *self, struct gust_task *task,
		      struct gust_error *error)
{
	struct split *split = self;
	const char *p = split->separators;

	if (p == NULL)
		p = " \t\n\v\f\r";
	for (; *p != '\0'; p++)
		split->separates[(unsigned char)*p] = true;
	return gust_field(task, split->field, GUST_STRING, &split->text, error);
}

/*
 * A bit for each of the next bytes, at most 64, which is 1 for a separator; the
 * end of the text is one. Looking for the end of each word byte by byte would
 * be a branch that no processor foresees.
 */
static inline uint64_t split_mask(const struct split *split,
				  const unsigned char *bytes, size_t left)
{
	const size_t n = left < 64 ? left : 64;
	uint64_t mask = 0, byte;
	size_t i, j;

	for (i = 0; i + 8 <= n; i += 8) {
		for (byte = 0, j = 0; j < 8; j++)
			byte |= (uint64_t)split->separates[bytes[i + j]] << j;
		mask |= byte << i;
	}
	for (; i < n; i++)
		mask |= (uint64_t)split->separates[bytes[i]] << i;
	return n < 64 ? mask | UINT64_C(1) << n : mask;
}

static int split_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct split *split = self;
	const struct gust_text text = gust_text(in, split->text);
	const size_t begin = split->at;
	size_t at, start = begin, end;
	uint64_t mask;
	int r;

	split->at = 0;
	for (at = begin; at <= text.length; at += 64) {
		mask = split_mask(split, (const unsigned char *)text.data + at,
				  text.length - at);
		for (; mask != 0; mask &= mask - 1, start = end + 1) {
			end = at + (size_t)__builtin_ctzll(mask);
			if (end == start)
				continue;
			r = gust_emit(task, gust_string(text.data + start,
							end - start));
			if (r < 0)
				return r;
			/* The words of a long line would fill the memory. */
			if (end - begin >= SPLIT_STRETCH &&
			    gust_room(task) == 0) {
				split->at = end;
				return GUST_MORE;
			}
		}
	}
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "split",
	.summary = "cuts a text into words",
	.options = split_options,
	.instance_size = sizeof(struct split),
	.flags = GUST_DETERMINISTIC,
	.declare = split_declare,
	.open = split_open,
	.execute = split_execute,
};
