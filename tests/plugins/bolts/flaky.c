/* SPDX-License-Identifier: MIT */

/* flaky: passes its only input on as it is, but fails each third tuple. */

#include <errno.h>

#include <gust/bolt.h>

#define FLAKY_FIELDS_MAX 16

struct flaky {
	uint64_t calls;
};

static int flaky_declare(void *self, struct gust_declaration *about,
			 struct gust_error *error)
{
	const struct gust_input *input = gust_declared_input(about, 0);

	(void)self;
	(void)error;
	if (input == NULL)
		return 0;
	return gust_declare_stream(about, "default", input->columns);
}

static int flaky_execute(void *self, struct gust_task *task,
			 const struct gust_tuple *in)
{
	struct gust_value values[FLAKY_FIELDS_MAX];
	struct flaky *flaky = self;

	if (in->fields > FLAKY_FIELDS_MAX)
		return -E2BIG;
	if (++flaky->calls % 3 == 0)
		return gust_fail(task, in, "each third one");
	for (uint16_t i = 0; i < in->fields; i++)
		values[i] = gust_value_at(in, i);
	return gust_emit_values(task, 0, values, in->fields);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "flaky",
	.summary = "fails each third tuple",
	.instance_size = sizeof(struct flaky),
	.declare = flaky_declare,
	.execute = flaky_execute,
};
