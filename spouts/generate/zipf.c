/* SPDX-License-Identifier: MIT */

#include "zipf.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* A column stands for its own number up to `level`, and for another above. */
struct zipf_column {
	uint32_t level;
	uint32_t other;
};

/* The shares of the numbers, of which the mean is 1. */
static void zipf_shares(double *shares, uint32_t n, double s)
{
	double sum = 0;
	uint32_t k;

	/* The small ones first, so that they are not lost. */
	for (k = n; k-- > 0;) {
		shares[k] = pow((double)k + 1, -s);
		sum += shares[k];
	}
	for (k = 0; k < n; k++)
		shares[k] *= n / sum;
}

static uint32_t zipf_level(double share)
{
	return share >= 1 ? UINT32_MAX : (uint32_t)(share * 0x1p32);
}

/* Fills each column that its own number leaves room in with a part of one that
 * has more than its column takes. */
static void zipf_fill(struct zipf *zipf, double *shares, uint32_t *list)
{
	uint32_t small = 0, large = zipf->count, k, from;

	for (k = 0; k < zipf->count; k++) {
		zipf->columns[k] = (struct zipf_column){ UINT32_MAX, k };
		if (shares[k] < 1)
			list[small++] = k;
		else
			list[--large] = k;
	}
	while (small > 0 && large < zipf->count) {
		k = list[--small];
		from = list[large];
		zipf->columns[k].level = zipf_level(shares[k]);
		zipf->columns[k].other = from;
		shares[from] -= 1 - shares[k];
		if (shares[from] < 1) {
			large++;
			list[small++] = from;
		}
	}
}

int zipf_init(struct zipf *zipf, uint32_t n, double s)
{
	double *shares = calloc(n, sizeof(*shares));
	uint32_t *list = calloc(n, sizeof(*list));
	int r = -ENOMEM;

	zipf->count = n;
	zipf->columns = calloc(n, sizeof(*zipf->columns));
	if (shares != NULL && list != NULL && zipf->columns != NULL) {
		zipf_shares(shares, n, s);
		zipf_fill(zipf, shares, list);
		r = 0;
	}
	free(shares);
	free(list);
	return r;
}

uint32_t zipf_draw(const struct zipf *zipf, uint64_t random)
{
	const uint32_t k = (uint32_t)(((random >> 32) * zipf->count) >> 32);
	const struct zipf_column *column = &zipf->columns[k];

	return (uint32_t)random <= column->level ? k : column->other;
}

void zipf_fini(struct zipf *zipf)
{
	free(zipf->columns);
	*zipf = (struct zipf){ 0 };
}
