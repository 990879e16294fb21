/* SPDX-License-Identifier: MIT */

#include "records.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_NAME_MAX 256u

/* The member at a path, or NULL. */
static const json_t *records_find(const json_t *json, const char *path)
{
	char name[RECORDS_NAME_MAX];
	size_t n;

	while (json != NULL && path != NULL && *path != '\0') {
		n = strcspn(path, ".");
		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		json = json_object_get(json, name);
		path += path[n] == '.' ? n + 1 : n;
	}
	return json;
}

static int records_compare(const void *a, const void *b)
{
	const struct record *first = a, *second = b;

	return (first->position > second->position) -
	       (first->position < second->position);
}

static int64_t records_position(const json_t *json, const char *name)
{
	const json_t *member = json_object_get(json, name);

	if (!json_is_integer(member) || json_integer_value(member) < 0)
		return -1;
	return json_integer_value(member);
}

static int records_list(struct records *records, const json_t *json,
			const char *position)
{
	const bool many = json_is_array(json);
	const size_t n = many                 ? json_array_size(json)
			 : json_is_null(json) ? 0
					      : 1;
	struct record *record;
	size_t i;

	records->list = calloc(n + 1, sizeof(*records->list));
	if (records->list == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		record = &records->list[i];
		record->json = many ? json_array_get(json, i) : json;
		record->position =
			position == NULL
				? -1
				: records_position(record->json, position);
	}
	if (position != NULL)
		qsort(records->list, n, sizeof(*records->list),
		      records_compare);
	records->count = n;
	records->at = 0;
	return 0;
}

int records_read(struct records *records, const char *text, size_t n,
		 const char *path, const char *position,
		 struct gust_error *error)
{
	const json_t *json;
	json_error_t place;

	records_clear(records);
	records->document =
		json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &place);
	if (records->document == NULL &&
	    json_error_code(&place) == json_error_out_of_memory)
		return -ENOMEM;
	if (records->document == NULL)
		return gust_error_set(error, -EINVAL, "no JSON: %s, at byte %d",
				      place.text, place.position);
	json = records_find(records->document, path);
	if (json == NULL)
		return gust_error_set(error, -EINVAL, "the answer has no '%s'",
				      path);
	return records_list(records, json, position);
}

void records_clear(struct records *records)
{
	json_decref(records->document);
	free(records->list);
	*records = (struct records){ 0 };
}
