/* SPDX-License-Identifier: MIT */
#include "cli/jsontext.h"

#include <stdlib.h>
#include <string.h>

/* The length of the character that `text` begins with; 0 if it is none. */
static size_t character(const char *text)
{
	size_t left = strnlen(text, 4), length;

	for (length = 1; length <= left; length++) {
		json_t *json = json_stringn(text, length);

		if (json == NULL)
			continue;
		json_decref(json);
		return length;
	}
	return 0;
}

json_t *jsontext(const char *text)
{
	json_t *json;
	char *copy, *at;

	if (text == NULL)
		return json_null();
	json = json_string(text);
	if (json != NULL)
		return json;
	copy = strdup(text);
	if (copy == NULL)
		return NULL;
	for (at = copy; *at != '\0';) {
		size_t length = character(at);

		if (length == 0)
			*at++ = '?';
		else
			at += length;
	}
	json = json_string(copy);
	free(copy);
	return json;
}

json_t *jsontext_count(uint64_t count)
{
	return json_integer(count < INT64_MAX ? (json_int_t)count : INT64_MAX);
}
