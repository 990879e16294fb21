/* SPDX-License-Identifier: MIT */
#include "state/redis.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_name.h"
#include "state/redis_state.h"
#include "state/store_head.h"

const bool redis_built_in = true;

/* So many records go into a command, and come with an answer. */
#define REDIS_BATCH 500u

static const struct redis_word redis_head = { STORE_HEAD_KEY,
					      STORE_HEAD_KEY_LENGTH };

static void redis_close(struct store *store)
{
	struct redis_store *redis = (struct redis_store *)store;

	redis_link_fini(&redis->link);
	free(redis->where);
	free(redis->key);
	free(redis->words);
	free(redis);
}

static int redis_odd(const struct redis_link *link, struct gust_error *error)
{
	return gust_error_set(error, -EBADMSG,
			      "%s answers with something else than Redis does",
			      link->name);
}

/* Tells what one answer of HSCAN has. */
static int redis_tell(const redisReply *fields, store_each *tell, void *context)
{
	int r = 0;

	for (size_t i = 0; i + 1 < fields->elements && r == 0; i += 2) {
		const redisReply *key = fields->element[i];
		const redisReply *record = fields->element[i + 1];

		if (key->len == STORE_HEAD_KEY_LENGTH && key->str[0] == '\0')
			continue;
		r = tell(
			context,
			(struct gust_text){ key->str, (size_t)key->len },
			(struct gust_text){ record->str, (size_t)record->len });
	}
	return r;
}

/* Whether it is an answer of HSCAN. */
static bool redis_is_scan(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	       reply->element[0]->type == REDIS_REPLY_STRING &&
	       reply->element[1]->type == REDIS_REPLY_ARRAY;
}

/* Goes through the hash; Redis may tell a record twice, and so does this. */
static int redis_scan(struct redis_link *link, struct redis_word key,
		      store_each *tell, void *context, struct gust_error *error)
{
	char cursor[32] = "0";
	struct redis_word words[] = { REDIS_WORD("HSCAN"),
				      key,
				      { cursor, 1 },
				      REDIS_WORD("COUNT"),
				      REDIS_WORD("500") };
	redisReply *reply;
	int r;

	do {
		words[2].length = strlen(cursor);
		r = redis_link_ask(link, words, 5, &reply, error);
		if (r < 0)
			return r;
		if (redis_is_scan(reply)) {
			snprintf(cursor, sizeof(cursor), "%s",
				 reply->element[0]->str);
			r = redis_tell(reply->element[1], tell, context);
		} else {
			r = redis_odd(link, error);
		}
		freeReplyObject(reply);
	} while (r == 0 && strcmp(cursor, "0") != 0);
	return r;
}

/* By a connection of its own: a commit may be under way. */
static int redis_each(struct store *store, store_each *tell, void *context,
		      struct gust_error *error)
{
	struct redis_store *redis = (struct redis_store *)store;
	struct redis_link link;
	int r = redis_link_init(&link, redis->where, error);

	if (r == 0)
		r = redis_link_begin(&link, error);
	if (r == 0)
		r = redis_scan(&link, redis_key(redis), tell, context, error);
	redis_link_fini(&link);
	return r;
}

/* Watches the hash, and reads its head; `*head` is NULL if there is none. */
static int redis_watch(struct redis_store *redis, redisReply **head,
		       struct gust_error *error)
{
	const struct redis_word watch[] = { REDIS_WORD("WATCH"),
					    redis_key(redis) };
	const struct redis_word get[] = { REDIS_WORD("HGET"), redis_key(redis),
					  redis_head };
	redisReply *reply;
	int r = redis_link_send(&redis->link, watch, 2, error);

	if (r == 0)
		r = redis_link_send(&redis->link, get, 3, error);
	if (r == 0)
		r = redis_link_answer(&redis->link, &reply, error);
	if (r < 0)
		return r;
	freeReplyObject(reply);
	r = redis_link_answer(&redis->link, &reply, error);
	if (r < 0)
		return r;
	*head = reply->type == REDIS_REPLY_STRING ? reply : NULL;
	if (*head == NULL)
		freeReplyObject(reply);
	return 0;
}

int redis_exec(struct redis_store *redis, size_t count,
	       struct gust_error *error)
{
	const struct redis_word exec[] = { REDIS_WORD("EXEC") };
	redisReply *reply;
	int r = redis_link_send(&redis->link, exec, 1, error), fault = 0;

	/* MULTI itself is answered, too. */
	for (size_t i = 0; i <= count && redis->link.context != NULL; i++) {
		r = redis_link_answer(&redis->link, &reply, error);
		if (r == 0)
			freeReplyObject(reply);
		else
			fault = r;
	}
	if (redis->link.context == NULL)
		return r;
	r = redis_link_answer(&redis->link, &reply, error);
	if (fault != 0 && r == 0)
		freeReplyObject(reply);
	if (fault != 0 || r < 0)
		return fault != 0 ? fault : r;
	if (reply->type == REDIS_REPLY_NIL)
		r = -ESTALE;
	for (size_t i = 0; r == 0 && i < reply->elements; i++)
		if (reply->element[i]->type == REDIS_REPLY_ERROR)
			r = redis_link_fault(&redis->link, reply->element[i],
					     error);
	freeReplyObject(reply);
	return r;
}

static int redis_stale(const struct redis_store *redis,
		       struct gust_error *error)
{
	return gust_error_set(error, -ESTALE,
			      "the state '%s' in %s has been opened anew by "
			      "another process",
			      redis->key, redis->link.name);
}

/* Sends the writes from `*at` on that are of one kind, as one command. */
static int redis_send_some(struct redis_store *redis,
			   const struct writes *writes, size_t *at,
			   struct gust_error *error)
{
	const bool removes = writes_at(writes, *at).record.length == 0;
	struct redis_word *words = redis->words;
	struct write write;
	size_t count = 0;

	words[count++] = removes ? REDIS_WORD("HDEL") : REDIS_WORD("HSET");
	words[count++] = redis_key(redis);
	for (; *at < writes->count && count < 2 * REDIS_BATCH; ++*at) {
		write = writes_at(writes, *at);
		if ((write.record.length == 0) != removes)
			break;
		words[count++] =
			(struct redis_word){ write.key.data, write.key.length };
		if (!removes)
			words[count++] =
				(struct redis_word){ write.record.data,
						     write.record.length };
	}
	return redis_link_send(&redis->link, words, count, error);
}

static int redis_write(struct redis_store *redis, const struct writes *writes,
		       struct gust_error *error)
{
	const struct redis_word multi[] = { REDIS_WORD("MULTI") };
	size_t at = 0, count = 0;
	int r = redis_link_send(&redis->link, multi, 1, error);

	for (; r == 0 && at < writes->count; count++)
		r = redis_send_some(redis, writes, &at, error);
	if (r == 0)
		r = redis_exec(redis, count, error);
	return r == -ESTALE ? redis_stale(redis, error) : r;
}

static int redis_commit(struct store *store, struct writes *writes,
			struct gust_error *error)
{
	struct redis_store *redis = (struct redis_store *)store;
	redisReply *head = NULL;
	int r = redis_link_begin(&redis->link, error);

	if (r == 0)
		r = redis_watch(redis, &head, error);
	if (r == 0 && head == NULL)
		r = gust_error_set(error, -EBADMSG,
				   "the state '%s' in %s has vanished",
				   redis->key, redis->link.name);
	else if (r == 0 &&
		 store_head_incarnation((struct gust_text){
			 head->str, (size_t)head->len }) != store->incarnation)
		r = redis_stale(redis, error);
	if (r == 0)
		r = redis_write(redis, writes, error);
	if (head != NULL)
		freeReplyObject(head);
	/* Nothing that was begun may be left on the connection. */
	if (r < 0)
		redis_link_drop(&redis->link);
	return r;
}

static const struct store_backend redis_backend = {
	.name = "redis",
	.remote = true,
	.each = redis_each,
	.commit = redis_commit,
	.close = redis_close,
};

/* Asks for a setting; "" if the server does not tell. */
static int redis_setting(struct redis_store *redis, const char *name,
			 char *value, size_t size, struct gust_error *error)
{
	const struct redis_word words[] = { REDIS_WORD("CONFIG"),
					    REDIS_WORD("GET"),
					    { name, strlen(name) } };
	struct gust_error ignored = { 0 };
	redisReply *reply;
	int r = redis_link_ask(&redis->link, words, 3, &reply, &ignored);

	value[0] = '\0';
	if (redis->link.context == NULL)
		return gust_error_set(error, r, "%s", ignored.text);
	if (r < 0) /* it is not for us */
		return 0;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2)
		snprintf(value, size, "%s", reply->element[1]->str);
	freeReplyObject(reply);
	return 0;
}

/* Warns unless what is committed outlives the server's machine. */
static int redis_check_durable(struct redis_store *redis,
			       struct gust_error *error)
{
	char only[16], sync[16];
	int r = redis_setting(redis, "appendonly", only, sizeof(only), error);

	if (r == 0)
		r = redis_setting(redis, "appendfsync", sync, sizeof(sync),
				  error);
	if (r < 0)
		return r;
	if (strcmp(only, "yes") == 0 && strcmp(sync, "always") == 0)
		return 0;
	snprintf(redis->warning, sizeof(redis->warning),
		 "state in %.100s is not durable: it has 'appendonly %s' and "
		 "'appendfsync %s', expected 'yes' and 'always'",
		 redis->link.name, only[0] == '\0' ? "?" : only,
		 sync[0] == '\0' ? "?" : sync);
	redis->store.warning = redis->warning;
	return 0;
}

/* Whether the hash has more than a head. */
static int redis_count(struct redis_store *redis, struct gust_error *error)
{
	const struct redis_word words[] = { REDIS_WORD("HLEN"),
					    redis_key(redis) };
	redisReply *reply;
	int r = redis_link_ask(&redis->link, words, 2, &reply, error);

	if (r < 0)
		return r;
	redis->store.fresh = reply->integer <= 1;
	freeReplyObject(reply);
	return 0;
}

/* Checks the head, which may be NULL for none. */
static int redis_check(struct redis_store *redis, const redisReply *head,
		       const struct store_place *place,
		       struct gust_error *error)
{
	int r = redis_count(redis, error);

	if (r < 0)
		return r;
	if (head != NULL)
		return store_head_check(
			(struct gust_text){ head->str, (size_t)head->len },
			place, redis->key, &redis->store.incarnation,
			&redis->store.tasks, error);
	if (place->read_only)
		return gust_error_set(error, -ENOENT,
				      "there is no state '%s' in %s",
				      redis->key, redis->link.name);
	if (!redis->store.fresh)
		return gust_error_set(error, -EBADMSG,
				      "the state '%s' in %s is damaged: it "
				      "does not say what it is",
				      redis->key, redis->link.name);
	return 0;
}

/* Makes it the one that may write. */
static int redis_begin_life(struct redis_store *redis,
			    const struct store_place *place,
			    struct gust_error *error)
{
	struct redis_word words[] = { REDIS_WORD("HSET"), redis_key(redis),
				      redis_head, REDIS_WORD("") };
	const struct redis_word multi[] = { REDIS_WORD("MULTI") };
	char *head;
	int r;

	redis->store.incarnation++;
	head = store_head_make(place, redis->store.incarnation,
			       &words[3].length);
	if (head == NULL)
		return -ENOMEM;
	words[3].data = head;
	r = redis_link_send(&redis->link, multi, 1, error);
	if (r == 0)
		r = redis_link_send(&redis->link, words, 4, error);
	if (r == 0)
		r = redis_exec(redis, 1, error);
	free(head);
	return r == -ESTALE ? redis_stale(redis, error) : r;
}

static int redis_start(struct redis_store *redis,
		       const struct store_place *place,
		       struct gust_error *error)
{
	redisReply *head = NULL;
	int r = redis_link_begin(&redis->link, error);

	if (r == 0)
		r = redis_check_durable(redis, error);
	if (r == 0)
		r = redis_watch(redis, &head, error);
	if (r == 0)
		r = redis_check(redis, head, place, error);
	if (r == 0 && !place->read_only)
		r = redis_begin_life(redis, place, error);
	if (head != NULL)
		freeReplyObject(head);
	return r;
}

int redis_name(struct redis_store *redis, const struct store_place *place)
{
	char *topology = file_name_for(place->topology, "");
	char *component = file_name_for(place->component, "");
	int n = -1;

	if (topology != NULL && component != NULL)
		n = asprintf(&redis->key, "gust:%s:%s:%s%" PRIu32, topology,
			     component, place->aside ? REDIS_NEW : "",
			     place->task);
	if (n < 0)
		redis->key = NULL;
	free(topology);
	free(component);
	redis->key_length = n < 0 ? 0 : (size_t)n;
	return n < 0 ? -ENOMEM : 0;
}

int redis_open(struct store **store, const struct store_place *place,
	       struct gust_error *error)
{
	struct redis_store *redis = calloc(1, sizeof(*redis));
	int r;

	if (redis == NULL)
		return -ENOMEM;
	redis->store.backend = &redis_backend;
	redis->where = strdup(place->where);
	redis->words = calloc(2 * REDIS_BATCH + 4, sizeof(*redis->words));
	if (redis->where == NULL || redis->words == NULL)
		r = -ENOMEM;
	else
		r = redis_name(redis, place);
	if (r == 0)
		r = redis_link_init(&redis->link, place->where, error);
	if (r == 0)
		r = redis_start(redis, place, error);
	if (r < 0) {
		redis_close(&redis->store);
		return r;
	}
	*store = &redis->store;
	return 0;
}
