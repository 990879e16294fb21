/* SPDX-License-Identifier: MIT */

/*
 * pair: what nanomsg alone takes from one process to another.
 *
 *	pair ADDRESS BYTES COUNT [BACK]
 *
 * One process writes COUNT tuples of BYTES bytes into messages of 256 KiB, as
 * an executor does for another process, each with its number in front, and
 * pushes them; the other one pulls them and reads every byte. Prints the number
 * of tuples read, and the sum of their numbers.
 *
 * With an address BACK the reader answers each message with 16 bytes a tuple,
 * as acks are, and the writer keeps a copy of four messages at most until they
 * are answered, as a link does: what nobody can do without who must not lose
 * anything.
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

#define KEPT_MAX 4
#define ANSWER_BYTES 16

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

/* What is not answered yet, when there are answers. */
struct kept {
	int socket; /* -1: there are none */
	char *copies[KEPT_MAX];
	unsigned count;
};

static void keep(struct kept *kept, const char *message, size_t size)
{
	char *answer;

	if (kept->socket < 0)
		return;
	if (kept->count == KEPT_MAX) {
		if (nn_recv(kept->socket, &answer, NN_MSG, 0) < 0)
			fail("nn_recv");
		nn_freemsg(answer);
		free(kept->copies[0]);
		kept->count--;
		memmove(kept->copies, kept->copies + 1,
			kept->count * sizeof(*kept->copies));
	}
	kept->copies[kept->count] = malloc(size);
	if (kept->copies[kept->count] == NULL)
		fail("malloc");
	memcpy(kept->copies[kept->count++], message, size);
}

static void push(const char *address, size_t bytes, uint64_t count,
		 const char *back)
{
	int socket = open_socket(NN_PUSH);
	struct kept kept = { .socket = -1 };
	char *text = calloc(1, bytes);

	if (text == NULL || nn_connect(socket, address) < 0)
		fail("nn_connect");
	if (back != NULL) {
		kept.socket = open_socket(NN_PULL);
		if (nn_bind(kept.socket, back) < 0)
			fail("nn_bind");
	}
	for (uint64_t number = 0; number < count;) {
		char *message = nn_allocmsg(MESSAGE_BYTES, 0);
		uint64_t filled;

		if (message == NULL)
			fail("nn_allocmsg");
		filled = fill(message, bytes, number, count, text);
		number += filled;
		message = nn_reallocmsg(message, filled * bytes);
		keep(&kept, message, filled * bytes);
		while (nn_send(socket, &message, NN_MSG, 0) < 0)
			if (nn_errno() != EINTR)
				fail("nn_send");
	}
	free(text);
	/* The other side ends when it has all; what is on its way would be
	 * lost by a close. */
	pause();
}

/* Reads the tuples of a message; returns how many there are. */
static uint64_t read_all(const char *message, size_t size, size_t bytes,
			 uint64_t *sum, unsigned char *all)
{
	for (size_t at = 0; at < size; at += bytes) {
		uint64_t number;

		memcpy(&number, message + at, sizeof(number));
		*sum += number;
		for (size_t i = sizeof(number); i < bytes; i++)
			*all |= (unsigned char)message[at + i];
	}
	return size / bytes;
}

static void answer(int socket, uint64_t tuples)
{
	char *message = nn_allocmsg(tuples * ANSWER_BYTES, 0);

	if (message == NULL)
		fail("nn_allocmsg");
	memset(message, 0, tuples * ANSWER_BYTES);
	while (nn_send(socket, &message, NN_MSG, 0) < 0)
		if (nn_errno() != EINTR)
			fail("nn_send");
}

static void pull(const char *address, size_t bytes, uint64_t count,
		 const char *back)
{
	int socket = open_socket(NN_PULL), answers = -1;
	uint64_t seen = 0, sum = 0;
	unsigned char all = 0;

	if (nn_bind(socket, address) < 0)
		fail("nn_bind");
	if (back != NULL) {
		answers = open_socket(NN_PUSH);
		if (nn_connect(answers, back) < 0)
			fail("nn_connect");
	}
	while (seen < count) {
		char *message;
		int size = nn_recv(socket, &message, NN_MSG, 0);
		uint64_t tuples;

		if (size < 0 && nn_errno() == EINTR)
			continue;
		if (size < 0)
			fail("nn_recv");
		tuples = read_all(message, (size_t)size, bytes, &sum, &all);
		seen += tuples;
		nn_freemsg(message);
		if (back != NULL)
			answer(answers, tuples);
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
	const char *back;

	if (argc != 4 && argc != 5) {
		fputs("usage: pair ADDRESS BYTES COUNT [BACK]\n", stderr);
		return 2;
	}
	back = argc == 5 ? argv[4] : NULL;
	bytes = strtoul(argv[2], NULL, 10);
	count = strtoull(argv[3], NULL, 10);
	if (bytes < sizeof(uint64_t) || bytes > MESSAGE_BYTES)
		return 2;
	child = fork();
	if (child < 0)
		return 1;
	if (child == 0) {
		push(argv[1], bytes, count, back);
		return 0;
	}
	pull(argv[1], bytes, count, back);
	fflush(stdout);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}
