/* SPDX-License-Identifier: MIT */
#ifndef GUST_TUPLE_H
#define GUST_TUPLE_H

/*
 * Values, tuples and the handles that find a field in a tuple.
 *
 * A tuple is one flat, self-contained, 8-byte aligned, little-endian record:
 * a header, one 16-byte cell a field, then the bytes of strings. It holds no
 * pointers, so the same bytes serve between threads and on the wire, and a
 * bolt reads strings in place. Plugins read tuples and never write to them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The type of a field. Any field may be null, whatever its declared type. */
enum gust_type {
	GUST_NULL = 0,
	GUST_BOOL = 1,
	GUST_INT = 2,    /* 64 bits, signed */
	GUST_FLOAT = 3,  /* 64 bits, IEEE 754 */
	GUST_STRING = 4, /* bytes meant as UTF-8, not checked; NUL is legal */
	GUST_BYTES = 5,
	GUST_JSON = 6 /* JSON text, parsed on demand */
};

/*
 * Bytes that belong to somebody else. A NUL follows them, for C; and where they
 * are those of a tuple they begin at a multiple of eight, and zeros follow up
 * to the next one, so that they can be read eight at a time.
 */
struct gust_text {
	const char *data; /* never NULL */
	size_t length;    /* in bytes, without that NUL; counts others */
};

/* A value on its way into a tuple. It is copied when it is emitted. */
struct gust_value {
	uint32_t type;   /* enum gust_type */
	uint32_t length; /* of `data`, for string, bytes and json */
	union {
		int64_t integer; /* int; bool as 0 or 1 */
		double number;   /* float */
		const char *data;
	} as;
};

static inline struct gust_value gust_null(void)
{
	struct gust_value value;

	value.type = GUST_NULL;
	value.length = 0;
	value.as.integer = 0;
	return value;
}

static inline struct gust_value gust_bool(bool truth)
{
	struct gust_value value;

	value.type = GUST_BOOL;
	value.length = 0;
	value.as.integer = truth ? 1 : 0;
	return value;
}

static inline struct gust_value gust_int(int64_t integer)
{
	struct gust_value value;

	value.type = GUST_INT;
	value.length = 0;
	value.as.integer = integer;
	return value;
}

static inline struct gust_value gust_float(double number)
{
	struct gust_value value;

	value.type = GUST_FLOAT;
	value.length = 0;
	value.as.number = number;
	return value;
}

/*
 * A value of `type` (string, bytes or json) over `length` bytes. A length of
 * 4 GiB or more is cut to UINT32_MAX, which every emit refuses as too large.
 */
static inline struct gust_value gust_data(enum gust_type type, const char *data,
					  size_t length)
{
	struct gust_value value;

	value.type = (uint32_t)type;
	value.length = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
	value.as.data = data;
	return value;
}

static inline struct gust_value gust_string(const char *data, size_t length)
{
	return gust_data(GUST_STRING, data, length);
}

static inline struct gust_value gust_bytes(const void *data, size_t length)
{
	return gust_data(GUST_BYTES, (const char *)data, length);
}

static inline struct gust_value gust_json(const char *data, size_t length)
{
	return gust_data(GUST_JSON, data, length);
}

/* One field in a tuple. */
struct gust_cell {
	uint32_t type;   /* enum gust_type */
	uint32_t length; /* of the bytes, for string, bytes and json */
	union {
		int64_t integer;
		double number;
		uint64_t offset; /* of the bytes, from the tuple's start */
	} as;
};

/* What the time of a tuple is that has none. */
#define GUST_NO_TIME INT64_MIN

/* The header of a tuple; `fields` cells follow it, see gust_cells(). */
struct gust_tuple {
	uint32_t size;   /* of the whole record in bytes, a multiple of 8 */
	uint16_t stream; /* the stream's number in the topology's plan */
	uint16_t fields; /* how many */
	uint32_t task;   /* the task that emitted it */
	uint32_t flags;  /* zero, kept for later use */
	uint64_t hash;   /* of the grouping's fields; 0 for other groupings */
	int64_t time;    /* event time, ns since 1970, or GUST_NO_TIME */
	uint64_t path;   /* identity within its root, kept for later use */
};

static inline const struct gust_cell *gust_cells(const struct gust_tuple *in)
{
	return (const struct gust_cell *)(const void *)(in + 1);
}

/*
 * A handle: where a field stands in each input stream. It is taken in open()
 * with gust_field() and valid until close(). `index` counts by stream.
 */
struct gust_field {
	const uint16_t *index;
};

/* What `index` says where a stream has no such field: it reads as null. */
#define GUST_ABSENT UINT16_MAX

/* The cell of a field, or NULL where the tuple's stream has no such field. */
static inline const struct gust_cell *gust_cell(const struct gust_tuple *in,
						struct gust_field field)
{
	uint16_t at = field.index[in->stream];

	return at == GUST_ABSENT ? NULL : gust_cells(in) + at;
}

/* The value in cell `at`; its bytes are those of the tuple, not a copy. */
static inline struct gust_value gust_value_at(const struct gust_tuple *in,
					      size_t at)
{
	const struct gust_cell *cell = gust_cells(in) + at;
	struct gust_value value;

	value.type = cell->type;
	value.length = cell->length;
	if (cell->type >= GUST_STRING)
		value.as.data = (const char *)in + cell->as.offset;
	else
		value.as.integer = cell->as.integer;
	return value;
}

/* The value of a field, null where there is none. */
static inline struct gust_value gust_value(const struct gust_tuple *in,
					   struct gust_field field)
{
	uint16_t at = field.index[in->stream];

	return at == GUST_ABSENT ? gust_null() : gust_value_at(in, at);
}

static inline bool gust_is_null(const struct gust_tuple *in,
				struct gust_field field)
{
	const struct gust_cell *cell = gust_cell(in, field);

	return cell == NULL || cell->type == GUST_NULL;
}

/*
 * The bytes of a string, bytes or json field, in place; they stay as long as
 * `in`. Other types and null read as the empty text.
 */
static inline struct gust_text gust_text(const struct gust_tuple *in,
					 struct gust_field field)
{
	const struct gust_cell *cell = gust_cell(in, field);
	struct gust_text text;

	text.data = "\0\0\0\0\0\0\0";
	text.length = 0;
	if (cell == NULL || cell->type < GUST_STRING)
		return text;
	text.data = (const char *)in + cell->as.offset;
	text.length = cell->length;
	return text;
}

/* The integer of an int or bool field; other types and null read as 0. */
static inline int64_t gust_integer(const struct gust_tuple *in,
				   struct gust_field field)
{
	const struct gust_cell *cell = gust_cell(in, field);

	if (cell == NULL || (cell->type != GUST_INT && cell->type != GUST_BOOL))
		return 0;
	return cell->as.integer;
}

/* The number of a float or int field; other types and null read as 0. */
static inline double gust_number(const struct gust_tuple *in,
				 struct gust_field field)
{
	const struct gust_cell *cell = gust_cell(in, field);

	if (cell != NULL && cell->type == GUST_FLOAT)
		return cell->as.number;
	if (cell != NULL && cell->type == GUST_INT)
		return (double)cell->as.integer;
	return 0;
}

/* The name of a type as topologies write it: "int", "string", "null"... */
GUST_API const char *gust_type_name(enum gust_type type);

#ifdef __cplusplus
}
#endif

#endif
