/* SPDX-License-Identifier: MIT */

#include "base/suggest.h"

#include <stdbool.h>
#include <string.h>

static char suggest_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned suggest_change(char a, char b)
{
	return suggest_lower(a) != suggest_lower(b);
}

static unsigned suggest_min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Whether `a` and `b` begin with the same two letters in turned order. */
static bool suggest_swapped(const char *a, const char *b)
{
	return suggest_change(a[0], b[1]) == 0 &&
	       suggest_change(a[1], b[0]) == 0;
}

static unsigned suggest_distance(const char *a, size_t n, const char *b,
				 size_t m)
{
	unsigned rows[3][SUGGEST_LENGTH_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2], *next;

	for (size_t j = 0; j <= m; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		next = before;
		before = above;
		above = row;
		row = next;
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = above[j - 1] +
				 suggest_change(a[i - 1], b[j - 1]);
			row[j] = suggest_min(row[j], above[j] + 1);
			row[j] = suggest_min(row[j], row[j - 1] + 1);
			if (i > 1 && j > 1 &&
			    suggest_swapped(a + i - 2, b + j - 2))
				row[j] = suggest_min(row[j], before[j - 2] + 1);
		}
	}
	return row[m];
}

static unsigned suggest_bound(size_t n, size_t m)
{
	size_t longer = n > m ? n : m, shorter = n > m ? m : n;

	if (longer <= 1)
		return 0;
	if (longer - shorter > 1)
		return (unsigned)(longer + 2) / 3;
	return longer < 6 ? 1 : (unsigned)longer / 3;
}

const char *suggest_nearest(const char *word, const char *const *names,
			    size_t count)
{
	size_t n = strlen(word);
	const char *nearest = NULL;
	unsigned best = (unsigned)-1;

	if (n > SUGGEST_LENGTH_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t m = names[i] == NULL ? 0 : strlen(names[i]);
		unsigned distance;

		if (m == 0 || m > SUGGEST_LENGTH_MAX)
			continue;
		distance = suggest_distance(word, n, names[i], m);
		if (distance <= suggest_bound(n, m) && distance < best) {
			best = distance;
			nearest = names[i];
		}
	}
	return nearest;
}
