/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "base/random.h"
#include "engine/ledger.h"
#include "starve.h"
#include "test.h"

#define TASK 0xabcdu

static struct random numbers;
static struct ledger ledger;

static void begin(void)
{
	random_seed(&numbers, 1);
	ledger_init(&ledger, &numbers);
}

static struct tree *open_tree(void)
{
	struct tree *tree = ledger_reserve(&ledger, TASK);

	CHECK(tree != NULL);
	ledger_open(&ledger, tree);
	return tree;
}

TEST(a_root_leads_to_its_tree)
{
	struct tree *tree;
	uint64_t root;

	begin();
	tree = open_tree();
	root = tree_root(tree);
	CHECK_UINT(root_task(root), TASK);
	CHECK_UINT(root >> 24 & 0xffffff, tree->slot);
	CHECK_UINT(root & 0xffffff, tree->generation);
	CHECK_PTR(ledger_find(&ledger, root), tree);
	CHECK_UINT(ledger.open, 1);
	ledger_fini(&ledger);
}

TEST(a_new_tree_is_empty)
{
	struct tree *tree;

	begin();
	tree = open_tree();
	tree->edges = 1;
	tree->held = 1;
	tree->attempts = 3;
	tree->counted_held = true;
	tree->offset = 9;
	ledger_close(&ledger, tree);
	for (uint32_t i = 0; i < LEDGER_CHUNK; i++) {
		tree = open_tree();
		CHECK_UINT(tree->edges, 0);
		CHECK_UINT(tree->held, 0);
		CHECK_UINT(tree->attempts, 0);
		CHECK_BOOL(tree->counted_held, false);
		CHECK_UINT(tree->offset, 0);
		CHECK_UINT(tree->state, TREE_OPEN);
		CHECK_UINT(tree->keeper, TREE_NO_KEEPER);
		CHECK_UINT(tree->source, UINT32_MAX);
	}
	ledger_fini(&ledger);
}

TEST(a_closed_root_is_stale)
{
	struct tree *tree;
	uint64_t root;

	begin();
	tree = open_tree();
	root = tree_root(tree);
	ledger_close(&ledger, tree);
	CHECK_PTR(ledger_find(&ledger, root), NULL);
	CHECK_UINT(ledger.open, 0);
	ledger_fini(&ledger);
}

/* Nobody has seen its root, so that the next tree may have it; a slot that was
 * taken meanwhile is not in the way. */
TEST(a_slot_given_back_is_the_next_one)
{
	struct tree *first, *second;
	uint64_t root;

	begin();
	first = ledger_reserve(&ledger, TASK);
	root = tree_root(first);
	CHECK_PTR(ledger_find(&ledger, root), NULL);
	second = open_tree();
	CHECK(second != first);
	ledger_give_back(&ledger, first);
	CHECK_UINT(ledger.open, 1);
	CHECK_PTR(open_tree(), first);
	CHECK_UINT(tree_root(first), root);
	/* The last free slot, too, and those behind it. */
	for (uint32_t i = 2; i < LEDGER_CHUNK - 1; i++)
		(void)open_tree();
	first = ledger_reserve(&ledger, TASK);
	ledger_give_back(&ledger, first);
	ledger_close(&ledger, second);
	CHECK_PTR(open_tree(), first);
	CHECK_PTR(open_tree(), second);
	CHECK_UINT(ledger.chunk_count, 1);
	ledger_fini(&ledger);
}

TEST(a_renewed_tree_has_another_root)
{
	struct tree *tree;
	uint64_t root;

	begin();
	tree = open_tree();
	root = tree_root(tree);
	tree->edges = 5;
	tree->held = 7;
	tree->keeper = 2;
	ledger_renew(tree);
	CHECK_PTR(ledger_find(&ledger, root), NULL);
	CHECK_PTR(ledger_find(&ledger, tree_root(tree)), tree);
	CHECK_UINT(tree->edges, 0);
	CHECK_UINT(tree->held, 0);
	CHECK_UINT(tree->keeper, TREE_NO_KEEPER);
	ledger_fini(&ledger);
}

/* Generations are 24 bits, and the slot beside them must not change. */
TEST(generations_wrap_around)
{
	struct tree *tree;
	uint32_t slot;

	begin();
	tree = open_tree();
	slot = tree->slot;
	tree->generation = 0xffffff;
	ledger_renew(tree);
	CHECK_UINT(tree->generation, 0);
	CHECK_UINT(tree_root(tree) >> 24 & 0xffffff, slot);
	tree->generation = 0xffffff;
	ledger_close(&ledger, tree);
	for (uint32_t i = 0; i < LEDGER_CHUNK; i++)
		tree = open_tree();
	CHECK_UINT(tree->slot, slot);
	CHECK_UINT(tree->generation, 0);
	ledger_fini(&ledger);
}

TEST(roots_of_others_are_stale)
{
	struct tree *tree;
	uint64_t root;

	begin();
	CHECK_PTR(ledger_find(&ledger, 0), NULL);
	tree = open_tree();
	root = tree_root(tree);
	CHECK_PTR(ledger_find(&ledger, root ^ 1), NULL);
	CHECK_PTR(ledger_find(&ledger, root ^ UINT64_C(1) << 24), NULL);
	CHECK_PTR(ledger_find(&ledger, root ^ UINT64_C(1) << 48), NULL);
	CHECK_PTR(ledger_find(&ledger, root | UINT64_C(0xffffff) << 24), NULL);
	CHECK_PTR(ledger_find(&ledger, root), tree);
	ledger_fini(&ledger);
}

/* A slot rests as long as it can: all others are taken before it. */
TEST(slots_are_reused_first_in_first_out)
{
	struct tree *trees[LEDGER_CHUNK];

	begin();
	for (uint32_t i = 0; i < LEDGER_CHUNK; i++)
		trees[i] = open_tree();
	for (uint32_t i = 0; i < LEDGER_CHUNK; i++)
		ledger_close(&ledger, trees[(i * 5 + 3) % LEDGER_CHUNK]);
	for (uint32_t i = 0; i < LEDGER_CHUNK; i++)
		CHECK_PTR(open_tree(), trees[(i * 5 + 3) % LEDGER_CHUNK]);
	CHECK_UINT(ledger.chunk_count, 1);
	ledger_fini(&ledger);
}

TEST(every_use_of_a_slot_has_the_next_generation)
{
	uint32_t before[LEDGER_CHUNK];

	begin();
	for (uint32_t round = 0; round < 4; round++) {
		for (uint32_t i = 0; i < LEDGER_CHUNK; i++) {
			struct tree *tree = open_tree();

			CHECK(tree->slot < LEDGER_CHUNK);
			if (round > 0)
				CHECK_UINT(tree->generation,
					   (before[tree->slot] + 1) & 0xffffff);
			before[tree->slot] = tree->generation;
			ledger_close(&ledger, tree);
		}
	}
	ledger_fini(&ledger);
}

/* So that the acks of an earlier process count for nothing. */
TEST(first_generations_are_random)
{
	uint64_t seen = 0;

	begin();
	for (uint32_t i = 0; i < 64; i++)
		seen |= (uint64_t)1 << (open_tree()->generation >> 18);
	/* 64 of 64 values would be 40 different ones, give or take 3. */
	CHECK(__builtin_popcountll(seen) > 25);
	ledger_fini(&ledger);
	random_seed(&numbers, 1);
	ledger_init(&ledger, &numbers);
	seen = open_tree()->generation;
	ledger_fini(&ledger);
	random_seed(&numbers, 2);
	ledger_init(&ledger, &numbers);
	CHECK(open_tree()->generation != seen);
	ledger_fini(&ledger);
}

TEST(it_grows_and_trees_do_not_move)
{
	enum { COUNT = 5 * LEDGER_CHUNK + 1 };
	static struct tree *trees[COUNT];
	static uint64_t roots[COUNT];

	begin();
	for (uint32_t i = 0; i < COUNT; i++) {
		trees[i] = open_tree();
		roots[i] = tree_root(trees[i]);
	}
	CHECK_UINT(ledger.chunk_count, 6);
	CHECK_UINT(ledger.open, COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		CHECK_PTR(ledger_find(&ledger, roots[i]), trees[i]);
	ledger_fini(&ledger);
}

TEST(what_is_kept_is_a_copy_and_is_counted)
{
	char data[] = "bytes";
	struct tree *tree;

	begin();
	tree = open_tree();
	CHECK_INT(ledger_keep(&ledger, tree, data, 5, true, 2, -1), 0);
	data[0] = 'x';
	CHECK_MEM(tree->record + 1, tree->record->size, "bytes", 5);
	CHECK_UINT(tree->record->output, 2);
	CHECK_INT(tree->record->direct, -1);
	CHECK_BOOL(tree->record->raw, true);
	CHECK_UINT(ledger.kept_bytes, sizeof(struct record) + 5);
	ledger_close(&ledger, tree);
	CHECK_UINT(ledger.kept_bytes, 0);
	ledger_fini(&ledger);
}

/* Against a table of what was opened, by random operations. */
TEST(it_agrees_with_a_table)
{
	enum { ROOTS = 3000, ROUNDS = 200000 };
	static struct tree *trees[ROOTS];
	static uint64_t roots[ROOTS];
	struct random random;
	uint32_t open = 0;

	begin();
	random_seed(&random, 99);
	memset(trees, 0, sizeof(trees));
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t i = random_below(&random, ROOTS);

		CHECK_PTR(ledger_find(&ledger, roots[i]), trees[i]);
		if (trees[i] == NULL) {
			trees[i] = open_tree();
			open++;
		} else if (random_below(&random, 3) == 0) {
			ledger_renew(trees[i]);
			CHECK_PTR(ledger_find(&ledger, roots[i]), NULL);
		} else {
			ledger_close(&ledger, trees[i]);
			trees[i] = NULL;
			open--;
			continue;
		}
		roots[i] = tree_root(trees[i]);
		CHECK_UINT(ledger.open, open);
	}
	ledger_fini(&ledger);
}

static int fill(void)
{
	struct tree *tree = ledger_reserve(&ledger, TASK);

	if (tree == NULL)
		return -ENOMEM;
	ledger_open(&ledger, tree);
	return ledger_keep(&ledger, tree, "x", 1, true, 0, -1);
}

TEST(short_memory_is_reported_and_nothing_leaks)
{
	for (unsigned long n = 1; starve(n); n++) {
		int r = 0;

		begin();
		for (uint32_t i = 0; i <= LEDGER_CHUNK && r == 0; i++)
			r = fill();
		CHECK_INT(r, starve_ends() ? -ENOMEM : 0);
		/* What was there works on. */
		CHECK_INT(fill(), 0);
		ledger_fini(&ledger);
	}
}
