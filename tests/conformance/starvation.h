/* SPDX-License-Identifier: MIT */
#ifndef STARVATION_H
#define STARVATION_H

/*
 * Makes one allocation of the process fail, also within plugins and libraries:
 * this program's malloc(), calloc() and realloc() are theirs, too. Not with
 * sanitizers, which have their own.
 */

#include <stdbool.h>

/* Whether that is possible in this build. */
bool starvation_works(void);

/* The n-th allocation from now on fails, once. */
void starvation_begin(unsigned long n);

/* Back to normal; whether one has failed. */
bool starvation_end(void);

#endif
