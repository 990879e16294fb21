/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_DISTINCT_H
#define GUST_KIT_DISTINCT_H

/*
 * How many different values there were, in bounded memory: HyperLogLog.
 *
 * P. Flajolet, É. Fusy, O. Gandouet, F. Meunier: HyperLogLog: the analysis of a
 * near-optimal cardinality estimation algorithm, AofA 2007. With hashes of 64
 * bits and a sparse form for few values as in S. Heule, M. Nunkesser, A. Hall:
 * HyperLogLog in practice, EDBT 2013; its tables of the bias are not needed,
 * since the estimator is that of O. Ertl: New cardinality estimation algorithms
 * for HyperLogLog sketches, arXiv:1702.01284, 2017, which has none over the
 * whole range.
 *
 * There are 2^14 registers, so the standard error is 1.04 / sqrt(2^14), 0.81 %.
 * Up to 1,536 values it is that of 2^25 registers: exact as a rule. The bytes
 * grow from 72 to 8 KiB for so many, and are 16 KiB for more.
 */

#include <stdint.h>

#include <gust/kit/flat.h>

/* Adds a value by its hash of 64 bits; no bytes at all are no values. 0 or
 * -ENOMEM. */
int distinct_add(struct flat *flat, uint64_t hash);

/* Adds all values of another one. 0 or -ENOMEM. */
int distinct_merge(struct flat *into, const void *from, size_t size);

uint64_t distinct_estimate(const void *data, size_t size);

#endif
