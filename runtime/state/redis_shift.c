/* SPDX-License-Identifier: MIT */

/* How new hashes of a component take the place of the old ones. */

#include <stdlib.h>
#include <string.h>

#include "state/redis.h"
#include "state/redis_state.h"

/* A connection, and the key of the place, without a store. */
static int redis_reach(struct redis_store *redis,
		       const struct store_place *place,
		       struct gust_error *error)
{
	int r;

	memset(redis, 0, sizeof(*redis));
	r = redis_link_init(&redis->link, place->where, error);
	return r == 0 ? redis_link_begin(&redis->link, error) : r;
}

static void redis_leave(struct redis_store *redis)
{
	redis_link_fini(&redis->link);
	free(redis->key);
}

/* Sends a command over the hash of a task, and if it is RENAME the hash that is
 * to be. */
static int redis_send_of(struct redis_store *redis, const char *command,
			 const struct store_place *place,
			 struct gust_error *error)
{
	struct redis_store other = { .key = NULL };
	struct store_place final = *place;
	struct redis_word words[3] = { { command, strlen(command) } };
	int r;

	final.aside = false;
	free(redis->key);
	r = redis_name(redis, place);
	if (r == 0)
		r = redis_name(&other, &final);
	words[1] = redis_key(redis);
	words[2] = redis_key(&other);
	if (r == 0)
		r = redis_link_send(&redis->link, words,
				    strcmp(command, "RENAME") == 0 ? 3 : 2,
				    error);
	free(other.key);
	return r;
}

/* Finds hashes that were begun; there are none behind one that is missing. */
int redis_settle(const struct store_place *place, struct gust_error *error)
{
	struct store_place at = *place;
	struct redis_store redis;
	long long removed = 1;
	redisReply *reply;
	int r = redis_reach(&redis, place, error);

	at.aside = true;
	for (at.task = 0; r == 0 && removed > 0; at.task++) {
		r = redis_send_of(&redis, "DEL", &at, error);
		if (r == 0)
			r = redis_link_answer(&redis.link, &reply, error);
		if (r < 0)
			break;
		removed = reply->integer;
		freeReplyObject(reply);
	}
	redis_leave(&redis);
	return r;
}

int redis_promote(const struct store_place *place, uint32_t before,
		  struct gust_error *error)
{
	const struct redis_word multi[] = { REDIS_WORD("MULTI") };
	struct store_place at = *place;
	struct redis_store redis;
	int r = redis_reach(&redis, place, error);

	if (r == 0)
		r = redis_link_send(&redis.link, multi, 1, error);
	at.aside = false;
	for (at.task = 0; r == 0 && at.task < before; at.task++)
		r = redis_send_of(&redis, "DEL", &at, error);
	at.aside = true;
	for (at.task = 0; r == 0 && at.task < place->tasks; at.task++)
		r = redis_send_of(&redis, "RENAME", &at, error);
	if (r == 0)
		r = redis_exec(&redis, before + place->tasks, error);
	redis_leave(&redis);
	return r;
}
