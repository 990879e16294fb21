/* SPDX-License-Identifier: MIT */

#include "datagrams.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <gust/spout.h>

/* The longest one that is taken; those of UDP are shorter. */
#define DATAGRAMS_MAX ((size_t)256 * 1024)

/* Losses are looked for after so many, and when there are no more. */
#define DATAGRAMS_LOOK 256u

#define DATAGRAMS_REJECTED_MAX ((size_t)1024)
#define DATAGRAMS_SECOND_NS (UINT64_C(1000) * 1000 * 1000)

int datagrams_open(struct datagrams *datagrams, struct listener *listener,
		   bool whole, size_t limit, struct gust_task *task)
{
	datagrams->listener = listener;
	datagrams->whole = whole;
	datagrams->lines.limit = limit < DATAGRAMS_MAX ? limit : DATAGRAMS_MAX;
	datagrams->lost = gust_counter(task, "lost_datagrams");
	datagrams->bytes = malloc(DATAGRAMS_MAX);
	return datagrams->bytes == NULL ? -ENOMEM : 0;
}

void datagrams_tell(struct datagrams *datagrams, struct gust_task *task,
		    bool last)
{
	const uint32_t lost = listener_drops(datagrams->listener);
	const uint64_t now = gust_now(task);

	gust_counter_add(datagrams->lost, lost);
	datagrams->untold += lost;
	if (datagrams->untold == 0 ||
	    (!last && now - datagrams->told_ns < DATAGRAMS_SECOND_NS))
		return;
	gust_log(task, GUST_LOG_WARN,
		 "%llu datagrams were lost, as they came faster than they were "
		 "processed",
		 (unsigned long long)datagrams->untold);
	datagrams->untold = 0;
	datagrams->told_ns = now;
}

static int datagrams_reject(const struct datagrams *datagrams,
			    struct gust_task *task, const char *data, size_t n)
{
	return gust_reject_record(
		task, data,
		n < DATAGRAMS_REJECTED_MAX ? n : DATAGRAMS_REJECTED_MAX,
		"a record of more than %zu bytes from a datagram is too long "
		"for a tuple",
		datagrams->lines.limit);
}

static int datagrams_failed(struct datagrams *datagrams, struct gust_task *task,
			    int code)
{
	if (code == EINTR)
		return GUST_EMITTED;
	if (code != EAGAIN)
		return gust_give_up(task, -code, "cannot receive: %s",
				    strerror(code));
	datagrams_tell(datagrams, task, false);
	return -EAGAIN;
}

static int datagrams_receive(struct datagrams *datagrams,
			     struct gust_task *task)
{
	char *bytes = datagrams->bytes;
	ssize_t r =
		recv(datagrams->listener->fd, bytes, DATAGRAMS_MAX, MSG_TRUNC);
	const size_t n = (size_t)r;

	if (r < 0)
		return datagrams_failed(datagrams, task, errno);
	if (++datagrams->received % DATAGRAMS_LOOK == 0)
		datagrams_tell(datagrams, task, false);
	if (n > DATAGRAMS_MAX ||
	    (datagrams->whole && n > datagrams->lines.limit))
		return datagrams_reject(datagrams, task, bytes, n);
	if (datagrams->whole)
		return gust_emit(task, gust_string(bytes, n));
	datagrams->rest = true;
	return scanner_feed(&datagrams->lines, bytes, n);
}

int datagrams_next(struct datagrams *datagrams, struct gust_task *task)
{
	struct gust_text record;
	int r;

	if (!datagrams->rest)
		return datagrams_receive(datagrams, task);
	r = scanner_next(&datagrams->lines, &record);
	if (r == 0) {
		r = scanner_rest(&datagrams->lines, &record);
		datagrams->lines.skips = false;
		datagrams->rest = false;
	}
	if (r == 1)
		return gust_emit(task, gust_string(record.data, record.length));
	if (r == -EMSGSIZE)
		return datagrams_reject(datagrams, task, record.data,
					record.length);
	return GUST_EMITTED;
}

void datagrams_close(struct datagrams *datagrams)
{
	scanner_destroy(&datagrams->lines);
	free(datagrams->bytes);
	datagrams->bytes = NULL;
}
