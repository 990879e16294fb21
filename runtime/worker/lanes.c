/* SPDX-License-Identifier: MIT */

#include "worker/lanes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "channel/exchange.h"

int lanes_init(struct lanes *lanes, struct exchange *exchange)
{
	uint32_t count = exchange_count(exchange);

	memset(lanes, 0, sizeof(*lanes));
	lanes->lanes = calloc(count, sizeof(*lanes->lanes));
	lanes->blocked = calloc(count, sizeof(*lanes->blocked));
	if (lanes->lanes == NULL || lanes->blocked == NULL)
		return -ENOMEM;
	lanes->exchange = exchange;
	for (uint32_t i = 0; i < count; i++) {
		channel_init(&lanes->lanes[i].channel, exchange, i);
		lanes->lanes[i].awaited = -1;
	}
	return 0;
}

void lanes_fini(struct lanes *lanes)
{
	if (lanes->exchange != NULL)
		for (uint32_t i = 0; i < exchange_count(lanes->exchange); i++)
			channel_fini(&lanes->lanes[i].channel);
	free(lanes->lanes);
	free(lanes->blocked);
	memset(lanes, 0, sizeof(*lanes));
}

int lanes_send(struct lanes *lanes, uint32_t to, void *message, size_t size)
{
	struct lane *lane = &lanes->lanes[to];
	int r = channel_send(&lane->channel, message, size);

	if (channel_queued(&lane->channel) > 0 && !lane->blocked) {
		lane->blocked = true;
		lanes->blocked[lanes->blocked_count++] = to;
	}
	return r;
}

void lanes_flush(struct lanes *lanes, struct poller *poller)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < lanes->blocked_count; i++) {
		uint32_t to = lanes->blocked[i];
		struct lane *lane = &lanes->lanes[to];

		if (channel_flush(&lane->channel) < 0) {
			lanes->blocked[left++] = to;
			continue;
		}
		lane->blocked = false;
		if (lane->awaited >= 0)
			poller_forget_link(poller, lane->awaited);
		lane->awaited = -1;
	}
	lanes->blocked_count = left;
}

int lanes_await(struct lanes *lanes, struct poller *poller)
{
	for (uint32_t i = 0; i < lanes->blocked_count; i++) {
		struct lane *lane = &lanes->lanes[lanes->blocked[i]];
		int r;

		if (lane->awaited >= 0)
			continue;
		lane->awaited = channel_fd(&lane->channel);
		r = poller_await_link(poller, lane->awaited);
		if (r < 0)
			return r;
	}
	return 0;
}
