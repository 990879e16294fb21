/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fake_task.h"

static const struct gust_column columns[] = { { "id", GUST_INT },
					      { "name", GUST_STRING },
					      { "data", GUST_JSON },
					      { NULL, GUST_NULL } };

static char path[64];

__attribute__((destructor)) static void tidy(void)
{
	if (path[0] != '\0')
		unlink(path);
}

static void put(const void *data, size_t n)
{
	int fd;

	if (path[0] == '\0') {
		strcpy(path, "/tmp/test_spout_json.XXXXXX");
		close(mkstemp(path));
	}
	fd = open(path, O_WRONLY | O_TRUNC);
	CHECK(fd >= 0);
	CHECK_INT(write(fd, data, n), n);
	CHECK_INT(close(fd), 0);
}

static struct fake *create(bool outputs)
{
	static const char *const files[] = { path };
	struct fake *fake = fake_create("spouts/json_lines");

	fake_set_list(fake, "files", files, 1);
	if (outputs)
		fake_output(fake, "default", columns);
	return fake;
}

static struct fake *read_all(const void *data, size_t n, bool outputs)
{
	struct fake *fake;

	put(data, n);
	fake = create(outputs);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	return fake;
}

static void reads(const char *text, bool outputs, const char *tuples)
{
	struct fake *fake = read_all(text, strlen(text), outputs);

	CHECK_STR(fake->emitted.data, tuples);
	CHECK_UINT(fake->rejected, 0);
	fake_destroy(fake);
}

TEST(members_become_fields)
{
	reads("{\"name\": \"x\", \"id\": 1, \"more\": 2}\n"
	      "{\"id\": null, \"data\": [1, {}]}\n"
	      "{}",
	      true, "1\tx\tnull\nnull\tnull\t[1,{}]\nnull\tnull\tnull\n");
}

TEST(without_outputs_the_object_is_the_field)
{
	reads("{\"a\": 1}\r\n{ }  \n", false, "{\"a\": 1}\n{ }\n");
}

TEST(empty_lines_and_a_byte_order_mark_are_passed_over)
{
	reads("\xef\xbb\xbf{\"id\": 1}\n\n \t\r\n{\"id\": 2}\n", true,
	      "1\tnull\tnull\n2\tnull\tnull\n");
	reads("\n", true, "");
	reads("", true, "");
}

static void rejects(const char *text, size_t n, const char *reason)
{
	struct fake *fake;
	char line[600], place[100];

	memcpy(line, "{\"id\": 1}\n", 10);
	memcpy(line + 10, text, n);
	memcpy(line + 10 + n, "\n{\"id\": 3}\n", 11);
	fake = read_all(line, n + 21, true);
	CHECK_STR(fake->emitted.data, "1\tnull\tnull\n3\tnull\tnull\n");
	CHECK_UINT(fake->rejected, 1);
	snprintf(place, sizeof(place), "'%s', line 2: ", path);
	CHECK_CONTAINS(fake->reason, place);
	CHECK_CONTAINS(fake->reason, reason);
	CHECK_MEM(fake->rejected_data.data, fake->rejected_data.length, text,
		  n);
	fake_destroy(fake);
}

TEST(bad_lines_are_rejected_with_file_and_line)
{
	rejects("{\"id\": ", 7, "");
	rejects("[1]", 3, "object");
	rejects("{\"id\": \"x\"}", 11, "id");
	rejects("{\"id\": 1} x", 11, "");
	rejects("{\"name\": \"\xff\"}", 13, "");
	rejects("{\"na\0me\": 1}", 12, "");
	rejects("\0", 1, "");
}

TEST(half_a_line_at_the_end_is_rejected)
{
	struct fake *fake = read_all("{\"id\": 1}\n{\"id\":", 16, true);

	CHECK_UINT(fake->emits, 1);
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, ", line 2: ");
	fake_destroy(fake);
}

TEST(a_line_of_100_megabytes_passes_or_is_rejected)
{
	enum { LONG = 100000000 };
	char *text = malloc(LONG + 30);
	struct fake *fake;

	memset(text, 'x', LONG + 30);
	memcpy(text, "{\"name\":\"", 9);
	memcpy(text + LONG, "\"}\n{\"id\": 2}\n", 13);
	put(text, LONG + 13);
	free(text);
	fake = create(true);
	fake->tuple_max = 200000000;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emits, 2);
	fake_destroy(fake);
	fake = create(true);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_STR(fake->emitted.data, "2\tnull\tnull\n");
	CHECK_UINT(fake->rejected, 1);
	fake_destroy(fake);
}

/* The text is short enough, but not the tuple that it makes. */
TEST(a_line_that_does_not_fit_is_rejected)
{
	char text[200];
	struct fake *fake;
	int n;

	n = snprintf(text, sizeof(text), "{\"name\": \"%0100d\"}\n", 0);
	put(text, (size_t)n);
	fake = create(true);
	fake->tuple_max = 160;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, SIZE_MAX), GUST_DONE);
	CHECK_UINT(fake->emits, 0);
	CHECK_CONTAINS(fake->reason, "line 1: the line does not fit into "
				     "topology.tuple.max.bytes, 160");
	fake_destroy(fake);
}

TEST(a_later_run_goes_on_in_the_right_line)
{
	struct fake *fake, *next;

	put("{\"id\": 1}\n{\"id\": 2}\n{}\nx\n", 25);
	fake = create(true);
	CHECK_INT(fake_open(fake), 0);
	while (fake->emits < 2)
		CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
	next = create(true);
	fake_resume(next, fake);
	CHECK_INT(fake_open(next), 0);
	CHECK_INT(fake_run(next, 100), GUST_DONE);
	CHECK_UINT(next->emits, 1);
	CHECK_UINT(next->how.offset, 20);
	CHECK_CONTAINS(next->reason, ", line 4: ");
	fake_destroy(fake);
	fake_destroy(next);
}

TEST(several_streams_are_refused)
{
	struct fake *fake = create(true);

	fake_output(fake, "more", columns);
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "there are several streams");
	fake_destroy(fake);
}
