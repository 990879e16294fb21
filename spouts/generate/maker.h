/* SPDX-License-Identifier: MIT */
#ifndef GENERATE_MAKER_H
#define GENERATE_MAKER_H

/* Makes the values of one field, as its spec says. One thread. */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/tuple.h>

#include "spec.h"
#include "zipf.h"

struct maker_part; /* of a template */

/* All zero before maker_open(). */
struct maker {
	struct spec spec;
	struct gust_text *words; /* they point into the spec */
	size_t word_count;
	struct zipf zipf;
	struct maker_part *parts;
	size_t part_count;
	struct buffer text; /* of a sentence or template */
};

/*
 * Whether the template of `spec`, which is that of field `at` of `names`, names
 * fields before it only. -EINVAL sets `error`. Other specs are good.
 */
int maker_check(const struct spec *spec, const char *const *names, size_t at,
		struct gust_error *error);

/* Prepares; `spec` has passed maker_check(). 0 or -ENOMEM. */
int maker_open(struct maker *maker, const struct spec *spec,
	       const char *const *names, size_t at);

/*
 * Makes row[at] for tuple `number`; those before it are made. A text is good
 * until the next call. 0 or -ENOMEM.
 */
int maker_make(struct maker *maker, uint64_t number, uint64_t *state,
	       struct gust_value *row, size_t at);

/* Also after maker_open() has failed. */
void maker_close(struct maker *maker);

#endif
