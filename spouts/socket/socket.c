/* SPDX-License-Identifier: MIT */

/*
 * socket: emits what others send to a socket.
 *
 * `listen` says where:
 *
 *	tcp://HOST:PORT		connections
 *	udp://HOST:PORT		datagrams
 *	unix://PATH		connections on this machine
 *	unixgram://PATH		datagrams on this machine
 *
 * An address of IPv6 stands in brackets; without HOST all addresses of the
 * machine are meant, with port 0 the system chooses one, which the log tells.
 * A path that is left from a process which has died is taken over; it is
 * removed at the end. With several tasks each listens on the same port and gets
 * its share of connections and senders; a path has one task.
 *
 * `framing` says what a record is:
 *
 *	line		a line, without its newline. The last line of a
 *			connection or a datagram may lack it
 *	length		four bytes, most significant first, which say how many
 *			follow (connections only)
 *	datagram	a datagram as it is
 *
 * All other bytes are taken as they are. A record that is too long for a tuple
 * is rejected and skipped; so is half a record of a connection that breaks.
 *
 * Up to `connections` are open at a time and read in turn; further ones wait
 * to be accepted. With `idle`, those are closed that complete no record for so
 * long. A slow topology slows the senders on connections down. Senders of
 * datagrams on this machine wait, too; those of UDP are not told, and what
 * finds no room is lost: the metric lost_datagrams counts it, and a warning
 * tells. net.core.rmem_max (sysctl) bounds the room; 4 MiB are asked for.
 *
 * Failed records are emitted again. Senders are told nothing: what was received
 * and not yet processed is lost when gust dies, and what the system has taken
 * for it and nobody has read, also when it is stopped.
 *
 * Output:
 *	default: line: string
 *
 * Example:
 *	spouts:
 *	  - id: syslog
 *	    plugin: socket
 *	    options: {listen: "tcp://127.0.0.1:5140", connections: 200}
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <gust/kit/columns.h>
#include <gust/spout.h>

#include "datagrams.h"
#include "listener.h"
#include "peers.h"

/* Records of one connection before the next one has its turn. */
#define SOCKET_TURN 16u

#define SOCKET_REJECTED_MAX ((size_t)1024)
#define SOCKET_SECOND_NS (UINT64_C(1000) * 1000 * 1000)

enum socket_framing { SOCKET_LINE, SOCKET_LENGTH, SOCKET_DATAGRAM };

enum socket_cookie { SOCKET_ACCEPT, SOCKET_IDLE };

struct socket_spout {
	const char *listen; /* options */
	int framing;        /* enum socket_framing */
	int64_t connections;
	uint64_t idle_ns;

	struct address address; /* from declare() */
	struct listener listener;
	bool listening; /* it is watched */
	bool ready;     /* somebody has come, or something */
	struct peers peers;
	struct datagrams datagrams;
	struct scanner like; /* what the connections' ones begin as */
	struct gust_counter *accepted;
};

static const char *const socket_framings[] = { "line", "length", "datagram",
					       NULL };

static const struct gust_option socket_options[] = {
	{ .name = "listen",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct socket_spout, listen),
	  .help = "tcp://HOST:PORT, udp://HOST:PORT, unix://PATH or "
		  "unixgram://PATH",
	  .flags = GUST_REQUIRED },
	{ .name = "framing",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct socket_spout, framing),
	  .fallback = "line",
	  .help = "what a record is",
	  .choices = socket_framings },
	{ .name = "connections",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct socket_spout, connections),
	  .fallback = "64",
	  .help = "how many may be open at a time, a task",
	  .min = 1,
	  .max = 4096 },
	{ .name = "idle",
	  .type = GUST_OPTION_DURATION,
	  .offset = offsetof(struct socket_spout, idle_ns),
	  .fallback = "0s",
	  .help = "how long a connection may be without a record; 0: for "
		  "ever" },
	{ .name = NULL },
};

static const struct gust_column socket_columns[] = {
	{ "line", GUST_STRING },
	{ NULL, GUST_NULL },
};

static const struct gust_stream socket_streams[] = {
	{ "default", socket_columns },
	{ NULL, NULL },
};

static int socket_declare(void *self, struct gust_declaration *about,
			  struct gust_error *error)
{
	struct socket_spout *spout = self;
	int r = address_parse(&spout->address, spout->listen, "listen", true,
			      error);

	(void)about;
	if (r < 0)
		return r;
	if (address_is_stream(&spout->address)
		    ? spout->framing == SOCKET_DATAGRAM
		    : spout->framing == SOCKET_LENGTH)
		return gust_error_set(
			error, -EINVAL,
			"option 'framing': '%s' is not for %s, expected 'line' "
			"or '%s'",
			socket_framings[spout->framing],
			address_is_stream(&spout->address) ? "connections"
							   : "datagrams",
			address_is_stream(&spout->address) ? "length"
							   : "datagram");
	return 0;
}

/* What several tasks cannot share. */
static int socket_check_tasks(const struct socket_spout *spout,
			      struct gust_task *task, struct gust_error *error)
{
	if (gust_task_count(task) == 1)
		return 0;
	if (address_is_unix(&spout->address))
		return gust_error_set(error, -EINVAL,
				      "%u tasks cannot listen on one path, "
				      "expected parallelism 1",
				      gust_task_count(task));
	if (strtol(spout->address.port, NULL, 10) == 0)
		return gust_error_set(
			error, -EINVAL,
			"%u tasks would each have a port of their "
			"own, expected another port than 0",
			gust_task_count(task));
	return 0;
}

static int socket_open(void *self, struct gust_task *task,
		       struct gust_error *error)
{
	struct socket_spout *spout = self;
	int r = socket_check_tasks(spout, task, error);

	spout->like.limit = columns_text_max(gust_tuple_max(task), 1);
	spout->like.framing =
		spout->framing == SOCKET_LENGTH ? SCANNER_LENGTH : SCANNER_LINE;
	spout->accepted = gust_counter(task, "connections");
	if (r == 0 && address_is_stream(&spout->address))
		r = peers_open(&spout->peers, (uint32_t)spout->connections);
	else if (r == 0)
		r = datagrams_open(&spout->datagrams, &spout->listener,
				   spout->framing == SOCKET_DATAGRAM,
				   spout->like.limit, task);
	if (r == 0)
		r = listener_open(&spout->listener, &spout->address,
				  gust_task_count(task) > 1, task, error);
	spout->ready = true;
	if (r == 0 && spout->idle_ns > 0)
		r = gust_timer(task, spout->idle_ns / 2 + 1, SOCKET_IDLE);
	return r;
}

/* Nothing has come; a watch tells when something does. */
static int socket_listen(struct socket_spout *spout, struct gust_task *task)
{
	int r = 0;

	spout->ready = false;
	if (!spout->listening)
		r = gust_watch(task, spout->listener.fd, POLLIN);
	spout->listening = r == 0;
	return r;
}

/* Accepts one. 1, 0 if there is none now, or -errno. */
static int socket_accept_one(struct socket_spout *spout, struct gust_task *task)
{
	struct address_place place = { .length = sizeof(place.storage) };
	const int yes = 1;
	int fd = accept4(spout->listener.fd, (void *)&place.storage,
			 &place.length, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0 && errno == EAGAIN)
		return socket_listen(spout, task);
	/* The peer has thought better of it. */
	if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
		return 1;
	if (fd < 0) {
		gust_log(task, GUST_LOG_ERROR,
			 "cannot accept a connection: %s, again in 1 s",
			 strerror(errno));
		spout->ready = false;
		return gust_timer(task, SOCKET_SECOND_NS, SOCKET_ACCEPT);
	}
	/* A peer that has vanished is noticed some day. */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
	peers_add(&spout->peers, fd, &place, gust_now(task), &spout->like);
	gust_counter_add(spout->accepted, 1);
	return 1;
}

/* The connection has come to its end; what is left of it is half a record,
 * unless it ended well and is a line. */
static int socket_hang_up(struct socket_spout *spout, struct gust_task *task,
			  struct peer *peer, const char *reason)
{
	struct gust_text rest;
	int r = scanner_rest(&peer->scanner, &rest);

	if (r == 1 && reason == NULL && spout->framing == SOCKET_LINE) {
		r = gust_emit(task, gust_string(rest.data, rest.length));
	} else if (r == 1) {
		if (rest.length > SOCKET_REJECTED_MAX)
			rest.length = SOCKET_REJECTED_MAX;
		r = gust_reject_record(
			task, rest.data, rest.length,
			"half a record from %s: %s", peer->name,
			reason != NULL ? reason : "the connection has ended");
	}
	peers_next(&spout->peers);
	peers_drop(&spout->peers, task, peer);
	return r < 0 ? r : GUST_EMITTED;
}

/* Reads from the one whose turn it is. */
static int socket_read(struct socket_spout *spout, struct gust_task *task,
		       struct peer *peer)
{
	ssize_t n;
	int r;

	if (peer->hangs_up)
		return socket_hang_up(spout, task, peer, "it was idle");
	n = scanner_read(&peer->scanner, peer->fd);
	if (n > 0)
		return GUST_EMITTED;
	if (n == 0)
		return socket_hang_up(spout, task, peer, NULL);
	if (n != -EAGAIN)
		return socket_hang_up(spout, task, peer, strerror((int)-n));
	peers_next(&spout->peers);
	r = gust_watch(task, peer->fd, POLLIN);
	return r < 0 ? r : GUST_EMITTED;
}

static int socket_serve(struct socket_spout *spout, struct gust_task *task,
			struct peer *peer)
{
	struct gust_text record;
	int r = scanner_next(&peer->scanner, &record);

	if (r == 0)
		return socket_read(spout, task, peer);
	peer->last_ns = gust_now(task);
	if (r == 1)
		r = gust_emit(task, gust_string(record.data, record.length));
	else
		r = gust_reject_record(task, record.data, record.length,
				       "a record of more than %zu bytes from "
				       "%s is too long for a tuple",
				       peer->scanner.limit, peer->name);
	if (++peer->served >= SOCKET_TURN) {
		peers_next(&spout->peers);
		peers_wait(&spout->peers, peer);
	}
	return r;
}

static int socket_next_stream(struct socket_spout *spout,
			      struct gust_task *task)
{
	struct peer *peer;
	int r = 1;

	while (r == 1 && spout->ready && spout->peers.count < spout->peers.size)
		r = socket_accept_one(spout, task);
	if (r < 0)
		return r;
	peer = peers_first(&spout->peers);
	return peer == NULL ? GUST_WAIT : socket_serve(spout, task, peer);
}

static int socket_next_datagram(struct socket_spout *spout,
				struct gust_task *task)
{
	int r = datagrams_next(&spout->datagrams, task);

	if (r != -EAGAIN)
		return r;
	r = socket_listen(spout, task);
	return r < 0 ? r : GUST_WAIT;
}

static int socket_next(void *self, struct gust_task *task)
{
	struct socket_spout *spout = self;

	return address_is_stream(&spout->address)
		       ? socket_next_stream(spout, task)
		       : socket_next_datagram(spout, task);
}

/* Watches end here, since a paused spout would be called for ever. */
static int socket_ready(void *self, struct gust_task *task, int fd,
			short events)
{
	struct socket_spout *spout = self;
	struct peer *peer = peers_find(&spout->peers, fd);

	(void)events;
	if (fd > 0 && fd == spout->listener.fd) {
		spout->ready = true;
		spout->listening = false;
		gust_watch(task, fd, 0);
	} else if (peer != NULL && !peer->waits) {
		gust_watch(task, fd, 0);
		peers_wait(&spout->peers, peer);
	}
	return 0;
}

/* Those that were silent for too long get a turn to hang up. */
static void socket_check_idle(struct socket_spout *spout,
			      struct gust_task *task)
{
	const uint64_t now = gust_now(task);
	struct peer *peer;
	uint32_t i;

	for (i = 0; i < spout->peers.size; i++) {
		peer = &spout->peers.all[i];
		/* One that waits for its turn has something to say. */
		if (peer->fd == 0 || peer->waits ||
		    now - peer->last_ns < spout->idle_ns)
			continue;
		gust_log(task, GUST_LOG_INFO,
			 "closes the idle connection of %s", peer->name);
		peer->hangs_up = true;
		gust_watch(task, peer->fd, 0);
		peers_wait(&spout->peers, peer);
	}
}

static int socket_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct socket_spout *spout = self;

	if (cookie == SOCKET_ACCEPT) {
		spout->ready = true;
		return 0;
	}
	socket_check_idle(spout, task);
	return gust_timer(task, spout->idle_ns / 2 + 1, SOCKET_IDLE);
}

static void socket_deactivate(void *self, struct gust_task *task)
{
	struct socket_spout *spout = self;

	if (!address_is_stream(&spout->address))
		datagrams_tell(&spout->datagrams, task, true);
}

static void socket_close(void *self)
{
	struct socket_spout *spout = self;

	peers_close(&spout->peers);
	listener_close(&spout->listener);
	datagrams_close(&spout->datagrams);
}

GUST_EXPORT const struct gust_spout gust_spout = {
	.abi = GUST_SPOUT_ABI,
	.size = sizeof(struct gust_spout),
	.name = "socket",
	.summary = "emits what others send to a socket",
	.options = socket_options,
	.streams = socket_streams,
	.instance_size = sizeof(struct socket_spout),
	.replay = GUST_REPLAY_RECORD,
	.declare = socket_declare,
	.open = socket_open,
	.next = socket_next,
	.deactivate = socket_deactivate,
	.ready = socket_ready,
	.timer = socket_timer,
	.close = socket_close,
};
