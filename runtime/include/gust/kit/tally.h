/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_TALLY_H
#define GUST_KIT_TALLY_H

/*
 * What many tuples come to: counts, sums, means, quantiles and so on, as the
 * user writes them, in flat bytes that can be added to and joined.
 *
 *	n: count			how many tuples
 *	known: count(age)		how many have that field
 *	total: sum(amount)
 *	low: min(amount)
 *	high: max(amount)
 *	average: mean(amount)
 *	spread: stddev(amount)		of a sample
 *	p99: quantile(latency, 0.99)	gust/kit/digest.h
 *	users: distinct(user)		gust/kit/distinct.h
 *	from: first(page)		by the tuples' times
 *	to: last(page)
 *	pages: top(page, 3)		gust/kit/heavy.h, as json
 *	all: collect(page, 100)		as json
 *
 * Formulas that need the same share it. One thread.
 */

#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/kit/buffer.h>
#include <gust/kit/flat.h>
#include <gust/option.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

#define TALLY_FORMULAS_MAX 32u
#define TALLY_NAME_MAX 127u

/* What is kept of a field. */
enum tally_kind {
	TALLY_COUNT,
	TALLY_SUM,
	TALLY_LEAST,
	TALLY_GREATEST,
	TALLY_MOMENTS,
	TALLY_DIGEST,
	TALLY_DISTINCT,
	TALLY_FIRST,
	TALLY_LAST,
	TALLY_HEAVY,
	TALLY_COLLECT
};

struct tally_slot {
	enum tally_kind kind;
	char field[TALLY_NAME_MAX + 1]; /* "": of the tuple itself */
	enum gust_type type;
	uint32_t most; /* of lists */
	uint32_t at;   /* where it begins in the bytes */
	struct gust_field from;
};

struct tally_formula {
	int function;
	uint32_t slot;
	double q;
	struct buffer text; /* of its last result */
};

/* All zero before tally_declare(). It has no pointers until tally_open(), so
 * an instance of a plugin may be copied with it. */
struct tally {
	struct tally_slot slots[TALLY_FORMULAS_MAX];
	size_t slot_count;
	struct tally_formula formulas[TALLY_FORMULAS_MAX];
	size_t count;
	uint32_t size; /* of the bytes of no tuples */
	uint32_t mark; /* of what it keeps: bytes of another one are refused */
	struct buffer scratch;
};

/*
 * In declare(): reads the formulas of option `option`, and writes the columns
 * of their results to `columns`, without one at the end; there is room for
 * TALLY_FORMULAS_MAX, and names are borrowed from the option. -EINVAL and
 * -ENOENT set `error`.
 */
int tally_declare(struct tally *tally, const char *option,
		  const struct gust_map *formulas,
		  const struct gust_declaration *about,
		  struct gust_column *columns, struct gust_error *error);

/* In open(). What gust_field() gives. */
int tally_open(struct tally *tally, struct gust_task *task,
	       struct gust_error *error);

/* Also after tally_open() has failed. */
void tally_close(struct tally *tally);

/* Begins: `flat` is what no tuples come to. 0 or -ENOMEM. */
int tally_begin(const struct tally *tally, struct flat *flat);

/* Whether these are bytes of such a tally, and not of another one. */
bool tally_fits(const struct tally *tally, const void *data, size_t size);

/* Adds a tuple, whose time is for the first and the last; null counts for
 * nothing. 0 or -ENOMEM. */
int tally_add(struct tally *tally, struct flat *flat,
	      const struct gust_tuple *in, int64_t time);

/* Adds what later tuples come to. 0; -EBADMSG: they do not fit; -ENOMEM. */
int tally_merge(const struct tally *tally, struct flat *into, const void *from,
		size_t size);

/* Writes the results, one a formula, to `row`; texts are borrowed from `data`,
 * or good until the next call. 0, -EBADMSG or -ENOMEM. */
int tally_values(struct tally *tally, const void *data, size_t size,
		 struct gust_value *row);

#endif
