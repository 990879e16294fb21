/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_task.h"

#define HEAD                                                                   \
	"{\"format\":1,\"time\":\"2026-11-21T12:00:00.123Z\","                 \
	"\"topology\":\"shop\",\"component\":\"price\",\"task\":0,"
#define TUPLE(fields)                                                          \
	HEAD "\"stream\":\"default\",\"kind\":\"failed\","                     \
	     "\"reason\":\"it is missing\",\"attempts\":5,"                    \
	     "\"source\":\"s\",\"offset\":3,\"fields\":{" fields "}}\n"
#define RECORD(record)                                                         \
	HEAD "\"kind\":\"rejected\",\"reason\":\"a bad row\","                 \
	     "\"attempts\":0,\"record\":" record "}\n"

static const struct gust_column item[] = { { "id", GUST_INT },
					   { "name", GUST_STRING },
					   { NULL, GUST_NULL } };
static const struct gust_column line[] = { { "line", GUST_STRING },
					   { NULL, GUST_NULL } };

static char path[64];

static void append(const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_INT(write(fd, text, length), length);
	close(fd);
}

static struct fake *create(const char *content)
{
	struct fake *fake = fake_create("spouts/dead_letters");

	strcpy(path, "/tmp/gust-test-letters-XXXXXX");
	close(mkstemp(path));
	append(content, strlen(content));
	fake_set_string(fake, "file", path);
	fake_output(fake, "default", item);
	return fake;
}

static void end(struct fake *fake)
{
	fake_destroy(fake);
	unlink(path);
}

/* Runs to the end and compares what was emitted. */
static void run(struct fake *fake, const char *expected)
{
	CHECK_INT(fake_open(fake), 0);
	CHECK_STR(fake->error.text, "");
	CHECK_INT(fake_run(fake, 1000), GUST_DONE);
	CHECK_STR(fake->emitted.data, expected);
}

TEST(tuples_are_emitted_again)
{
	struct fake *fake = create(TUPLE("\"id\":7,\"name\":\"tea\"") TUPLE(
		"\"name\":null,\"more\":1") TUPLE(""));

	CHECK_INT(fake_declare(fake), 0);
	CHECK_INT(fake->replay, GUST_REPLAY_POSITION);
	run(fake, "7\ttea\nnull\tnull\nnull\tnull\n");
	CHECK_STR(fake->source, path);
	CHECK_UINT(fake->rejected, 0);
	CHECK_UINT(fake_counter(fake, "letters"), 3);
	end(fake);
}

TEST(an_empty_file_has_none)
{
	struct fake *fake = create("");

	run(fake, "");
	end(fake);
}

TEST(every_letter_has_its_place)
{
	static const char first[] = TUPLE("\"id\":1");
	struct fake *fake = create(TUPLE("\"id\":1") TUPLE("\"id\":2"));

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
	CHECK_INT(fake->how.kind, GUST_EMIT_AT);
	CHECK_UINT(fake->how.offset, 0);
	CHECK_UINT(fake->how.next, sizeof(first) - 1);
	CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
	CHECK_UINT(fake->how.offset, sizeof(first) - 1);
	CHECK_UINT(fake->how.next, 2 * (sizeof(first) - 1));
	end(fake);
	/* A later run goes on there. */
	fake = create(TUPLE("\"id\":1") TUPLE("\"id\":2"));
	fake->resume = sizeof(first) - 1;
	run(fake, "2\tnull\n");
	end(fake);
	fake = create(TUPLE("\"id\":1"));
	fake->resume = sizeof(first) - 1;
	run(fake, "");
	end(fake);
}

TEST(another_file_is_refused)
{
	static const uint64_t places[] = { 5000, 5, sizeof(TUPLE("\"id\":1")) };
	size_t i;

	for (i = 0; i < 3; i++) {
		struct fake *fake = create(TUPLE("\"id\":1") "{\"format");

		fake->resume = places[i];
		CHECK_INT(fake_open(fake), -EINVAL);
		CHECK_CONTAINS(fake->error.text,
			       "is another file than that which an earlier run "
			       "has read up to byte ");
		end(fake);
	}
}

TEST(half_a_letter_at_the_end_is_left)
{
	struct fake *fake = create(TUPLE("\"id\":1") HEAD);

	run(fake, "1\tnull\n");
	CHECK_UINT(fake->rejected, 0);
	end(fake);
}

TEST(what_is_added_during_the_run_is_left)
{
	struct fake *fake = create(TUPLE("\"id\":1"));

	CHECK_INT(fake_open(fake), 0);
	append(TUPLE("\"id\":2"), strlen(TUPLE("\"id\":2")));
	CHECK_INT(fake_run(fake, 10), GUST_DONE);
	CHECK_STR(fake->emitted.data, "1\tnull\n");
	end(fake);
}

TEST(all_types_come_back_as_they_were)
{
	static const struct gust_column columns[] = {
		{ "b", GUST_BOOL },   { "i", GUST_INT },   { "f", GUST_FLOAT },
		{ "s", GUST_STRING }, { "y", GUST_BYTES }, { "j", GUST_JSON },
		{ "n", GUST_FLOAT },  { NULL, GUST_NULL }
	};
	struct fake *fake = create(TUPLE(
		"\"b\":true,\"i\":-9223372036854775808,\"f\":0.1,"
		"\"s\":\"a\\u0000\\u00c4\",\"y\":{\"bytes\":\"AP8=\"},"
		"\"j\":{\"json\":\"{\\\"a\\\":1}\"},\"n\":{\"float\":\"nan\"}")
					   TUPLE("\"b\":false,\"f\":7,"
						 "\"s\":{\"base64\":\"/w==\"},"
						 "\"j\":{\"json\":{\"base64\":"
						 "\"/w==\"}},"
						 "\"n\":{\"float\":\"-inf\"}"));

	fake->output_count = 0;
	fake_output(fake, "default", columns);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 10), GUST_DONE);
	CHECK_UINT(fake->rejected, 0);
	CHECK_MEM(fake->emitted.data, fake->emitted.length,
		  "1\t-9223372036854775808\t0.10000000000000001\ta\0\xc3\x84"
		  "\t\0\xff\t{\"a\":1}\tnan\n"
		  "0\tnull\t7\t\xff\tnull\t\xff\t-inf\n",
		  86);
	end(fake);
}

TEST(records_go_to_their_stream)
{
	struct fake *fake = create(RECORD("\"8,milk\"") TUPLE("\"id\":1")
					   RECORD("{\"base64\":\"AP8=\"}"));

	fake_output(fake, "record", line);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
	CHECK_UINT(fake->how.stream, 1);
	CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
	CHECK_UINT(fake->how.stream, 0);
	CHECK_INT(fake_run(fake, 10), GUST_DONE);
	CHECK_UINT(fake->how.stream, 1);
	CHECK_MEM(fake->emitted.data, fake->emitted.length,
		  "record: 8,milk\n1\tnull\nrecord: \0\xff\n", 33);
	end(fake);
	/* Without that stream they are passed over. */
	fake = create(RECORD("\"8,milk\"") TUPLE("\"id\":1"));
	run(fake, "1\tnull\n");
	CHECK_UINT(fake_counter(fake, "passed_over"), 1);
	CHECK_UINT(fake_counter(fake, "letters"), 1);
	end(fake);
}

TEST(only_what_is_wanted)
{
	static const char content[] = TUPLE("\"id\":1") RECORD("\"x\"") HEAD
		"\"stream\":\"late\",\"kind\":\"failed\",\"reason\":\"\","
		"\"attempts\":5,\"fields\":{\"id\":3}}\n";
	struct fake *fake = create(content);

	run(fake, "1\tnull\n");
	CHECK_UINT(fake_counter(fake, "passed_over"), 2);
	end(fake);
	fake = create(content);
	fake_output(fake, "late", item);
	fake_output(fake, "record", line);
	fake_set_string(fake, "reason", "bad");
	run(fake, "record: x\n");
	end(fake);
	fake = create(content);
	fake_set_string(fake, "component", "prices");
	run(fake, "");
	end(fake);
	fake = create(content);
	fake_set_string(fake, "component", "price");
	fake_set_string(fake, "reason", "missing");
	run(fake, "1\tnull\n");
	end(fake);
}

TEST(what_is_no_letter_is_rejected_with_its_place)
{
	static const char *const bad[] = {
		"",
		"not JSON",
		"{\"format\":1",
		"[]",
		"7",
		"{}",
		"{\"format\":0}",
		"{\"format\":\"1\"}",
		"{\"format\":1,\"format\":1}",
		"\xff",
	};
	char content[4096], *at = content;
	struct fake *fake;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		at += sprintf(at, "%s\n", bad[i]);
	strcpy(at, TUPLE("\"id\":1"));
	fake = create(content);
	run(fake, "1\tnull\n");
	CHECK_UINT(fake->rejected, sizeof(bad) / sizeof(bad[0]));
	CHECK_CONTAINS(fake->rejected_data.data, "not JSON");
	CHECK_CONTAINS(fake->reason, " at byte ");
	CHECK_CONTAINS(fake->reason, ": this is no dead letter");
	end(fake);
}

TEST(fields_of_other_types_are_rejected)
{
	static const char *const bad[] = {
		"\"id\":\"7\"",
		"\"id\":7.5",
		"\"id\":true",
		"\"id\":[7]",
		"\"name\":7",
		"\"name\":{\"bytes\":\"AP8=\"}",
		"\"name\":{\"base64\":\"!\"}",
		"\"name\":{\"base64\":7}",
		"\"name\":{\"base64\":\"AP8=\",\"x\":1}",
	};
	char text[1024];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fake *fake;

		snprintf(text, sizeof(text), TUPLE("%s") TUPLE("\"id\":1"),
			 bad[i]);
		fake = create(text);
		run(fake, "1\tnull\n");
		CHECK_UINT(fake->rejected, 1);
		CHECK_CONTAINS(fake->reason, i < 4 ? "field 'id' is no int"
						   : "field 'name' is no str");
		end(fake);
	}
}

TEST(a_newer_format_is_refused)
{
	struct fake *fake = create("{\"format\":2}\n");

	CHECK_INT(fake_open(fake), -ENOTSUP);
	CHECK_CONTAINS(fake->error.text,
		       "the dead letter at byte 0 has format 2, expected at "
		       "most 1: a newer gust wrote it");
	end(fake);
	/* Also in the middle of a file. */
	fake = create(TUPLE("\"id\":1") "{\"format\":2}\n");
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 10), -ENOTSUP);
	CHECK_STR(fake->emitted.data, "1\tnull\n");
	CHECK_CONTAINS(fake->log, " has format 2, expected at most 1");
	end(fake);
}

static void fill(char *text, size_t length)
{
	memset(text, 'x', length);
	text[length] = '\0';
}

TEST(what_is_too_long_is_rejected)
{
	const size_t length = 300000;
	char *name = malloc(length + 1), *text = malloc(length + 4096);
	struct fake *fake;
	size_t n;

	/* The fake runtime asserts that no tuple is too long. */
	for (n = 350; n < 420; n++) {
		fill(name, n);
		sprintf(text, TUPLE("\"name\":\"%s\"") TUPLE("\"id\":1"), name);
		fake = create(text);
		fake->tuple_max = 512;
		CHECK_INT(fake_open(fake), 0);
		CHECK_INT(fake_run(fake, 10), GUST_DONE);
		CHECK_UINT(fake->emits + fake->rejected, 2);
		if (fake->rejected > 0)
			CHECK_CONTAINS(fake->reason,
				       "does not fit into "
				       "topology.tuple.max.bytes, 512");
		end(fake);
	}
	/* A line that is not even read as JSON, in several pieces. */
	fill(name, length);
	sprintf(text, TUPLE("\"name\":\"%s\"") TUPLE("\"id\":1"), name);
	fake = create(text);
	fake->tuple_max = 512;
	run(fake, "1\tnull\n");
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, "the line is too long");
	CHECK_UINT(fake->rejected_data.length, 1024);
	end(fake);
	/* With room it is a letter like others. */
	fake = create(text);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_run(fake, 10), GUST_DONE);
	CHECK_UINT(fake->emits, 2);
	end(fake);
	free(name);
	free(text);
}

TEST(many_letters)
{
	enum { MANY = 3000 };
	char *text = malloc(MANY * 512), *at = text, expected[64];
	struct fake *fake;
	int i;

	for (i = 0; i < MANY; i++)
		at += sprintf(at, TUPLE("\"id\":%d,\"name\":\"%.*s\""), i,
			      i % 50,
			      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			      "xxx");
	fake = create(text);
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < MANY; i++) {
		fake_forget(fake);
		CHECK_INT(fake_run(fake, 1), GUST_EMITTED);
		snprintf(expected, sizeof(expected), "%d\t%.*s\n", i, i % 50,
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
		CHECK_STR(fake->emitted.data, expected);
	}
	CHECK_INT(fake_run(fake, 1), GUST_DONE);
	end(fake);
	free(text);
}

TEST(only_the_first_task_reads)
{
	struct fake *fake = create(TUPLE("\"id\":1"));

	fake->count = 2;
	fake->index = 1;
	run(fake, "");
	end(fake);
}

TEST(what_cannot_be_read_is_said)
{
	struct fake *fake = create("");

	fake_set_string(fake, "file", "/no/such");
	CHECK_INT(fake_open(fake), -ENOENT);
	CHECK_STR(fake->error.text,
		  "cannot read '/no/such': No such file or directory");
	end(fake);
	fake = create("");
	fake_set_string(fake, "file", "/tmp");
	CHECK_INT(fake_open(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "'/tmp' is no regular file");
	end(fake);
}

TEST(outputs_are_needed)
{
	struct fake *fake = create("");

	fake->output_count = 0;
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "expected them in 'outputs:'");
	end(fake);
	fake = create("");
	fake_output(fake, "record", item);
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "stream 'record' takes whole records");
	end(fake);
}
