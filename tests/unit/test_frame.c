/* SPDX-License-Identifier: MIT */

#include "channel/frame.h"

#include <errno.h>

#include "channel/hello.h"
#include "channel/link.h"

#include "test.h"

static struct {
	struct frame header;
	_Alignas(16) char payload[FRAME_BYTES_MAX + 16];
} made;

static const struct frame *make(enum frame_kind kind, uint32_t size)
{
	memset(&made.header, 0, sizeof(made.header));
	made.header.magic = FRAME_MAGIC;
	made.header.version = FRAME_VERSION;
	made.header.kind = (uint8_t)kind;
	made.header.size = size;
	made.header.incarnation = 7;
	made.header.peer = kind == FRAME_HELLO ? 0 : 8;
	made.header.number = 1;
	return &made.header;
}

static int check(void)
{
	return frame_check(&made, sizeof(made.header) + made.header.size, NULL);
}

static void expect_bad(int code, const char *text)
{
	struct gust_error error = { 0 };

	CHECK_INT(frame_check(&made, sizeof(made.header) + made.header.size,
			      &error),
		  code);
	CHECK_CONTAINS(error.text, text);
}

TEST(each_kind_passes)
{
	for (unsigned kind = FRAME_HELLO; kind <= FRAME_REFUSED; kind++) {
		bool full = kind <= FRAME_BEAT;

		make((enum frame_kind)kind, full ? 64 : 0);
		CHECK_INT(check(), 0);
		CHECK(strcmp(frame_kind_name(kind), "frame") != 0);
	}
	CHECK_STR(frame_kind_name(0), "frame");
	CHECK_STR(frame_kind_name(9), "frame");
}

TEST(foreign_bytes_are_refused)
{
	struct gust_error error = { 0 };

	make(FRAME_DATA, 8);
	CHECK_INT(frame_check(&made, 0, &error), -EBADMSG);
	CHECK_CONTAINS(error.text, "0 bytes");
	CHECK_INT(frame_check(&made, sizeof(made.header) - 1, NULL), -EBADMSG);
	CHECK_INT(frame_check(&made, sizeof(made.header) + 7, NULL), -EBADMSG);
	CHECK_INT(frame_check(&made, sizeof(made.header) + 9, NULL), -EBADMSG);
	made.header.magic++;
	expect_bad(-EBADMSG, "0x");
	make(FRAME_DATA, 8);
	made.header.kind = 9;
	expect_bad(-EBADMSG, "kind 9");
	made.header.kind = 0;
	expect_bad(-EBADMSG, "kind 0");
	make(FRAME_DATA, 8);
	made.header.incarnation = 0;
	expect_bad(-EBADMSG, "incarnation 0");
	make(FRAME_DATA, 8);
	made.header.number = 0;
	expect_bad(-EBADMSG, "number 0");
}

TEST(lengths_are_bounded)
{
	make(FRAME_DATA, FRAME_BYTES_MAX);
	CHECK_INT(check(), 0);
	make(FRAME_DATA, FRAME_BYTES_MAX + 1);
	expect_bad(-EBADMSG, "payload");
	make(FRAME_DATA, 0);
	expect_bad(-EBADMSG, "payload");
	make(FRAME_BEAT, FRAME_BEAT_BYTES_MAX + 1);
	expect_bad(-EBADMSG, "BEAT");
	make(FRAME_REFUSED, FRAME_TEXT_BYTES_MAX + 1);
	expect_bad(-EBADMSG, "REFUSED");
	make(FRAME_END, 1);
	expect_bad(-EBADMSG, "END");
	make(FRAME_FENCED, 1);
	expect_bad(-EBADMSG, "FENCED");
}

TEST(flags_belong_to_kinds)
{
	make(FRAME_DATA, 8);
	made.header.flags = FRAME_MORE;
	CHECK_INT(check(), 0);
	made.header.flags = FRAME_REPEAT;
	expect_bad(-EBADMSG, "flags");
	make(FRAME_BEAT, 0);
	made.header.flags = FRAME_REPEAT;
	CHECK_INT(check(), 0);
	made.header.flags = FRAME_MORE;
	expect_bad(-EBADMSG, "flags");
	make(FRAME_REFUSED, 0);
	made.header.flags = 1;
	expect_bad(-EBADMSG, "flags");
}

TEST(only_a_hello_is_for_anyone)
{
	make(FRAME_HELLO, 8);
	made.header.peer = 1;
	expect_bad(-EBADMSG, "HELLO");
	make(FRAME_BEAT, 0);
	made.header.peer = 0;
	expect_bad(-EBADMSG, "nobody");
}

TEST(greetings_of_other_versions_pass)
{
	make(FRAME_HELLO, 8);
	made.header.version++;
	CHECK_INT(check(), 0);
	CHECK_INT(frame_check(&made, sizeof(made.header) + 100, NULL), 0);
	make(FRAME_HELLO, 8);
	made.header.version--;
	CHECK_INT(check(), 0);
}

TEST(all_else_of_other_versions_is_refused)
{
	make(FRAME_DATA, 8);
	made.header.version++;
	expect_bad(-EPROTO, "version 4, expected 3");
	make(FRAME_BEAT, 8);
	made.header.version--;
	expect_bad(-EPROTO, "version 2, expected 3");
}

static const uint64_t plugins[] = { 11, 12, 13 };
static const char *const components[] = { "words", "count", "print" };

static struct link_identity identity(void)
{
	struct link_identity made_one = {
		.topology = "wordcount",
		.plan_hash = 99,
		.plugins = plugins,
		.components = components,
		.plugin_count = 3,
		.worker = 1,
		.incarnation = 5,
	};

	return made_one;
}

/* What worker 1 says of what worker 2, who is `other`, has sent. */
static int compare(const struct link_identity *other, char *mine, char *theirs)
{
	struct link_identity self = identity();
	_Alignas(8) char data[4096];
	size_t size = hello_size(other);

	CHECK(size <= sizeof(data));
	hello_write(other, data);
	mine[0] = theirs[0] = '\0';
	return hello_compare(&self, 2, data, size, mine, theirs);
}

TEST(who_holds_the_same_fits)
{
	struct link_identity other = identity();
	char mine[HELLO_TEXT_SIZE], theirs[HELLO_TEXT_SIZE];

	CHECK_INT(compare(&other, mine, theirs), 0);
	other.worker = 2;
	other.incarnation = 6;
	CHECK_INT(compare(&other, mine, theirs), 0);
}

TEST(what_differs_is_said_on_both_sides)
{
	struct link_identity other = identity();
	uint64_t changed[] = { 11, 14, 13 };
	char mine[HELLO_TEXT_SIZE], theirs[HELLO_TEXT_SIZE];

	other.topology = "wordcounts";
	CHECK_INT(compare(&other, mine, theirs), -ESTALE);
	CHECK_STR(mine, "worker 2 runs topology 'wordcounts', expected "
			"'wordcount'");
	CHECK_STR(theirs, "worker 1 runs topology 'wordcount', expected "
			  "'wordcounts'");
	other = identity();
	other.plan_hash++;
	CHECK_INT(compare(&other, mine, theirs), -ESTALE);
	CHECK_CONTAINS(mine, "worker 2 has another plan of 'wordcount' "
			     "(0000000000000064), expected 0000000000000063");
	CHECK_CONTAINS(theirs, "worker 1 has another plan");
	other = identity();
	other.plugins = changed;
	CHECK_INT(compare(&other, mine, theirs), -ESTALE);
	CHECK_STR(mine, "worker 2 has another plugin for component 'count' "
			"(000000000000000e), expected 000000000000000c");
	CHECK_CONTAINS(theirs, "worker 1 has another plugin for component "
			       "'count'");
	other = identity();
	other.plugin_count = 2;
	CHECK_INT(compare(&other, mine, theirs), -ESTALE);
	CHECK_CONTAINS(mine, "another plan");
}

TEST(plugins_beyond_those_told_count_as_well)
{
	enum { COUNT = HELLO_PLUGINS_MAX + 10 };
	static uint64_t many[COUNT];
	static _Alignas(8) char data[COUNT * 8 + 4096];
	struct link_identity self = identity();
	char mine[HELLO_TEXT_SIZE] = "", theirs[HELLO_TEXT_SIZE] = "";

	self.plugins = many;
	self.components = NULL;
	self.plugin_count = COUNT;
	CHECK(hello_size(&self) <= FRAME_BYTES_MAX);
	hello_write(&self, data);
	CHECK_INT(
		hello_compare(&self, 2, data, hello_size(&self), mine, theirs),
		0);
	many[COUNT - 1] = 1;
	CHECK_INT(
		hello_compare(&self, 2, data, hello_size(&self), mine, theirs),
		-ESTALE);
	CHECK_CONTAINS(mine, "another plugin");
}

TEST(a_malformed_hello_is_none)
{
	struct link_identity self = identity();
	_Alignas(8) char data[4096];
	char mine[HELLO_TEXT_SIZE], theirs[HELLO_TEXT_SIZE];
	size_t size = hello_size(&self);

	hello_write(&self, data);
	for (size_t n = 0; n < size; n++)
		CHECK_INT(hello_compare(&self, 2, data, n, mine, theirs),
			  -EBADMSG);
	CHECK_INT(hello_compare(&self, 2, data, size + 1, mine, theirs),
		  -EBADMSG);
	((struct hello *)(void *)data)->name_length = UINT32_MAX;
	CHECK_INT(hello_compare(&self, 2, data, size, mine, theirs), -EBADMSG);
	hello_write(&self, data);
	((struct hello *)(void *)data)->plugin_count = UINT32_MAX;
	CHECK_INT(hello_compare(&self, 2, data, size, mine, theirs), -EBADMSG);
}
