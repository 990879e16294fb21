/* SPDX-License-Identifier: MIT */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

/*
 * What somebody may have meant by a misspelt name.
 *
 * Distances are those of Damerau and Levenshtein, in the form that aligns
 * optimal strings: letters left out, added, changed, or two neighbours
 * swapped; case does not count. How far a name may be is the rule of GCC's
 * spellcheck: about a third of the longer one's length.
 */

#include <stddef.h>

/* Longer names are never suggested, nor is anything for longer words. */
#define SUGGEST_LENGTH_MAX 128

/*
 * Returns the nearest of `count` names, the first among equals, or NULL if
 * none is near. NULLs among the names are passed over. Any thread.
 */
const char *suggest_nearest(const char *word, const char *const *names,
			    size_t count);

#endif
