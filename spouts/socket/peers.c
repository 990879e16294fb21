/* SPDX-License-Identifier: MIT */

#include "peers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int peers_open(struct peers *peers, uint32_t size)
{
	peers->all = calloc(size, sizeof(*peers->all));
	if (peers->all == NULL)
		return -ENOMEM;
	peers->size = size;
	return 0;
}

static void peers_end(struct peers *peers, struct peer *peer)
{
	close(peer->fd);
	scanner_destroy(&peer->scanner);
	memset(peer, 0, sizeof(*peer));
	peers->count--;
}

void peers_close(struct peers *peers)
{
	uint32_t i;

	for (i = 0; i < peers->size; i++)
		if (peers->all[i].fd > 0)
			peers_end(peers, &peers->all[i]);
	free(peers->all);
	*peers = (struct peers){ 0 };
}

void peers_add(struct peers *peers, int fd, const struct address_place *place,
	       uint64_t now_ns, const struct scanner *like)
{
	struct peer *peer = peers->all;

	assert(peers->count < peers->size);
	while (peer->fd > 0)
		peer++;
	memset(peer, 0, sizeof(*peer));
	peer->fd = fd;
	peer->last_ns = now_ns;
	peer->scanner.framing = like->framing;
	peer->scanner.limit = like->limit;
	address_text(place, peer->name);
	peers->count++;
	peers_wait(peers, peer);
}

void peers_drop(struct peers *peers, struct gust_task *task, struct peer *peer)
{
	assert(!peer->waits);
	gust_watch(task, peer->fd, 0);
	peers_end(peers, peer);
}

struct peer *peers_find(struct peers *peers, int fd)
{
	uint32_t i;

	for (i = 0; i < peers->size; i++)
		if (fd > 0 && peers->all[i].fd == fd)
			return &peers->all[i];
	return NULL;
}

void peers_wait(struct peers *peers, struct peer *peer)
{
	const uint32_t place = (uint32_t)(peer - peers->all) + 1;

	assert(!peer->waits);
	peer->waits = true;
	peer->after = 0;
	peer->served = 0;
	if (peers->first == 0)
		peers->first = place;
	else
		peers->all[peers->last - 1].after = place;
	peers->last = place;
}

struct peer *peers_first(const struct peers *peers)
{
	return peers->first == 0 ? NULL : &peers->all[peers->first - 1];
}

void peers_next(struct peers *peers)
{
	struct peer *peer = peers_first(peers);

	peers->first = peer->after;
	peer->waits = false;
}
