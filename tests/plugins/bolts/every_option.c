/* SPDX-License-Identifier: MIT */

/* every_option: an option of each type, a declared stream, and nothing else. */

#include <gust/bolt.h>

struct every_option {
	const char *word;
	int64_t times;
	double share;
	bool loud;
	uint64_t every;
	uint64_t room;
	int mode;
	struct gust_list by;
	struct gust_map labels;
	const char *password;
};

static const char *const every_option_modes[] = { "running", "final", NULL };

#define AT(member) offsetof(struct every_option, member)

static const struct gust_option every_option_options[] = {
	{ "word", GUST_OPTION_STRING, AT(word), NULL, "a word", GUST_REQUIRED,
	  0, 0, NULL },
	{ "times", GUST_OPTION_INT, AT(times), "3", "how often", 0, 1, 10,
	  NULL },
	{ "share", GUST_OPTION_FLOAT, AT(share), "0.5", "how much", 0, 0, 1,
	  NULL },
	{ "loud", GUST_OPTION_BOOL, AT(loud), "true", "how loud", 0, 0, 0,
	  NULL },
	{ "every", GUST_OPTION_DURATION, AT(every), "1.5s", "how long", 0, 1e6,
	  60e9, NULL },
	{ "room", GUST_OPTION_SIZE, AT(room), "64KiB", "how large", 0, 0, 0,
	  NULL },
	{ "mode", GUST_OPTION_ENUM, AT(mode), "final", "which way", 0, 0, 0,
	  every_option_modes },
	{ "by", GUST_OPTION_LIST, AT(by), "a, b", "which fields", 0, 0, 0,
	  NULL },
	{ "labels", GUST_OPTION_MAP, AT(labels), "k: v, l: w", "which names", 0,
	  0, 0, NULL },
	{ "password", GUST_OPTION_STRING, AT(password), NULL, "whose",
	  GUST_SECRET, 0, 0, NULL },
	{ 0 },
};

static const struct gust_column every_option_columns[] = {
	{ "word", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream every_option_streams[] = {
	{ "default", every_option_columns },
	{ NULL, NULL },
};

static int every_option_declare(void *self, struct gust_declaration *about,
				struct gust_error *error)
{
	struct gust_column columns[] = { { "", GUST_NULL },
					 { NULL, GUST_NULL } };
	struct every_option *every = self;
	int r;

	columns[0].name = every->word;
	r = gust_declared_type(about, every->word, &columns[0].type, error);
	return r < 0 ? r : gust_declare_stream(about, "extra", columns);
}

static int every_option_execute(void *self, struct gust_task *task,
				const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "every_option",
	.summary = "has an option of each type",
	.options = every_option_options,
	.streams = every_option_streams,
	.instance_size = sizeof(struct every_option),
	.flags = GUST_DETERMINISTIC,
	.declare = every_option_declare,
	.execute = every_option_execute,
};
