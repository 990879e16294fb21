/* SPDX-License-Identifier: MIT */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

/* What a descriptor writes to. */

#include <stdbool.h>

/* Clears from the cursor to the end of the screen. */
#define TERMINAL_CLEAR "\x1b[J"

struct terminal {
	bool moves;   /* it is a terminal on which the cursor can be moved */
	bool colours; /* and colours are wanted: NO_COLOR is not set */
	int columns;  /* 80 where unknown */
	int rows;     /* 24 where unknown */
};

/* Asks anew at each call: a window changes its size. */
void terminal_get(struct terminal *terminal, int fd);

/* Whether both lead to the same terminal. */
bool terminal_same(int a, int b);

#endif
