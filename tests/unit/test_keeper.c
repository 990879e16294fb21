/* SPDX-License-Identifier: MIT */

#include "worker/keeper.h"

#include <errno.h>
#include <unistd.h>

#include "base/file.h"

#include "test.h"

/* A topology of one spout in a folder of its own. */
static struct plan_component component = { .id = "text", .kind = PLAN_SPOUT };
static const struct gust_column columns[] = { { "line", GUST_STRING },
					      { NULL, GUST_NULL } };
static struct plan_stream stream = { .name = "default", .columns = columns };
static char folder[64];
static char letters[128];
static struct plan plan;

static void begin(bool durable)
{
	strcpy(folder, "/tmp/test_keeper_XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(letters, sizeof(letters), "%s/letters.jsonl", folder);
	memset(&plan, 0, sizeof(plan));
	plan.name = "words";
	plan.components = &component;
	plan.component_count = 1;
	plan.streams = &stream;
	plan.stream_count = 1;
	plan.config.dead_letters = letters;
	plan.config.state_dir = durable ? folder : NULL;
}

static void end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	CHECK_INT(system(command), 0);
}

TEST(positions_outlive_the_run)
{
	struct keeper *keeper;

	begin(true);
	CHECK_INT(keeper_create(&plan, false, &keeper, NULL), 0);
	CHECK_UINT(keeper_resume(keeper, 0, "a.txt"), 0);
	keeper_position(keeper, 0, "a.txt", 100);
	keeper_position(keeper, 0, "a.txt", 200);
	keeper_position(keeper, 0, "b.txt", 7);
	CHECK_INT(keeper_commit(keeper, NULL), 0);
	keeper_position(keeper, 0, "a.txt", 300);
	keeper_destroy(keeper);

	CHECK_INT(keeper_create(&plan, false, &keeper, NULL), 0);
	CHECK_UINT(keeper_resume(keeper, 0, "a.txt"), 200);
	CHECK_UINT(keeper_resume(keeper, 0, "b.txt"), 7);
	keeper_destroy(keeper);
	end();
}

TEST(a_second_run_on_the_same_state_is_refused)
{
	struct gust_error error = { 0 };
	struct keeper *keeper, *second = NULL;

	begin(true);
	CHECK_INT(keeper_create(&plan, false, &keeper, NULL), 0);
	CHECK_INT(keeper_create(&plan, false, &second, &error), -EBUSY);
	CHECK_PTR(second, NULL);
	CHECK(error.text[0] != '\0');
	keeper_destroy(keeper);
	end();
}

TEST(without_a_state_directory_nothing_is_kept)
{
	struct keeper *keeper;

	begin(false);
	CHECK_INT(keeper_create(&plan, false, &keeper, NULL), 0);
	keeper_position(keeper, 0, "a.txt", 100);
	CHECK_INT(keeper_commit(keeper, NULL), 0);
	CHECK_UINT(keeper_resume(keeper, 0, "a.txt"), 0);
	CHECK(access(letters, F_OK) != 0);
	keeper_destroy(keeper);
	end();
}

/* A tuple of one string, put together by hand. */
static const struct gust_tuple *tuple_of(const char *text)
{
	static struct {
		struct gust_tuple tuple;
		struct gust_cell cell;
		char bytes[64];
	} made;

	made.tuple.size = sizeof(made);
	made.tuple.fields = 1;
	made.cell.type = GUST_STRING;
	made.cell.length = (uint32_t)strlen(text);
	made.cell.as.offset = sizeof(made.tuple) + sizeof(made.cell);
	strcpy(made.bytes, text);
	return &made.tuple;
}

TEST(dead_letters_are_written)
{
	struct letter letter = { .kind = LETTER_FAILED,
				 .reason = "no luck",
				 .attempts = 5,
				 .source = "a.txt",
				 .offset = 12 };
	struct keeper *keeper;
	char *data, *second;
	size_t n;

	begin(false);
	CHECK_INT(keeper_create(&plan, false, &keeper, NULL), 0);
	letter.tuple = tuple_of("a line");
	CHECK_INT(keeper_store(keeper, &letter), 0);
	letter.tuple = NULL;
	letter.kind = LETTER_REJECTED;
	letter.data = "raw";
	letter.size = 3;
	CHECK_INT(keeper_store(keeper, &letter), 0);
	CHECK_INT(file_read(letters, 10000, &data, &n, NULL), 0);
	CHECK_CONTAINS(data, "\"kind\":\"failed\"");
	CHECK_CONTAINS(data, "\"reason\":\"no luck\"");
	CHECK_CONTAINS(data, "\"attempts\":5");
	CHECK_CONTAINS(data, "\"source\":\"a.txt\",\"offset\":12");
	CHECK_CONTAINS(data, "{\"line\":\"a line\"}");
	second = strchr(data, '\n');
	CHECK(second != NULL);
	CHECK_CONTAINS(second, "\"kind\":\"rejected\"");
	CHECK_CONTAINS(second, "\"raw\"");
	free(data);
	keeper_destroy(keeper);
	end();
}

TEST(letters_that_can_never_be_written_are_found_out_at_once)
{
	struct gust_error error = { 0 };
	struct keeper *keeper = NULL;

	begin(false);
	plan.config.dead_letters = "/nowhere/at/all/letters.jsonl";
	CHECK(keeper_create(&plan, false, &keeper, &error) < 0);
	CHECK_PTR(keeper, NULL);
	CHECK_CONTAINS(error.text, "letters.jsonl");
	keeper_destroy(NULL);
	end();
}
