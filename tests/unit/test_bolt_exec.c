/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "fake_check.h"

#define LIMIT_MS 60000

/* As in gust. */
__attribute__((constructor)) static void ignore_sigpipe(void)
{
	signal(SIGPIPE, SIG_IGN);
}
#define SECOND UINT64_C(1000000000)

static const struct gust_column text[] = { { "text", GUST_STRING },
					   { NULL, GUST_NULL } };
static const struct gust_column two[] = { { "word", GUST_STRING },
					  { "count", GUST_INT },
					  { NULL, GUST_NULL } };
static const struct gust_column number[] = { { "number", GUST_INT },
					     { NULL, GUST_NULL } };

static struct fake *exec_create(const char *protocol,
				const struct gust_column *columns,
				const char *program, const char *script)
{
	static const char *words[4];
	struct fake *fake = fake_create("bolts/exec");

	words[0] = program;
	words[1] = script == NULL ? NULL : "-c";
	words[2] = script;
	fake_input(fake, columns);
	fake_set_list(fake, "command", words, script == NULL ? 1 : 3);
	fake_set_string(fake, "protocol", protocol);
	fake_set_number(fake, "pending", 256);
	fake_set_number(fake, "timeout", 30 * (double)SECOND);
	return fake;
}

/* One of protocol lines, open. */
static struct fake *lines(const char *program, const char *script)
{
	return fake_opened(exec_create("lines", text, program, script));
}

/* What Python children begin with. */
#define PYTHON                                                                 \
	"import json, sys, os, time, signal\n"                                 \
	"def say(**answer): print(json.dumps(answer), flush=True)\n"           \
	"asked = map(json.loads, sys.stdin)\n"

static struct fake *json(const char *script)
{
	struct fake *fake = exec_create("json", two, "python3", script);

	fake_output(fake, "default", two);
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

static int give(struct fake *fake, const char *word, int64_t count)
{
	const struct gust_value row[] = { gust_string(word, strlen(word)),
					  gust_int(count) };

	return fake_give(fake, row, 2);
}

/* Lets the program work until it has answered all, in one way or another. */
static void settle(struct fake *fake)
{
	CHECK_INT(fake_idle(fake), 0);
	while (fake->retained > 0)
		CHECK(fake_poll(fake, LIMIT_MS));
}

/* Lets it come to its end, as at the end of the inputs. */
static void end(struct fake *fake)
{
	while (fake_finish(fake) == -EAGAIN)
		CHECK(fake_poll(fake, LIMIT_MS));
	CHECK_UINT(fake->watch_count, 0);
	fake_destroy(fake);
}

/* Polls until the log has a text. */
static void await_log(struct fake *fake, const char *part)
{
	while (strstr(fake->log, part) == NULL)
		CHECK(fake_poll(fake, LIMIT_MS));
}

/* Lets the time pass until it runs again. */
static void await_start(struct fake *fake)
{
	while (fake_give_string(fake, "x") == -EAGAIN)
		CHECK(fake_tick(fake) || fake_poll(fake, LIMIT_MS));
}

/* The same of something that takes timers, of which some are of no use. */
static void await_end(struct fake *fake, const char *part)
{
	while (strstr(fake->log, part) == NULL)
		CHECK(fake_poll(fake, 20) || fake_tick(fake) ||
		      fake_poll(fake, LIMIT_MS));
}

TEST(lines_are_answered_in_order)
{
	struct fake *fake = lines("cat", NULL);

	CHECK_INT(fake_give_string(fake, "one"), 0);
	CHECK_INT(fake_give_string(fake, "two"), 0);
	CHECK_UINT(fake->acked, 0);
	CHECK_UINT(fake->retained, 2);
	settle(fake);
	CHECK_STR(fake->emitted.data, "one\ntwo\n");
	CHECK_INT(fake->how.kind, GUST_EMIT_ANCHORED);
	CHECK_UINT(fake->how.anchor_count, 1);
	CHECK_UINT(fake->acked, 2);
	CHECK_STR(fake->columns[0].name, "line");
	end(fake);
}

TEST(an_empty_line_drops)
{
	struct fake *fake = lines("sed", NULL);
	static const char *const words[] = { "sed", "-u", "s/^b.*//" };

	fake_destroy(fake);
	fake = exec_create("lines", text, "sed", NULL);
	fake_set_list(fake, "command", words, 3);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_INT(fake_give_string(fake, "b"), 0);
	CHECK_INT(fake_give_string(fake, ""), 0);
	CHECK_INT(fake_give_string(fake, "c"), 0);
	settle(fake);
	CHECK_STR(fake->emitted.data, "a\nc\n");
	CHECK_UINT(fake->acked, 4);
	end(fake);
}

TEST(a_template_and_a_type)
{
	struct fake *fake = exec_create(
		"lines", two, "sh",
		"while read w c; do echo \" $((c * 2))\" | tr -d ' '; done");

	fake_set_string(fake, "template", "{word} {count}");
	fake_output(fake, "default", number);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "cow", 21), 0);
	settle(fake);
	CHECK_STR(fake->emitted.data, "42\n");
	end(fake);
}

TEST(an_answer_of_another_type_fails_its_tuple)
{
	struct fake *fake = exec_create("lines", text, "cat", NULL);

	fake_output(fake, "default", number);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_give_string(fake, "7"), 0);
	CHECK_INT(fake_give_string(fake, "seven"), 0);
	CHECK_INT(fake_give_string(fake, "8"), 0);
	settle(fake);
	CHECK_STR(fake->emitted.data, "7\n8\n");
	CHECK_UINT(fake->failed, 1);
	CHECK_STR(fake->reason, "'cat' wrote 'seven', expected int");
	end(fake);
}

TEST(bytes_go_through_and_newlines_do_not)
{
	struct fake *fake = lines("cat", NULL);

	CHECK_INT(fake_give_bytes(fake, "a\0\xff\r", 4), 0);
	CHECK_INT(fake_give_bytes(fake, "a\nb", 3), -EBADMSG);
	CHECK_UINT(fake->rejected, 1);
	CHECK_CONTAINS(fake->reason, "the line has a newline in it");
	CHECK_INT(fake_give_bytes(fake, "c", 1), 0);
	settle(fake);
	CHECK_MEM(fake->emitted.data, fake->emitted.length, "a\0\xff\r\nc\n",
		  7);
	end(fake);
}

TEST(a_line_of_100_MB_goes_through)
{
	const size_t n = 100000000;
	struct fake *fake = exec_create("lines", text, "cat", NULL);
	char *line = malloc(n);

	memset(line, 'x', n);
	fake->tuple_max = 200000000;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_give_bytes(fake, line, n), 0);
	/* No more is taken while that is not with the program. */
	CHECK_INT(fake_give_string(fake, "y"), -EAGAIN);
	settle(fake);
	CHECK_UINT(fake->emitted.length, n + 1);
	CHECK_INT(fake_give_string(fake, "y"), 0);
	settle(fake);
	CHECK_UINT(fake->emits, 2);
	free(line);
	end(fake);
}

TEST(an_answer_that_is_too_long_is_a_dead_letter)
{
	struct fake *fake = exec_create(
		"lines", text, "sh",
		"while read x; do head -c $x /dev/zero | tr '\\0' z; echo; "
		"done");

	fake->tuple_max = 4096;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(fake_give_string(fake, "4039"), 0);
	CHECK_INT(fake_give_string(fake, "4040"), 0);
	CHECK_INT(fake_give_string(fake, "1000000"), 0);
	CHECK_INT(fake_give_string(fake, "1"), 0);
	settle(fake);
	CHECK_UINT(fake->emits, 2);
	CHECK_UINT(fake->emitted.length, 4039 + 1 + 2);
	CHECK_UINT(fake->dead, 2);
	CHECK_CONTAINS(fake->reason, "'sh' answered with more than 4039 bytes");
	end(fake);
}

TEST(no_more_than_pending_are_taken)
{
	struct fake *fake = exec_create("lines", text, "cat", NULL);
	int i;

	fake_set_number(fake, "pending", 3);
	CHECK_INT(fake_open(fake), 0);
	for (i = 0; i < 3; i++)
		CHECK_INT(fake_give_string(fake, "x"), 0);
	CHECK_INT(fake_give_string(fake, "x"), -EAGAIN);
	CHECK_STR(fake->not_now, "'cat' is at work");
	CHECK_UINT(fake->retained, 3);
	/* That has written what was gathered. */
	while (fake->retained > 0)
		CHECK(fake_poll(fake, LIMIT_MS));
	CHECK_INT(fake_give_string(fake, "x"), 0);
	settle(fake);
	CHECK_UINT(fake->acked, 4);
	end(fake);
}

TEST(a_slow_program_is_not_flooded)
{
	struct fake *fake = exec_create("lines", text, "sleep", NULL);
	static const char *const words[] = { "sleep", "1000" };
	char line[4097];
	size_t given = 0;

	memset(line, 'x', 4096);
	line[4096] = '\0';
	fake_set_list(fake, "command", words, 2);
	fake_set_number(fake, "pending", 65536);
	CHECK_INT(fake_open(fake), 0);
	while (given < 10000 && fake_give_string(fake, line) == 0)
		given++;
	/* The pipe, and a megabyte. */
	CHECK(given > 200 && given < 400);
	fake_destroy(fake);
}

TEST(no_room_downstream_stops_the_reading)
{
	struct fake *fake = lines("cat", NULL);

	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_INT(fake_idle(fake), 0);
	fake->room = 0;
	while (fake->timer_count < 2)
		CHECK(fake_poll(fake, LIMIT_MS));
	CHECK_UINT(fake->emits, 0);
	CHECK(!fake_poll(fake, 0));
	fake->room = 1;
	CHECK(fake_tick(fake));
	settle(fake);
	CHECK_STR(fake->emitted.data, "a\n");
	end(fake);
}

TEST(what_a_dead_program_had_fails_with_its_status)
{
	struct fake *fake = lines("sh", "read a; echo $a; read b; exit 3");

	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_INT(fake_give_string(fake, "b"), 0);
	CHECK_INT(fake_give_string(fake, "c"), 0);
	settle(fake);
	CHECK_STR(fake->emitted.data, "a\n");
	CHECK_UINT(fake->acked, 1);
	CHECK_UINT(fake->failed, 2);
	CHECK_STR(fake->reason, "'sh' has ended with exit status 3");
	CHECK_STR(fake->log, "'sh' has ended with exit status 3, with 2 tuples "
			     "that fail, again in 0.1 s");
	CHECK_INT(fake_give_string(fake, "d"), -EAGAIN);
	CHECK_STR(fake->not_now, "'sh' has ended with exit status 3");
	await_start(fake);
	CHECK_UINT(fake_counter(fake, "restarts"), 1);
	settle(fake);
	CHECK_STR(fake->emitted.data, "a\nx\n");
	end(fake);
}

TEST(half_an_answer_is_none)
{
	char path[64], script[256];
	struct fake *fake;

	snprintf(path, sizeof(path), "/tmp/test-half-%d", (int)getpid());
	unlink(path);
	snprintf(script, sizeof(script),
		 "read a; [ -e %s ] && { echo $a; exec cat; }; >%s; "
		 "printf half",
		 path, path);
	fake = lines("sh", script);
	CHECK_INT(fake_give_string(fake, "a"), 0);
	settle(fake);
	CHECK_UINT(fake->emits, 0);
	CHECK_STR(fake->reason, "'sh' has ended with exit status 0");
	/* The next one has nothing to do with it. */
	await_start(fake);
	settle(fake);
	CHECK_STR(fake->emitted.data, "x\n");
	unlink(path);
	end(fake);
}

TEST(what_it_answered_before_its_end_counts)
{
	struct fake *fake = lines("sh", "read a; echo $a; exit 7");
	struct pollfd end;

	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_INT(fake_give_string(fake, "b"), 0);
	CHECK_INT(fake_idle(fake), 0);
	/* Its end is watched first, and is told first. */
	end = (struct pollfd){ .fd = fake->watches[0].fd, .events = POLLIN };
	CHECK_INT(poll(&end, 1, LIMIT_MS), 1);
	settle(fake);
	CHECK_STR(fake->emitted.data, "a\n");
	CHECK_UINT(fake->acked, 1);
	CHECK_STR(fake->reason, "'sh' has ended with exit status 7");
	fake_destroy(fake);
}

TEST(pauses_grow_while_it_does_not_answer)
{
	struct fake *fake = lines("sh", "exit 1");
	int i;

	for (i = 0; i < 4; i++) {
		fake->log[0] = '\0';
		await_log(fake, "exit status 1");
		CHECK_INT(fake_give_string(fake, "x"), -EAGAIN);
		CHECK(fake_tick(fake));
	}
	CHECK_UINT(fake->now, SECOND * 3 / 2);
	await_log(fake, "again in 1.6 s");
	fake_destroy(fake);
}

/* Ten times, which no tuple of five attempts brings about. */
TEST(one_that_never_answers_fails_the_run)
{
	struct fake *fake = lines("sh", "exit 1");
	int i;

	for (i = 0; i < 9; i++) {
		fake->log[0] = '\0';
		await_end(fake, "again in");
	}
	await_end(fake, "exit status 1, for the 10th time and without a "
			"single answer");
	fake_destroy(fake);
}

TEST(after_a_failure_it_gets_one_tuple_at_a_time)
{
	struct fake *fake = lines(
		"sh", "while read a; do [ $a != b ] || exit 1; echo $a; done");
	int i;

	for (i = 0; i < 10; i++)
		CHECK_INT(fake_give_string(fake, i == 0 ? "b" : "a"), 0);
	settle(fake);
	CHECK_UINT(fake->failed, 10);
	await_start(fake);
	CHECK_INT(fake_give_string(fake, "a"), -EAGAIN);
	settle(fake);
	/* For two seconds, and 256 answers. */
	fake->now += 3 * SECOND;
	for (i = 0; i < 256; i++) {
		CHECK_INT(fake_give_string(fake, "a"), 0);
		CHECK_INT(fake_give_string(fake, "a"), -EAGAIN);
		settle(fake);
	}
	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_INT(fake_give_string(fake, "a"), -EAGAIN);
	settle(fake);
	end(fake);
}

TEST(a_line_that_nobody_asked_for_ends_it)
{
	struct fake *fake = lines("yes", NULL);

	await_log(fake, "was ended");
	CHECK_STR(fake->log,
		  "'yes' was ended: it wrote 'y', but was asked nothing");
	CHECK_INT(fake_give_string(fake, "x"), -EAGAIN);
	await_log(fake, "signal ");
	fake_destroy(fake);
}

TEST(one_that_closes_its_input_and_goes_on_is_ended)
{
	struct fake *fake =
		lines("sh", "exec <&-; echo closed >&2; exec sleep 1000");

	await_log(fake, "closed");
	CHECK_INT(fake_give_string(fake, "x"), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_INT(fake_give_string(fake, "y"), -EAGAIN);
	CHECK_UINT(fake->retained, 1);
	CHECK(fake_tick(fake));
	CHECK_UINT(fake->now, 5 * SECOND);
	CHECK_UINT(fake->retained, 0);
	CHECK_STR(fake->reason,
		  "'sh' was ended: it has closed its standard input");
	await_log(fake, "signal 15, Terminated, with 0 tuples that fail");
	end(fake);
}

TEST(one_that_closes_its_output_and_goes_on_is_ended)
{
	struct fake *fake = lines("sh", "exec >&-; exec sleep 1000");

	CHECK_INT(fake_give_string(fake, "x"), 0);
	CHECK_INT(fake_idle(fake), 0);
	while (fake->timer_count < 2)
		CHECK(fake_poll(fake, LIMIT_MS));
	CHECK(fake_tick(fake));
	CHECK_UINT(fake->failed, 1);
	CHECK_STR(fake->reason,
		  "'sh' was ended: it has closed its standard output");
	await_log(fake, "signal 15");
	end(fake);
}

TEST(one_that_does_not_answer_is_ended)
{
	struct fake *fake = lines("sh", "read a; echo $a; exec sleep 1000");

	CHECK_INT(fake_give_string(fake, "a"), 0);
	CHECK_INT(fake_give_string(fake, "b"), 0);
	fake->now = 20 * SECOND;
	CHECK_INT(fake_idle(fake), 0);
	while (fake->acked == 0)
		CHECK(fake_poll(fake, LIMIT_MS));
	/* 30 s after its last answer, not after the tuple. */
	CHECK(fake_tick(fake));
	CHECK_UINT(fake->now, 30 * SECOND);
	CHECK_UINT(fake->failed, 0);
	CHECK(fake_tick(fake));
	CHECK_UINT(fake->now, 50 * SECOND);
	CHECK_UINT(fake->failed, 1);
	CHECK_STR(
		fake->reason,
		"'sh' was ended: it has not answered for 30.0 s; it must write "
		"each answer out at once");
	await_log(fake, "signal 15");
	end(fake);
}

TEST(one_that_does_not_want_to_end_is_killed)
{
	struct fake *fake = lines("sh", "trap '' TERM; echo >&2; echo ok >&2; "
					"while :; do sleep .01; done");
	int i = 0;

	await_log(fake, "ok");
	while (fake_finish(fake) == -EAGAIN && i < 2)
		i += fake_tick(fake);
	/* Five seconds for its own end, and five more. */
	CHECK_UINT(fake->now, 10 * SECOND);
	await_log(fake, "signal 9, Killed");
	end(fake);
}

TEST(its_end_may_take_time)
{
	struct fake *fake = lines(
		"sh", "while read a; do echo $a; done; echo late; exit 2");

	CHECK_INT(fake_give_string(fake, "a"), 0);
	settle(fake);
	CHECK_INT(fake_finish(fake), -EAGAIN);
	CHECK_STR(fake->not_now, "'sh' has not ended yet");
	await_log(fake, "exit status 2");
	CHECK_INT(fake_finish(fake), 0);
	CHECK_STR(fake->emitted.data, "a\n");
	end(fake);
}

TEST(json_answers_come_in_any_order)
{
	struct fake *fake = json(
		PYTHON "a, b = next(asked), next(asked)\n"
		       "for x in b, a:\n"
		       "  t = x['tuple']\n"
		       "  say(id=x['id'], emit=[{'word': t['word'] * n, "
		       "'count': t['count'], 'more': 1} for n in (1, 2)])\n"
		       "sys.stdin.read()");

	CHECK_INT(give(fake, "a\n\"", 1), 0);
	CHECK_INT(give(fake, "b", 2), 0);
	settle(fake);
	CHECK_STR(fake->emitted.data, "b\t2\nbb\t2\na\n\"\t1\n"
				      "a\n\"a\n\"\t1\n");
	CHECK_UINT(fake->acked, 2);
	end(fake);
}

TEST(json_answers_may_emit_nothing_or_fail)
{
	struct fake *fake =
		json(PYTHON "a = [next(asked)['id'] for i in range(6)]\n"
			    "say(id=a[0])\n"
			    "say(id=a[1], emit=[])\n"
			    "say(id=a[2], emit=[{}])\n"
			    "say(id=a[3], fail='no such word')\n"
			    "say(id=a[4], emit={'word': 'x'})\n"
			    "say(id=a[5], emit=[{'count': 'x'}])\n"
			    "sys.stdin.read()");
	int i;

	for (i = 0; i < 6; i++)
		CHECK_INT(give(fake, "w", i), 0);
	CHECK_INT(fake_idle(fake), 0);
	while (fake->failed < 1)
		CHECK(fake_poll(fake, LIMIT_MS));
	settle(fake);
	CHECK_STR(fake->emitted.data, "null\tnull\n");
	CHECK_UINT(fake->acked, 3);
	CHECK_UINT(fake->failed, 3);
	CHECK_STR(fake->reason, "'python3' emits: member 'count' is a string, "
				"expected int");
	end(fake);
}

/* What a program writes when it has got a tuple, and the reason for which it
 * is then ended. */
static void breaks(const char *answer, const char *reason)
{
	char script[1024];
	struct fake *fake;

	snprintf(script, sizeof(script),
		 "read a; echo '%s'; while :; do sleep 1; done", answer);
	fake = exec_create("json", two, "sh", script);
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "w", 1), 0);
	CHECK_INT(give(fake, "w", 2), 0);
	settle(fake);
	CHECK_UINT(fake->failed, 2);
	CHECK_STR(fake->reason, reason);
	await_log(fake, "signal 15, Terminated");
	end(fake);
}

TEST(json_garbage_ends_it_with_the_line)
{
	breaks("debug: 7", "'sh' was ended: it wrote 'debug: 7': no JSON: "
			   "invalid token near 'debug', at byte 5");
	breaks("[1]", "'sh' was ended: it wrote '[1]': not an object of JSON");
	breaks("", "'sh' was ended: it wrote '': no JSON: unexpected token "
		   "near end of file, at byte 0");
	breaks("{\"id\": 7777}", "'sh' was ended: it wrote '{\"id\": 7777}': "
				 "the 'id' is none that waits for an answer");
	breaks("{\"id\": -1}", "'sh' was ended: it wrote '{\"id\": -1}': the "
			       "'id' is none that waits for an answer");
	breaks("{\"id\": \"0\"}", "'sh' was ended: it wrote '{\"id\": "
				  "\"0\"}': the 'id' is none that waits for an "
				  "answer");
}

TEST(an_id_is_answered_once)
{
	struct fake *fake = exec_create(
		"json", two, "sh",
		"read a; echo '{\"id\": 0}'; read b; echo '{\"id\": 0}'; cat");

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "w", 1), 0);
	settle(fake);
	CHECK_UINT(fake->acked, 1);
	CHECK_INT(give(fake, "w", 2), 0);
	settle(fake);
	CHECK_UINT(fake->acked, 1);
	CHECK_STR(fake->reason, "'sh' was ended: it wrote '{\"id\": 0}': the "
				"'id' is none that waits for an answer");
	end(fake);
}

TEST(json_needs_outputs_to_emit)
{
	struct fake *fake =
		exec_create("json", two, "sh",
			    "read a; echo '{\"id\": 0, \"emit\": [{}]}'; cat");

	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "w", 1), 0);
	settle(fake);
	CHECK_STR(fake->reason, "'sh' emits, but 'outputs' names no fields");
	end(fake);
}

TEST(json_emits_that_are_too_long_are_dead_letters)
{
	struct fake *fake =
		exec_create("json", two, "python3",
			    PYTHON "for x in asked:\n"
				   "  say(id=x['id'], emit=[{'word': 'x' * "
				   "x['tuple']['count']}])\n");

	fake_output(fake, "default", two);
	fake->tuple_max = 1024;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "w", 951), 0);
	CHECK_INT(give(fake, "w", 952), 0);
	settle(fake);
	CHECK_UINT(fake->emits, 1);
	CHECK_UINT(fake->dead, 1);
	CHECK_STR(fake->reason, "'python3' emits a tuple of 1032 bytes, "
				"expected at most 1024");
	end(fake);
}

TEST(each_text_of_an_emit_is_rounded_up)
{
	static const struct gust_column three[] = { { "a", GUST_STRING },
						    { "b", GUST_STRING },
						    { "c", GUST_STRING },
						    { NULL, GUST_NULL } };
	struct fake *fake =
		exec_create("json", two, "python3",
			    PYTHON "for x in asked:\n"
				   "  say(id=x['id'], emit=[{'a': 'x' * 8, "
				   "'b': 'x' * 8, 'c': 'x' * "
				   "x['tuple']['count']}])\n");

	fake_output(fake, "default", three);
	fake->tuple_max = 1024;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "w", 903), 0);
	CHECK_INT(give(fake, "w", 904), 0);
	settle(fake);
	CHECK_UINT(fake->emits, 1);
	CHECK_STR(fake->reason, "'python3' emits a tuple of 1032 bytes, "
				"expected at most 1024");
	end(fake);
}

TEST(a_json_line_without_end_ends_it)
{
	struct fake *fake =
		exec_create("json", two, "sh", "read a; exec cat /dev/zero");

	fake->tuple_max = 1024;
	CHECK_INT(fake_open(fake), 0);
	CHECK_INT(give(fake, "w", 1), 0);
	settle(fake);
	CHECK_STR(fake->reason, "'sh' was ended: it wrote a line of more than "
				"69632 bytes");
	await_log(fake, "signal ");
	end(fake);
}

TEST(many_deaths_lose_nothing)
{
	struct fake *fake =
		exec_create("json", two, "sh",
			    "n=0; while read a; do n=$((n + 1)); "
			    "[ $n -lt 8 ] || kill -9 $$; "
			    "i=${a#*:}; echo '{\"id\":'${i%%,*}'}'; done");
	size_t given = 0;
	int r;

	CHECK_INT(fake_open(fake), 0);
	while (given < 300) {
		r = give(fake, "w", 1);
		given += r == 0;
		if (r == 0)
			continue;
		CHECK_INT(r, -EAGAIN);
		if (fake->watch_count == 0)
			CHECK(fake_tick(fake));
		else
			CHECK(fake_poll(fake, LIMIT_MS));
	}
	settle(fake);
	CHECK_UINT(fake->acked + fake->failed, 300);
	CHECK(fake->failed > 250 && fake->acked > 30);
	CHECK_UINT(fake->retained, 0);
	end(fake);
}

static void refuse(const char *protocol, const struct gust_column *columns,
		   const char *template, const struct gust_column *output,
		   const char *reason)
{
	struct fake *fake = exec_create(protocol, columns, "cat", NULL);

	fake_set_string(fake, "template", template);
	if (output != NULL)
		fake_output(fake, "default", output);
	fake_refuse(fake, -EINVAL, reason);
}

TEST(mistakes_are_found_before_it_runs)
{
	struct fake *fake;

	refuse("lines", two, NULL, NULL,
	       "option 'template' is missing: 'upstream' emits 2 fields, "
	       "expected 1 or a template");
	refuse("lines", two, "{word", NULL,
	       "option 'template': '{' at character 1 stands alone, expected "
	       "{NAME}, '{{' or '}}'");
	refuse("lines", text, NULL, two,
	       "the answer is one line, expected one field in 'outputs'");
	refuse("json", two, "{word}", NULL,
	       "option 'template' is for 'protocol: lines' only");
	fake = exec_create("json", two, "", NULL);
	CHECK_INT(fake_declare(fake), -EINVAL);
	CHECK_CONTAINS(fake->error.text, "option 'command' names no program");
	fake_destroy(fake);
	fake = exec_create("json", two, "no-such-program", NULL);
	CHECK_INT(fake_open(fake), -ENOENT);
	CHECK_STR(fake->error.text, "cannot run 'no-such-program': No such "
				    "file or directory");
	fake_destroy(fake);
}
