/* SPDX-License-Identifier: MIT */

/*
 * exclaim: appends "!!!" to a word, as the bolt of Storm's first example does.
 *
 * Input:
 *	any stream with a string field of the name `field` (word)
 * Output:
 *	default: the same field (word: string); null stays null
 *
 * Example:
 *	bolts:
 *	  - {id: exclaim1, plugin: exclaim, parallelism: 3}
 *	  - {id: exclaim2, plugin: exclaim, options: {suffix: "?"}}
 */

#include <errno.h>
#include <string.h>

#include <gust/bolt.h>
#include <gust/kit/buffer.h>

struct exclaim {
	const char *field; /* options */
	const char *suffix;

	struct gust_field word;
	size_t suffix_length;
	struct buffer text;
};

static const struct gust_option exclaim_options[] = {
	{ .name = "field",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct exclaim, field),
	  .fallback = "word",
	  .help = "the string field to append to" },
	{ .name = "suffix",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct exclaim, suffix),
	  .fallback = "\"!!!\"",
	  .help = "what is appended" },
	{ .name = NULL },
};

static int exclaim_declare(void *self, struct gust_declaration *about,
			   struct gust_error *error)
{
	const struct exclaim *exclaim = self;
	const struct gust_column columns[] = {
		{ exclaim->field, GUST_STRING },
		{ NULL, GUST_NULL },
	};
	enum gust_type type;
	int r;

	r = gust_declared_type(about, exclaim->field, &type, error);
	if (r < 0)
		return r;
	if (type != GUST_STRING)
		return gust_error_set(error, -EINVAL,
				      "field '%s' is %s, expected string",
				      exclaim->field, gust_type_name(type));
	return gust_declare_stream(about, "default", columns);
}

static int exclaim_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct exclaim *exclaim = self;

	exclaim->suffix_length = strlen(exclaim->suffix);
	return gust_field(task, exclaim->field, GUST_STRING, &exclaim->word,
			  error);
}

static int exclaim_execute(void *self, struct gust_task *task,
			   const struct gust_tuple *in)
{
	struct exclaim *exclaim = self;
	const struct gust_text word = gust_text(in, exclaim->word);
	struct buffer *text = &exclaim->text;
	int r;

	if (gust_is_null(in, exclaim->word))
		return gust_emit(task, gust_null());
	text->used = 0;
	r = buffer_append(text, word.data, word.length);
	if (r == 0)
		r = buffer_append(text, exclaim->suffix,
				  exclaim->suffix_length);
	if (r < 0)
		return r;
	return gust_emit(task, gust_string(text->used > 0 ? text->data : "",
					   text->used));
}

static void exclaim_close(void *self)
{
	struct exclaim *exclaim = self;

	buffer_destroy(&exclaim->text);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "exclaim",
	.summary = "appends \"!!!\" to a word",
	.options = exclaim_options,
	.instance_size = sizeof(struct exclaim),
	.flags = GUST_DETERMINISTIC,
	.declare = exclaim_declare,
	.open = exclaim_open,
	.execute = exclaim_execute,
	.close = exclaim_close,
};
