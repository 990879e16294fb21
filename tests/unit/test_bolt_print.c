/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>

#include "fake_task.h"

static const struct gust_column columns[] = {
	{ "word", GUST_STRING }, { "count", GUST_INT }, { "share", GUST_FLOAT },
	{ "good", GUST_BOOL },   { NULL, GUST_NULL },
};

static struct fake *print_create(const char *template)
{
	struct fake *fake = fake_create("bolts/print");

	fake_input(fake, columns);
	fake_set_string(fake, "template", template);
	CHECK_INT(fake_open(fake), 0);
	return fake;
}

static int give(struct fake *fake, const char *word, int64_t count)
{
	const struct gust_value row[] = { gust_string(word, strlen(word)),
					  gust_int(count), gust_float(0.1),
					  gust_bool(true) };

	return fake_give(fake, row, 4);
}

TEST(a_line_follows_the_template)
{
	struct fake *fake = print_create("{{{word}}}\t{count} {share}!");

	CHECK_INT(give(fake, "cow", 3), 0);
	CHECK_INT(give(fake, "", -1), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(fake->written.data, "{cow}\t3 0.1!\n{}\t-1 0.1!\n");
	fake_destroy(fake);
}

TEST(without_a_template_all_fields_are_written)
{
	struct fake *fake = print_create(NULL);

	CHECK_INT(give(fake, "cow", 3), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(fake->written.data, "cow\t3\t0.1\ttrue\n");
	fake_destroy(fake);
}

TEST(values_read_back)
{
	struct fake *fake = print_create("{count} {share} {good}");
	const struct gust_value row[] = { gust_null(), gust_int(INT64_MIN),
					  gust_float(1.0 / 3),
					  gust_bool(false) };
	const struct gust_value nulls[] = { gust_null(), gust_null(),
					    gust_null(), gust_null() };

	CHECK_INT(fake_give(fake, row, 4), 0);
	CHECK_INT(fake_give(fake, nulls, 4), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(fake->written.data,
		  "-9223372036854775808 0.3333333333333333 false\n  \n");
	fake_destroy(fake);
}

TEST(bytes_are_raw)
{
	struct fake *fake = print_create("{word}");
	const struct gust_value row[] = { gust_string("a\0\xff", 3),
					  gust_int(0), gust_null(),
					  gust_null() };

	CHECK_INT(fake_give(fake, row, 4), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_MEM(fake->written.data, fake->written.length, "a\0\xff\n", 4);
	fake_destroy(fake);
}

TEST(tuples_are_acked_when_they_are_written)
{
	struct fake *fake = print_create("{word}");

	CHECK_INT(give(fake, "a", 1), 0);
	CHECK_INT(give(fake, "b", 1), 0);
	CHECK_UINT(fake->writes, 0);
	CHECK_UINT(fake->acked, 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->acked, 2);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->batches_acked, 1);
	fake_destroy(fake);
}

TEST(much_output_is_written_before_the_task_rests)
{
	struct fake *fake = print_create("{word}");
	char word[1001];
	int i;

	memset(word, 'x', 1000);
	word[1000] = '\0';
	for (i = 0; i < 40; i++)
		CHECK_INT(give(fake, word, 1), 0);
	CHECK_UINT(fake->writes, 1);
	CHECK(fake->acked > 30 && fake->acked < 40);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->written.length, 40 * 1001);
	CHECK_UINT(fake->acked, 40);
	fake_destroy(fake);
}

TEST(a_line_longer_than_the_buffer_is_written_whole)
{
	struct fake *fake = print_create("{word}");
	char *word = malloc(300001);

	memset(word, 'x', 300000);
	word[300000] = '\0';
	CHECK_INT(give(fake, word, 1), 0);
	CHECK_UINT(fake->written.length, 300001);
	CHECK_UINT(fake->acked, 1);
	free(word);
	fake_destroy(fake);
}

TEST(a_short_write_is_gone_on_with)
{
	struct fake *fake = print_create("{word}");

	CHECK_INT(give(fake, "abcdef", 1), 0);
	fake->takes = 3;
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(fake->written.data, "abcdef\n");
	CHECK_UINT(fake->writes, 3);
	CHECK_UINT(fake->acked, 1);
	fake_destroy(fake);
}

TEST(what_is_partly_written_goes_before_more_is_taken)
{
	struct fake *fake = print_create("{word}");

	CHECK_INT(give(fake, "abcdef", 1), 0);
	fake->capacity = 0;
	CHECK_INT(fake_idle(fake), -EAGAIN);
	/* Nothing is out, so another line may join. */
	CHECK_INT(give(fake, "gh", 1), 0);
	fake->capacity = 4;
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_INT(give(fake, "ij", 1), -EAGAIN);
	CHECK_UINT(fake->batched, 2);
	CHECK_UINT(fake->acked, 0);
	fake->capacity = 100;
	CHECK_INT(give(fake, "ij", 1), 0);
	CHECK_UINT(fake->acked, 2);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(fake->written.data, "abcdef\ngh\nij\n");
	CHECK_UINT(fake->acked, 3);
	fake_destroy(fake);
}

TEST(a_full_pipe_is_waited_for)
{
	struct fake *fake = print_create("{word}");
	char word[1001];
	int i, r = 0;

	memset(word, 'x', 1000);
	word[1000] = '\0';
	fake->capacity = 0;
	for (i = 0; i < 100 && r == 0; i++)
		r = give(fake, word, 1);
	CHECK_INT(r, -EAGAIN);
	CHECK(i < 40);
	CHECK_UINT(fake->batched, i - 1);
	CHECK_UINT(fake->acked, 0);
	fake->capacity = SIZE_MAX;
	CHECK_INT(give(fake, word, 1), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->written.length, (size_t)i * 1001);
	CHECK_UINT(fake->acked, i);
	fake_destroy(fake);
}

TEST(a_reader_that_has_gone_is_told)
{
	struct fake *fake = print_create("{word}");

	CHECK_INT(give(fake, "a", 1), 0);
	fake->write_result = -EPIPE;
	CHECK_INT(fake_idle(fake), -EPIPE);
	CHECK_UINT(fake->acked, 0);
	fake_destroy(fake);
}

TEST(a_full_disk_is_waited_for)
{
	struct fake *fake = print_create("{word}");

	CHECK_INT(give(fake, "a", 1), 0);
	fake->write_result = -ENOSPC;
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_STR(fake->not_now, "standard output: No space left on device");
	fake->write_result = -EFBIG;
	CHECK_INT(fake_idle(fake), -EAGAIN);
	CHECK_STR(fake->not_now, "standard output: File too large");
	CHECK_UINT(fake->batches_failed, 0);
	fake->write_result = 0;
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(fake->written.data, "a\n");
	CHECK_UINT(fake->acked, 1);
	fake_destroy(fake);
}

TEST(a_write_error_fails_what_was_not_written)
{
	struct fake *fake = print_create("{word}");

	CHECK_INT(give(fake, "a", 1), 0);
	fake->write_result = -EIO;
	CHECK_INT(fake_idle(fake), 0);
	CHECK_UINT(fake->batches_failed, 1);
	CHECK_STR(fake->reason, "standard output: Input/output error");
	fake->write_result = 0;
	CHECK_INT(give(fake, "b", 1), 0);
	CHECK_INT(fake_idle(fake), 0);
	CHECK_STR(fake->written.data, "b\n");
	CHECK_UINT(fake->acked, 1);
	fake_destroy(fake);
}

static void refuse(const char *template, int code, const char *text)
{
	struct fake *fake = fake_create("bolts/print");

	fake_input(fake, columns);
	fake_set_string(fake, "template", template);
	CHECK_INT(fake_declare(fake), code);
	CHECK_STR(fake->error.text, text);
	CHECK_INT(fake_open(fake), code);
	fake_destroy(fake);
}

TEST(braces_that_stand_alone_are_refused)
{
	refuse("ab{word", -EINVAL,
	       "option 'template': '{' at character 3 stands alone, expected "
	       "{NAME}, '{{' or '}}'");
	refuse("{word}}", -EINVAL,
	       "option 'template': '}' at character 7 stands alone, expected "
	       "{NAME}, '{{' or '}}'");
	refuse("{", -EINVAL,
	       "option 'template': '{' at character 1 stands alone, expected "
	       "{NAME}, '{{' or '}}'");
}

TEST(unknown_fields_are_refused)
{
	refuse("{word} {cuont}", -ENOENT, "no field is named 'cuont'");
	refuse("{}", -ENOENT, "no field is named ''");
}
