/* SPDX-License-Identifier: MIT */

#include "journal/dead_letter.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "journal/exact.h"

void dead_letter_fields(struct dead_letter_field *fields,
			const struct gust_tuple *tuple,
			const struct gust_column *columns)
{
	for (size_t i = 0; i < tuple->fields; i++) {
		assert(columns[i].name != NULL);
		fields[i].name = columns[i].name;
		fields[i].value = gust_value_at(tuple, i);
	}
}

static int dead_letter_put(json_t *json, const char *name, const char *text)
{
	if (text == NULL)
		return 0;
	return json_object_set_new(json, name,
				   exact_from_text(text, strlen(text)));
}

static json_t *dead_letter_put_fields(const struct dead_letter *letter)
{
	json_t *fields = json_object();
	int r = fields == NULL ? -1 : 0;

	for (size_t i = 0; r == 0 && i < letter->field_count; i++) {
		const struct dead_letter_field *field = &letter->fields[i];

		/* Names come from UTF-8 files and from plugins' tables. */
		r = json_object_set_new_nocheck(
			fields, field->name, exact_from_value(&field->value));
	}
	if (r == 0)
		return fields;
	json_decref(fields);
	return NULL;
}

static int dead_letter_put_content(json_t *json,
				   const struct dead_letter *letter)
{
	if (letter->data != NULL)
		return json_object_set_new(
			json, "record",
			exact_from_text(letter->data, letter->size));
	return json_object_set_new(json, "fields",
				   dead_letter_put_fields(letter));
}

json_t *dead_letter_to_json(const struct dead_letter *letter)
{
	char now[CLOCK_TEXT_SIZE];
	const char *time = letter->time;
	json_t *json = json_object();
	int r = 0;

	if (time == NULL)
		time = clock_format(now, (int64_t)clock_wall_ns());
	/* It comes first: DEAD_LETTER_PREFIX. */
	r |= json_object_set_new(json, "format",
				 json_integer(DEAD_LETTER_FORMAT));
	r |= dead_letter_put(json, "time", time);
	r |= dead_letter_put(json, "topology", letter->topology);
	r |= dead_letter_put(json, "component", letter->component);
	r |= json_object_set_new(json, "task", json_integer(letter->task));
	r |= dead_letter_put(json, "stream", letter->stream);
	r |= dead_letter_put(json, "kind", letter->kind);
	r |= dead_letter_put(json, "reason", letter->reason);
	r |= json_object_set_new(json, "attempts",
				 json_integer(letter->attempts));
	r |= dead_letter_put(json, "source", letter->source);
	if (letter->source != NULL)
		r |= json_object_set_new(json, "offset",
					 exact_from_unsigned(letter->offset));
	r |= dead_letter_put_content(json, letter);
	if (r == 0)
		return json;
	json_decref(json);
	return NULL;
}

/* A letter that is being read. The first problem wins. */
struct dead_letter_reading {
	const json_t *json;
	struct arena *arena;
	struct gust_error *error;
	int r;
};

static void dead_letter_bad(struct dead_letter_reading *reading, int r,
			    const char *name, const char *expected)
{
	const char *what = json_object_get(reading->json, name) == NULL
				   ? "is missing"
				   : "is wrong";

	if (reading->r != 0)
		return;
	reading->r = r;
	if (r == -ENOMEM)
		gust_error_set(reading->error, r, "%s", strerror(-r));
	else
		gust_error_set(reading->error, r, "'%s' %s, expected %s", name,
			       what, expected);
}

static struct gust_text dead_letter_bytes(struct dead_letter_reading *reading,
					  const char *name)
{
	const json_t *json = json_object_get(reading->json, name);
	struct gust_text text = { "", 0 };
	int r = exact_to_text(json, reading->arena, &text);

	if (r < 0)
		dead_letter_bad(reading, r == -EINVAL ? -EBADMSG : r, name,
				"a string");
	return text;
}

static const char *dead_letter_text(struct dead_letter_reading *reading,
				    const char *name)
{
	return dead_letter_bytes(reading, name).data;
}

static const char *dead_letter_optional(struct dead_letter_reading *reading,
					const char *name)
{
	if (json_object_get(reading->json, name) == NULL)
		return NULL;
	return dead_letter_text(reading, name);
}

static uint64_t dead_letter_number(struct dead_letter_reading *reading,
				   const char *name, uint64_t max)
{
	uint64_t number = 0;

	if (exact_to_unsigned(json_object_get(reading->json, name), &number) <
		    0 ||
	    number > max)
		dead_letter_bad(reading, -EBADMSG, name, "a number from 0 on");
	return number;
}

static void dead_letter_read_fields(struct dead_letter_reading *reading,
				    struct dead_letter *letter)
{
	json_t *object = json_object_get(reading->json, "fields");
	struct dead_letter_field *fields;
	const char *name;
	json_t *value;
	size_t n = 0;

	if (!json_is_object(object)) {
		dead_letter_bad(reading, -EBADMSG, "fields", "an object");
		return;
	}
	fields = arena_calloc(reading->arena, json_object_size(object),
			      sizeof(*fields));
	if (fields == NULL) {
		dead_letter_bad(reading, -ENOMEM, "fields", "");
		return;
	}
	json_object_foreach(object, name, value)
	{
		int r = exact_to_value(value, reading->arena, &fields[n].value);

		if (r < 0)
			dead_letter_bad(reading, r == -EINVAL ? -EBADMSG : r,
					"fields", "values of known types");
		fields[n++].name = name;
	}
	letter->fields = fields;
	letter->field_count = n;
}

static void dead_letter_read_content(struct dead_letter_reading *reading,
				     struct dead_letter *letter)
{
	struct gust_text record;

	if (json_object_get(reading->json, "record") == NULL) {
		dead_letter_read_fields(reading, letter);
		return;
	}
	record = dead_letter_bytes(reading, "record");
	letter->data = record.data;
	letter->size = record.length;
}

static int dead_letter_check_format(const json_t *json,
				    struct gust_error *error)
{
	const json_t *format = json_object_get(json, "format");
	json_int_t number = json_integer_value(format);

	if (!json_is_integer(format) || number < 1)
		return gust_error_set(error, -EBADMSG,
				      "this is no dead letter, expected a JSON "
				      "object that begins with '%s'",
				      DEAD_LETTER_PREFIX);
	if (number > DEAD_LETTER_FORMAT)
		return gust_error_set(error, -ENOTSUP,
				      "the dead letter has format %lld, "
				      "expected at most %d: a newer gust wrote "
				      "it",
				      (long long)number, DEAD_LETTER_FORMAT);
	return 0;
}

int dead_letter_from_json(const json_t *json, struct arena *arena,
			  struct dead_letter *letter, struct gust_error *error)
{
	struct dead_letter_reading reading = { json, arena, error, 0 };
	struct dead_letter found = { 0 };
	int r = dead_letter_check_format(json, error);

	if (r < 0)
		return r;
	found.time = dead_letter_text(&reading, "time");
	found.topology = dead_letter_text(&reading, "topology");
	found.component = dead_letter_text(&reading, "component");
	found.task = (uint32_t)dead_letter_number(&reading, "task", UINT32_MAX);
	found.stream = dead_letter_optional(&reading, "stream");
	found.kind = dead_letter_text(&reading, "kind");
	found.reason = dead_letter_text(&reading, "reason");
	found.attempts =
		(uint32_t)dead_letter_number(&reading, "attempts", UINT32_MAX);
	found.source = dead_letter_optional(&reading, "source");
	if (found.source != NULL)
		found.offset =
			dead_letter_number(&reading, "offset", UINT64_MAX);
	dead_letter_read_content(&reading, &found);
	if (reading.r == 0)
		*letter = found;
	return reading.r;
}
