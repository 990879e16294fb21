/* SPDX-License-Identifier: MIT */

#include <string.h>

#include <gust/kit/row.h>

/* Before each value: its type, and how many bytes follow. */
struct row_head {
	uint32_t type;
	uint32_t length;
};

int row_append(struct buffer *buffer, const struct gust_value *values,
	       size_t count)
{
	struct gust_value value;
	struct row_head head;
	size_t i;
	int r = 0;

	for (i = 0; i < count && r == 0; i++) {
		value = values[i];
		if (value.type == GUST_FLOAT && value.as.number == 0)
			value.as.number = 0;
		head.type = value.type;
		head.length = value.type >= GUST_STRING ? value.length : 0;
		if (value.type != GUST_NULL && value.type < GUST_STRING)
			head.length = sizeof(value.as);
		r = buffer_append(buffer, &head, sizeof(head));
		if (r == 0 && value.type >= GUST_STRING)
			r = buffer_append(buffer, value.as.data, head.length);
		else if (r == 0 && head.length > 0)
			r = buffer_append(buffer, &value.as, head.length);
	}
	return r;
}

/* Reads the first value, and takes its bytes off. */
static bool row_next(struct gust_text *bytes, struct gust_value *value)
{
	struct row_head head;

	if (bytes->length < sizeof(head))
		return false;
	memcpy(&head, bytes->data, sizeof(head));
	bytes->data += sizeof(head);
	bytes->length -= sizeof(head);
	if (bytes->length < head.length || head.type > GUST_JSON)
		return false;
	*value = gust_null();
	if (head.type >= GUST_STRING)
		*value = gust_data((enum gust_type)head.type, bytes->data,
				   head.length);
	else if (head.type != GUST_NULL && head.length != sizeof(value->as))
		return false;
	else if (head.type != GUST_NULL)
		memcpy(&value->as, bytes->data, sizeof(value->as));
	value->type = head.type;
	bytes->data += head.length;
	bytes->length -= head.length;
	return true;
}

bool row_read(struct gust_text bytes, struct gust_value *values, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!row_next(&bytes, &values[i]))
			return false;
	return bytes.length == 0;
}

int row_compare_values(const struct gust_value *a, const struct gust_value *b)
{
	size_t n = a->length < b->length ? a->length : b->length;
	int r;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->type == GUST_FLOAT)
		return (a->as.number > b->as.number) -
		       (a->as.number < b->as.number);
	if (a->type < GUST_STRING)
		return (a->as.integer > b->as.integer) -
		       (a->as.integer < b->as.integer);
	r = n == 0 ? 0 : memcmp(a->as.data, b->as.data, n);
	return r != 0 ? r : (a->length > b->length) - (a->length < b->length);
}

int row_compare(struct gust_text a, struct gust_text b)
{
	struct gust_value left, right;
	int r = 0;

	while (r == 0 && row_next(&a, &left) && row_next(&b, &right))
		r = row_compare_values(&left, &right);
	return r;
}
