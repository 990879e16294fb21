/* SPDX-License-Identifier: MIT */
#ifndef FOLDER_H
#define FOLDER_H

/*
 * A folder of a test's own, with what tests of files ask of it. Included once,
 * after test.h; the folder is removed when the program ends.
 */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

#define FOLDER_PATHS_MAX 256u

/* The path of `name` in the folder; good as long as the program runs. */
static inline char *folder_path(const char *name)
{
	static char paths[FOLDER_PATHS_MAX][256];
	char path[256];
	unsigned i;

	if (folder[0] == '\0') {
		strcpy(folder, "/tmp/gust_test.XXXXXX");
		CHECK(mkdtemp(folder) != NULL);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	for (i = 0; paths[i][0] != '\0' && strcmp(paths[i], path) != 0; i++)
		CHECK(i + 2 < FOLDER_PATHS_MAX);
	return strcpy(paths[i], path);
}

static inline void folder_write(const char *name, const void *data,
				size_t length)
{
	FILE *file = fopen(folder_path(name), "w");

	CHECK(file != NULL);
	CHECK_UINT(fwrite(data, 1, length, file), length);
	CHECK_INT(fclose(file), 0);
}

static inline void folder_check(const char *name, const char *expected)
{
	static char found[1024 * 1024];
	FILE *file = fopen(folder_path(name), "r");
	size_t n;

	if (file == NULL)
		FAIL("there is no file '%s'", name);
	n = fread(found, 1, sizeof(found), file);
	fclose(file);
	CHECK_MEM(found, n, expected, strlen(expected));
}

static inline bool folder_has(const char *name)
{
	return access(folder_path(name), F_OK) == 0;
}

/* How many names there are in a folder of the folder, or in it for "". */
static inline size_t folder_count(const char *name)
{
	DIR *dir = opendir(folder_path(name));
	size_t n = 0;

	CHECK(dir != NULL);
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* Removes all that is in it. */
static inline void folder_clear(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'/*", folder);
	if (folder[0] != '\0' && system(command) != 0)
		FAIL("%s cannot be cleared", folder);
}

__attribute__((destructor)) static inline void folder_remove(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (folder[0] != '\0' && system(command) != 0)
		fprintf(stderr, "%s is left\n", folder);
}

#endif
