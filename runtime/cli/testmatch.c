/* SPDX-License-Identifier: MIT */
#include "cli/testmatch.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* So many differences are shown, the others counted. */
#define SHOWN_MAX 20

/* Longer lists are compared place by place, not aligned: it is a square. */
#define ALIGNED_MAX ((size_t)4000000)

/* Where the order matters, lists that are not longer are shown whole. */
#define WHOLE_MAX 24

#define NONE SIZE_MAX

/* Who goes with whom, by number; NONE: nobody. */
struct pairing {
	const struct testmatch *match;
	size_t *of_expected;
	size_t *of_found;
	size_t *seen; /* the search that last looked at a found one */
	int differences;
	FILE *report;
};

static bool matches(const struct pairing *pairing, size_t expected,
		    size_t found)
{
	return testrow_matches(&pairing->match->expected[expected],
			       &pairing->match->found[found]);
}

static void pair(struct pairing *pairing, size_t expected, size_t found)
{
	pairing->of_expected[expected] = found;
	pairing->of_found[found] = expected;
}

/*
 * Finds a partner for an expected row; others may have to change theirs, since
 * a row that names few fields matches several. This is the algorithm of Kuhn
 * for bipartite matchings; chains are bounded, as the stack is.
 */
static bool find_partner(struct pairing *pairing, size_t expected,
			 size_t search, int depth)
{
	size_t count = pairing->match->found_count;
	size_t i, k;

	/* Most often it stands at the same place, or soon behind. */
	for (k = 0; k < count; k++) {
		i = (expected + k) % count;
		if (pairing->of_found[i] != NONE ||
		    !matches(pairing, expected, i))
			continue;
		pair(pairing, expected, i);
		return true;
	}
	for (i = 0; i < count && depth < 1000; i++) {
		if (pairing->seen[i] == search ||
		    !matches(pairing, expected, i))
			continue;
		pairing->seen[i] = search;
		if (!find_partner(pairing, pairing->of_found[i], search,
				  depth + 1))
			continue;
		pair(pairing, expected, i);
		return true;
	}
	return false;
}

static void pair_any(struct pairing *pairing)
{
	size_t i;

	for (i = 0; i < pairing->match->expected_count; i++)
		find_partner(pairing, i, i + 1, 0);
}

/* The longest common subsequence from `first` on, by dynamic programming from
 * the end. */
static int pair_aligned(struct pairing *pairing, size_t first)
{
	size_t n = pairing->match->expected_count - first;
	size_t m = pairing->match->found_count - first;
	uint32_t *best = calloc((n + 1) * (m + 1), sizeof(*best));
	size_t i, j;

	if (best == NULL)
		return -ENOMEM;
	for (i = n; i-- > 0;) {
		for (j = m; j-- > 0;) {
			uint32_t *at = &best[i * (m + 1) + j];

			*at = at[1] > at[m + 1] ? at[1] : at[m + 1];
			if (matches(pairing, first + i, first + j) &&
			    at[m + 2] + 1 > *at)
				*at = at[m + 2] + 1;
		}
	}
	for (i = 0, j = 0; i < n && j < m;) {
		uint32_t *at = &best[i * (m + 1) + j];

		if (matches(pairing, first + i, first + j) &&
		    *at == at[m + 2] + 1) {
			pair(pairing, first + i, first + j);
			i++;
			j++;
		} else if (*at == at[m + 1]) {
			i++;
		} else {
			j++;
		}
	}
	free(best);
	return 0;
}

static int pair_ordered(struct pairing *pairing)
{
	size_t n = pairing->match->expected_count;
	size_t m = pairing->match->found_count;
	size_t first = 0, i;

	while (first < n && first < m && matches(pairing, first, first)) {
		pair(pairing, first, first);
		first++;
	}
	if (first == n || first == m)
		return 0;
	if (m - first > ALIGNED_MAX / (n - first)) {
		for (i = first; i < n && i < m; i++)
			if (matches(pairing, i, i))
				pair(pairing, i, i);
		return 0;
	}
	return pair_aligned(pairing, first);
}

/* `sign` is ' ' for what is as expected. */
static void print_row(struct pairing *pairing, char sign,
		      const struct testrow *row)
{
	fprintf(pairing->report, "    %c ", sign);
	testrow_print(pairing->report, row);
	fputc('\n', pairing->report);
}

static bool shown(struct pairing *pairing)
{
	return pairing->differences++ < SHOWN_MAX;
}

/* The found row without a partner that is most like an expected one, or NONE
 * when nothing of it is as expected. Where the order matters it must stand
 * between those that have partners. */
static size_t find_nearest(const struct pairing *pairing, size_t expected,
			   size_t from, size_t to)
{
	const struct testrow *row = &pairing->match->expected[expected];
	size_t nearest = NONE, most = 0, alike, i;

	for (i = from; i < to; i++) {
		if (pairing->of_found[i] != NONE)
			continue;
		alike = testrow_likeness(row, &pairing->match->found[i]);
		if (alike > most || (row->count <= 1 && nearest == NONE &&
				     pairing->match->ordered)) {
			most = alike;
			nearest = i;
		}
	}
	return nearest;
}

static void report_missing(struct pairing *pairing, size_t expected,
			   size_t nearest)
{
	const struct testmatch *match = pairing->match;

	if (!shown(pairing))
		return;
	print_row(pairing, '-', &match->expected[expected]);
	if (nearest == NONE)
		return;
	print_row(pairing, '+', &match->found[nearest]);
	fputs("      ", pairing->report);
	testrow_explain(pairing->report, &match->expected[expected],
			&match->found[nearest]);
	fputc('\n', pairing->report);
}

static void report_extra(struct pairing *pairing, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++)
		if (pairing->of_found[i] == NONE && shown(pairing))
			print_row(pairing, '+', &pairing->match->found[i]);
}

static void report_any(struct pairing *pairing)
{
	const struct testmatch *match = pairing->match;
	size_t i, nearest;

	for (i = 0; i < match->expected_count; i++) {
		if (pairing->of_expected[i] != NONE)
			continue;
		nearest = find_nearest(pairing, i, 0, match->found_count);
		report_missing(pairing, i, nearest);
		if (nearest != NONE)
			pairing->of_found[nearest] = i;
	}
	report_extra(pairing, 0, match->found_count);
}

/* Goes from one pair to the next and reports what stands between. */
static void report_ordered(struct pairing *pairing)
{
	const struct testmatch *match = pairing->match;
	bool whole = match->expected_count + match->found_count <= WHOLE_MAX;
	size_t from = 0, i = 0, end, to, nearest;

	while (i <= match->expected_count) {
		end = i;
		while (end < match->expected_count &&
		       pairing->of_expected[end] == NONE)
			end++;
		to = end < match->expected_count ? pairing->of_expected[end]
						 : match->found_count;
		for (; i < end; i++) {
			nearest = find_nearest(pairing, i, from, to);
			report_missing(pairing, i, nearest);
			if (nearest == NONE)
				continue;
			pairing->of_found[nearest] = i;
		}
		report_extra(pairing, from, to);
		if (end < match->expected_count && whole)
			print_row(pairing, ' ', &match->found[to]);
		from = to + 1;
		i = end + 1;
	}
}

static int compare(struct pairing *pairing)
{
	int r = 0;

	if (pairing->match->ordered)
		r = pair_ordered(pairing);
	else
		pair_any(pairing);
	if (r < 0)
		return r;
	if (pairing->match->ordered)
		report_ordered(pairing);
	else
		report_any(pairing);
	if (pairing->differences > SHOWN_MAX)
		fprintf(pairing->report, "    ... and %d more\n",
			pairing->differences - SHOWN_MAX);
	return pairing->differences;
}

int testmatch_compare(const struct testmatch *match, FILE *report)
{
	struct pairing pairing = { .match = match, .report = report };
	size_t n = match->expected_count, m = match->found_count;
	int r = -ENOMEM;

	pairing.of_expected = malloc((n + 1) * sizeof(size_t));
	pairing.of_found = malloc((m + 1) * sizeof(size_t));
	pairing.seen = calloc(m + 1, sizeof(size_t));
	if (pairing.of_expected != NULL && pairing.of_found != NULL &&
	    pairing.seen != NULL) {
		memset(pairing.of_expected, 0xff, (n + 1) * sizeof(size_t));
		memset(pairing.of_found, 0xff, (m + 1) * sizeof(size_t));
		r = compare(&pairing);
	}
	free(pairing.of_expected);
	free(pairing.of_found);
	free(pairing.seen);
	return r;
}
