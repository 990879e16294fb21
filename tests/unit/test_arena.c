/* SPDX-License-Identifier: MIT */

#include "base/arena.h"

#include "starve.h"
#include "test.h"

TEST(allocations_are_aligned_and_apart)
{
	struct arena arena;
	char *last = NULL;

	arena_init(&arena, 4096);
	for (size_t size = 0; size < 64; size++) {
		char *p = arena_alloc(&arena, size);

		CHECK(p != NULL);
		CHECK_UINT((uintptr_t)p % 8, 0);
		CHECK(p != last);
		memset(p, 0xaa, size);
		if (size > 1)
			CHECK(p >= last + size - 1);
		last = p;
	}
	arena_fini(&arena);
}

TEST(an_unused_arena_holds_nothing)
{
	struct arena zeroed = { 0 };
	struct arena arena;

	arena_init(&arena, 0);
	CHECK_UINT(arena_bytes(&arena), 0);
	arena_reset(&arena);
	arena_fini(&arena);
	arena_fini(&arena);
	arena_fini(&zeroed);
}

TEST(what_is_allocated_never_moves)
{
	struct arena arena;
	uint64_t *numbers[1000];

	arena_init(&arena, 256);
	for (uint64_t i = 0; i < 1000; i++) {
		numbers[i] = arena_alloc(&arena, sizeof(uint64_t));
		*numbers[i] = i;
	}
	for (uint64_t i = 0; i < 1000; i++)
		CHECK_UINT(*numbers[i], i);
	CHECK(arena_bytes(&arena) >= 8000);
	CHECK(arena_bytes(&arena) < 10000);
	arena_fini(&arena);
	CHECK_UINT(arena_bytes(&arena), 0);
}

TEST(a_chunk_is_used_to_its_last_byte)
{
	struct arena arena;
	size_t bytes;
	char *p;

	arena_init(&arena, 64);
	p = arena_alloc(&arena, 57);
	bytes = arena_bytes(&arena);
	CHECK_UINT(bytes, 64 + 16);
	CHECK(arena_alloc(&arena, 1) != p + 64);
	CHECK_UINT(arena_bytes(&arena), 2 * bytes);
	arena_reset(&arena);
	p = arena_alloc(&arena, 56);
	CHECK_PTR(arena_alloc(&arena, 8), p + 56);
	CHECK_UINT(arena_bytes(&arena), bytes);
	arena_fini(&arena);
}

TEST(release_goes_back_to_the_mark)
{
	struct arena arena;
	struct arena_mark mark;
	char *kept, *first;

	arena_init(&arena, 128);
	kept = arena_string(&arena, "kept");
	mark = arena_mark(&arena);
	first = arena_alloc(&arena, 16);
	for (int i = 0; i < 100; i++)
		CHECK(arena_alloc(&arena, 100) != NULL);
	arena_release(&arena, mark);
	CHECK_PTR(arena_alloc(&arena, 16), first);
	arena_release(&arena, mark);
	CHECK_PTR(arena_alloc(&arena, 16), first);
	CHECK_STR(kept, "kept");
	/* The chunk in use and the one that is spare. */
	CHECK_UINT(arena_bytes(&arena), 2 * (128 + 16));
	arena_fini(&arena);
}

TEST(a_loop_across_a_border_allocates_once)
{
	struct arena arena;
	struct arena_mark mark;
	char *above;

	arena_init(&arena, 64);
	CHECK(arena_alloc(&arena, 60) != NULL);
	mark = arena_mark(&arena);
	above = arena_alloc(&arena, 32);
	for (int i = 0; i < 10; i++) {
		arena_release(&arena, mark);
		CHECK_PTR(arena_alloc(&arena, 32), above);
	}
	CHECK_UINT(arena_bytes(&arena), 2 * (64 + 16));
	arena_fini(&arena);
}

TEST(large_allocations_are_given_back)
{
	struct arena arena;
	struct arena_mark mark;
	size_t before;
	char *p;

	arena_init(&arena, 64);
	CHECK(arena_alloc(&arena, 8) != NULL);
	before = arena_bytes(&arena);
	mark = arena_mark(&arena);
	p = arena_alloc(&arena, 1000001);
	memset(p, 1, 1000001);
	CHECK(arena_bytes(&arena) > before + 1000000);
	arena_release(&arena, mark);
	CHECK_UINT(arena_bytes(&arena), before);
	arena_fini(&arena);
}

TEST(a_mark_of_the_empty_arena_empties_it)
{
	struct arena arena;
	struct arena_mark mark;

	arena_init(&arena, 64);
	mark = arena_mark(&arena);
	CHECK(arena_alloc(&arena, 8) != NULL);
	arena_release(&arena, mark);
	CHECK(arena_alloc(&arena, 0) != NULL);
	arena_fini(&arena);
}

TEST(impossible_sizes_change_nothing)
{
	struct arena arena;
	char *p;

	arena_init(&arena, 64);
	p = arena_alloc(&arena, 8);
	CHECK_PTR(arena_alloc(&arena, SIZE_MAX), NULL);
	CHECK_PTR(arena_alloc(&arena, SIZE_MAX - 7), NULL);
	CHECK_PTR(arena_alloc(&arena, SIZE_MAX / 2 + 1), NULL);
	CHECK_PTR(arena_calloc(&arena, SIZE_MAX / 2, 3), NULL);
	CHECK_PTR(arena_copy(&arena, p, SIZE_MAX), NULL);
	CHECK_PTR(arena_alloc(&arena, 8), p + 8);
	CHECK_UINT(arena_bytes(&arena), 64 + 16);
	arena_fini(&arena);
}

TEST(calloc_zeroes_what_was_used)
{
	static const char zeros[48];
	struct arena arena;

	arena_init(&arena, 64);
	memset(arena_alloc(&arena, 64), 0xff, 64);
	arena_reset(&arena);
	CHECK_MEM(arena_calloc(&arena, 6, 8), 48, zeros, 48);
	CHECK(arena_calloc(&arena, 0, 8) != NULL);
	arena_fini(&arena);
}

TEST(copies_end_in_a_nul)
{
	struct arena arena;

	arena_init(&arena, 32);
	CHECK_STR(arena_copy(&arena, "wordcount", 4), "word");
	CHECK_MEM(arena_copy(&arena, "a\0b", 3), 4, "a\0b", 4);
	CHECK_STR(arena_copy(&arena, NULL, 0), "");
	CHECK_STR(
		arena_string(&arena, "a string that needs a chunk of its own"),
		"a string that needs a chunk of its own");
	CHECK_STR(arena_printf(&arena, "%s[%d]", "split", 3), "split[3]");
	arena_fini(&arena);
}

TEST(short_memory_changes_nothing)
{
	struct arena arena;
	struct arena_mark mark;
	unsigned long n;
	bool whole;

	for (n = 1; starve(n); n++) {
		arena_init(&arena, 64);
		whole = arena_alloc(&arena, 60) != NULL;
		mark = arena_mark(&arena);
		whole &= arena_calloc(&arena, 5, 20) != NULL;
		whole &=
			arena_string(&arena, "no longer than the rest") != NULL;
		whole &= arena_printf(&arena, "%60d", 7) != NULL;
		CHECK_BOOL(starve_ends(), !whole);
		arena_release(&arena, mark);
		CHECK(arena_bytes(&arena) <= 2 * (64 + 16));
		arena_fini(&arena);
	}
	CHECK(n > 4);
}

#ifdef ARENA_SANITIZED
TEST(the_sanitizer_knows_what_is_given_back)
{
	struct arena arena;
	struct arena_mark mark;
	char *kept, *above, *far;

	arena_init(&arena, 64);
	kept = arena_alloc(&arena, 13);
	mark = arena_mark(&arena);
	above = arena_alloc(&arena, 8);
	far = arena_alloc(&arena, 64);
	CHECK(!__asan_address_is_poisoned(above));
	CHECK(!__asan_address_is_poisoned(far + 63));
	arena_release(&arena, mark);
	CHECK(__asan_address_is_poisoned(above));
	CHECK(!__asan_address_is_poisoned(kept + 12));
	CHECK(__asan_address_is_poisoned(kept + 13));
	CHECK_PTR(arena_alloc(&arena, 1), above);
	CHECK(!__asan_address_is_poisoned(above));
	CHECK(__asan_address_is_poisoned(above + 1));
	arena_fini(&arena);
}
#endif
