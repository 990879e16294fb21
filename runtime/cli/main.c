/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <fcntl.h>
#include <unistd.h>

/*
 * Whoever starts gust may have closed standard descriptors. What is opened
 * later, a file of positions or a channel, would then take their numbers and
 * get the lines that are meant for people. What stands there now fails as a
 * closed one does, with EBADF: nothing is acked that nobody got.
 */
static void main_fill_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null",
				   fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	main_fill_descriptors();
	return command_main(argc, argv);
}
