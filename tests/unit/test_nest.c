/* SPDX-License-Identifier: MIT */

#include "parent/nest.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "test.h"

#include "folder.h"

static const char *place(void)
{
	return folder_path("place");
}

static void begin(void)
{
	folder_clear();
	CHECK_INT(mkdir(place(), 0700), 0);
	setenv("XDG_RUNTIME_DIR", place(), 1);
}

/* How many nests there are. */
static unsigned nests(void)
{
	DIR *found = opendir(place());
	struct dirent *entry;
	unsigned count = 0;

	CHECK(found != NULL);
	while ((entry = readdir(found)) != NULL)
		count += strncmp(entry->d_name, "gust-nest-", 10) == 0;
	closedir(found);
	return count;
}

/* Leaves the socket of a worker in a nest. */
static void nest_use(const struct nest *nest, unsigned worker)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/%u",
		 nest->path, worker);
	CHECK_INT(bind(fd, (void *)&address, sizeof(address)), 0);
	close(fd);
}

/* Kills a process of ours, and waits until it is gone. */
static void kill_one(pid_t pid)
{
	CHECK_INT(kill(pid, SIGKILL), 0);
	CHECK_INT(waitpid(pid, NULL, 0), pid);
}

/* A process like this one, which goes with it. */
static pid_t start_another(void)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		CHECK_INT(prctl(PR_SET_PDEATHSIG, SIGKILL), 0);
	return pid;
}

/* A run in a process of its own: its number, with a nest that is in use. */
static pid_t start(void)
{
	struct nest nest = { 0 };
	char byte = 0;
	int ready[2];
	pid_t pid;

	CHECK_INT(pipe(ready), 0);
	pid = start_another();
	if (pid == 0) {
		if (nest_make(&nest, NULL) < 0)
			_exit(1);
		nest_use(&nest, 0);
		nest_use(&nest, 1);
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	CHECK_INT(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

TEST(it_is_for_one_user_and_goes_with_its_sockets)
{
	struct nest nest = { 0 };
	struct stat found;

	begin();
	CHECK_INT(nest_make(&nest, NULL), 0);
	CHECK_INT(stat(nest.path, &found), 0);
	CHECK_UINT(found.st_mode & 07777, 0700);
	nest_use(&nest, 3);
	nest_use(&nest, 4);
	nest_clear(&nest, 3);
	nest_clear(&nest, 99);
	nest_use(&nest, 3);
	CHECK_UINT(nests(), 1);
	nest_remove(&nest);
	CHECK_UINT(nests(), 0);
	nest_remove(&nest);
}

TEST(what_a_killed_run_has_left_is_removed_by_the_next)
{
	struct nest nest = { 0 };

	begin();
	for (int i = 0; i < 3; i++)
		kill_one(start());
	CHECK_UINT(nests(), 1);
	CHECK_INT(nest_make(&nest, NULL), 0);
	CHECK_UINT(nests(), 1);
	nest_remove(&nest);
	CHECK_UINT(nests(), 0);
}

TEST(a_run_that_lives_keeps_its_nest)
{
	struct nest nest = { 0 };
	pid_t pid;

	begin();
	pid = start();
	CHECK_INT(nest_make(&nest, NULL), 0);
	CHECK_UINT(nests(), 2);
	nest_remove(&nest);
	CHECK_UINT(nests(), 1);
	kill_one(pid);
}

TEST(so_does_one_of_which_a_worker_lives)
{
	struct nest nest = { 0 }, next = { 0 };
	pid_t worker;

	begin();
	CHECK_INT(nest_make(&nest, NULL), 0);
	worker = start_another();
	if (worker == 0) {
		pause();
		_exit(0);
	}
	/* As if the parent had died. */
	close(nest.fd);
	CHECK_INT(nest_make(&next, NULL), 0);
	CHECK_UINT(nests(), 2);
	nest_remove(&next);
	kill_one(worker);
	CHECK_INT(nest_make(&next, NULL), 0);
	CHECK_UINT(nests(), 1);
	nest_remove(&next);
}

TEST(what_looks_like_one_stays_with_what_is_in_it)
{
	struct nest nest = { 0 };

	begin();
	CHECK_INT(mkdir(folder_path("place/gust-nest-shared"), 0755), 0);
	CHECK_INT(mkdir(folder_path("place/gust-nest-filled"), 0700), 0);
	folder_write("place/gust-nest-filled/0", "mine", 4);
	CHECK_INT(mkdir(folder_path("else"), 0700), 0);
	CHECK_INT(symlink("../else", folder_path("place/gust-nest-linked")), 0);
	CHECK_INT(mkdir(folder_path("place/gust-nest-long-name"), 0700), 0);
	CHECK_INT(mkdir(folder_path("place/gust-output"), 0700), 0);
	CHECK_INT(nest_make(&nest, NULL), 0);
	nest_remove(&nest);
	CHECK_UINT(nests(), 4);
	CHECK(folder_has("else"));
	CHECK(folder_has("place/gust-output"));
	folder_check("place/gust-nest-filled/0", "mine");
}

TEST(many_begin_and_end_at_once)
{
	struct nest nest = { 0 };
	pid_t pids[8];
	int status, i;

	begin();
	for (i = 0; i < 8; i++) {
		pids[i] = start_another();
		if (pids[i] != 0)
			continue;
		for (i = 0; i < 200; i++) {
			if (nest_make(&nest, NULL) < 0 ||
			    strncmp(nest.path, place(), strlen(place())) != 0)
				_exit(1);
			nest_use(&nest, 0);
			nest_remove(&nest);
		}
		_exit(0);
	}
	for (i = 0; i < 8; i++) {
		CHECK_INT(waitpid(pids[i], &status, 0), pids[i]);
		CHECK_INT(status, 0);
	}
	CHECK_UINT(nests(), 0);
}

TEST(a_place_that_is_not_there_gives_way_to_tmp)
{
	struct nest nest = { 0 };

	setenv("XDG_RUNTIME_DIR", "/nowhere/at/all", 1);
	CHECK_INT(nest_make(&nest, NULL), 0);
	CHECK_MEM(nest.path, 15, "/tmp/gust-nest-", 15);
	nest_remove(&nest);
}
