/* SPDX-License-Identifier: MIT */

/*
 * generate: makes tuples up, from a seed.
 *
 * `fields` names the fields to emit and says what each one holds:
 *
 *	sequence [FIRST]	int: FIRST (0), and one more each time
 *	number LOW HIGH		int between two ints, or float if one has a
 *				point; both ends included
 *	choice WORD...		string: one of the words
 *	sentence N [WORD...]	string: N of the words (some of Storm's), with
 *				a space between
 *
 * The k-th tuple depends on the seed and on k only, so any number of tasks
 * makes the same ones together; each task makes its share of `count` and of
 * `rate`. A rate is a timetable: who was held up by slow bolts catches up.
 * Failed tuples are emitted again.
 *
 * Output:
 *	default: the fields, in their order
 *
 * Example:
 *	spouts:
 *	  - id: sales
 *	    plugin: generate
 *	    options:
 *	      fields: {id: sequence, item: choice tea milk, price: number 0.5 9}
 *	      rate: 1000
 *	      count: 60000
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gust/spout.h>

#define GENERATE_FIELDS_MAX 32u
#define GENERATE_WORDS_MAX 10000

enum generate_kind {
	GENERATE_SEQUENCE,
	GENERATE_INT,
	GENERATE_FLOAT,
	GENERATE_CHOICE,
	GENERATE_SENTENCE
};

struct generate_field {
	enum generate_kind kind;
	int64_t low, high; /* the ends; the first; or how many words */
	double low_float, high_float;
	struct gust_text *words; /* they point into the option */
	size_t word_count;
	char *sentence;
};

struct generate {
	struct gust_map fields; /* options */
	double rate;
	int64_t count;
	int64_t seed;

	struct generate_field made[GENERATE_FIELDS_MAX];
	uint64_t number; /* of the next tuple, counted over all tasks */
	uint64_t step;   /* from it to the one after it: how many tasks */
	uint64_t start;  /* when the first tuple is due; 0 before next() */
};

static const struct gust_option generate_options[] = {
	{ .name = "fields",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct generate, fields),
	  .help = "field names, and what each holds; at most 32",
	  .flags = GUST_REQUIRED },
	{ .name = "rate",
	  .type = GUST_OPTION_FLOAT,
	  .offset = offsetof(struct generate, rate),
	  .fallback = "0",
	  .help = "tuples a second, of all tasks together; 0: no limit",
	  .min = 0,
	  .max = 1e9 },
	{ .name = "count",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct generate, count),
	  .fallback = "-1",
	  .help = "how many tuples, of all tasks together; -1: no end",
	  .min = -1,
	  .max = 1e18 },
	{ .name = "seed",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct generate, seed),
	  .fallback = "1",
	  .help = "the same seed gives the same tuples" },
	{ .name = NULL },
};

/* What Storm's word count says. */
static const char generate_storm[] =
	"the cow jumped over the moon an apple a day keeps the doctor away "
	"four score and seven years ago snow white and the seven dwarfs "
	"i am at two with nature";

/* The word at `*at`, which is moved behind it; of length 0 at the end. */
static struct gust_text generate_word(const char **at)
{
	struct gust_text word;

	word.data = *at + strspn(*at, " \t\n");
	word.length = strcspn(word.data, " \t\n");
	*at = word.data + word.length;
	return word;
}

static bool generate_is(struct gust_text word, const char *name)
{
	return strlen(name) == word.length &&
	       memcmp(word.data, name, word.length) == 0;
}

/* A whole number between two others; `*at` is moved behind it. */
static bool generate_integer(const char **at, int64_t min, int64_t max,
			     int64_t *integer)
{
	const struct gust_text word = generate_word(at);
	char *end;

	errno = 0;
	*integer = strtoll(word.data, &end, 10);
	return errno == 0 && word.length > 0 &&
	       end == word.data + word.length && *integer >= min &&
	       *integer <= max;
}

static bool generate_number(const char **at, struct generate_field *field)
{
	const char *integers = *at;
	struct gust_text low = generate_word(at), high = generate_word(at);
	char *low_end, *high_end;

	if (low.length == 0 || high.length == 0)
		return false;
	field->kind = GENERATE_INT;
	if (generate_integer(&integers, INT64_MIN, INT64_MAX, &field->low) &&
	    generate_integer(&integers, INT64_MIN, INT64_MAX, &field->high))
		return field->low <= field->high;
	field->kind = GENERATE_FLOAT;
	field->low_float = strtod(low.data, &low_end);
	field->high_float = strtod(high.data, &high_end);
	/* The distance must be a number, too. */
	return low_end == low.data + low.length &&
	       high_end == high.data + high.length &&
	       field->high_float - field->low_float >= 0 &&
	       field->high_float - field->low_float <= 1e300;
}

/* The words at `at`; with `words` NULL they are only counted. */
static size_t generate_words(const char *at, struct gust_text *words)
{
	struct gust_text word = generate_word(&at);
	size_t n = 0;

	for (; word.length > 0; word = generate_word(&at), n++)
		if (words != NULL)
			words[n] = word;
	return n;
}

/*
 * Reads what a field is to hold; `*at` is then where its words begin. Allocates
 * nothing.
 */
static int generate_parse(const char *name, const char *text,
			  struct generate_field *field, const char **at,
			  struct gust_error *error)
{
	struct gust_text kind;
	bool good = false;

	*at = text;
	kind = generate_word(at);
	memset(field, 0, sizeof(*field));
	if (generate_is(kind, "sequence")) {
		field->kind = GENERATE_SEQUENCE;
		good = **at == '\0' ||
		       generate_integer(at, INT64_MIN, INT64_MAX, &field->low);
		good = good && generate_words(*at, NULL) == 0;
	} else if (generate_is(kind, "number")) {
		good = generate_number(at, field) &&
		       generate_words(*at, NULL) == 0;
	} else if (generate_is(kind, "choice")) {
		field->kind = GENERATE_CHOICE;
		good = generate_words(*at, NULL) > 0;
	} else if (generate_is(kind, "sentence")) {
		field->kind = GENERATE_SENTENCE;
		good = generate_integer(at, 1, GENERATE_WORDS_MAX, &field->low);
		if (good && generate_words(*at, NULL) == 0)
			*at = generate_storm;
	}
	if (good)
		return 0;
	return gust_error_set(error, -EINVAL,
			      "option 'fields': '%s' is '%s', expected "
			      "'sequence [FIRST]', 'number LOW HIGH', "
			      "'choice WORD...' or 'sentence N [WORD...]'",
			      name, text);
}

static enum gust_type generate_type(enum generate_kind kind)
{
	switch (kind) {
	case GENERATE_SEQUENCE:
	case GENERATE_INT:
		return GUST_INT;
	case GENERATE_FLOAT:
		return GUST_FLOAT;
	default:
		return GUST_STRING;
	}
}

static int generate_declare(void *self, struct gust_declaration *about,
			    struct gust_error *error)
{
	const struct generate *generate = self;
	struct gust_column columns[GENERATE_FIELDS_MAX + 1];
	size_t i, n = generate->fields.count;
	struct generate_field field;
	const char *at;
	int r;

	if (n == 0 || n > GENERATE_FIELDS_MAX)
		return gust_error_set(error, -EINVAL,
				      "option 'fields' names %zu fields, "
				      "expected 1 to %u",
				      n, GENERATE_FIELDS_MAX);
	for (i = 0; i < n; i++) {
		columns[i].name = generate->fields.keys[i];
		r = generate_parse(columns[i].name, generate->fields.values[i],
				   &field, &at, error);
		if (r < 0)
			return r;
		columns[i].type = generate_type(field.kind);
	}
	columns[n] = (struct gust_column){ NULL, GUST_NULL };
	return gust_declare_stream(about, "default", columns);
}

/* Takes the words of a field, and room for its sentences. */
static int generate_prepare(struct generate_field *field, const char *at)
{
	size_t i, longest = 0;

	field->word_count = generate_words(at, NULL);
	field->words = calloc(field->word_count, sizeof(*field->words));
	if (field->words == NULL)
		return -ENOMEM;
	generate_words(at, field->words);
	if (field->kind != GENERATE_SENTENCE)
		return 0;
	for (i = 0; i < field->word_count; i++)
		if (field->words[i].length > longest)
			longest = field->words[i].length;
	field->sentence = malloc((size_t)field->low * (longest + 1));
	return field->sentence != NULL ? 0 : -ENOMEM;
}

static int generate_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct generate *generate = self;
	const char *at;
	size_t i;
	int r;

	generate->number = gust_task_index(task);
	generate->step = gust_task_count(task);
	for (i = 0; i < generate->fields.count; i++) {
		r = generate_parse(generate->fields.keys[i],
				   generate->fields.values[i],
				   &generate->made[i], &at, error);
		if (r == 0 && generate->made[i].kind >= GENERATE_CHOICE)
			r = generate_prepare(&generate->made[i], at);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The splitmix64 of Sebastiano Vigna, https://prng.di.unimi.it/splitmix64.c */
static uint64_t generate_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static struct gust_text generate_choose(const struct generate_field *field,
					uint64_t *state)
{
	return field->words[generate_random(state) % field->word_count];
}

static struct gust_value generate_sentence(struct generate_field *field,
					   uint64_t *state)
{
	struct gust_text word;
	char *at = field->sentence;
	int64_t i;

	for (i = 0; i < field->low; i++) {
		if (i > 0)
			*at++ = ' ';
		word = generate_choose(field, state);
		memcpy(at, word.data, word.length);
		at += word.length;
	}
	return gust_string(field->sentence, (size_t)(at - field->sentence));
}

static struct gust_value generate_value(struct generate_field *field,
					uint64_t number, uint64_t *state)
{
	struct gust_text word;
	uint64_t width;
	double part;

	switch (field->kind) {
	case GENERATE_SEQUENCE:
		return gust_int((int64_t)((uint64_t)field->low + number));
	case GENERATE_INT:
		/* 0 where the ends are those of the type. */
		width = (uint64_t)field->high - (uint64_t)field->low + 1;
		number = generate_random(state);
		number = width == 0 ? number : number % width;
		return gust_int((int64_t)((uint64_t)field->low + number));
	case GENERATE_FLOAT:
		part = (double)(generate_random(state) >> 11) /
		       (double)((UINT64_C(1) << 53) - 1);
		return gust_float(field->low_float * (1 - part) +
				  field->high_float * part);
	case GENERATE_CHOICE:
		word = generate_choose(field, state);
		return gust_string(word.data, word.length);
	case GENERATE_SENTENCE:
		return generate_sentence(field, state);
	}
	return gust_null();
}

static int generate_next(void *self, struct gust_task *task)
{
	struct generate *generate = self;
	struct gust_value row[GENERATE_FIELDS_MAX];
	uint64_t number = generate->number, state, due, now;
	size_t i, n = generate->fields.count;

	if (generate->count >= 0 && number >= (uint64_t)generate->count)
		return GUST_DONE;
	if (generate->rate > 0) {
		now = gust_now(task);
		if (generate->start == 0)
			generate->start = now;
		due = generate->start +
		      (uint64_t)((double)number * 1e9 / generate->rate);
		if (now < due)
			return gust_wait_until(task, due);
	}
	/* Mixed once, so that neighbours have nothing in common. */
	state = (uint64_t)generate->seed;
	state = generate_random(&state) ^ number;
	state = generate_random(&state);
	for (i = 0; i < n; i++)
		row[i] = generate_value(&generate->made[i], number, &state);
	generate->number += generate->step;
	return gust_emit_values(task, 0, row, n);
}

static void generate_close(void *self)
{
	struct generate *generate = self;
	size_t i;

	for (i = 0; i < generate->fields.count && i < GENERATE_FIELDS_MAX;
	     i++) {
		free(generate->made[i].words);
		free(generate->made[i].sentence);
	}
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "generate",
	.summary = "makes tuples up, from a seed",
	.options = generate_options,
	.instance_size = sizeof(struct generate),
	.flags = GUST_DETERMINISTIC,
	.replay = GUST_REPLAY_RECORD,
	.declare = generate_declare,
	.open = generate_open,
	.next = generate_next,
	.close = generate_close,
};
