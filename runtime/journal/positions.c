/* SPDX-License-Identifier: MIT */

#include "journal/positions.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/file_name.h"
#include "base/lock.h"
#include "base/map.h"
#include "journal/exact.h"
#include "journal/position_key.h"

/* Its key in the map is the component, a NUL, and the source. */
struct position {
	struct position *next;
	struct position *next_untold;
	bool untold; /* is in that list */
	const char *component;
	const char *source;
	uint64_t offset;
};

struct positions {
	pthread_mutex_t mutex; /* guards what follows */
	struct arena arena;
	struct map map;
	struct position *first;
	struct position **last;
	struct position *untold;
	bool dirty;

	pthread_mutex_t commit; /* one commit at a time; taken first */
	struct lock lock;
	char *path;
	char *topology;
	uint64_t incarnation;
};

static char *positions_path(const char *folder, const char *topology,
			    const char *suffix)
{
	char *name = file_name_for(topology, suffix);
	char *path = name == NULL ? NULL : file_join(folder, name);

	free(name);
	return path;
}

/* Adds a source; `key` is copied. The mutex is held, or nobody else is there.
 */
static struct position *positions_add(struct positions *positions,
				      const struct position_key *key)
{
	struct arena_mark mark = arena_mark(&positions->arena);
	struct position *position;
	char *copy;

	position = arena_calloc(&positions->arena, 1, sizeof(*position));
	copy = position == NULL
		       ? NULL
		       : arena_copy(&positions->arena, key->text, key->n);
	if (copy == NULL ||
	    map_set(&positions->map, copy, key->n, position) < 0) {
		arena_release(&positions->arena, mark);
		return NULL;
	}
	position->component = copy;
	position->source = copy + strlen(copy) + 1;
	*positions->last = position;
	positions->last = &position->next;
	return position;
}

int positions_get(struct positions *positions, const char *component,
		  const char *source, uint64_t *offset)
{
	const struct position *position;
	struct position_key key;
	int r = position_key_init(&key, component, source);

	if (r < 0)
		return r;
	pthread_mutex_lock(&positions->mutex);
	position = map_get(&positions->map, key.text, key.n);
	if (position != NULL)
		*offset = position->offset;
	pthread_mutex_unlock(&positions->mutex);
	position_key_fini(&key);
	return position == NULL ? -ENOENT : 0;
}

/* Puts it among those to be told. The mutex is held. */
static void position_untell(struct positions *positions,
			    struct position *position)
{
	if (position->untold)
		return;
	position->untold = true;
	position->next_untold = positions->untold;
	positions->untold = position;
}

int positions_set(struct positions *positions, const char *component,
		  const char *source, uint64_t offset)
{
	struct position *position;
	struct position_key key;
	bool fresh;
	int r = position_key_init(&key, component, source);

	if (r < 0)
		return r;
	pthread_mutex_lock(&positions->mutex);
	position = map_get(&positions->map, key.text, key.n);
	fresh = position == NULL;
	if (fresh)
		position = positions_add(positions, &key);
	if (position != NULL && (fresh || position->offset != offset)) {
		position->offset = offset;
		positions->dirty = true;
		position_untell(positions, position);
	}
	pthread_mutex_unlock(&positions->mutex);
	position_key_fini(&key);
	return position == NULL ? -ENOMEM : 0;
}

int positions_tell(struct positions *positions,
		   int (*tell)(void *self, const char *component,
			       const char *source, uint64_t offset),
		   void *self)
{
	struct position *position;
	uint64_t offset = 0;
	int r = 0;

	while (r >= 0) {
		pthread_mutex_lock(&positions->mutex);
		position = positions->untold;
		if (position != NULL) {
			positions->untold = position->next_untold;
			position->untold = false;
			offset = position->offset;
		}
		pthread_mutex_unlock(&positions->mutex);
		if (position == NULL)
			return 0;
		r = tell(self, position->component, position->source, offset);
	}
	pthread_mutex_lock(&positions->mutex);
	position_untell(positions, position);
	pthread_mutex_unlock(&positions->mutex);
	return r;
}

uint64_t positions_incarnation(const struct positions *positions)
{
	return positions->incarnation;
}

static json_t *position_to_json(const struct position *position)
{
	const char *component = position->component;
	const char *source = position->source;
	json_t *json = json_object();
	int r = 0;

	r |= json_object_set_new(json, "component",
				 exact_from_text(component, strlen(component)));
	r |= json_object_set_new(json, "source",
				 exact_from_text(source, strlen(source)));
	r |= json_object_set_new(json, "offset",
				 exact_from_unsigned(position->offset));
	if (r == 0)
		return json;
	json_decref(json);
	return NULL;
}

/* The mutex is held. */
static json_t *positions_to_json(const struct positions *positions)
{
	const char *topology = positions->topology;
	json_t *json = json_object(), *list = json_array();
	const struct position *position;
	int r = 0;

	r |= json_object_set_new(json, "format",
				 json_integer(POSITIONS_FORMAT));
	r |= json_object_set_new(json, "topology",
				 exact_from_text(topology, strlen(topology)));
	r |= json_object_set_new(json, "incarnation",
				 exact_from_unsigned(positions->incarnation));
	r |= json_object_set_new(json, "positions", list);
	for (position = positions->first; r == 0 && position != NULL;
	     position = position->next)
		r = json_array_append_new(list, position_to_json(position));
	if (r == 0)
		return json;
	json_decref(json);
	return NULL;
}

/* The text of the file; free it. */
static int positions_dump(struct positions *positions, char **text, size_t *n)
{
	json_t *json;
	int r = -ENOMEM;

	pthread_mutex_lock(&positions->mutex);
	json = positions_to_json(positions);
	if (json != NULL)
		positions->dirty = false;
	pthread_mutex_unlock(&positions->mutex);
	if (json != NULL)
		r = exact_dump(json, JSON_INDENT(1), text, n);
	json_decref(json);
	return r;
}

static int positions_write(struct positions *positions,
			   int (*first)(void *self, struct gust_error *error),
			   void *self, struct gust_error *error)
{
	char *text = NULL;
	size_t n;
	int r;

	if (positions->path == NULL)
		return first != NULL ? first(self, error) : 0;
	r = positions_dump(positions, &text, &n);

	if (r < 0)
		gust_error_set(error, r, "'%s' cannot be written: %s",
			       positions->path, strerror(-r));
	if (r == 0 && first != NULL)
		r = first(self, error);
	if (r == 0)
		r = file_replace(positions->path, text, n, error);
	free(text);
	if (r == 0)
		return 0;
	pthread_mutex_lock(&positions->mutex);
	positions->dirty = true;
	pthread_mutex_unlock(&positions->mutex);
	return r;
}

int positions_commit(struct positions *positions, struct gust_error *error)
{
	return positions_commit_after(positions, NULL, NULL, error);
}

int positions_commit_after(struct positions *positions,
			   int (*first)(void *self, struct gust_error *error),
			   void *self, struct gust_error *error)
{
	bool dirty;
	int r = 0;

	pthread_mutex_lock(&positions->commit);
	pthread_mutex_lock(&positions->mutex);
	dirty = positions->dirty;
	pthread_mutex_unlock(&positions->mutex);
	if (dirty)
		r = positions_write(positions, first, self, error);
	pthread_mutex_unlock(&positions->commit);
	return r;
}

static int positions_damaged(const struct positions *positions,
			     const char *what, const json_error_t *place,
			     struct gust_error *error)
{
	if (error != NULL && error->code == 0) {
		snprintf(error->source, sizeof(error->source), "%s",
			 positions->path);
		error->line = place == NULL ? 0 : place->line;
		error->column = place == NULL ? 0 : place->column;
	}
	return gust_error_set(error, -EBADMSG,
			      "the stored positions are damaged: %s; move the "
			      "file away to begin anew",
			      what);
}

static int position_read(struct positions *positions, const json_t *json,
			 size_t number, struct gust_error *error)
{
	struct arena arena;
	struct gust_text component, source;
	uint64_t offset;
	char what[80];
	int r;

	arena_init(&arena, 1024);
	r = exact_to_text(json_object_get(json, "component"), &arena,
			  &component);
	if (r == 0)
		r = exact_to_text(json_object_get(json, "source"), &arena,
				  &source);
	if (r == 0)
		r = exact_to_unsigned(json_object_get(json, "offset"), &offset);
	if (r == 0)
		r = positions_set(positions, component.data, source.data,
				  offset);
	arena_fini(&arena);
	if (r != -EINVAL)
		return r;
	snprintf(what, sizeof(what),
		 "position %zu lacks its component, source or offset", number);
	return positions_damaged(positions, what, NULL, error);
}

static int positions_check(const struct positions *positions,
			   const json_t *json, struct gust_error *error)
{
	const json_t *format = json_object_get(json, "format");
	const json_t *topology = json_object_get(json, "topology");

	if (!json_is_integer(format) || json_integer_value(format) < 1)
		return positions_damaged(positions, "there is no 'format'",
					 NULL, error);
	if (json_integer_value(format) > POSITIONS_FORMAT)
		return gust_error_set(error, -ENOTSUP,
				      "'%s' has format %lld, expected at most "
				      "%d: a newer gust wrote it",
				      positions->path,
				      (long long)json_integer_value(format),
				      POSITIONS_FORMAT);
	if (json_is_string(topology) &&
	    strcmp(json_string_value(topology), positions->topology) != 0)
		return positions_damaged(positions,
					 "they belong to another topology",
					 NULL, error);
	if (!json_is_array(json_object_get(json, "positions")))
		return positions_damaged(positions, "there is no 'positions'",
					 NULL, error);
	return 0;
}

static int positions_read_json(struct positions *positions, const json_t *json,
			       struct gust_error *error)
{
	const json_t *list = json_object_get(json, "positions");
	int r = positions_check(positions, json, error);

	if (r < 0)
		return r;
	if (exact_to_unsigned(json_object_get(json, "incarnation"),
			      &positions->incarnation) < 0)
		return positions_damaged(positions, "there is no 'incarnation'",
					 NULL, error);
	for (size_t i = 0; r == 0 && i < json_array_size(list); i++)
		r = position_read(positions, json_array_get(list, i), i + 1,
				  error);
	return r;
}

static int positions_read(struct positions *positions, struct gust_error *error)
{
	struct gust_error reason = { 0 };
	json_error_t place;
	json_t *json;
	char *data;
	size_t n;
	int r;

	r = file_read(positions->path, POSITIONS_FILE_MAX, &data, &n, &reason);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return gust_error_set(error, r, "%s", reason.text);
	r = exact_load(&json, data, n, &place);
	free(data);
	if (r == -EBADMSG)
		return positions_damaged(positions, place.text, &place, error);
	if (r < 0)
		return r;
	r = positions_read_json(positions, json, error);
	json_decref(json);
	return r;
}

static int position_is_known(void *self, const char *component,
			     const char *source, uint64_t offset)
{
	(void)self;
	(void)component;
	(void)source;
	(void)offset;
	return 0;
}

static int positions_lock(struct positions *positions, const char *folder,
			  struct gust_error *error)
{
	struct gust_error reason = { 0 };
	char *path = positions_path(folder, positions->topology, ".lock");
	int r;

	if (path == NULL)
		return -ENOMEM;
	r = lock_take_soon(&positions->lock, path, &reason);
	free(path);
	if (r == -EBUSY)
		gust_error_set(error, r,
			       "topology '%s' runs already with the state "
			       "folder '%s': %s",
			       positions->topology, folder, reason.text);
	else if (r < 0)
		gust_error_set(error, r, "%s", reason.text);
	return r;
}

static struct positions *positions_create(const char *folder,
					  const char *topology)
{
	struct positions *positions = calloc(1, sizeof(*positions));

	if (positions == NULL)
		return NULL;
	pthread_mutex_init(&positions->mutex, NULL);
	pthread_mutex_init(&positions->commit, NULL);
	arena_init(&positions->arena, 4096);
	positions->last = &positions->first;
	positions->topology = strdup(topology);
	if (folder != NULL)
		positions->path =
			positions_path(folder, topology, ".positions.json");
	if (positions->topology != NULL &&
	    (folder == NULL || positions->path != NULL))
		return positions;
	positions_close(positions);
	return NULL;
}

int positions_open(struct positions **positions, const char *folder,
		   const char *topology, struct gust_error *error)
{
	struct positions *fresh = positions_create(folder, topology);
	int r = -ENOMEM;

	if (fresh != NULL && folder == NULL) {
		*positions = fresh;
		return 0;
	}
	if (fresh != NULL)
		r = file_make_folder(folder, error);
	if (r < 0)
		goto fail;
	r = positions_lock(fresh, folder, error);
	if (r < 0)
		goto fail;
	r = positions_read(fresh, error);
	if (r < 0)
		goto fail;
	fresh->incarnation++;
	positions_tell(fresh, position_is_known, NULL);
	r = positions_write(fresh, NULL, NULL, error);
	if (r < 0)
		goto fail;
	*positions = fresh;
	return 0;
fail:
	gust_error_set(error, r, "positions in '%s' cannot be opened: %s",
		       folder != NULL ? folder : "memory", strerror(-r));
	positions_close(fresh);
	return r;
}

void positions_close(struct positions *positions)
{
	if (positions == NULL)
		return;
	lock_release(&positions->lock);
	map_fini(&positions->map);
	arena_fini(&positions->arena);
	pthread_mutex_destroy(&positions->mutex);
	pthread_mutex_destroy(&positions->commit);
	free(positions->topology);
	free(positions->path);
	free(positions);
}
