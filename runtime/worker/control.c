/* SPDX-License-Identifier: MIT */

#include "worker/control.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* A message that waits to be sent. */
struct control_queued {
	struct control_queued *next;
	size_t size;
	char bytes[];
};

struct control {
	int fd;
	bool patient; /* waits for room */
	struct control_queued *first;
	struct control_queued **last;
	char text[CONTROL_BYTES_MAX + 1]; /* of the last one received */
};

static struct control *control_create(int fd, bool patient)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL)
		return NULL;
	control->fd = fd;
	control->patient = patient;
	control->last = &control->first;
	return control;
}

int control_pair(struct control **parent, struct control **child)
{
	struct control *one, *other;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, fds) < 0)
		return -errno;
	one = control_create(fds[0], false);
	other = control_create(fds[1], true);
	if (one == NULL || other == NULL) {
		free(one);
		free(other);
		close(fds[0]);
		close(fds[1]);
		return -ENOMEM;
	}
	*parent = one;
	*child = other;
	return 0;
}

void control_close(struct control *control)
{
	struct control_queued *queued, *next;

	if (control == NULL)
		return;
	for (queued = control->first; queued != NULL; queued = next) {
		next = queued->next;
		free(queued);
	}
	close(control->fd);
	free(control);
}

int control_fd(const struct control *control)
{
	return control->fd;
}

static int control_write(const struct control *control, struct iovec *parts,
			 size_t count)
{
	struct msghdr header = { .msg_iov = parts, .msg_iovlen = count };
	struct pollfd room = { .fd = control->fd, .events = POLLOUT };

	while (sendmsg(control->fd, &header, MSG_NOSIGNAL) < 0) {
		if (errno == EAGAIN && control->patient)
			(void)poll(&room, 1, -1);
		else if (errno == ECONNRESET)
			return -EPIPE;
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static int control_queue(struct control *control,
			 const struct control_message *message,
			 const void *text)
{
	size_t size = sizeof(*message) + message->size;
	struct control_queued *queued = malloc(sizeof(*queued) + size);

	if (queued == NULL)
		return -ENOMEM;
	queued->next = NULL;
	queued->size = size;
	memcpy(queued->bytes, message, sizeof(*message));
	if (message->size > 0)
		memcpy(queued->bytes + sizeof(*message), text, message->size);
	*control->last = queued;
	control->last = &queued->next;
	return 0;
}

int control_send(struct control *control, const struct control_message *message,
		 const void *text)
{
	struct control_message copy = *message;
	struct iovec parts[2];
	int r;

	if (message->size > CONTROL_BYTES_MAX)
		return -EMSGSIZE;
	r = control_flush(control);
	if (r == -EAGAIN)
		return control_queue(control, message, text);
	if (r < 0)
		return r;
	parts[0].iov_base = &copy;
	parts[0].iov_len = sizeof(copy);
	memcpy(&parts[1].iov_base, &text, sizeof(text));
	parts[1].iov_len = message->size;
	r = control_write(control, parts, message->size > 0 ? 2 : 1);
	return r == -EAGAIN ? control_queue(control, message, text) : r;
}

int control_flush(struct control *control)
{
	while (control->first != NULL) {
		struct control_queued *queued = control->first;
		struct iovec part = { queued->bytes, queued->size };
		int r = control_write(control, &part, 1);

		if (r < 0)
			return r;
		control->first = queued->next;
		if (control->first == NULL)
			control->last = &control->first;
		free(queued);
	}
	return 0;
}

short control_events(const struct control *control)
{
	return control->first != NULL ? POLLIN | POLLOUT : POLLIN;
}

int control_receive(struct control *control, struct control_message *message,
		    const char **text)
{
	struct iovec parts[2] = { { message, sizeof(*message) },
				  { control->text, CONTROL_BYTES_MAX } };
	struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t n;

	do {
		n = recvmsg(control->fd, &header, 0);
		/* A reset tells once that the other end left something unread;
		 * what it had sent before can still be received. */
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return errno == EAGAIN ? 0 : -EPIPE;
	if (n == 0)
		return -EPIPE;
	if ((size_t)n < sizeof(*message) || (header.msg_flags & MSG_TRUNC) ||
	    message->size != (size_t)n - sizeof(*message) ||
	    message->kind >= CONTROL_KINDS)
		return -EBADMSG;
	control->text[message->size] = '\0';
	*text = control->text;
	return 1;
}
