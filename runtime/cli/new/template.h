/* SPDX-License-Identifier: MIT */
#ifndef CLI_NEW_TEMPLATE_H
#define CLI_NEW_TEMPLATE_H

/*
 * The files of this folder, as the build has put them into the program: what
 * `gust new` writes, with NAME and paths between '@'.
 */

struct template
{
	const char *name; /* of the file, without ".in" */
	const char *text;
};

/* Up to one without a name. */
extern const struct template template_table[];

#endif
