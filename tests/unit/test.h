/* SPDX-License-Identifier: MIT */
#ifndef TEST_H
#define TEST_H

/*
 * The harness of the unit tests: one program a file, one function a test.
 *
 *	#include "test.h"
 *
 *	TEST(a_sum_is_right)
 *	{
 *		CHECK_INT(1 + 1, 2);
 *	}
 *
 * This header holds main(), so it is included once, by the test's only source.
 * Tests run in the order of the file, in one process. A check that fails
 * prints both values, what was found first, and leaves its test at once, also
 * from within a helper function; in a thread other than the main one it ends
 * the program. Arguments are evaluated once.
 *
 *	test_error --list	prints the names
 *	test_error NAME...	runs these only
 *
 * The last line is `N passed, N failed`; the exit code is 1 when one failed
 * and 2 when a name is unknown.
 *
 * TEST_BUILD_DIR and TEST_SOURCE_DIR are the absolute paths of the build and
 * of the source tree.
 */

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A test, in the list that the constructors of TEST() build. */
struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

static struct test *test_first;
static struct test **test_last = &test_first;
static jmp_buf test_escape;
/* Set on the thread that runs the tests, and there only. */
static _Thread_local bool test_may_escape;

#define TEST(test_name)                                                        \
	static void test_run_##test_name(void);                                \
	static struct test test_##test_name = { #test_name,                    \
						test_run_##test_name, NULL };  \
	__attribute__((constructor)) static void test_add_##test_name(void)    \
	{                                                                      \
		*test_last = &test_##test_name;                                \
		test_last = &test_##test_name.next;                            \
	}                                                                      \
	static void test_run_##test_name(void)

/* Where a check stands, for the messages. */
#define TEST_HERE __FILE__, __LINE__

/* True is expected. */
#define CHECK(condition) test_check((condition), #condition, TEST_HERE)

/* Always fails, with a printf-like message. */
#define FAIL(...)                                                              \
	do {                                                                   \
		test_where(TEST_HERE);                                         \
		fprintf(stderr, __VA_ARGS__);                                  \
		test_leave();                                                  \
	} while (0)

/* Signed integers of any width. */
#define CHECK_INT(found, expected)                                             \
	test_int((intmax_t)(found), (intmax_t)(expected), #found, TEST_HERE)

/* Unsigned integers of any width. */
#define CHECK_UINT(found, expected)                                            \
	test_uint((uintmax_t)(found), (uintmax_t)(expected), #found, TEST_HERE)

#define CHECK_BOOL(found, expected)                                            \
	test_bool((found), (expected), #found, TEST_HERE)

/* Equal to the last bit, or both not a number. */
#define CHECK_FLOAT(found, expected)                                           \
	test_near((found), (expected), 0.0, #found, TEST_HERE)

/* At most `tolerance` apart. */
#define CHECK_NEAR(found, expected, tolerance)                                 \
	test_near((found), (expected), (tolerance), #found, TEST_HERE)

/* C strings; NULL equals NULL only. */
#define CHECK_STR(found, expected)                                             \
	test_str((found), (expected), #found, TEST_HERE)

/* `found` contains `part`. */
#define CHECK_CONTAINS(found, part)                                            \
	test_contains((found), (part), #found, TEST_HERE)

/* Bytes, with the length of each side. */
#define CHECK_MEM(found, found_size, expected, expected_size)                  \
	test_mem((found), (found_size), (expected), (expected_size), #found,   \
		 TEST_HERE)

#define CHECK_PTR(found, expected)                                             \
	test_ptr((found), (expected), #found, TEST_HERE)

static inline void test_where(const char *file, int line)
{
	fprintf(stderr, "%s:%d: ", file, line);
}

/* Gives the test up. */
_Noreturn static inline void test_leave(void)
{
	fputc('\n', stderr);
	if (test_may_escape)
		longjmp(test_escape, 1);
	fprintf(stderr, "a check failed outside of the main thread\n");
	printf("0 passed, 1 failed\n");
	fflush(stdout);
	_Exit(1);
}

static inline void test_check(bool condition, const char *text,
			      const char *file, int line)
{
	if (condition)
		return;
	test_where(file, line);
	fprintf(stderr, "%s is false", text);
	test_leave();
}

static inline void test_int(intmax_t found, intmax_t expected, const char *text,
			    const char *file, int line)
{
	if (found == expected)
		return;
	test_where(file, line);
	fprintf(stderr, "%s is %jd, expected %jd", text, found, expected);
	test_leave();
}

static inline void test_uint(uintmax_t found, uintmax_t expected,
			     const char *text, const char *file, int line)
{
	if (found == expected)
		return;
	test_where(file, line);
	fprintf(stderr, "%s is %ju (0x%jx), expected %ju (0x%jx)", text, found,
		found, expected, expected);
	test_leave();
}

static inline void test_bool(bool found, bool expected, const char *text,
			     const char *file, int line)
{
	if (found == expected)
		return;
	test_where(file, line);
	fprintf(stderr, "%s is %s, expected %s", text, found ? "true" : "false",
		expected ? "true" : "false");
	test_leave();
}

static inline void test_near(double found, double expected, double tolerance,
			     const char *text, const char *file, int line)
{
	double distance = found - expected;

	if (memcmp(&found, &expected, sizeof(found)) == 0)
		return;
	if (distance >= -tolerance && distance <= tolerance)
		return;
	test_where(file, line);
	fprintf(stderr, "%s is %.17g, expected %.17g", text, found, expected);
	if (tolerance > 0)
		fprintf(stderr, " within %g", tolerance);
	test_leave();
}

/* Prints `size` bytes, those that do not print as escapes. */
static inline void test_bytes(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t i;

	fputc('\'', stderr);
	for (i = 0; i < size; i++) {
		if (bytes[i] == '\n')
			fputs("\\n", stderr);
		else if (bytes[i] < 0x20 || bytes[i] > 0x7e)
			fprintf(stderr, "\\x%02x", bytes[i]);
		else
			fputc(bytes[i], stderr);
	}
	fputc('\'', stderr);
}

static inline void test_text(const char *text)
{
	if (text == NULL)
		fputs("NULL", stderr);
	else
		test_bytes(text, strlen(text));
}

static inline void test_str(const char *found, const char *expected,
			    const char *text, const char *file, int line)
{
	if (found == NULL && expected == NULL)
		return;
	if (found != NULL && expected != NULL && strcmp(found, expected) == 0)
		return;
	test_where(file, line);
	fprintf(stderr, "%s is ", text);
	test_text(found);
	fputs(", expected ", stderr);
	test_text(expected);
	test_leave();
}

static inline void test_contains(const char *found, const char *part,
				 const char *text, const char *file, int line)
{
	if (found != NULL && strstr(found, part) != NULL)
		return;
	test_where(file, line);
	fprintf(stderr, "%s is ", text);
	test_text(found);
	fputs(", expected to contain ", stderr);
	test_text(part);
	test_leave();
}

static inline void test_mem(const void *found, size_t found_size,
			    const void *expected, size_t expected_size,
			    const char *text, const char *file, int line)
{
	const unsigned char *a = found, *b = expected;
	size_t i = 0;

	while (i < found_size && i < expected_size && a[i] == b[i])
		i++;
	if (i == found_size && i == expected_size)
		return;
	test_where(file, line);
	fprintf(stderr, "%s differs at byte %zu: it is %zu bytes ", text, i,
		found_size);
	test_bytes(found, found_size);
	fprintf(stderr, ", expected %zu bytes ", expected_size);
	test_bytes(expected, expected_size);
	test_leave();
}

static inline void test_ptr(const void *found, const void *expected,
			    const char *text, const char *file, int line)
{
	if (found == expected)
		return;
	test_where(file, line);
	fprintf(stderr, "%s is %p, expected %p", text, found, expected);
	test_leave();
}

static inline bool test_wanted(const char *name, char **names, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return count == 0;
}

/* Returns the first of `names` that no test has, or NULL. */
static inline const char *test_unknown(char **names, int count)
{
	const struct test *test;
	int i;

	for (i = 0; i < count; i++) {
		for (test = test_first; test != NULL; test = test->next)
			if (strcmp(test->name, names[i]) == 0)
				break;
		if (test == NULL)
			return names[i];
	}
	return NULL;
}

static inline bool test_passes(const struct test *test)
{
	test_may_escape = true;
	if (setjmp(test_escape) == 0) {
		test->run();
		return true;
	}
	fprintf(stderr, "FAILED %s\n", test->name);
	return false;
}

int main(int argc, char **argv)
{
	const struct test *test;
	unsigned passed = 0, failed = 0;
	const char *unknown;

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (test = test_first; test != NULL; test = test->next)
			puts(test->name);
		return 0;
	}
	unknown = test_unknown(argv + 1, argc - 1);
	if (unknown != NULL) {
		fprintf(stderr, "no test is named '%s'; see --list\n", unknown);
		return 2;
	}
	for (test = test_first; test != NULL; test = test->next) {
		if (!test_wanted(test->name, argv + 1, argc - 1))
			continue;
		if (test_passes(test))
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

#endif
