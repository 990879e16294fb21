/* SPDX-License-Identifier: MIT */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "script_words.h"

static const char *const script_reserved[] = {
	"and",      "break",  "do",   "else", "elseif", "end",   "false", "for",
	"function", "goto",   "if",   "in",   "local",  "nil",   "not",   "or",
	"repeat",   "return", "then", "true", "until",  "while", NULL,
};
static const char *const script_loops[] = { "for",    "function", "goto",
					    "repeat", "while",    NULL };

bool script_word_is(const struct script_word *word, const char *name)
{
	return strlen(name) == word->length &&
	       memcmp(name, word->text, word->length) == 0;
}

static bool script_is_one(const struct script_word *word,
			  const char *const *names)
{
	for (; *names != NULL; names++)
		if (script_word_is(word, *names))
			return true;
	return false;
}

static bool script_is_part(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The next word from `at` on, or false. Words in strings and comments are
 * found as well; they are nobody's variables. */
static bool script_next(const char *at, struct script_word *word)
{
	for (;;) {
		while (*at != '\0' && !script_is_part(*at))
			at++;
		if (*at == '\0')
			return false;
		word->text = at;
		while (script_is_part(*at))
			at++;
		word->length = (size_t)(at - word->text);
		if (!isdigit((unsigned char)word->text[0]))
			return true;
	}
}

static int script_compare(const void *a, const void *b)
{
	const struct script_word *one = a, *other = b;
	const size_t n =
		one->length < other->length ? one->length : other->length;
	const int r = memcmp(one->text, other->text, n);

	if (r != 0)
		return r;
	if (one->length != other->length)
		return one->length < other->length ? -1 : 1;
	return one->text < other->text ? -1 : one->text > other->text;
}

/* Copies the words into `words`, and says how many there are. */
static size_t script_collect(const char *text, struct script_word *words)
{
	struct script_word word;
	size_t count = 0;

	while (script_next(text, &word)) {
		if (words != NULL)
			words[count] = word;
		count++;
		text = word.text + word.length;
	}
	return count;
}

int script_words(const char *text, struct script_word **result, size_t *count,
		 bool *loops)
{
	const size_t n = script_collect(text, NULL);
	struct script_word *words = calloc(n + 1, sizeof(*words));
	size_t kept = 0, i;

	if (words == NULL)
		return -ENOMEM;
	script_collect(text, words);
	qsort(words, n, sizeof(*words), script_compare);
	for (i = 0; i < n; i++) {
		*loops |= script_is_one(&words[i], script_loops);
		if (script_is_one(&words[i], script_reserved) ||
		    (kept > 0 && words[kept - 1].length == words[i].length &&
		     memcmp(words[kept - 1].text, words[i].text,
			    words[i].length) == 0))
			continue;
		words[kept++] = words[i];
	}
	*result = words;
	*count = kept;
	return 0;
}
