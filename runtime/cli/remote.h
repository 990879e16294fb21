/* SPDX-License-Identifier: MIT */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

/*
 * Starts the parts of a topology on its hosts through ssh, each by a `gust
 * worker` there, and waits for them. It is for small set-ups: when the
 * connection to a host ends, so does that host's part.
 *
 * What a part writes to its standard error comes out with the host's name
 * before each line; their standard output is that of this process. The first
 * signal stops the parts, the second one aborts them, the third one leaves
 * them. A part that fails stops the others.
 *
 * The program is `ssh`, or what GUST_SSH names; it gets the host's address and
 * a command for the shell there, which begins in the folder of this process
 * and needs `gust` in its PATH.
 */

#include "topology/plan.h"

/*
 * `items` are the words of the command line behind `gust run`; --ssh is left
 * out. Returns the exit code: of the part that failed first, else
 * COMMAND_LETTERS if there was one, else COMMAND_DONE.
 */
int remote_run(const struct plan *plan, char *const *items, int count);

#endif
