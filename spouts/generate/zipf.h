/* SPDX-License-Identifier: MIT */
#ifndef GENERATE_ZIPF_H
#define GENERATE_ZIPF_H

/*
 * Numbers by Zipf's law: of 0 to n - 1 the k-th is drawn (k + 1)^-s as often
 * as the first. One table of 8 bytes a number and one random number a draw:
 * M. D. Vose, A linear algorithm for generating random numbers with a given
 * distribution, IEEE TSE 17 (1991). One thread.
 */

#include <stddef.h>
#include <stdint.h>

#define ZIPF_MAX 1000000u

struct zipf_column; /* of the table */

/* All zero before zipf_init(). */
struct zipf {
	struct zipf_column *columns;
	uint32_t count;
};

/* `n` is 1 to ZIPF_MAX, `s` 0 to 100. 0 or -ENOMEM. */
int zipf_init(struct zipf *zipf, uint32_t n, double s);

/* A number, by a random one. */
uint32_t zipf_draw(const struct zipf *zipf, uint64_t random);

/* Also after zipf_init() has failed. */
void zipf_fini(struct zipf *zipf);

#endif
