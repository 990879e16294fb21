/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/terminal.h"

/* Opens the two ends of a terminal of 33 columns and 7 rows. */
static void open_terminal(int *outer, int *inner)
{
	struct winsize size = { .ws_col = 33, .ws_row = 7 };

	*outer = posix_openpt(O_RDWR | O_NOCTTY);
	CHECK(*outer >= 0);
	CHECK_INT(grantpt(*outer), 0);
	CHECK_INT(unlockpt(*outer), 0);
	*inner = open(ptsname(*outer), O_RDWR | O_NOCTTY);
	CHECK(*inner >= 0);
	CHECK_INT(ioctl(*inner, TIOCSWINSZ, &size), 0);
}

TEST(a_terminal_has_a_size_and_colours)
{
	struct terminal terminal;
	int outer, inner;

	open_terminal(&outer, &inner);
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	terminal_get(&terminal, inner);
	CHECK(terminal.moves && terminal.colours);
	CHECK_INT(terminal.columns, 33);
	CHECK_INT(terminal.rows, 7);
	setenv("NO_COLOR", "", 1);
	terminal_get(&terminal, inner);
	CHECK(terminal.colours);
	setenv("NO_COLOR", "1", 1);
	terminal_get(&terminal, inner);
	CHECK(terminal.moves && !terminal.colours);
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	terminal_get(&terminal, inner);
	CHECK(!terminal.moves && !terminal.colours);
	close(inner);
	close(outer);
}

TEST(a_file_is_no_terminal)
{
	struct terminal terminal;
	int fd = open("/dev/null", O_RDWR);

	setenv("TERM", "xterm", 1);
	terminal_get(&terminal, fd);
	CHECK(!terminal.moves && !terminal.colours);
	CHECK_INT(terminal.columns, 80);
	CHECK_INT(terminal.rows, 24);
	CHECK(!terminal_same(fd, fd));
	close(fd);
}

TEST(two_terminals_differ)
{
	int outer[2], inner[2], again;

	open_terminal(&outer[0], &inner[0]);
	open_terminal(&outer[1], &inner[1]);
	again = dup(inner[0]);
	CHECK(terminal_same(inner[0], again));
	CHECK(!terminal_same(inner[0], inner[1]));
	close(again);
	close(inner[0]);
	close(inner[1]);
	close(outer[0]);
	close(outer[1]);
}
