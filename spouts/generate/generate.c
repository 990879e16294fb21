/* SPDX-License-Identifier: MIT */

/*
 * generate: makes tuples up, from a seed.
 *
 * `fields` names the fields to emit and says what each one holds:
 *
 *	sequence [FIRST]	int: FIRST (0), and one more each time
 *	number LOW HIGH		int between two ints, or float if one has a
 *				point; both ends included, all alike
 *	normal MEAN DEVIATION	float: normally distributed
 *	zipf N EXPONENT		int: 1 to N (at most 1000000), by Zipf's law:
 *				k comes k^EXPONENT times more rarely than 1
 *	time START STEP [DISORDER]
 *				int: milliseconds since 1970. START is such a
 *				number or a time in UTC as 2026-11-21 or
 *				2026-11-21T12:00:00; STEP later each time
 *				(100us, 250ms, 1.5s, 2m, 1h, 1d), and up to
 *				DISORDER earlier than that, at random
 *	choice WORD...		string: one of the words
 *	word [EXPONENT [WORD...]]
 *				string: one of the words (250 common English
 *				ones), by Zipf's law in their order; without
 *				an EXPONENT all alike
 *	sentence N [WORD...]	string: N of the words (some of Storm's), with
 *				a space between
 *	template TEXT		string: TEXT with the value of field NAME in
 *				place of {NAME}, which stands before this one;
 *				"{{" and "}}" stand for braces
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
 *	      fields:
 *	        id: sequence
 *	        time: time 2026-11-21T08:00:00 20ms 5s
 *	        item: choice tea milk
 *	        price: number 0.5 9
 *	        number: zipf 1000 1.1
 *	        customer: template customer-{number}
 *	      rate: 1000
 *	      count: 60000
 */

#include <errno.h>

#include <gust/kit/dice.h>
#include <gust/kit/timetable.h>
#include <gust/spout.h>

#include "maker.h"

#define GENERATE_FIELDS_MAX 32u

struct generate {
	struct gust_map fields; /* options */
	double rate;
	int64_t count;
	int64_t seed;

	struct maker makers[GENERATE_FIELDS_MAX];
	uint64_t number; /* of the next tuple, counted over all tasks */
	uint64_t step;   /* from it to the one after it: how many tasks */
	struct timetable table;
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

static int generate_parse(const struct generate *generate, size_t at,
			  struct spec *spec, struct gust_error *error)
{
	const struct gust_map *fields = &generate->fields;
	int r = spec_parse(fields->keys[at], fields->values[at], spec, error);

	return r == 0 ? maker_check(spec, fields->keys, at, error) : r;
}

static int generate_declare(void *self, struct gust_declaration *about,
			    struct gust_error *error)
{
	const struct generate *generate = self;
	struct gust_column columns[GENERATE_FIELDS_MAX + 1];
	size_t i, n = generate->fields.count;
	struct spec spec;
	int r;

	if (n == 0 || n > GENERATE_FIELDS_MAX)
		return gust_error_set(error, -EINVAL,
				      "option 'fields' names %zu fields, "
				      "expected 1 to %u",
				      n, GENERATE_FIELDS_MAX);
	for (i = 0; i < n; i++) {
		r = generate_parse(generate, i, &spec, error);
		if (r < 0)
			return r;
		columns[i].name = generate->fields.keys[i];
		columns[i].type = spec_type(&spec);
	}
	columns[n] = (struct gust_column){ NULL, GUST_NULL };
	return gust_declare_stream(about, "default", columns);
}

static int generate_open(void *self, struct gust_task *task,
			 struct gust_error *error)
{
	struct generate *generate = self;
	struct spec spec;
	size_t i;
	int r = 0;

	generate->number = gust_task_index(task);
	generate->step = gust_task_count(task);
	for (i = 0; i < generate->fields.count && r == 0; i++) {
		r = generate_parse(generate, i, &spec, error);
		if (r == 0)
			r = maker_open(&generate->makers[i], &spec,
				       generate->fields.keys, i);
	}
	return r;
}

static int generate_next(void *self, struct gust_task *task)
{
	struct generate *generate = self;
	struct gust_value row[GENERATE_FIELDS_MAX];
	uint64_t number = generate->number, state;
	size_t i, n = generate->fields.count;
	int r;

	if (generate->count >= 0 && number >= (uint64_t)generate->count)
		return GUST_DONE;
	if (generate->rate > 0) {
		r = timetable_wait(&generate->table, task, number,
				   generate->rate);
		if (r != 0)
			return r;
	}
	state = dice_begin((uint64_t)generate->seed, number);
	for (i = 0; i < n; i++) {
		r = maker_make(&generate->makers[i], number, &state, row, i);
		if (r < 0)
			return r;
	}
	generate->number += generate->step;
	return gust_emit_values(task, 0, row, n);
}

static void generate_close(void *self)
{
	struct generate *generate = self;
	size_t i;

	for (i = 0; i < GENERATE_FIELDS_MAX; i++)
		maker_close(&generate->makers[i]);
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
