/* SPDX-License-Identifier: MIT */

#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_chunk {
	struct arena_chunk *below;
	size_t size; /* of `data`, a multiple of 8 */
	char data[];
};

static_assert(offsetof(struct arena_chunk, data) % 8 == 0,
	      "what a chunk holds is aligned");

void arena_init(struct arena *arena, size_t chunk_size)
{
	assert(chunk_size <= SIZE_MAX / 2);
	memset(arena, 0, sizeof(*arena));
	if (chunk_size == 0)
		chunk_size = ARENA_CHUNK_SIZE_DEFAULT;
	arena->chunk_size = (chunk_size + 7) & ~(size_t)7;
}

static void arena_free_chunk(struct arena *arena, struct arena_chunk *chunk)
{
	assert(arena->bytes >= chunk->size + sizeof(*chunk));
	arena->bytes -= chunk->size + sizeof(*chunk);
	free(chunk);
}

/* Keeps one chunk, so that a loop across a border does not allocate. */
static void arena_pop(struct arena *arena)
{
	struct arena_chunk *chunk = arena->current;

	arena->current = chunk->below;
	if (arena->spare == NULL && chunk->size == arena->chunk_size)
		arena->spare = chunk;
	else
		arena_free_chunk(arena, chunk);
}

void arena_fini(struct arena *arena)
{
	while (arena->current != NULL)
		arena_pop(arena);
	if (arena->spare != NULL)
		arena_free_chunk(arena, arena->spare);
	assert(arena->bytes == 0);
	arena->spare = NULL;
	arena->at = NULL;
	arena->end = NULL;
}

void arena_reset(struct arena *arena)
{
	struct arena_mark bottom = { NULL, NULL };

	arena_release(arena, bottom);
}

static struct arena_chunk *arena_new_chunk(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk = arena->spare;

	if (size <= arena->chunk_size)
		size = arena->chunk_size;
	if (chunk != NULL && size == arena->chunk_size) {
		arena->spare = NULL;
		return chunk;
	}
	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + 7) & ~(size_t)7;
	chunk = malloc(sizeof(*chunk) + size);
	if (chunk == NULL)
		return NULL;
	chunk->size = size;
	arena->bytes += sizeof(*chunk) + size;
	return chunk;
}

void *arena_alloc_slow(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;

	assert(arena->chunk_size > 0);
	if (size == 0)
		return arena_alloc(arena, 1);
	chunk = arena_new_chunk(arena, size);
	if (chunk == NULL)
		return NULL;
	chunk->below = arena->current;
	arena->current = chunk;
	arena->at = chunk->data;
	arena->end = chunk->data + chunk->size;
	ARENA_HIDE(chunk->data, chunk->size);
	return arena_alloc(arena, size);
}

void arena_release_slow(struct arena *arena, struct arena_mark mark)
{
	while (arena->current != mark.chunk) {
		/* A mark of another arena, or one above this height. */
		assert(arena->current != NULL);
		arena_pop(arena);
	}
	arena->at = mark.at;
	arena->end = NULL;
	if (mark.chunk == NULL)
		return;
	arena->end = mark.chunk->data + mark.chunk->size;
	ARENA_HIDE(mark.at, (size_t)(arena->end - mark.at));
}

void *arena_calloc(struct arena *arena, size_t n, size_t size)
{
	void *p;

	if (size != 0 && n > SIZE_MAX / size)
		return NULL;
	p = arena_alloc(arena, n * size);
	if (p != NULL)
		memset(p, 0, n * size);
	return p;
}

char *arena_copy(struct arena *arena, const void *p, size_t n)
{
	char *copy;

	if (n == SIZE_MAX)
		return NULL;
	copy = arena_alloc(arena, n + 1);
	if (copy == NULL)
		return NULL;
	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
	return arena_copy(arena, string, strlen(string));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;
	int n;

	va_start(arguments, format);
	n = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	assert(n >= 0);
	text = arena_alloc(arena, (size_t)n + 1);
	if (text == NULL)
		return NULL;
	va_start(arguments, format);
	vsnprintf(text, (size_t)n + 1, format, arguments);
	va_end(arguments);
	return text;
}
