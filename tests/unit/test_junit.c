/* SPDX-License-Identifier: MIT */

#include "cli/junit.h"

#include <errno.h>
#include <unistd.h>

#include "test.h"

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	CHECK(file != NULL);
	CHECK(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

static void add(struct junit *junit, const char *suite, const char *name,
		enum junit_outcome outcome, const char *report)
{
	struct junit_result result = { (char *)suite, (char *)name,
				       (char *)report, outcome, 0.25 };

	CHECK_INT(junit_add(junit, &result), 0);
}

TEST(suites_and_cases)
{
	char path[] = "/tmp/junit-XXXXXX";
	struct junit junit = { .count = 0 };
	char *text;

	CHECK(mkstemp(path) >= 0);
	add(&junit, "a.yaml", "one & \"two\"", JUNIT_PASSED, "");
	add(&junit, "a.yaml", "<b>", JUNIT_FAILED, "- 1\n+ 2\n");
	add(&junit, "b.yaml", "c", JUNIT_WRONG, "bad\n");
	CHECK_INT(junit_write(&junit, path, NULL), 0);
	text = read_all(path);
	CHECK_STR(text,
		  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		  "<testsuites>\n"
		  "  <testsuite name=\"a.yaml\" tests=\"2\" failures=\"1\" "
		  "errors=\"0\" time=\"0.500\">\n"
		  "    <testcase classname=\"a.yaml\" name=\"one &amp; "
		  "&quot;two&quot;\" time=\"0.250\"/>\n"
		  "    <testcase classname=\"a.yaml\" name=\"&lt;b&gt;\" "
		  "time=\"0.250\">\n"
		  "      <failure message=\"it is not as expected\">- 1\n+ 2\n"
		  "</failure>\n"
		  "    </testcase>\n"
		  "  </testsuite>\n"
		  "  <testsuite name=\"b.yaml\" tests=\"1\" failures=\"0\" "
		  "errors=\"1\" time=\"0.250\">\n"
		  "    <testcase classname=\"b.yaml\" name=\"c\" "
		  "time=\"0.250\">\n"
		  "      <error message=\"the test has mistakes\">bad\n"
		  "</error>\n"
		  "    </testcase>\n"
		  "  </testsuite>\n"
		  "</testsuites>\n");
	free(text);
	unlink(path);
	junit_fini(&junit);
}

TEST(what_xml_cannot_hold_becomes_a_mark)
{
	char path[] = "/tmp/junit-XXXXXX";
	struct junit junit = { .count = 0 };
	char *text;

	CHECK(mkstemp(path) >= 0);
	add(&junit, "a",
	    "\x01 \xff \xc3\xbc \xed\xa0\x80 \xf0\x9f\x98\x80 "
	    "\xe2\x82 \xef\xbf\xbf",
	    JUNIT_PASSED, "");
	CHECK_INT(junit_write(&junit, path, NULL), 0);
	text = read_all(path);
	CHECK_CONTAINS(text, "name=\"? ? \xc3\xbc ??? \xf0\x9f\x98\x80 "
			     "?? ???\"");
	free(text);
	unlink(path);
	junit_fini(&junit);
}

TEST(a_file_that_cannot_be_written)
{
	struct gust_error error = { 0 };
	struct junit junit = { .count = 0 };

	CHECK_INT(junit_write(&junit, "/nowhere/at/all", &error), -ENOENT);
	CHECK_CONTAINS(error.text, "'/nowhere/at/all' cannot be written");
	memset(&error, 0, sizeof(error));
	CHECK_INT(junit_write(&junit, "/dev/full", &error), -ENOSPC);
}
