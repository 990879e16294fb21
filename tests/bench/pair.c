/* SPDX-License-Identifier: MIT */

/*
 * pair: what nanomsg alone takes from one process to another.
 *
 *	pair ADDRESS BYTES COUNT
 *
 * One process writes COUNT tuples of BYTES bytes into messages of 256 KiB, as
 * an executor does for another process, each with its number in front, and
 * pushes them; the other one pulls them and reads every byte. Prints the number
 * of tuples read, and the sum of their numbers.
 */

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <nanomsg/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGE_BYTES ((size_t)262144)
#define BUFFER_BYTES (1 << 20)

static void fail(const char *what)
{
	fprintf(stderr, "pair: %s: %s\n", what, nn_strerror(nn_errno()));
	exit(1);
}

static int open_socket(int protocol)
{
	int socket = nn_socket(AF_SP, protocol);
	int bytes = BUFFER_BYTES, on = 1;

	if (socket < 0 ||
	    nn_setsockopt(socket, NN_SOL_SOCKET, NN_SNDBUF, &bytes,
			  sizeof(bytes)) < 0 ||
	    nn_setsockopt(socket, NN_SOL_SOCKET, NN_RCVBUF, &bytes,
			  sizeof(bytes)) < 0)
		fail("nn_socket");
	/* Only where there is tcp. */
	(void)nn_setsockopt(socket, NN_TCP, NN_TCP_NODELAY, &on, sizeof(on));
	return socket;
}

/* Fills a message; returns how many tuples it holds. */
static uint64_t fill(char *message, size_t bytes, uint64_t number,
		     uint64_t count, const char *text)
{
	uint64_t filled = 0;

	while ((filled + 1) * bytes <= MESSAGE_BYTES && number < count) {
		memcpy(message + filled * bytes, &number, sizeof(number));
		memcpy(message + filled * bytes + sizeof(number), text,
		       bytes - sizeof(number));
		filled++;
		number++;
	}
	return filled;
}

static void push(const char *address, size_t bytes, uint64_t count)
{
	int socket = open_socket(NN_PUSH);
	char *text = calloc(1, bytes);

	if (text == NULL || nn_connect(socket, address) < 0)
		fail("nn_connect");
	for (uint64_t number = 0; number < count;) {
		char *message = nn_allocmsg(MESSAGE_BYTES, 0);
		uint64_t filled;

		if (message == NULL)
			fail("nn_allocmsg");
		filled = fill(message, bytes, number, count, text);
		number += filled;
		message = nn_reallocmsg(message, filled * bytes);
		while (nn_send(socket, &message, NN_MSG, 0) < 0)
			if (nn_errno() != EINTR)
				fail("nn_send");
	}
	free(text);
	/* The other side ends when it has all; what is on its way would be
	 * lost by a close. */
	pause();
}

static void pull(const char *address, size_t bytes, uint64_t count)
{
	int socket = open_socket(NN_PULL);
	uint64_t seen = 0, sum = 0;
	unsigned char all = 0;

	if (nn_bind(socket, address) < 0)
		fail("nn_bind");
	while (seen < count) {
		char *message;
		int size = nn_recv(socket, &message, NN_MSG, 0);

		if (size < 0 && nn_errno() == EINTR)
			continue;
		if (size < 0)
			fail("nn_recv");
		for (size_t at = 0; at < (size_t)size; at += bytes, seen++) {
			uint64_t number;

			memcpy(&number, message + at, sizeof(number));
			sum += number;
			for (size_t i = sizeof(number); i < bytes; i++)
				all |= (unsigned char)message[at + i];
		}
		nn_freemsg(message);
	}
	printf("%llu %llu\n", (unsigned long long)seen,
	       (unsigned long long)(all == 0 ? sum : 0));
	nn_close(socket);
}

int main(int argc, char **argv)
{
	pid_t child;
	size_t bytes;
	uint64_t count;

	if (argc != 4) {
		fputs("usage: pair ADDRESS BYTES COUNT\n", stderr);
		return 2;
	}
	bytes = strtoul(argv[2], NULL, 10);
	count = strtoull(argv[3], NULL, 10);
	if (bytes < sizeof(uint64_t) || bytes > MESSAGE_BYTES)
		return 2;
	child = fork();
	if (child < 0)
		return 1;
	if (child == 0) {
		push(argv[1], bytes, count);
		return 0;
	}
	pull(argv[1], bytes, count);
	fflush(stdout);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}
