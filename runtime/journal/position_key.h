/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_POSITION_KEY_H
#define JOURNAL_POSITION_KEY_H

/* The key of a position: the component, a NUL, the source, a NUL. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Keys are built where a set or get needs no memory as a rule. */
struct position_key {
	char small[256];
	char *text;
	size_t n;
};

static inline int position_key_init(struct position_key *key,
				    const char *component, const char *source)
{
	size_t a = strlen(component) + 1, b = strlen(source) + 1;

	key->n = a + b;
	key->text = key->small;
	if (key->n > sizeof(key->small))
		key->text = malloc(key->n);
	if (key->text == NULL)
		return -ENOMEM;
	memcpy(key->text, component, a);
	memcpy(key->text + a, source, b);
	return 0;
}

static inline void position_key_fini(struct position_key *key)
{
	if (key->text != key->small)
		free(key->text);
}

#endif
