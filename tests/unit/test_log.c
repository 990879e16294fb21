/* SPDX-License-Identifier: MIT */

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "test.h"

static char captured[1 << 20];
static int real_stderr = -1;
static FILE *catcher;

static void catch_begin(void)
{
	catcher = tmpfile();
	real_stderr = dup(STDERR_FILENO);
	dup2(fileno(catcher), STDERR_FILENO);
}

/* Puts stderr back and what was written to it into `captured`. */
static void catch_end(void)
{
	size_t n;

	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	rewind(catcher);
	n = fread(captured, 1, sizeof(captured) - 1, catcher);
	captured[n] = '\0';
	fclose(catcher);
}

TEST(a_line_has_time_level_and_component)
{
	catch_begin();
	log_component(LOG_LEVEL_WARN, "count", 3, "state is %s", "slow");
	catch_end();
	CHECK_UINT(strlen(captured), 24 + strlen(" warn  count[3]: state is "
						 "slow\n"));
	CHECK_STR(captured + 24, " warn  count[3]: state is slow\n");
	CHECK_INT(captured[4], '-');
	CHECK_INT(captured[10], 'T');
	CHECK_INT(captured[23], 'Z');
}

TEST(component_and_task_may_be_missing)
{
	catch_begin();
	log_component(LOG_LEVEL_ERROR, "count", -1, "a");
	log_component(LOG_LEVEL_INFO, NULL, 3, "b");
	log_write(LOG_LEVEL_INFO, "c");
	catch_end();
	CHECK_CONTAINS(captured, " error count: a\n");
	CHECK_CONTAINS(captured, " info  b\n");
	CHECK_CONTAINS(captured, " info  c\n");
}

TEST(less_important_lines_are_left_out)
{
	catch_begin();
	log_write(LOG_LEVEL_DEBUG, "one");
	log_set_level(LOG_LEVEL_DEBUG);
	log_write(LOG_LEVEL_DEBUG, "two");
	log_set_level(LOG_LEVEL_ERROR);
	log_write(LOG_LEVEL_WARN, "three");
	log_write(LOG_LEVEL_ERROR, "four");
	log_set_level(LOG_LEVEL_INFO);
	catch_end();
	CHECK_PTR(strstr(captured, "one"), NULL);
	CHECK_CONTAINS(captured, " debug two\n");
	CHECK_PTR(strstr(captured, "three"), NULL);
	CHECK_CONTAINS(captured, "four");
}

TEST(levels_have_names)
{
	enum log_level level = LOG_LEVEL_INFO;

	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++) {
		CHECK_INT(log_level_parse(log_level_name((enum log_level)i),
					  &level),
			  0);
		CHECK_INT(level, i);
	}
	CHECK_INT(log_level_parse("Warning", &level), 0);
	CHECK_INT(level, LOG_LEVEL_WARN);
	CHECK_INT(log_level_parse("verbose", &level), -EINVAL);
	CHECK_INT(log_level_parse("", &level), -EINVAL);
	CHECK_INT(level, LOG_LEVEL_WARN);
}

TEST(control_characters_stay_off_the_terminal)
{
	catch_begin();
	log_component(LOG_LEVEL_INFO, "a\nb", 0, "x\ny\033[2J\tz\177");
	catch_end();
	CHECK_CONTAINS(captured, " info  a b[0]: x y [2J z \n");
	CHECK_PTR(strchr(captured, '\033'), NULL);
}

TEST(a_long_line_is_cut_and_still_ends)
{
	catch_begin();
	log_write(LOG_LEVEL_INFO, "%5000d", 7);
	log_write(LOG_LEVEL_INFO, "next");
	catch_end();
	CHECK_CONTAINS(captured, "  ...\n2");
	CHECK_CONTAINS(captured, "next\n");
	CHECK(strchr(captured, '\n') - captured < LOG_LINE_SIZE);
}

TEST(errno_stays)
{
	catch_begin();
	errno = EPIPE;
	close(STDERR_FILENO);
	log_write(LOG_LEVEL_INFO, "nowhere");
	CHECK_INT(errno, EPIPE);
	catch_end();
	CHECK_STR(captured, "");
}

TEST(a_closed_stderr_is_survived)
{
	int saved = dup(STDERR_FILENO);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	close(STDERR_FILENO);
	log_write(LOG_LEVEL_INFO, "nobody reads this");
	dup2(full, STDERR_FILENO);
	log_write(LOG_LEVEL_INFO, "nor this");
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(full);
	CHECK(full >= 0);
}

static void keep(void *data, const char *line, size_t n)
{
	memcpy(data, line, n);
	((char *)data)[n] = '\0';
}

TEST(a_hook_gets_the_lines)
{
	char line[LOG_LINE_SIZE + 1];

	log_set_hook(keep, line);
	catch_begin();
	log_write(LOG_LEVEL_INFO, "to the hook");
	log_set_hook(NULL, NULL);
	catch_end();
	CHECK_STR(captured, "");
	CHECK_CONTAINS(line, " info  to the hook\n");
}

static void *write_lines(void *data)
{
	for (int i = 0; i < 500; i++)
		log_component(LOG_LEVEL_INFO, data, i,
			      "abcdefghijklmnopqrstuvwxyz");
	return NULL;
}

TEST(lines_of_threads_never_mix)
{
	char *names[] = { "one", "two", "three", "four" };
	pthread_t threads[4];
	size_t lines = 0;

	catch_begin();
	for (int i = 0; i < 4; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, write_lines,
					 names[i]),
			  0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	catch_end();
	for (char *line = strtok(captured, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		const char *tail = "]: abcdefghijklmnopqrstuvwxyz";
		size_t n = strlen(line);

		CHECK(n > strlen(tail) && line[23] == 'Z');
		CHECK_STR(line + n - strlen(tail), tail);
		lines++;
	}
	CHECK_UINT(lines, 2000);
}

TEST(a_limit_lets_so_many_through_a_second)
{
	struct log_limit limit = { .per_second = 3 };
	uint64_t suppressed = 99;
	int passed = 0;

	for (int i = 0; i < 10; i++)
		passed +=
			log_limit_pass(&limit, 5 * CLOCK_NS_PER_S, &suppressed);
	CHECK_INT(passed, 3);
	CHECK_UINT(suppressed, 0);
	CHECK(!log_limit_pass(&limit, 6 * CLOCK_NS_PER_S - 1, &suppressed));
	CHECK(log_limit_pass(&limit, 6 * CLOCK_NS_PER_S, &suppressed));
	CHECK_UINT(suppressed, 8);
	CHECK(log_limit_pass(&limit, 6 * CLOCK_NS_PER_S, &suppressed));
	CHECK_UINT(suppressed, 0);
}

TEST(no_limit_lets_all_through)
{
	struct log_limit limit = { 0 };
	uint64_t suppressed;

	for (int i = 0; i < 100; i++)
		CHECK(log_limit_pass(&limit, 1, &suppressed));
}

TEST(what_was_left_out_is_said)
{
	struct log_limit limit = { .per_second = 1 };

	catch_begin();
	limit.suppressed = 4;
	log_limit_flush(&limit, LOG_LEVEL_WARN, "count", 1);
	log_limit_flush(&limit, LOG_LEVEL_WARN, "count", 1);
	limit.suppressed = 1;
	limit.second_ns = 0;
	log_limited(&limit, LOG_LEVEL_WARN, "count", 1, "again");
	catch_end();
	CHECK_CONTAINS(captured, "count[1]: 4 lines are not shown");
	CHECK_CONTAINS(captured, "count[1]: 1 line is not shown");
	CHECK_CONTAINS(captured, "count[1]: again\n");
}
