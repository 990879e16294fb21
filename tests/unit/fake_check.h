/* SPDX-License-Identifier: MIT */
#ifndef FAKE_CHECK_H
#define FAKE_CHECK_H

/* What most tests of plugins ask of fake_task.h; included after test.h. */

#include "fake_task.h"

/* Opens a plugin that has nothing to complain of, and returns it. */
static inline struct fake *fake_opened(struct fake *fake)
{
	int r = fake_open(fake);

	CHECK_STR(fake->error.text, "");
	CHECK_INT(r, 0);
	return fake;
}

/* declare() finds the mistake and says so; that is all. */
static inline void fake_refuse(struct fake *fake, int code, const char *text)
{
	CHECK_INT(fake_declare(fake), code);
	CHECK_STR(fake->error.text, text);
	fake_destroy(fake);
}

#endif
