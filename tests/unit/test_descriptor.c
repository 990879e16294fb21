/* SPDX-License-Identifier: MIT */

#include <gust/window.h>

#include "plugin/descriptor.h"

#include <errno.h>

#include "test.h"

static int next(void *self, struct gust_task *task)
{
	(void)self;
	(void)task;
	return GUST_DONE;
}

static int execute(void *self, struct gust_task *task,
		   const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	return 0;
}

static void fail(void *self, struct gust_task *task, uint64_t id)
{
	(void)self;
	(void)task;
	(void)id;
}

static void release(void *self)
{
	(void)self;
}

static struct gust_spout good_spout(void)
{
	const struct gust_spout spout = {
		.abi = GUST_SPOUT_ABI,
		.size = sizeof(spout),
		.name = "s",
		.next = next,
		.close = release,
	};

	return spout;
}

static struct gust_bolt good_bolt(void)
{
	const struct gust_bolt bolt = {
		.abi = GUST_BOLT_ABI,
		.size = sizeof(bolt),
		.name = "b",
		.execute = execute,
		.close = release,
	};

	return bolt;
}

static void refuses_spout(const struct gust_spout *spout, const char *text)
{
	struct gust_error error = { 0 };

	CHECK_INT(descriptor_check_spout(spout, &error), -EPROTO);
	CHECK_STR(error.text, text);
}

static void refuses_bolt(const struct gust_bolt *bolt, const char *text)
{
	struct gust_error error = { 0 };

	CHECK_INT(descriptor_check_bolt(bolt, &error), -EPROTO);
	CHECK_STR(error.text, text);
}

TEST(a_copy_has_all_that_there_is)
{
	const struct gust_spout spout = good_spout();
	const struct gust_bolt bolt = good_bolt();
	struct gust_spout spout_copy;
	struct gust_bolt bolt_copy;

	CHECK_INT(descriptor_copy_spout(&spout, &spout_copy, NULL), 0);
	CHECK_MEM(&spout_copy, sizeof(spout_copy), &spout, sizeof(spout));
	CHECK_INT(descriptor_check_spout(&spout_copy, NULL), 0);
	CHECK_INT(descriptor_copy_bolt(&bolt, &bolt_copy, NULL), 0);
	CHECK_MEM(&bolt_copy, sizeof(bolt_copy), &bolt, sizeof(bolt));
	CHECK_INT(descriptor_check_bolt(&bolt_copy, NULL), 0);
}

TEST(what_an_older_plugin_lacks_reads_as_null)
{
	struct gust_spout spout = good_spout(), spout_copy;
	struct gust_bolt bolt = good_bolt(), bolt_copy;

	spout.size = DESCRIPTOR_SPOUT_SIZE_MIN;
	memset(&spout_copy, 0xff, sizeof(spout_copy));
	CHECK_INT(descriptor_copy_spout(&spout, &spout_copy, NULL), 0);
	CHECK(spout_copy.next == next);
	CHECK(spout_copy.ack == NULL);
	CHECK(spout_copy.close == NULL);
	bolt.size = DESCRIPTOR_BOLT_SIZE_MIN;
	memset(&bolt_copy, 0xff, sizeof(bolt_copy));
	CHECK_INT(descriptor_copy_bolt(&bolt, &bolt_copy, NULL), 0);
	CHECK(bolt_copy.execute == execute);
	CHECK(bolt_copy.tick == NULL);
	CHECK(bolt_copy.close == NULL);
}

TEST(the_wrong_version_or_size_is_not_copied)
{
	struct gust_error error = { 0 };
	struct gust_spout spout = good_spout();
	struct gust_bolt bolt = good_bolt(), copy = { 0 };
	char text[200];

	bolt.abi = 7;
	CHECK_INT(descriptor_copy_bolt(&bolt, &copy, &error), -EPROTO);
	CHECK_STR(error.text, "built for bolt ABI 7, this runtime has 1");
	spout.abi = 0;
	error.code = 0;
	CHECK_INT(descriptor_copy_spout(&spout, NULL, &error), -EPROTO);
	CHECK_STR(error.text, "built for spout ABI 0, this runtime has 1");
	bolt = good_bolt();
	bolt.size = 8;
	error.code = 0;
	CHECK_INT(descriptor_copy_bolt(&bolt, &copy, &error), -EPROTO);
	snprintf(text, sizeof(text),
		 "struct gust_bolt is 8 bytes, expected %zu to %zu in whole "
		 "words",
		 offsetof(struct gust_bolt, tick), sizeof(bolt));
	CHECK_STR(error.text, text);
	bolt.size = sizeof(bolt) - 4;
	error.code = 0;
	CHECK_INT(descriptor_copy_bolt(&bolt, &copy, &error), -EPROTO);
	CHECK_CONTAINS(error.text, "in whole words");
	bolt.size = sizeof(bolt) + 8;
	error.code = 0;
	CHECK_INT(descriptor_copy_bolt(&bolt, &copy, &error), -EPROTO);
	snprintf(text, sizeof(text),
		 "struct gust_bolt is %zu bytes, this runtime has %zu: it was "
		 "built with newer headers",
		 sizeof(bolt) + 8, sizeof(bolt));
	CHECK_STR(error.text, text);
	CHECK(copy.name == NULL);
}

TEST(a_bolt_needs_a_name_and_execute)
{
	struct gust_bolt bolt = good_bolt();

	bolt.name = NULL;
	refuses_bolt(&bolt, "the bolt has no name");
	bolt.name = "";
	refuses_bolt(&bolt, "the bolt has no name");
	bolt = good_bolt();
	bolt.execute = NULL;
	refuses_bolt(&bolt, "bolt 'b' has no execute()");
	bolt = good_bolt();
	bolt.flags = 0x81;
	refuses_bolt(&bolt, "bolt 'b' has the flags 0x81, of which this "
			    "runtime knows 0x1f");
	bolt = good_bolt();
	bolt.instance_size = DESCRIPTOR_INSTANCE_MAX + 1;
	refuses_bolt(&bolt, "bolt 'b' has an instance_size of 67108865 bytes, "
			    "expected at most 67108864");
}

static int windows_add(void *self, struct gust_task *task,
		       struct gust_accumulator *accumulator,
		       const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)accumulator;
	(void)in;
	return 0;
}

static int windows_merge(void *self, struct gust_accumulator *into,
			 const struct gust_accumulator *from)
{
	(void)self;
	(void)into;
	(void)from;
	return 0;
}

static int windows_result(void *self, struct gust_task *task,
			  const struct gust_window *window,
			  const struct gust_accumulator *accumulator)
{
	(void)self;
	(void)task;
	(void)window;
	(void)accumulator;
	return 0;
}

static int windows_whole(void *self, struct gust_task *task,
			 const struct gust_window *window,
			 const struct gust_window_tuples *tuples)
{
	(void)self;
	(void)task;
	(void)window;
	(void)tuples;
	return 0;
}

TEST(a_bolt_with_windows_has_one_of_two_contracts)
{
	static const char wrong[] =
		"bolt 'b' has windows, but neither whole() alone nor add(), "
		"merge() and result()";
	struct gust_windowing windowing = { .size = sizeof(windowing),
					    .add = windows_add,
					    .merge = windows_merge,
					    .result = windows_result };
	struct gust_bolt bolt = good_bolt();

	bolt.execute = NULL;
	bolt.windowing = &windowing;
	CHECK_INT(descriptor_check_bolt(&bolt, NULL), 0);
	windowing.whole = windows_whole;
	refuses_bolt(&bolt, wrong);
	windowing.add = NULL;
	windowing.merge = NULL;
	windowing.result = NULL;
	CHECK_INT(descriptor_check_bolt(&bolt, NULL), 0);
	windowing.whole = NULL;
	refuses_bolt(&bolt, wrong);
	windowing.size--;
	refuses_bolt(&bolt, "struct gust_windowing of bolt 'b' is 55 bytes, "
			    "expected 56");
	windowing.size += 2;
	refuses_bolt(&bolt, "struct gust_windowing of bolt 'b' is 57 bytes, "
			    "this runtime has 56: it was built with newer "
			    "headers");
}

TEST(a_spout_needs_next_and_a_replay_that_works)
{
	struct gust_spout spout = good_spout();

	spout.next = NULL;
	refuses_spout(&spout, "spout 's' has no next()");
	spout = good_spout();
	spout.replay = (enum gust_replay)4;
	refuses_spout(&spout, "spout 's' has the replay 4, expected one of "
			      "enum gust_replay");
	spout.replay = GUST_REPLAY_OWN;
	refuses_spout(&spout, "spout 's' replays by itself, but has no fail()");
	spout.fail = fail;
	CHECK_INT(descriptor_check_spout(&spout, NULL), 0);
}

TEST(options_and_streams_are_checked)
{
	const struct gust_option options[] = {
		{ "n", GUST_OPTION_INT, 8, NULL, NULL, 0, 0, 0, NULL },
		{ 0 },
	};
	const struct gust_stream streams[] = { { "default", NULL },
					       { NULL, NULL } };
	struct gust_bolt bolt = good_bolt();

	bolt.options = options;
	bolt.instance_size = 8;
	refuses_bolt(&bolt, "bolt 'b': option 'n' lies outside of the "
			    "instance: 8 bytes at offset 8, but "
			    "instance_size is 8");
	bolt.instance_size = 16;
	CHECK_INT(descriptor_check_bolt(&bolt, NULL), 0);
	bolt.streams = streams;
	refuses_bolt(&bolt, "bolt 'b': stream 'default' has no columns");
}
