/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "base/random.h"
#include "state/content.h"

static struct gust_text text(const char *string)
{
	return (struct gust_text){ string, strlen(string) };
}

/* All entries as a text: name=value, separated by spaces. */
static const char *entries_text(const struct content *content)
{
	static char found[4096];
	struct gust_entries entries;
	size_t n = 0, count = 0;

	found[0] = '\0';
	content_entries(content, &entries);
	while (gust_entries_next(&entries)) {
		CHECK_INT(entries.name.data[entries.name.length], 0);
		CHECK_INT(entries.value.data[entries.value.length], 0);
		n += (size_t)snprintf(found + n, sizeof(found) - n, "%s%s%s%s",
				      count++ > 0 ? " " : "", entries.name.data,
				      entries.kind == CONTENT_MAP ? "=" : "",
				      entries.value.data);
	}
	CHECK_UINT(count, entries.count);
	CHECK(!gust_entries_next(&entries));
	return found;
}

/* Writes a record, reads it into another content and gives its text back. */
static const char *through_record(const struct content *content)
{
	struct content other = { .kind = CONTENT_NONE };
	const size_t size = content_record_size(content, 12345);
	char *record = malloc(size);
	const struct gust_text bytes = { record, size };
	int64_t expires;
	const char *found;

	content_record(content, 12345, record);
	CHECK_INT(content_expires(bytes), 12345);
	CHECK_INT(content_read(&other, bytes, &expires), 0);
	CHECK_INT(expires, 12345);
	found = entries_text(&other);
	content_clear(&other);
	free(record);
	return found;
}

TEST(a_list_keeps_its_order)
{
	struct content list = { .kind = CONTENT_NONE };

	CHECK_INT(content_append(&list, "a", 1, 0), 0);
	CHECK_INT(content_append(&list, NULL, 0, 0), 0);
	CHECK_INT(content_append(&list, "ccc", 3, 0), 0);
	CHECK_STR(entries_text(&list), "a  ccc");
	CHECK_STR(through_record(&list), "a  ccc");
	content_clear(&list);
	CHECK_UINT(list.kind, CONTENT_NONE);
}

TEST(a_list_drops_the_oldest_entries)
{
	struct content list = { .kind = CONTENT_NONE };
	char number[16], expected[64];

	for (int i = 0; i < 1000; i++) {
		snprintf(number, sizeof(number), "%d", i);
		CHECK_INT(content_append(&list, number, strlen(number), 3), 0);
		if (i < 2)
			continue;
		snprintf(expected, sizeof(expected), "%d %d %d", i - 2, i - 1,
			 i);
		CHECK_STR(entries_text(&list), expected);
		CHECK_STR(through_record(&list), expected);
	}
	/* What is dropped takes no room for ever. */
	CHECK(list.room < 200);
	CHECK_INT(content_append(&list, "x", 1, 1), 0);
	CHECK_STR(entries_text(&list), "x");
	content_clear(&list);
}

TEST(a_map_is_sorted_by_name)
{
	struct content map = { .kind = CONTENT_NONE };
	struct gust_text value;

	CHECK_INT(content_map_remove(&map, text("a")), 0);
	CHECK_INT(content_map_get(&map, text("a"), &value), 0);
	CHECK_INT(content_map_put(&map, text("b"), "1", 1), 0);
	CHECK_INT(content_map_put(&map, text("a"), "2", 1), 0);
	CHECK_INT(content_map_put(&map, text(""), "3", 1), 0);
	CHECK_INT(content_map_put(&map, text("ab"), "", 0), 0);
	CHECK_STR(entries_text(&map), "=3 a=2 ab= b=1");
	CHECK_INT(content_map_put(&map, text("a"), "longer", 6), 0);
	CHECK_INT(content_map_put(&map, text("b"), "", 0), 0);
	CHECK_STR(entries_text(&map), "=3 a=longer ab= b=");
	CHECK_STR(through_record(&map), "=3 a=longer ab= b=");
	CHECK_INT(content_map_get(&map, text("a"), &value), 1);
	CHECK_MEM(value.data, value.length, "longer", 6);
	CHECK_INT(content_map_get(&map, text("abc"), &value), 0);
	CHECK_INT(content_map_remove(&map, text("a")), 1);
	CHECK_INT(content_map_remove(&map, text("a")), 0);
	CHECK_STR(entries_text(&map), "=3 ab= b=");
	CHECK_INT(content_map_remove(&map, text("b")), 1);
	CHECK_INT(content_map_remove(&map, text("")), 1);
	CHECK_INT(content_map_remove(&map, text("ab")), 1);
	CHECK_UINT(map.kind, CONTENT_NONE);
}

TEST(bytes_take_the_place_of_bytes)
{
	struct content content = { .kind = CONTENT_NONE, .flags = 5 };
	struct content copy = { .kind = CONTENT_NONE, .flags = 2 };

	CHECK_INT(content_put(&content, "long enough", 11), 0);
	CHECK_STR(content_text(&content).data, "long enough");
	CHECK_INT(content_copy(&copy, &content), 0);
	CHECK_INT(content_put(&content, "short", 5), 0);
	CHECK_STR(content_text(&content).data, "short");
	CHECK_UINT(content_text(&content).length, 5);
	CHECK_STR(content_text(&copy).data, "long enough");
	CHECK_UINT(copy.flags, 2);
	CHECK_UINT(content.flags, 5);
	CHECK_INT(content_put(&content, NULL, 0), 0);
	CHECK_STR(content_text(&content).data, "");
	CHECK_INT(content_put(&content, "x", CONTENT_MAX + 1), -EMSGSIZE);
	CHECK_STR(content_text(&content).data, "");
	content_clear(&content);
	content_clear(&copy);
}

TEST(a_counter_goes_through_a_record)
{
	struct content counter = { .kind = CONTENT_COUNTER,
				   .as.counter = INT64_MIN };
	struct content other = { .kind = CONTENT_NONE };
	char record[16];
	int64_t expires;

	CHECK_UINT(content_record_size(&counter, CONTENT_FOR_EVER), 9);
	content_record(&counter, CONTENT_FOR_EVER, record);
	CHECK_INT(
		content_read(&other, (struct gust_text){ record, 9 }, &expires),
		0);
	CHECK(expires == CONTENT_FOR_EVER);
	CHECK_INT(other.as.counter, INT64_MIN);
	CHECK_INT(
		content_read(&other, (struct gust_text){ record, 8 }, &expires),
		-EBADMSG);
	content_clear(&other);
}

/* A list and a map, each byte of whose records is changed: what is read then
 * is sound, or refused. */
TEST(a_damaged_record_is_refused_or_sound)
{
	struct content content[2] = { { .kind = CONTENT_NONE },
				      { .kind = CONTENT_NONE } };
	size_t refused = 0;

	CHECK_INT(content_append(&content[0], "abc", 3, 0), 0);
	CHECK_INT(content_append(&content[0], "", 0, 0), 0);
	CHECK_INT(content_map_put(&content[1], text("a"), "1", 1), 0);
	CHECK_INT(content_map_put(&content[1], text("b"), "2", 1), 0);
	for (size_t which = 0; which < 2; which++) {
		const size_t size = content_record_size(&content[which], 1);

		for (size_t at = 0; at < size * 256; at++) {
			char *record = malloc(size);
			struct content other = { .kind = CONTENT_NONE };
			int64_t expires;

			content_record(&content[which], 1, record);
			record[at / 256] = (char)at;
			if (content_read(&other,
					 (struct gust_text){ record, size },
					 &expires) == 0)
				(void)entries_text(&other);
			else
				refused++;
			CHECK(refused > 0 || at < 256);
			content_clear(&other);
			free(record);
		}
		for (size_t cut = 0; cut < size; cut++) {
			char *record = malloc(size);
			struct content other = { .kind = CONTENT_NONE };
			int64_t expires;

			content_record(&content[which], 1, record);
			CHECK_INT(
				content_read(&other,
					     (struct gust_text){ record, cut },
					     &expires),
				-EBADMSG);
			free(record);
		}
		content_clear(&content[which]);
	}
}
