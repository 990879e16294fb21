/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_DIGEST_H
#define GUST_KIT_DIGEST_H

/*
 * Quantiles of numbers, in bounded memory: the merging t-digest.
 *
 * T. Dunning, O. Ertl: Computing extremely accurate quantiles using t-digests,
 * arXiv:1902.04023, 2019; the scale function is their k1, with a compression
 * of 400. A quantile q is that of a rank that is off by less than
 * 0.028 sqrt(q (1 - q)) of all, 1.4 % at the median, 0.28 % at 0.99, 0.09 % at
 * 0.999, also where many are merged; and by a third of that where the numbers
 * have no gaps. Up to 512 numbers it is exact.
 *
 * Between two numbers it is interpolated, as by Hazen (type 5 of Hyndman and
 * Fan): the median of 1 and 2 is 1.5. The bytes grow from 288 to 8 KiB.
 */

#include <gust/kit/flat.h>

/* Adds a number; nan and the infinities count for nothing. No bytes at all are
 * no numbers. 0 or -ENOMEM. */
int digest_add(struct flat *flat, double number);

/* Adds all numbers of another one. 0 or -ENOMEM. */
int digest_merge(struct flat *into, const void *from, size_t size);

/* The quantile 0 <= q <= 1; nan if there are no numbers. */
double digest_quantile(const void *data, size_t size, double q);

#endif
