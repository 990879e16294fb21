/* SPDX-License-Identifier: MIT */

#include "board.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BOARD_TABLE_MIN ((size_t)256) /* a power of two */

int board_init(struct board *board, size_t field_count, size_t turns,
	       size_t most, bool ties, enum board_take take)
{
	board->field_count = field_count;
	board->slot_count = turns;
	board->most = most;
	board->ties = ties;
	board->take = take;
	board->turn = 1;
	board->table_size = BOARD_TABLE_MIN;
	board->table = calloc(board->table_size, sizeof(*board->table));
	board->ranking = calloc(most, sizeof(*board->ranking));
	return board->table != NULL && board->ranking != NULL ? 0 : -ENOMEM;
}

void board_fini(struct board *board)
{
	size_t i;

	for (i = 0; board->table != NULL && i < board->table_size; i++)
		free(board->table[i]);
	free(board->table);
	free(board->ranking);
}

static bool board_equal(const struct gust_value *a, const struct gust_value *b,
			size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (a[i].type != b[i].type || a[i].length != b[i].length)
			return false;
		if (a[i].type < GUST_STRING &&
		    a[i].as.integer != b[i].as.integer)
			return false;
		if (a[i].type >= GUST_STRING &&
		    memcmp(a[i].as.data, b[i].as.data, a[i].length) != 0)
			return false;
	}
	return true;
}

/* Where a key stands in the table, or the free place where it belongs. */
static struct board_entry **board_find(const struct board *board,
				       const struct gust_value *key,
				       uint64_t hash)
{
	const size_t mask = board->table_size - 1;
	size_t i = (size_t)hash & mask;

	while (board->table[i] != NULL &&
	       (board->table[i]->hash != hash ||
		!board_equal(board->table[i]->key, key, board->field_count)))
		i = (i + 1) & mask;
	return &board->table[i];
}

/* Whether a key has a number within the window. */
static bool board_counts(const struct board *board,
			 const struct board_entry *entry)
{
	return entry->turn + board->slot_count > board->turn;
}

/* Takes the keys that are alive into a table of `size`, and frees the others.
 * Only what is alive counts as used afterwards. */
static int board_rebuild(struct board *board, size_t size)
{
	struct board_entry **table = calloc(size, sizeof(*table)), *entry;
	size_t i, at;

	if (table == NULL)
		return -ENOMEM;
	board->used = 0;
	for (i = 0; i < board->table_size; i++) {
		entry = board->table[i];
		if (entry == NULL)
			continue;
		if (!board_counts(board, entry)) {
			free(entry);
			continue;
		}
		at = (size_t)entry->hash & (size - 1);
		while (table[at] != NULL)
			at = (at + 1) & (size - 1);
		table[at] = entry;
		board->used++;
	}
	free(board->table);
	board->table = table;
	board->table_size = size;
	return 0;
}

/* Copies a key. NULL: out of memory. */
static struct board_entry *board_create(const struct board *board,
					const struct gust_value *key,
					uint64_t hash)
{
	const size_t n = board->field_count;
	size_t i, size = sizeof(struct board_entry) +
			 board->slot_count * sizeof(struct board_slot);
	struct board_entry *entry;
	struct gust_value *copy;
	char *bytes;

	for (i = 0; i < n; i++)
		size += sizeof(*key) +
			(key[i].type >= GUST_STRING ? key[i].length : 0);
	entry = calloc(1, size);
	if (entry == NULL)
		return NULL;
	copy = (struct gust_value *)(void *)(entry->slots + board->slot_count);
	bytes = (char *)(copy + n);
	for (i = 0; i < n; i++) {
		copy[i] = key[i];
		if (key[i].type < GUST_STRING || key[i].length == 0)
			continue;
		memcpy(bytes, key[i].as.data, key[i].length);
		copy[i].as.data = bytes;
		bytes += key[i].length;
	}
	entry->hash = hash;
	entry->key = copy;
	return entry;
}

/* The entry of a key, a new one where it has none. NULL: out of memory. */
static struct board_entry *
board_entry(struct board *board, const struct gust_value *key, uint64_t hash)
{
	struct board_entry **place = board_find(board, key, hash);

	if (*place != NULL)
		return *place;
	if (2 * (board->used + 1) > board->table_size) {
		if (board_rebuild(board, 2 * board->table_size) < 0)
			return NULL;
		place = board_find(board, key, hash);
	}
	*place = board_create(board, key, hash);
	board->used += *place != NULL;
	return *place;
}

static bool board_less(struct gust_value a, struct gust_value b)
{
	return a.type == GUST_FLOAT ? a.as.number < b.as.number
				    : a.as.integer < b.as.integer;
}

/* Adds a later number of a key to an earlier one. */
static struct gust_value board_join(const struct board *board,
				    struct gust_value early,
				    struct gust_value late)
{
	if (board->take == BOARD_LAST)
		return late;
	if (board->take == BOARD_MAX)
		return board_less(early, late) ? late : early;
	if (late.type == GUST_FLOAT)
		return gust_float(early.as.number + late.as.number);
	if (__builtin_add_overflow(early.as.integer, late.as.integer,
				   &early.as.integer))
		early.as.integer = late.as.integer < 0 ? INT64_MIN : INT64_MAX;
	return early;
}

int board_add(struct board *board, const struct gust_value *key, uint64_t hash,
	      struct gust_value number)
{
	struct board_entry *entry = board_entry(board, key, hash);
	struct board_slot *slot;

	if (entry == NULL)
		return -ENOMEM;
	slot = &entry->slots[board->turn % board->slot_count];
	slot->number = slot->turn == board->turn
			       ? board_join(board, slot->number, number)
			       : number;
	slot->turn = board->turn;
	entry->turn = board->turn;
	return 0;
}

/* Joins what a key has in the window, the oldest first. It has something. */
static void board_total(const struct board *board, struct board_entry *entry)
{
	const uint64_t count = board->slot_count;
	uint64_t turn = board->turn < count ? 1 : board->turn - count + 1;
	const struct board_slot *slot;
	bool first = true;

	for (; turn <= board->turn; turn++) {
		slot = &entry->slots[turn % count];
		if (slot->turn != turn)
			continue;
		entry->number =
			first ? slot->number
			      : board_join(board, entry->number, slot->number);
		first = false;
	}
}

static int board_compare_values(const struct gust_value *a,
				const struct gust_value *b)
{
	size_t n = a->length < b->length ? a->length : b->length;
	int r;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->type < GUST_STRING)
		return board_less(*b, *a) - board_less(*a, *b);
	r = n == 0 ? 0 : memcmp(a->as.data, b->as.data, n);
	return r != 0 ? r : (a->length > b->length) - (a->length < b->length);
}

/* Below 0: `a` stands before `b`. Two keys are never equal. */
static int board_compare(const struct board *board, const struct board_entry *a,
			 const struct board_entry *b)
{
	size_t i;
	int r = board_less(a->number, b->number) -
		board_less(b->number, a->number);

	for (i = 0; i < board->field_count && r == 0; i++)
		r = board_compare_values(&a->key[i], &b->key[i]);
	return r;
}

/* Moves the entry at `at` down a heap of `n` whose last one is the first. */
static void board_sink(const struct board *board, size_t at, size_t n)
{
	struct board_entry **heap = board->ranking, *entry = heap[at];
	size_t child;

	while ((child = 2 * at + 1) < n) {
		if (child + 1 < n &&
		    board_compare(board, heap[child], heap[child + 1]) < 0)
			child++;
		if (board_compare(board, entry, heap[child]) >= 0)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = entry;
}

static void board_heap(struct board *board)
{
	size_t i;

	for (i = board->ranked / 2; i-- > 0;)
		board_sink(board, i, board->ranked);
}

/* Takes an entry into the ranking: when that is full, it is a heap, and the
 * entry takes the place of its last one. */
static void board_offer(struct board *board, struct board_entry *entry)
{
	if (board->ranked < board->most) {
		board->ranking[board->ranked++] = entry;
		if (board->ranked == board->most)
			board_heap(board);
	} else if (board_compare(board, entry, board->ranking[0]) < 0) {
		board->ranking[0] = entry;
		board_sink(board, 0, board->ranked);
	}
}

/* Sorts the ranking, which is a heap by then. */
static void board_sort(struct board *board)
{
	struct board_entry *entry;
	size_t n;

	board_heap(board);
	for (n = board->ranked; n > 1;) {
		entry = board->ranking[--n];
		board->ranking[n] = board->ranking[0];
		board->ranking[0] = entry;
		board_sink(board, 0, n);
	}
}

/* Whether a key stands behind the last one only because of its name. */
static bool board_ties(const struct board *board,
		       const struct board_entry *entry,
		       const struct board_entry *last)
{
	return entry != NULL && board_counts(board, entry) &&
	       !board_less(entry->number, last->number) &&
	       !board_less(last->number, entry->number) &&
	       board_compare(board, entry, last) > 0;
}

/* Appends the keys that are as great as the last one. */
static int board_append_ties(struct board *board)
{
	const struct board_entry *last = board->ranking[board->ranked - 1];
	struct board_entry **ranking;
	size_t i, n = board->ranked;

	for (i = 0; i < board->table_size; i++)
		n += board_ties(board, board->table[i], last);
	ranking =
		reallocarray(board->ranking, n > board->most ? n : board->most,
			     sizeof(*ranking));
	if (ranking == NULL)
		return -ENOMEM;
	board->ranking = ranking;
	for (i = 0; i < board->table_size; i++)
		if (board_ties(board, board->table[i], last))
			ranking[board->ranked++] = board->table[i];
	return 0;
}

int board_rank(struct board *board)
{
	struct board_entry *entry;
	size_t i;
	int r;

	board->ranked = 0;
	for (i = 0; i < board->table_size; i++) {
		entry = board->table[i];
		if (entry == NULL || !board_counts(board, entry))
			continue;
		board_total(board, entry);
		board_offer(board, entry);
	}
	board_sort(board);
	if (!board->ties || board->ranked == 0)
		return 0;
	r = board_append_ties(board);
	board_sort(board);
	return r;
}

/* Without memory, those that do not count any more are freed another time. */
void board_turn(struct board *board)
{
	board->turn++;
	board->ranked = 0;
	(void)board_rebuild(board, board->table_size);
}
