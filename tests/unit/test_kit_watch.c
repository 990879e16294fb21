/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <gust/kit/watch.h>

static bool hinted(const struct watch *watch)
{
	struct pollfd ready = { .fd = watch->fd, .events = POLLIN };

	return poll(&ready, 1, 0) == 1;
}

TEST(what_happens_in_a_folder_is_hinted_at)
{
	char folder[] = "/tmp/test_kit_watch.XXXXXX";
	char path[64], moved[64];
	struct watch watch;
	int fd;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(moved, sizeof(moved), "%s/moved", folder);
	CHECK_INT(watch_open(&watch), 0);
	CHECK_INT(watch_folder(&watch, folder), 0);
	CHECK_INT(watch_folder(&watch, folder), 0);
	CHECK(!watch_clear(&watch));
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	CHECK(hinted(&watch));
	CHECK(watch_clear(&watch));
	CHECK(!hinted(&watch));
	CHECK_INT(write(fd, "x", 1), 1);
	CHECK(hinted(&watch) && watch_clear(&watch));
	CHECK_INT(rename(path, moved), 0);
	/* Who has it open writes to it under its new name, too. */
	CHECK(hinted(&watch) && watch_clear(&watch));
	CHECK_INT(write(fd, "x", 1), 1);
	CHECK(hinted(&watch) && watch_clear(&watch));
	close(fd);
	CHECK_INT(unlink(moved), 0);
	CHECK(hinted(&watch) && watch_clear(&watch));
	CHECK_INT(rmdir(folder), 0);
	watch_close(&watch);
	CHECK_INT(watch.fd, -1);
}

TEST(only_folders_are_watched)
{
	struct watch watch;

	CHECK_INT(watch_open(&watch), 0);
	CHECK_INT(watch_folder(&watch, "/etc/passwd"), -ENOTDIR);
	CHECK_INT(watch_folder(&watch, "/no/such"), -ENOENT);
	watch_close(&watch);
	watch_close(&watch);
	CHECK_INT(watch_folder(&watch, "/tmp"), -EBADF);
	CHECK(!watch_clear(&watch));
}
