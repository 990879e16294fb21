/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <fcntl.h>
#include <unistd.h>

/*
 * Whoever starts gust may have closed standard descriptors. What is opened
 * later, a file of positions or a channel, would then take their numbers and
 * get the lines that are meant for people.
 */
static void main_fill_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	main_fill_descriptors();
	return command_main(argc, argv);
}
