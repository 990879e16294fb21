/* SPDX-License-Identifier: MIT */

#include "starvation.h"

#include <errno.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STARVATION_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STARVATION_SANITIZED
#endif
#endif

#if defined(STARVATION_SANITIZED) || !defined(__GLIBC__)

bool starvation_works(void)
{
	return false;
}

void starvation_begin(unsigned long n)
{
	(void)n;
}

bool starvation_end(void)
{
	return false;
}

#else

/* How many allocations are still to succeed, and one more; 0: all. */
static unsigned long starvation_left;
static bool starvation_failed;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static bool starvation_now(void)
{
	if (starvation_left == 0 || --starvation_left > 0)
		return false;
	starvation_failed = true;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return starvation_now() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return starvation_now() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	return starvation_now() ? NULL : __libc_realloc(block, size);
}

bool starvation_works(void)
{
	return true;
}

void starvation_begin(unsigned long n)
{
	starvation_failed = false;
	starvation_left = n;
}

bool starvation_end(void)
{
	starvation_left = 0;
	return starvation_failed;
}

#endif
