/* SPDX-License-Identifier: MIT */

#include "sim/faulty.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct gust_bolt *bolt_of(const void *self)
{
	return ((const struct faulty_instance *)self)->faulty->bolt;
}

static void *inner(void *self)
{
	return (struct faulty_instance *)self + 1;
}

static int faulty_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	return bolt_of(self)->open(inner(self), task, error);
}

static bool strikes(struct faulty *faulty)
{
	faulty->seen++;
	if (faulty->seen <= faulty->first)
		return true;
	return faulty->every > 0 && faulty->seen % faulty->every == 0;
}

static int faulty_execute(void *self, struct gust_task *task,
			  const struct gust_tuple *in)
{
	struct faulty *faulty = ((struct faulty_instance *)self)->faulty;
	int r;

	if (strikes(faulty)) {
		faulty->failed++;
		return gust_fail(task, in, FAULTY_REASON);
	}
	r = faulty->bolt->execute(inner(self), task, in);
	/* It comes again, and is then the same input. */
	if (r == GUST_MORE || r == -EAGAIN)
		faulty->seen--;
	return r;
}

static int faulty_tick(void *self, struct gust_task *task)
{
	return bolt_of(self)->tick(inner(self), task);
}

static int faulty_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	return bolt_of(self)->timer(inner(self), task, cookie);
}

static int faulty_ready(void *self, struct gust_task *task, int fd,
			short events)
{
	return bolt_of(self)->ready(inner(self), task, fd, events);
}

static int faulty_idle(void *self, struct gust_task *task)
{
	return bolt_of(self)->idle(inner(self), task);
}

static int faulty_flush(void *self, struct gust_task *task)
{
	return bolt_of(self)->flush(inner(self), task);
}

static int faulty_finish(void *self, struct gust_task *task)
{
	return bolt_of(self)->finish(inner(self), task);
}

static void faulty_close(void *self)
{
	bolt_of(self)->close(inner(self));
}

void faulty_wrap(const struct faulty *faulty, struct gust_bolt *bolt)
{
	const struct gust_bolt *from = faulty->bolt;

	*bolt = *from;
	bolt->instance_size =
		sizeof(struct faulty_instance) + from->instance_size;
	bolt->open = from->open != NULL ? faulty_open : NULL;
	bolt->execute = faulty_execute;
	bolt->tick = from->tick != NULL ? faulty_tick : NULL;
	bolt->timer = from->timer != NULL ? faulty_timer : NULL;
	bolt->ready = from->ready != NULL ? faulty_ready : NULL;
	bolt->idle = from->idle != NULL ? faulty_idle : NULL;
	bolt->flush = from->flush != NULL ? faulty_flush : NULL;
	bolt->finish = from->finish != NULL ? faulty_finish : NULL;
	bolt->close = from->close != NULL ? faulty_close : NULL;
}

bool faulty_parse(struct faulty *faulty, const char *text)
{
	uint64_t number = 0;
	char word[8] = "", ending[4] = "";
	int end = 0;

	if (strcmp(text, "always") == 0) {
		faulty->every = 1;
		return true;
	}
	if (sscanf(text, "%7[a-z] %" SCNu64 "%n%3[a-z]%n", word, &number, &end,
		   ending, &end) < 2 ||
	    text[end] != '\0' || number == 0)
		return false;
	if (ending[0] != '\0' && strcmp(ending, "st") != 0 &&
	    strcmp(ending, "nd") != 0 && strcmp(ending, "rd") != 0 &&
	    strcmp(ending, "th") != 0)
		return false;
	if (strcmp(word, "first") == 0)
		faulty->first = number;
	else if (strcmp(word, "every") == 0)
		faulty->every = number;
	return faulty->first > 0 || faulty->every > 0;
}
