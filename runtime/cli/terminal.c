/* SPDX-License-Identifier: MIT */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* See https://no-color.org/: set and not empty, whatever the value. */
static bool colours_wanted(void)
{
	const char *no = getenv("NO_COLOR");

	return no == NULL || no[0] == '\0';
}

void terminal_get(struct terminal *terminal, int fd)
{
	const char *type = getenv("TERM");
	struct winsize size = { 0 };

	terminal->moves = isatty(fd) && type != NULL && type[0] != '\0' &&
			  strcmp(type, "dumb") != 0;
	terminal->colours = terminal->moves && colours_wanted();
	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) < 0)
		memset(&size, 0, sizeof(size));
	terminal->columns = size.ws_col > 0 ? size.ws_col : 80;
	terminal->rows = size.ws_row > 0 ? size.ws_row : 24;
}

bool terminal_same(int a, int b)
{
	struct stat one, other;

	return isatty(a) && isatty(b) && fstat(a, &one) == 0 &&
	       fstat(b, &other) == 0 && one.st_rdev == other.st_rdev;
}
