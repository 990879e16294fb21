/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/digest.h>

#define DIGEST_COMPRESSION 400.0
#define DIGEST_PI 3.14159265358979323846

#define DIGEST_ROOM_MIN 16u
#define DIGEST_ROOM_MAX 512u

/* So many numbers, and their mean. */
struct centroid {
	double mean;
	double weight;
};

/* As many centroids as there is room for stand behind it; they are in no
 * order, and only joined when there is no more room for them. */
struct digest {
	uint32_t count;
	uint32_t room;
	double weight; /* of all */
	double min, max;
	struct centroid centroids[];
};

static int digest_compare(const void *a, const void *b)
{
	const struct centroid *left = a, *right = b;

	return (left->mean > right->mean) - (left->mean < right->mean);
}

static void digest_sort(struct digest *digest)
{
	qsort(digest->centroids, digest->count, sizeof(*digest->centroids),
	      digest_compare);
}

/* The share up to which a centroid may go that begins at share `q`: it spans
 * at most 1 of the scale k(q) = compression / 2 pi * asin(2 q - 1). */
static double digest_limit(double q)
{
	double k =
		asin(fmin(2 * q - 1, 1)) + 2 * DIGEST_PI / DIGEST_COMPRESSION;

	return k >= DIGEST_PI / 2 ? 1 : (sin(k) + 1) / 2;
}

/* Adds `from` to `into`, whose means may be as far apart as numbers are. Those
 * that are equal stay what they are: many numbers have few values. */
static void digest_join(struct centroid *into, const struct centroid *from)
{
	double weight = into->weight + from->weight;

	if (into->mean != from->mean)
		into->mean = into->mean * (into->weight / weight) +
			     from->mean * (from->weight / weight);
	into->weight = weight;
}

/* Joins neighbours as far as the scale allows; what comes of it is sorted. */
static void digest_compress(struct digest *digest)
{
	struct centroid *to = digest->centroids, *from;
	double before = 0, limit = digest_limit(0);
	uint32_t i;

	digest_sort(digest);
	for (i = 1; i < digest->count; i++) {
		from = &digest->centroids[i];
		if (before + to->weight + from->weight <=
		    limit * digest->weight) {
			digest_join(to, from);
			continue;
		}
		before += to->weight;
		limit = digest_limit(before / digest->weight);
		*++to = *from;
	}
	digest->count = (uint32_t)(to - digest->centroids) + 1;
}

/* Makes room for one more. */
static int digest_reserve(struct flat *flat)
{
	struct digest *digest = flat_data(flat);
	uint32_t room = digest != NULL ? digest->room : 0;
	int r;

	if (digest != NULL && digest->count < room)
		return 0;
	if (room == DIGEST_ROOM_MAX) {
		digest_compress(digest);
		return 0;
	}
	room = room == 0 ? DIGEST_ROOM_MIN : 2 * room;
	r = flat->resize(flat,
			 sizeof(*digest) + room * sizeof(struct centroid));
	if (r < 0)
		return r;
	digest = flat->data;
	if (digest->room == 0) {
		digest->min = INFINITY;
		digest->max = -INFINITY;
	}
	digest->room = room;
	return 0;
}

static int digest_put(struct flat *flat, struct centroid centroid)
{
	struct digest *digest;
	int r = digest_reserve(flat);

	if (r < 0)
		return r;
	digest = flat->data;
	digest->centroids[digest->count++] = centroid;
	digest->weight += centroid.weight;
	return 0;
}

int digest_add(struct flat *flat, double number)
{
	struct digest *digest;
	int r;

	if (!isfinite(number))
		return 0;
	r = digest_put(flat, (struct centroid){ number, 1 });
	if (r < 0)
		return r;
	digest = flat->data;
	digest->min = number < digest->min ? number : digest->min;
	digest->max = number > digest->max ? number : digest->max;
	return 0;
}

int digest_merge(struct flat *into, const void *from, size_t size)
{
	const struct digest *other = from;
	struct digest *digest;
	uint32_t i;
	int r = 0;

	if (size == 0)
		return 0;
	for (i = 0; i < other->count && r == 0; i++)
		r = digest_put(into, other->centroids[i]);
	if (r < 0 || other->count == 0)
		return r;
	digest = into->data;
	digest->min = other->min < digest->min ? other->min : digest->min;
	digest->max = other->max > digest->max ? other->max : digest->max;
	return 0;
}

/* What stands at `rank` of numbers from `low`, at rank `from`, to `high`, at
 * rank `to`. */
static double digest_between(double low, double from, double high, double to,
			     double rank)
{
	double share = to > from ? (rank - from) / (to - from) : 0;

	return low == high ? low : low * (1 - share) + high * share;
}

/* A centroid's mean is taken to be at the middle of its ranks; a number that is
 * alone is just there, and so are the least and the greatest at the ends. */
static double digest_at(const struct digest *digest, double rank)
{
	const struct centroid *at = digest->centroids,
			      *last = at + digest->count - 1;
	double middle = at->weight / 2, next;

	if (rank <= middle)
		return at->weight == 1
			       ? at->mean
			       : digest_between(digest->min, 0.5, at->mean,
						middle, fmax(rank, 0.5));
	for (; at < last; at++, middle = next) {
		next = middle + (at->weight + at[1].weight) / 2;
		if (rank <= next)
			return digest_between(at->mean, middle, at[1].mean,
					      next, rank);
	}
	if (last->weight == 1)
		return last->mean;
	return digest_between(last->mean, middle, digest->max,
			      digest->weight - 0.5,
			      fmin(rank, digest->weight - 0.5));
}

double digest_quantile(const void *data, size_t size, double q)
{
	/* It is not ours, and only sorted when it has to be. */
	_Alignas(struct digest) char
		copy[sizeof(struct digest) +
		     DIGEST_ROOM_MAX * sizeof(struct centroid)];
	struct digest *digest = (void *)copy;

	if (size == 0 || ((const struct digest *)data)->count == 0)
		return NAN;
	memcpy(copy, data,
	       sizeof(*digest) + ((const struct digest *)data)->count *
					 sizeof(struct centroid));
	digest_sort(digest);
	return digest_at(digest, q * digest->weight);
}
