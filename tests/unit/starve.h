/* SPDX-License-Identifier: MIT */
#ifndef STARVE_H
#define STARVE_H

/*
 * Makes the n-th allocation of the runtime fail, for every n.
 *
 *	for (n = 1; starve(n); n++) {
 *		r = thing_create(&thing);
 *		if (starve_ends())
 *			CHECK_INT(r, -ENOMEM);
 *		else
 *			CHECK_INT(r, 0);
 *		thing_destroy(thing);
 *	}
 *
 * The loop ends after the first round in which nothing failed. A test that
 * includes this stands among `starved_tests` in tests/unit/meson.build, which
 * links it so that malloc(), calloc(), realloc(), reallocarray(),
 * aligned_alloc(), strdup() and strndup() of the runtime come through here;
 * allocations inside of libraries do not.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

static unsigned long starve_at;    /* which one fails; 0: none */
static unsigned long starve_count; /* allocations in this round */
static bool starve_through;        /* a round came to its end unharmed */

/* Begins round `n`; false when the round before had fewer allocations. */
static inline bool starve(unsigned long n)
{
	if (n == 1)
		starve_through = false;
	if (starve_through)
		return false;
	starve_at = n;
	starve_count = 0;
	return true;
}

/* Ends a round: whether an allocation has failed in it. */
static inline bool starve_ends(void)
{
	bool failed = starve_count >= starve_at;

	starve_at = 0;
	starve_through = !failed;
	return failed;
}

static inline bool starve_now(void)
{
	if (starve_at == 0 || ++starve_count != starve_at)
		return false;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_reallocarray(void *block, size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_reallocarray(void *block, size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);

void *__wrap_malloc(size_t size)
{
	return starve_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return starve_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
	return starve_now() ? NULL : __real_realloc(block, size);
}

void *__wrap_reallocarray(void *block, size_t count, size_t size)
{
	return starve_now() ? NULL : __real_reallocarray(block, count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return starve_now() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
	return starve_now() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t size)
{
	return starve_now() ? NULL : __real_strndup(text, size);
}

#endif
