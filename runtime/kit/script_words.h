/* SPDX-License-Identifier: MIT */
#ifndef KIT_SCRIPT_WORDS_H
#define KIT_SCRIPT_WORDS_H

/* The words of a text in Lua that may be names of variables. */

#include <stdbool.h>
#include <stddef.h>

struct script_word {
	const char *text; /* in the text itself, so no NUL follows */
	size_t length;
};

/* Whether the word is `name`. */
bool script_word_is(const struct script_word *word, const char *name);

/*
 * Lists the words of `text` that are not reserved, sorted, each once, where it
 * stands first; those in strings and comments are among them. Sets `*loops` if
 * there is a word without which nothing can be done twice. -ENOMEM; `*words`
 * is written on success only, and the caller's to free.
 */
int script_words(const char *text, struct script_word **words, size_t *count,
		 bool *loops);

#endif
