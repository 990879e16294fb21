/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gust/kit/file_list.h>

static char folder[64];

/* Makes the files of these tests, and goes to where they are. */
static void prepare(void)
{
	static const char *const names[] = { "b.log", "a.log", "[x].log",
					     "d/2",   "d/1",   "d/.no" };
	size_t i;

	if (folder[0] != '\0')
		return;
	strcpy(folder, "/tmp/test_kit_file_list.XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	CHECK_INT(chdir(folder), 0);
	CHECK_INT(mkdir("d", 0700), 0);
	CHECK_INT(mkdir("d/sub", 0700), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK_INT(close(open(names[i], O_WRONLY | O_CREAT, 0600)), 0);
	CHECK_INT(symlink("a.log", "z.log"), 0);
	CHECK_INT(symlink("nowhere", "dangling.log"), 0);
}

__attribute__((destructor)) static void tidy(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (folder[0] != '\0' && system(command) != 0)
		fprintf(stderr, "%s is left\n", folder);
}

static void expand(const char *const *names, size_t count, bool patient,
		   const char *expected)
{
	const struct gust_list list = { names, count };
	struct file_list files = { NULL, 0, 0 };
	char text[1000] = "";
	size_t i;

	CHECK_INT(file_list_expand(&files, &list, patient, NULL), 0);
	for (i = 0; i < files.count; i++) {
		strcat(text, files.items[i].path);
		strcat(text, files.items[i].origin == FILE_LIST_NAMED ? "!"
			     : files.items[i].origin == FILE_LIST_PATTERN
				     ? "* "
				     : "/ ");
	}
	CHECK_STR(text, expected);
	file_list_clear(&files);
	CHECK_UINT(files.count, 0);
}

static void refuse(const char *const *names, size_t count, int code,
		   const char *text)
{
	const struct gust_list list = { names, count };
	struct file_list files = { NULL, 0, 0 };
	struct gust_error error = { 0 };

	CHECK_INT(file_list_expand(&files, &list, false, &error), code);
	CHECK_STR(error.text, text);
	file_list_clear(&files);
}

TEST(names_patterns_and_folders_stand_for_files)
{
	static const char *const names[] = { "d", "-", "b.log", "?.log" };

	prepare();
	expand(names, 4, false, "d/1/ d/2/ -!b.log!a.log* ");
}

TEST(a_file_may_have_a_star_in_its_name)
{
	static const char *const name = "[x].log";

	prepare();
	CHECK(!file_list_is_pattern(name));
	CHECK(file_list_is_pattern("[y].log"));
	expand(&name, 1, false, "[x].log!");
}

TEST(a_file_is_there_once)
{
	static const char *const names[] = { "*.log", "a.log" };

	prepare();
	expand(names, 2, false, "[x].log* a.log!b.log* ");
}

TEST(what_is_missing_is_an_error_unless_patient)
{
	static const char *const missing = "none", *const none = "*.none";
	static const char *const twice[] = { "a.log", "a.log" };
	static const char *const same[] = { "a.log", "z.log" };

	prepare();
	refuse(&missing, 1, -ENOENT,
	       "cannot read 'none': No such file or directory");
	refuse(&none, 1, -ENOENT, "no file matches '*.none'");
	refuse(twice, 2, -EINVAL, "file 'a.log' is named twice");
	refuse(same, 2, -EINVAL,
	       "'a.log' and 'z.log' are the same file, expected one of them");
	expand(&missing, 1, true, "");
	expand(&none, 1, true, "");
	expand(twice, 2, true, "a.log!");
}
