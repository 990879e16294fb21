/* SPDX-License-Identifier: MIT */

/*
 * sample: lets a part of the tuples through.
 *
 * Say which part in one of three ways:
 *
 *	every: N			the first of each N tuples
 *	probability: P			each tuple with probability P
 *	probability: P, by: [FIELD...]	all tuples of a key, or none of them,
 *					for a part P of the keys
 *
 * With `by` a tuple's fate depends on the values of these fields and on the
 * seed only: it is the same in every task, every run, on every machine, and
 * when a tuple is emitted again after a failure. Without it each task draws or
 * counts for itself, so a tuple that comes again may fare otherwise. Null is a
 * value like others.
 *
 * What is not let through is done with: it is acked.
 *
 * Input:
 *	any streams, all with the same fields
 * Output:
 *	default: the fields of the input
 *
 * Example:
 *	bolts:
 *	  - id: some-users
 *	    plugin: sample
 *	    options: {probability: 0.01, by: [user]}
 */

#include <errno.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <gust/bolt.h>
#include <gust/kit/dice.h>
#include <gust/kit/forward.h>

#define SAMPLE_FIELDS_MAX 32u

struct sample {
	double probability; /* options */
	int64_t every;
	struct gust_list by;
	int64_t seed;

	struct forward forward;
	struct gust_field keys[SAMPLE_FIELDS_MAX];
	uint64_t below; /* random numbers below it are let through */
	bool all;       /* whatever they are */
	uint64_t state; /* of random numbers */
	int64_t left;   /* so many are passed over before the next one */
};

static const struct gust_option sample_options[] = {
	{ .name = "probability",
	  .type = GUST_OPTION_FLOAT,
	  .offset = offsetof(struct sample, probability),
	  .fallback = "-1",
	  .help = "the part that is let through, 0 to 1; -1: go by 'every'",
	  .min = -1,
	  .max = 1 },
	{ .name = "every",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct sample, every),
	  .fallback = "0",
	  .help = "one of so many is let through; 0: go by 'probability'",
	  .min = 0,
	  .max = 1e18 },
	{ .name = "by",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct sample, by),
	  .help = "the fields that decide, with 'probability'; at most 32" },
	{ .name = "seed",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct sample, seed),
	  .fallback = "1",
	  .help = "another seed lets others through" },
	{ .name = NULL },
};

static int sample_check(const struct sample *sample, struct gust_error *error)
{
	if (sample->probability != -1 && sample->probability < 0)
		return gust_error_set(error, -EINVAL,
				      "option 'probability' is %g, expected 0 "
				      "to 1",
				      sample->probability);
	if ((sample->probability < 0) == (sample->every == 0))
		return gust_error_set(error, -EINVAL,
				      "expected either option 'probability' "
				      "or option 'every'");
	if (sample->by.count > 0 && sample->every > 0)
		return gust_error_set(error, -EINVAL,
				      "option 'by' goes with 'probability', "
				      "not with 'every'");
	if (sample->by.count > SAMPLE_FIELDS_MAX)
		return gust_error_set(error, -EINVAL,
				      "option 'by' names %zu fields, expected "
				      "at most %u",
				      sample->by.count, SAMPLE_FIELDS_MAX);
	return 0;
}

static int sample_declare(void *self, struct gust_declaration *about,
			  struct gust_error *error)
{
	const struct sample *sample = self;
	enum gust_type type;
	size_t i;
	int r = sample_check(sample, error);

	for (i = 0; i < sample->by.count && r == 0; i++)
		r = gust_declared_type(about, sample->by.items[i], &type,
				       error);
	return r == 0 ? forward_declare(about, error) : r;
}

static int sample_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct sample *sample = self;
	size_t i;
	int r;

	sample->all = sample->probability >= 1;
	if (sample->probability > 0 && !sample->all)
		sample->below = (uint64_t)(sample->probability * 0x1p64);
	/* Tasks draw other numbers each. */
	sample->state = (uint64_t)sample->seed +
			gust_task_index(task) * UINT64_C(1000003);
	for (i = 0; i < sample->by.count; i++) {
		r = gust_field(task, sample->by.items[i], GUST_NULL,
			       &sample->keys[i], error);
		if (r < 0)
			return r;
	}
	return forward_open(&sample->forward, task, error);
}

/*
 * Not the hash by which tuples are grouped: what is let through would all go
 * to the same tasks.
 */
static uint64_t sample_hash(const struct sample *sample,
			    const struct gust_tuple *in)
{
	uint64_t hash = ~(uint64_t)sample->seed;
	struct gust_value value;
	size_t i;

	for (i = 0; i < sample->by.count; i++) {
		value = gust_value(in, sample->keys[i]);
		if (value.type == GUST_FLOAT && value.as.number == 0)
			value.as.number = 0;
		hash += value.type;
		if (value.type >= GUST_STRING)
			hash = XXH3_64bits_withSeed(value.as.data, value.length,
						    hash);
		else
			hash = XXH3_64bits_withSeed(&value.as.integer,
						    sizeof(int64_t), hash);
	}
	return hash;
}

static bool sample_takes(struct sample *sample, const struct gust_tuple *in)
{
	if (sample->every > 0) {
		if (sample->left-- > 0)
			return false;
		sample->left = sample->every - 1;
		return true;
	}
	if (sample->all)
		return true;
	if (sample->by.count > 0)
		return sample_hash(sample, in) < sample->below;
	return dice_roll(&sample->state) < sample->below;
}

static int sample_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct sample *sample = self;

	if (!sample_takes(sample, in))
		return 0;
	return forward_emit(&sample->forward, task, in);
}

static void sample_close(void *self)
{
	struct sample *sample = self;

	forward_close(&sample->forward);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "sample",
	.summary = "lets a part of the tuples through",
	.options = sample_options,
	.instance_size = sizeof(struct sample),
	.declare = sample_declare,
	.open = sample_open,
	.execute = sample_execute,
	.close = sample_close,
};
