/* SPDX-License-Identifier: MIT */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

/*
 * A stack of bytes that grows in chunks: what is allocated never moves, and is
 * given back all at once, or last in, first out, down to a mark. One thread.
 *
 * Allocations are 8-byte aligned and not zeroed unless said so. They return
 * NULL when memory is short, and the arena is then as it was before.
 *
 * The address sanitizer knows what is given back: who reads it is stopped.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define ARENA_SANITIZED
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define ARENA_SANITIZED
#endif

#ifdef ARENA_SANITIZED
#include <sanitizer/asan_interface.h>
#define ARENA_HIDE(p, n) __asan_poison_memory_region((p), (n))
#define ARENA_SHOW(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define ARENA_HIDE(p, n) ((void)0)
#define ARENA_SHOW(p, n) ((void)0)
#endif

struct arena_chunk;

/* All members are private. */
struct arena {
	char *at;  /* first free byte of `current` */
	char *end; /* both are NULL while there is no chunk */
	struct arena_chunk *current;
	struct arena_chunk *spare; /* at most one, of the usual size */
	size_t chunk_size;
	size_t bytes;
};

/* A height of the stack. */
struct arena_mark {
	struct arena_chunk *chunk;
	char *at;
};

/* What arena_init() takes for a `chunk_size` of 0. */
#define ARENA_CHUNK_SIZE_DEFAULT ((size_t)64 * 1024)

/*
 * Makes an empty arena, which holds no memory yet. A chunk has room for
 * `chunk_size` bytes; a larger allocation gets a chunk of its own.
 */
void arena_init(struct arena *arena, size_t chunk_size);

/* Frees everything. A zeroed arena may be given, or one that is fini'd. */
void arena_fini(struct arena *arena);

/* Empties the arena, but keeps one chunk for what comes next. */
void arena_reset(struct arena *arena);

/* The memory held, in bytes, whether in use or not. */
static inline size_t arena_bytes(const struct arena *arena)
{
	return arena->bytes;
}

/* What arena_alloc() does when the chunk is full; not to be called. */
void *arena_alloc_slow(struct arena *arena, size_t size);

/* Returns `size` bytes; a `size` of 0 gives a pointer, too. */
static inline void *arena_alloc(struct arena *arena, size_t size)
{
	size_t left = (uintptr_t)arena->end - (uintptr_t)arena->at;
	char *p = arena->at;

	/* A size of 0 wraps around and takes the slow way. */
	if (size - 1 >= left)
		return arena_alloc_slow(arena, size);
	/* `left` is a multiple of 8, so the rounded size fits as well. */
	arena->at = p + ((size + 7) & ~(size_t)7);
	ARENA_SHOW(p, size);
	return p;
}

/*
 * The room that is left in the chunk: `*left` bytes at the pointer returned,
 * to be written to before it is known how much it will be. arena_take() then
 * keeps the first `size` of them, a multiple of 8, and nothing else may be
 * allocated between.
 */
static inline void *arena_room(struct arena *arena, size_t *left)
{
	*left = (uintptr_t)arena->end - (uintptr_t)arena->at;
	ARENA_SHOW(arena->at, *left);
	return arena->at;
}

static inline void arena_take(struct arena *arena, size_t size)
{
	arena->at += size;
}

/* Gives back what arena_take() took at `p`, and nothing has been taken since.
 */
static inline void arena_drop(struct arena *arena, void *p)
{
	arena->at = p;
	ARENA_HIDE(p, (size_t)(arena->end - arena->at));
}

/* Returns `n` zeroed elements of `size` bytes; NULL on overflow, too. */
void *arena_calloc(struct arena *arena, size_t n, size_t size);

/* Copies `n` bytes and adds a NUL. `p` may be NULL when `n` is 0. */
char *arena_copy(struct arena *arena, const void *p, size_t n);

/* Copies a string. */
char *arena_string(struct arena *arena, const char *string);

/* Prints into a new string. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline struct arena_mark arena_mark(const struct arena *arena)
{
	struct arena_mark mark = { arena->current, arena->at };

	return mark;
}

/* What arena_release() does when chunks go; not to be called. */
void arena_release_slow(struct arena *arena, struct arena_mark mark);

/*
 * Gives back what was allocated since the mark was taken. Later marks are
 * void then; this one may be released to again.
 */
static inline void arena_release(struct arena *arena, struct arena_mark mark)
{
	if (mark.chunk != arena->current) {
		arena_release_slow(arena, mark);
		return;
	}
	arena->at = mark.at;
	ARENA_HIDE(mark.at, (size_t)(arena->end - arena->at));
}

#endif
