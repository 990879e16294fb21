/* SPDX-License-Identifier: MIT */

/*
 * socket_out: sends every tuple to a socket.
 *
 * `connect` says where:
 *
 *	tcp://HOST:PORT		a connection
 *	udp://HOST:PORT		datagrams
 *	unix://PATH		a connection on this machine
 *	unixgram://PATH		datagrams on this machine
 *
 * What is sent is `template` with the value of field NAME in place of every
 * {NAME}, "{{" and "}}" standing for braces; without a template it is the
 * tuple as an object of JSON. `framing` says how others find its end on a
 * connection: `line` puts a newline behind it, and a tuple whose text has one
 * in it is rejected; `length` puts four bytes before it, most significant
 * first, that say how many follow. A datagram has one tuple, as it is; one
 * that is too long for a datagram is rejected.
 *
 * Tuples on a connection are gathered and written together, at the latest when
 * there is nothing else to do. A tuple is acked when the system has taken its
 * bytes. That is no promise that somebody has read them: what is under way when
 * a connection breaks or the other side dies is lost, and nobody is told; of
 * datagrams any may be lost. Who needs more needs a protocol that answers, such
 * as http_post.
 *
 * Where the other side is away or does not read, tuples wait, and all that
 * comes before them. It is tried again after 100 ms, a pause which doubles up
 * to 30 s. When a connection breaks, what was gathered and not yet taken as a
 * whole is sent anew, so some of it may come twice. A host's name is looked up
 * when the run begins. What the other side sends is not read.
 *
 * Input:
 *	any streams that have all fields of the template
 * Output:
 *	none
 *
 * Example:
 *	bolts:
 *	  - id: out
 *	    plugin: socket_out
 *	    options:
 *	      connect: "tcp://127.0.0.1:9000"
 *	      template: "{word}\t{count}"
 */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gust/bolt.h>
#include <gust/kit/address.h>
#include <gust/kit/backoff.h>
#include <gust/kit/buffer.h>
#include <gust/kit/gather.h>
#include <gust/kit/layout.h>
#include <gust/kit/object.h>

/* What is gathered is written when there is so much. */
#define OUT_GATHER ((size_t)32 * 1024)

#define OUT_MS UINT64_C(1000000)
#define OUT_PAUSE_LEAST_NS (100 * OUT_MS)
#define OUT_PAUSE_MOST_NS (30000 * OUT_MS)
#define OUT_CONNECT_NS (10000 * OUT_MS)

enum out_framing { OUT_LINE, OUT_LENGTH };

enum out_state {
	OUT_AWAY,       /* a timer connects it again */
	OUT_CONNECTING, /* it is watched for the answer */
	OUT_CONNECTED
};

struct out {
	const char *connect; /* options */
	const char *text;    /* template, or NULL */
	int framing;         /* enum out_framing */

	struct address address; /* from declare() */
	struct address_place places[ADDRESS_PLACES_MAX];
	int place_count, place; /* the one that is tried, or used */
	struct layout layout;
	struct gather batch; /* written on this connection */
	enum out_state state;
	int fd;           /* 0: none */
	bool waits;       /* for room, too */
	uint32_t attempt; /* tells timers of earlier ones */
	char away[200];   /* why it is */
	struct backoff backoff;
	struct gust_counter *connections;
};

static const char *const out_framings[] = { "line", "length", NULL };

static const struct gust_option out_options[] = {
	{ .name = "connect",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct out, connect),
	  .help = "tcp://HOST:PORT, udp://HOST:PORT, unix://PATH or "
		  "unixgram://PATH",
	  .flags = GUST_REQUIRED },
	{ .name = "template",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct out, text),
	  .help = "the text, with {NAME} for a field; JSON if left out" },
	{ .name = "framing",
	  .type = GUST_OPTION_ENUM,
	  .offset = offsetof(struct out, framing),
	  .fallback = "line",
	  .help = "how tuples on a connection are told from each other",
	  .choices = out_framings },
	{ .name = NULL },
};

static int out_declare(void *self, struct gust_declaration *about,
		       struct gust_error *error)
{
	struct out *out = self;
	int r = address_parse(&out->address, out->connect, "connect", false,
			      error);

	if (r == 0 && out->framing == OUT_LENGTH &&
	    !address_is_stream(&out->address))
		return gust_error_set(error, -EINVAL,
				      "option 'framing': 'length' is not for "
				      "datagrams, which have a length");
	if (r == 0 && out->text != NULL)
		r = layout_check(out->text, "template", about, error);
	return r;
}

static int out_watch(struct out *out, struct gust_task *task, bool writes)
{
	out->waits = writes;
	return gust_watch(task, out->fd,
			  (short)(POLLIN | (writes ? POLLOUT : 0)));
}

static void out_hang_up(struct out *out, struct gust_task *task)
{
	if (out->fd > 0) {
		gust_watch(task, out->fd, 0);
		close(out->fd);
	}
	out->fd = 0;
	out->state = OUT_AWAY;
	/* Nobody knows what of the batch has arrived. */
	out->batch.written = 0;
	out->attempt++;
}

/* It does not work with this place, for the reason `code`: the next one, or
 * all of them after a pause. */
static void out_failed(struct out *out, struct gust_task *task, int code)
{
	const bool first = out->away[0] == '\0';
	char text[ADDRESS_TEXT_SIZE];
	uint64_t pause = 0;

	snprintf(out->away, sizeof(out->away), "%s is away: %s",
		 address_text(&out->places[out->place], text), strerror(code));
	if (first)
		gust_log(task, GUST_LOG_WARN, "%s", out->away);
	out_hang_up(out, task);
	out->place = (out->place + 1) % out->place_count;
	if (out->place == 0)
		pause = backoff_next(&out->backoff);
	gust_timer(task, pause, out->attempt);
}

static void out_connected(struct out *out, struct gust_task *task)
{
	char text[ADDRESS_TEXT_SIZE];

	out->state = OUT_CONNECTED;
	gust_counter_add(out->connections, 1);
	if (out->away[0] != '\0')
		gust_log(task, GUST_LOG_INFO, "is connected to %s",
			 address_text(&out->places[out->place], text));
	out->away[0] = '\0';
	(void)out_watch(out, task, false);
}

/* Small tuples are gathered here, and not by the system. */
static void out_set_tcp(int fd)
{
	const int yes = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes));
}

/* Begins to connect to the place whose turn it is. */
static void out_connect(struct out *out, struct gust_task *task)
{
	const struct address_place *place = &out->places[out->place];
	int r = address_socket(&out->address, place);

	if (r < 0) {
		out_failed(out, task, -r);
		return;
	}
	out->fd = r;
	if (out->address.kind == ADDRESS_TCP)
		out_set_tcp(r);
	r = connect(r, (const void *)&place->storage, place->length);
	if (r == 0) {
		out_connected(out, task);
		return;
	}
	/* The queue of a Unix socket may be full: EAGAIN. */
	if (errno != EINPROGRESS) {
		out_failed(out, task, errno);
		return;
	}
	out->state = OUT_CONNECTING;
	r = out_watch(out, task, true);
	if (r == 0)
		r = gust_timer(task, OUT_CONNECT_NS, out->attempt);
	if (r < 0)
		out_failed(out, task, -r);
}

/* Appends the text of a tuple. 0, -ENOMEM, or it is rejected. */
static int out_append(struct out *out, struct gust_task *task,
		      const struct gust_tuple *in)
{
	const bool stream = address_is_stream(&out->address);
	struct buffer *bytes = &out->batch.bytes;
	const size_t begin = bytes->used;
	const bool counted = stream && out->framing == OUT_LENGTH;
	unsigned char *head;
	size_t n;
	int r = counted ? buffer_append(bytes, "\0\0\0\0", 4) : 0;

	if (r == 0 && out->text != NULL)
		r = layout_append(&out->layout, in, bytes);
	else if (r == 0)
		r = object_tuple(bytes, gust_tuple_input(task, in)->columns,
				 in);
	if (r < 0 || !stream)
		return r;
	n = bytes->used - begin;
	if (counted) {
		head = (unsigned char *)bytes->data + begin;
		n -= 4;
		head[0] = (unsigned char)(n >> 24);
		head[1] = (unsigned char)(n >> 16);
		head[2] = (unsigned char)(n >> 8);
		head[3] = (unsigned char)n;
		return 0;
	}
	if (n > 0 && memchr(bytes->data + begin, '\n', n) != NULL)
		return gust_reject(task, in,
				   "the text has a newline in it, which "
				   "'framing: line' cannot tell from its end");
	return buffer_char(bytes, '\n');
}

/* Why nothing can be written now. */
static int out_wait(const struct out *out, struct gust_task *task)
{
	if (out->state == OUT_CONNECTED)
		return gust_not_now(task, "%s is not read", out->connect);
	if (out->away[0] != '\0')
		return gust_not_now(task, "%s", out->away);
	return gust_not_now(task, "%s is being connected", out->connect);
}

/*
 * Whether the error tells of an earlier datagram, which nobody wanted. It is
 * lost, as any may be: who sends to nobody is not held up.
 */
static bool out_is_earlier(const struct out *out, int code)
{
	return out->address.kind == ADDRESS_UDP && code == ECONNREFUSED;
}

/* Sends `n` bytes: how many were taken, or -errno, with -EAGAIN where it must
 * be waited. */
static ssize_t out_send(struct out *out, struct gust_task *task,
			const char *data, size_t n)
{
	ssize_t sent;

	if (out->state != OUT_CONNECTED)
		return out_wait(out, task);
	do
		sent = send(out->fd, data, n, MSG_NOSIGNAL);
	while (sent < 0 && (errno == EINTR || out_is_earlier(out, errno)));
	if (sent >= 0) {
		backoff_reset(&out->backoff);
		return sent;
	}
	if (errno == EMSGSIZE)
		return -EMSGSIZE;
	if (errno == EAGAIN)
		(void)out_watch(out, task, true);
	else if (errno != ENOBUFS)
		out_failed(out, task, errno);
	return out_wait(out, task);
}

/* Writes the batch and acks it. 0 or -EAGAIN. */
static int out_write(void *self, struct gust_task *task)
{
	struct out *out = self;
	struct gather *batch = &out->batch;
	ssize_t n;

	while (batch->written < batch->bytes.used) {
		n = out_send(out, task, batch->bytes.data + batch->written,
			     batch->bytes.used - batch->written);
		if (n < 0)
			return (int)n;
		batch->written += (size_t)n;
	}
	gather_ack(batch, task, batch->bytes.used);
	return 0;
}

static int out_datagram(struct out *out, struct gust_task *task,
			const struct gust_tuple *in)
{
	struct buffer *bytes = &out->batch.bytes;
	int r = out_append(out, task, in);
	ssize_t sent;

	if (r == 0) {
		sent = out_send(out, task, bytes->used > 0 ? bytes->data : "",
				bytes->used);
		r = sent < 0 ? (int)sent : 0;
	}
	if (r == -EMSGSIZE)
		r = gust_reject(task, in,
				"%zu bytes are too long for a datagram",
				bytes->used);
	bytes->used = 0;
	return r;
}

static int out_open(void *self, struct gust_task *task,
		    struct gust_error *error)
{
	struct out *out = self;
	int r = 0;

	out->backoff.least_ns = OUT_PAUSE_LEAST_NS;
	out->backoff.most_ns = OUT_PAUSE_MOST_NS;
	out->batch.limit = OUT_GATHER;
	out->batch.write = out_write;
	out->connections = gust_counter(task, "connections");
	if (out->text != NULL)
		r = layout_open(&out->layout, out->text, "template", task,
				error);
	if (r == 0)
		r = address_resolve(&out->address, false, out->places, error);
	if (r < 0)
		return r;
	out->place_count = r;
	out_connect(out, task);
	return 0;
}

static int out_execute(void *self, struct gust_task *task,
		       const struct gust_tuple *in)
{
	struct out *out = self;
	int r;

	if (!address_is_stream(&out->address))
		return out_datagram(out, task, in);
	r = gather_begin(&out->batch, out, task);
	if (r == 0)
		r = out_append(out, task, in);
	return gather_end(&out->batch, out, task, in, r);
}

/* What the other side says is not wanted; that it hangs up is good to know
 * before more is written. */
static void out_read(struct out *out, struct gust_task *task)
{
	char data[4096];
	ssize_t n;
	int i;

	for (i = 0; i < 16; i++) {
		n = recv(out->fd, data, sizeof(data), 0);
		if (n > 0 || (n == 0 && !address_is_stream(&out->address)) ||
		    (n < 0 && (errno == EINTR || out_is_earlier(out, errno))))
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		out_failed(out, task, n == 0 ? ECONNRESET : errno);
		return;
	}
}

static int out_ready(void *self, struct gust_task *task, int fd, short events)
{
	struct out *out = self;
	socklen_t size = sizeof(int);
	int code = 0;

	if (fd <= 0 || fd != out->fd)
		return 0;
	if (out->state == OUT_CONNECTING) {
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
			code = errno;
		if (code == 0)
			out_connected(out, task);
		else
			out_failed(out, task, code);
	} else if ((events & ~POLLOUT) != 0) {
		out_read(out, task);
	}
	if (out->state != OUT_CONNECTED)
		return 0;
	if (out->waits)
		(void)out_watch(out, task, false);
	(void)out_write(out, task);
	return 0;
}

static int out_timer(void *self, struct gust_task *task, uint64_t cookie)
{
	struct out *out = self;

	if (cookie != out->attempt)
		return 0;
	if (out->state == OUT_AWAY)
		out_connect(out, task);
	else if (out->state == OUT_CONNECTING)
		out_failed(out, task, ETIMEDOUT);
	return 0;
}

static void out_close(void *self)
{
	struct out *out = self;

	layout_close(&out->layout);
	gather_destroy(&out->batch);
	if (out->fd > 0)
		close(out->fd);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "socket_out",
	.summary = "sends every tuple to a socket",
	.options = out_options,
	.instance_size = sizeof(struct out),
	.declare = out_declare,
	.open = out_open,
	.execute = out_execute,
	.ready = out_ready,
	.timer = out_timer,
	.idle = out_write,
	.flush = out_write,
	.close = out_close,
};
