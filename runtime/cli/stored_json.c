/* SPDX-License-Identifier: MIT */
#include "cli/stored_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "journal/exact.h"
#include "state/content.h"
#include "state/keycode.h"

/* Adds a member, whose reference it takes. False: memory is short. */
static bool stored_set(json_t *json, const char *name, json_t *value)
{
	return json_object_set_new(json, name, value) == 0;
}

static json_t *stored_entries(const struct content *content)
{
	json_t *array = json_array(), *item;
	struct gust_entries entries;

	content_entries(content, &entries);
	while (array != NULL && gust_entries_next(&entries)) {
		item = exact_from_text(entries.value.data,
				       entries.value.length);
		if (entries.kind == CONTENT_MAP)
			item = json_pack("[o?o?]",
					 exact_from_text(entries.name.data,
							 entries.name.length),
					 item);
		if (json_array_append_new(array, item) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static bool stored_set_content(json_t *json, const struct content *content)
{
	const struct gust_text text = content_text(content);

	switch (content->kind) {
	case CONTENT_COUNTER:
		return stored_set(json, "counter",
				  json_integer(content->as.counter));
	case CONTENT_BYTES:
		return stored_set(json, "bytes",
				  exact_from_text(text.data, text.length));
	case CONTENT_LIST:
		return stored_set(json, "list", stored_entries(content));
	default:
		return stored_set(json, "map", stored_entries(content));
	}
}

/* The values of a key; NULL: they are none, or memory is short. */
static json_t *stored_key(struct gust_text code)
{
	json_t *array = json_array();
	struct gust_value *values;
	size_t count, room;

	if (keycode_check(code.data, code.length, &count, &room) < 0) {
		json_decref(array);
		return NULL;
	}
	values = malloc(count * sizeof(*values) + room + 1);
	if (values == NULL) {
		json_decref(array);
		return NULL;
	}
	keycode_decode(code.data, code.length, values,
		       (char *)(values + count));
	for (size_t i = 0; i < count && array != NULL; i++) {
		if (json_array_append_new(array, exact_from_value(&values[i])) <
		    0) {
			json_decref(array);
			array = NULL;
		}
	}
	free(values);
	return array;
}

json_t *stored_to_json(const char *component, struct gust_text key,
		       struct gust_text record)
{
	struct content content = { .kind = CONTENT_NONE };
	const char *zero = memchr(key.data, '\0', key.length);
	struct gust_text code;
	json_t *json = NULL;
	int64_t expires;
	bool good;

	if (zero == NULL || content_read(&content, record, &expires) < 0)
		return NULL;
	code.data = zero + 1;
	code.length = key.length - (size_t)(code.data - key.data);
	json = json_object();
	good = stored_set(json, "format", json_integer(STORED_FORMAT)) &&
	       stored_set(json, "component", json_string(component)) &&
	       stored_set(json, "state", json_string(key.data)) &&
	       stored_set(json, "key", stored_key(code)) &&
	       stored_set_content(json, &content) &&
	       (expires == CONTENT_FOR_EVER ||
		stored_set(json, "expires", json_integer(expires)));
	content_clear(&content);
	if (good)
		return json;
	json_decref(json);
	return NULL;
}

static int stored_bad(const char *name, struct gust_error *error)
{
	return gust_error_set(error, -EBADMSG,
			      "member '%s' is missing or wrong", name);
}

/* Writes the key as a store has it. */
static int stored_read_key(const json_t *json, struct arena *arena,
			   struct gust_text *key, struct gust_error *error)
{
	const char *state = json_string_value(json_object_get(json, "state"));
	const json_t *array = json_object_get(json, "key");
	const size_t count = json_array_size(array);
	struct gust_value *values;
	char *data;
	int r;

	if (state == NULL || state[0] == '\0')
		return stored_bad("state", error);
	if (!json_is_array(array))
		return stored_bad("key", error);
	values = arena_calloc(arena, count + 1, sizeof(*values));
	if (values == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		r = exact_to_value(json_array_get(array, i), arena, &values[i]);
		if (r < 0)
			return r == -ENOMEM ? r : stored_bad("key", error);
	}
	key->length = strlen(state) + 1 + keycode_size(values, count);
	data = arena_alloc(arena, key->length);
	if (data == NULL)
		return -ENOMEM;
	strcpy(data, state);
	keycode_encode(data + strlen(state) + 1, values, count);
	key->data = data;
	return 0;
}

static int stored_read_list(const json_t *array, struct arena *arena,
			    struct content *content)
{
	struct gust_text text;
	const json_t *item;
	size_t i;
	int r;

	json_array_foreach(array, i, item)
	{
		r = exact_to_text(item, arena, &text);
		if (r == 0)
			r = content_append(content, text.data, text.length, 0);
		if (r < 0)
			return r;
	}
	return json_array_size(array) > 0 ? 0 : -EINVAL;
}

static int stored_read_map(const json_t *array, struct arena *arena,
			   struct content *content)
{
	struct gust_text name, text;
	const json_t *item;
	size_t i;
	int r;

	json_array_foreach(array, i, item)
	{
		if (json_array_size(item) != 2)
			return -EINVAL;
		r = exact_to_text(json_array_get(item, 0), arena, &name);
		if (r == 0)
			r = exact_to_text(json_array_get(item, 1), arena,
					  &text);
		if (r == 0)
			r = content_map_put(content, name, text.data,
					    text.length);
		if (r < 0)
			return r;
	}
	return json_array_size(array) > 0 ? 0 : -EINVAL;
}

static int stored_read_content(const json_t *json, struct arena *arena,
			       struct content *content,
			       struct gust_error *error)
{
	const json_t *counter = json_object_get(json, "counter");
	const json_t *bytes = json_object_get(json, "bytes");
	const json_t *list = json_object_get(json, "list");
	const json_t *map = json_object_get(json, "map");
	struct gust_text text;
	int r = -EINVAL;

	if (json_is_integer(counter)) {
		content->kind = CONTENT_COUNTER;
		content->as.counter = json_integer_value(counter);
		return 0;
	}
	if (bytes != NULL) {
		r = exact_to_text(bytes, arena, &text);
		if (r == 0)
			r = content_put(content, text.data, text.length);
	} else if (list != NULL) {
		r = stored_read_list(list, arena, content);
	} else if (map != NULL) {
		r = stored_read_map(map, arena, content);
	}
	if (r == 0 || r == -ENOMEM)
		return r;
	return gust_error_set(error, -EBADMSG,
			      "expected one of 'counter', 'bytes', 'list' and "
			      "'map' with what it holds");
}

/* Writes the record as a store has it. */
static int stored_read_record(const json_t *json, struct arena *arena,
			      struct gust_text *record,
			      struct gust_error *error)
{
	const json_t *ends = json_object_get(json, "expires");
	struct content content = { .kind = CONTENT_NONE };
	int64_t expires = CONTENT_FOR_EVER;
	char *data;
	int r;

	if (ends != NULL && !json_is_integer(ends))
		return stored_bad("expires", error);
	if (ends != NULL)
		expires = json_integer_value(ends);
	r = stored_read_content(json, arena, &content, error);
	if (r == 0) {
		record->length = content_record_size(&content, expires);
		data = arena_alloc(arena, record->length);
		record->data = data;
		if (data == NULL)
			r = -ENOMEM;
		else
			content_record(&content, expires, data);
	}
	content_clear(&content);
	return r;
}

int stored_from_json(const json_t *json, struct arena *arena,
		     const char **component, struct gust_text *key,
		     struct gust_text *record, struct gust_error *error)
{
	const json_t *format = json_object_get(json, "format");
	int r;

	if (!json_is_integer(format) || json_integer_value(format) < 1)
		return stored_bad("format", error);
	if (json_integer_value(format) > STORED_FORMAT)
		return gust_error_set(error, -ENOTSUP,
				      "it has format %lld, this gust reads up "
				      "to %d",
				      (long long)json_integer_value(format),
				      STORED_FORMAT);
	*component = json_string_value(json_object_get(json, "component"));
	if (*component == NULL)
		return stored_bad("component", error);
	r = stored_read_key(json, arena, key, error);
	return r < 0 ? r : stored_read_record(json, arena, record, error);
}
