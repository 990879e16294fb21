/* SPDX-License-Identifier: MIT */
#ifndef GENERATE_WORDS_H
#define GENERATE_WORDS_H

/* Words, with a space between. */

/* 250 of the most common English ones, about in the order of how common. */
extern const char words_common[];

/* What Storm's word count says. */
extern const char words_storm[];

#endif
