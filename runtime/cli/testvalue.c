/* SPDX-License-Identifier: MIT */
#include "cli/testvalue.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/base64.h"
#include "topology/value.h"

/* Longer texts are cut where they are printed. */
#define PRINTED_MAX 200u

static bool no_memory(struct diagnostics *diagnostics)
{
	diagnostics->no_memory = true;
	return false;
}

/* A value of a list within JSON, or one by itself. NULL for want of memory. */
static json_t *to_json(const struct node *node)
{
	const struct node_item *item;
	struct scalar scalar;
	json_t *json;

	if (node->kind == NODE_LIST || node->kind == NODE_MAP) {
		json = node->kind == NODE_LIST ? json_array() : json_object();
		for (item = node->items; item != NULL; item = item->next)
			if (item->key == NULL)
				json_array_append_new(json,
						      to_json(item->value));
			else
				json_object_set_new(json, item->key->text,
						    to_json(item->value));
		return json;
	}
	scalar = node_scalar(node);
	switch (scalar.kind) {
	case SCALAR_NULL:
		return json_null();
	case SCALAR_BOOL:
		return json_boolean(scalar.boolean);
	case SCALAR_INT:
		return scalar.overflow ? json_real(scalar.number)
				       : json_integer(scalar.integer);
	case SCALAR_FLOAT:
		return json_real(scalar.number);
	case SCALAR_STRING:
		break;
	}
	return json_stringn(node->text, node->length);
}

static bool read_json(const struct node *node, struct arena *arena,
		      struct diagnostics *diagnostics, struct gust_value *value)
{
	json_t *json = to_json(node);
	char *dumped = NULL, *text = NULL;

	if (json != NULL)
		dumped = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
	if (dumped != NULL)
		text = arena_string(arena, dumped);
	json_decref(json);
	free(dumped);
	if (text == NULL)
		return no_memory(diagnostics);
	*value = gust_json(text, strlen(text));
	return true;
}

static bool read_base64(const struct node *map, struct arena *arena,
			struct diagnostics *diagnostics,
			struct gust_value *value)
{
	const struct node *node = node_get(map, "base64");
	const char *text;
	size_t size;
	char *bytes;

	if (node == NULL || map->count != 1) {
		diagnostics_error(diagnostics, &map->place,
				  "bytes are a map, expected a string or "
				  "{base64: TEXT}");
		return false;
	}
	if (!value_string(node, "base64", diagnostics, &text))
		return false;
	bytes = arena_alloc(arena, base64_decoded_size_max(strlen(text)) + 1);
	if (bytes == NULL)
		return no_memory(diagnostics);
	if (base64_decode(bytes, &size, text, strlen(text)) < 0) {
		diagnostics_error(diagnostics, &node->place,
				  "'%.60s' is no base64, expected some", text);
		return false;
	}
	*value = gust_bytes(bytes, size);
	return true;
}

static bool wrong(const struct node *node, const struct gust_column *column,
		  struct diagnostics *diagnostics)
{
	char text[VALUE_TEXT_SIZE];

	diagnostics_error(diagnostics, &node->place, "'%s' is %s, expected %s",
			  column->name, value_describe(node, text),
			  gust_type_name(column->type));
	return false;
}

static bool read_number(const struct node *node,
			const struct gust_column *column,
			struct diagnostics *diagnostics,
			struct gust_value *value)
{
	struct scalar scalar = node_scalar(node);
	bool integer = scalar.kind == SCALAR_INT;

	if (column->type == GUST_BOOL && scalar.kind == SCALAR_BOOL)
		*value = gust_bool(scalar.boolean);
	else if (column->type == GUST_INT && integer && !scalar.overflow)
		*value = gust_int(scalar.integer);
	else if (column->type == GUST_FLOAT &&
		 (integer || scalar.kind == SCALAR_FLOAT))
		*value = gust_float(scalar.number);
	else
		return wrong(node, column, diagnostics);
	return true;
}

bool testvalue_read(const struct node *node, const struct gust_column *column,
		    struct arena *arena, struct diagnostics *diagnostics,
		    struct gust_value *value)
{
	if (node->broken)
		return false;
	*value = gust_null();
	if (node_is_null(node))
		return true;
	if (column->type == GUST_JSON)
		return read_json(node, arena, diagnostics, value);
	if (column->type == GUST_BYTES && node->kind == NODE_MAP)
		return read_base64(node, arena, diagnostics, value);
	if (node->kind != NODE_SCALAR)
		return wrong(node, column, diagnostics);
	if (column->type < GUST_STRING)
		return read_number(node, column, diagnostics, value);
	*value = gust_data(column->type, node->text, node->length);
	return true;
}

static bool json_same(const struct gust_value *a, const struct gust_value *b)
{
	json_t *left = json_loadb(a->as.data, a->length, JSON_DECODE_ANY, NULL);
	json_t *right =
		json_loadb(b->as.data, b->length, JSON_DECODE_ANY, NULL);
	bool same = left != NULL && right != NULL && json_equal(left, right);

	json_decref(left);
	json_decref(right);
	return same;
}

static bool float_same(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b);
	if (isinf(a) || isinf(b))
		return a == b;
	return fabs(a - b) <= 1e-9 * fabs(b);
}

bool testvalue_equal(const struct gust_value *a, const struct gust_value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == GUST_NULL)
		return true;
	if (a->type == GUST_FLOAT)
		return float_same(a->as.number, b->as.number);
	if (a->type < GUST_STRING)
		return a->as.integer == b->as.integer;
	if (a->length == b->length &&
	    memcmp(a->as.data, b->as.data, a->length) == 0)
		return true;
	return a->type == GUST_JSON && json_same(a, b);
}

bool testvalue_within(const struct gust_value *part,
		      const struct gust_value *text)
{
	return part->type == GUST_STRING && text->type == GUST_STRING &&
	       memmem(text->as.data, text->length, part->as.data,
		      part->length) != NULL;
}

/* Whether the text reads back as this string without quotes, even within
 * brackets. */
static bool is_plain(const char *text, size_t length)
{
	size_t i;

	if (length == 0 || strchr(" -?", text[0]) != NULL ||
	    text[length - 1] == ' ')
		return false;
	for (i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f ||
		    strchr("#:,[]{}&*!|>'\"%@`\\$", text[i]) != NULL)
			return false;
	return scalar_read(text, length).kind == SCALAR_STRING;
}

static void print_quoted(FILE *file, const char *text, size_t length)
{
	size_t i;

	fputc('"', file);
	for (i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte == '"' || byte == '\\')
			fprintf(file, "\\%c", byte);
		else if (byte == '\n')
			fputs("\\n", file);
		else if (byte == '\t')
			fputs("\\t", file);
		else if (byte < ' ' || byte == 0x7f)
			fprintf(file, "\\x%02x", byte);
		else
			fputc(byte, file);
	}
	fputc('"', file);
}

static void print_base64(FILE *file, const struct gust_value *value)
{
	char *text = malloc(base64_encoded_size(value->length) + 1);

	if (text == NULL)
		return;
	base64_encode(text, value->as.data, value->length);
	fputs("{base64: ", file);
	fwrite(text, 1, base64_encoded_size(value->length), file);
	fputc('}', file);
	free(text);
}

/* Bytes beyond ASCII are another character to YAML than to the tuple. */
static bool is_ascii(const struct gust_value *value)
{
	uint32_t i;

	for (i = 0; i < value->length; i++)
		if ((unsigned char)value->as.data[i] >= 0x80)
			return false;
	return true;
}

static void print_text(FILE *file, const struct gust_value *value)
{
	size_t length = value->length;

	if (value->type == GUST_BYTES && !is_ascii(value) &&
	    length <= PRINTED_MAX) {
		print_base64(file, value);
		return;
	}
	if (length > PRINTED_MAX) {
		length = PRINTED_MAX;
		while (((unsigned char)value->as.data[length] & 0xc0) == 0x80)
			length--; /* no character is cut in its middle */
	}
	if (value->type == GUST_JSON)
		fwrite(value->as.data, 1, length, file);
	else if (length == value->length && is_plain(value->as.data, length))
		fwrite(value->as.data, 1, length, file);
	else
		print_quoted(file, value->as.data, length);
	if (length < value->length)
		fprintf(file, "... (%" PRIu32 " bytes)", value->length);
}

/* A text that reads back to the same number, and is a float: 20.0, no 2e+01. */
static void print_float(FILE *file, double number)
{
	char text[40];
	int digits;

	if (isnan(number) || isinf(number)) {
		fputs(isnan(number) ? ".nan"
		      : number > 0  ? ".inf"
				    : "-.inf",
		      file);
		return;
	}
	for (digits = 15; digits < 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	(void)snprintf(text, sizeof(text), "%.*g", digits, number);
	fprintf(file, "%s%s", text, strpbrk(text, ".e") == NULL ? ".0" : "");
}

void testvalue_print(FILE *file, const struct gust_value *value)
{
	switch (value->type) {
	case GUST_NULL:
		fputs("null", file);
		break;
	case GUST_BOOL:
		fputs(value->as.integer != 0 ? "true" : "false", file);
		break;
	case GUST_INT:
		fprintf(file, "%" PRId64, value->as.integer);
		break;
	case GUST_FLOAT:
		print_float(file, value->as.number);
		break;
	default:
		print_text(file, value);
		break;
	}
}
