/* SPDX-License-Identifier: MIT */

#include "scores.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* There is one clock. */
static const struct gust_key whole = { NULL, 0, 0 };

/* Whether a key of the state and its value are of this kind. */
static bool scores_fit(const struct scores *scores, const struct gust_key *key,
		       struct gust_text value)
{
	const size_t unit = sizeof(struct scores_slot);

	if (key->count != scores->field_count)
		return false;
	return scores->counted ? value.length == sizeof(int64_t)
			       : value.length % unit == 0 && value.length > 0;
}

/* Whether a number still counts. */
static bool scores_live(const struct scores *scores, uint64_t turn)
{
	return scores->turns == 0 || turn + scores->turns > scores->turn;
}

static size_t scores_room(const struct scores *scores)
{
	return scores->turns > 0 ? scores->turns : 1;
}

/* The slots within the window, of those that are stored, the oldest first; how
 * many they are. */
static size_t scores_read(struct scores *scores, struct gust_text stored)
{
	struct scores_slot slot;
	size_t at, n = 0;

	for (at = 0; at + sizeof(slot) <= stored.length; at += sizeof(slot)) {
		memcpy(&slot, stored.data + at, sizeof(slot));
		if (scores_live(scores, slot.turn) && n < scores_room(scores))
			scores->slots[n++] = slot;
	}
	return n;
}

/* Moves the turn up to the last one of any key: the clock stays with one task
 * where there is another number of them. */
static int scores_wind(struct scores *scores, struct gust_cursor *cursor)
{
	struct scores_slot last;
	struct gust_text value;
	struct gust_key key;
	int r;

	while ((r = gust_cursor_next(cursor, &key, &value)) == 1) {
		if (!scores_fit(scores, &key, value))
			return -EBADMSG;
		if (scores->turns == 0)
			return 0;
		memcpy(&last, value.data + value.length - sizeof(last),
		       sizeof(last));
		if (last.turn > scores->turn)
			scores->turn = last.turn;
	}
	return r;
}

/* Sets the turn to where an earlier run was. */
static int scores_resume(struct scores *scores)
{
	struct gust_cursor *cursor;
	struct gust_text stored;
	uint64_t turn;
	int r = gust_state_get(scores->clock, &whole, &stored);

	if (r == 1 && stored.length == sizeof(turn)) {
		memcpy(&turn, stored.data, sizeof(turn));
		scores->turn = be64toh(turn);
	}
	if (r >= 0)
		r = gust_state_walk(scores->state, &cursor);
	if (r < 0)
		return r;
	r = scores_wind(scores, cursor);
	gust_cursor_close(cursor);
	return r;
}

int scores_open(struct scores *scores, struct gust_task *task,
		struct gust_error *error)
{
	int r;

	scores->turn = 1;
	scores->slots = calloc(scores_room(scores), sizeof(*scores->slots));
	if (scores->slots == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	r = gust_state(task, "scores", 0, &scores->state, error);
	if (r == 0)
		r = gust_state(task, "turn", 0, &scores->clock, error);
	if (r < 0)
		return r;
	r = scores_resume(scores);
	if (r == -EBADMSG)
		gust_error_set(error, r, SCORES_MISFIT);
	return r;
}

void scores_close(struct scores *scores)
{
	free(scores->slots);
}

static struct gust_value scores_value(const struct scores *scores,
				      const struct scores_slot *slot)
{
	return scores->type == GUST_FLOAT ? gust_float(slot->as.number)
					  : gust_int(slot->as.integer);
}

int scores_add(struct scores *scores, const struct gust_key *key,
	       struct gust_value number)
{
	struct scores_slot *slot = scores->slots;
	struct gust_text stored;
	size_t n = 0;
	int r = gust_state_get(scores->state, key, &stored);

	if (r < 0)
		return r;
	if (r == 1)
		n = scores_read(scores, stored);
	if (n > 0 && slot[n - 1].turn == scores->turn)
		number = heavy_join(scores->take,
				    scores_value(scores, &slot[n - 1]), number);
	else
		n++;
	slot[n - 1].turn = scores->turn;
	if (number.type == GUST_FLOAT)
		slot[n - 1].as.number = number.as.number;
	else
		slot[n - 1].as.integer = number.as.integer;
	return gust_state_put(scores->state, key, slot, n * sizeof(*slot));
}

int scores_next(struct scores *scores, struct gust_cursor *cursor,
		struct gust_key *key, struct gust_value *number)
{
	struct gust_text value;
	size_t i, n;
	int r;

	while ((r = gust_cursor_next(cursor, key, &value)) == 1) {
		if (!scores_fit(scores, key, value))
			return -EBADMSG;
		if (scores->counted) {
			*number = gust_int(0);
			memcpy(&number->as.integer, value.data, value.length);
			return 1;
		}
		n = scores_read(scores, value);
		if (n > 0)
			*number = scores_value(scores, &scores->slots[0]);
		for (i = 1; i < n; i++)
			*number = heavy_join(
				scores->take, *number,
				scores_value(scores, &scores->slots[i]));
		if (n > 0)
			return 1;
		r = gust_state_remove(scores->state, key);
		if (r < 0)
			return r;
	}
	return r;
}

int scores_turn(struct scores *scores)
{
	uint64_t turn;

	scores->turn++;
	/* Of two clocks that meet, the one with the greater bytes stays. */
	turn = htobe64(scores->turn);
	return gust_state_put(scores->clock, &whole, &turn, sizeof(turn));
}
