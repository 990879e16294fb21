/* SPDX-License-Identifier: MIT */

#include <gust/kit/watch.h>

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#define WATCH_EVENTS                                                           \
	(IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |     \
	 IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

int watch_open(struct watch *watch)
{
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return watch->fd < 0 ? -errno : 0;
}

int watch_folder(struct watch *watch, const char *path)
{
	if (watch->fd < 0)
		return -EBADF;
	return inotify_add_watch(watch->fd, path, WATCH_EVENTS) < 0 ? -errno
								    : 0;
}

bool watch_clear(struct watch *watch)
{
	char events[4096]
		__attribute__((aligned(__alignof__(struct inotify_event))));
	bool some = false;

	while (watch->fd >= 0 && read(watch->fd, events, sizeof(events)) > 0)
		some = true;
	return some;
}

void watch_close(struct watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
}
