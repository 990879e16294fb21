/* SPDX-License-Identifier: MIT */
#ifndef SERVER_H
#define SERVER_H

/*
 * A server on loopback for the tests of plugins that speak HTTP: to each
 * request it gives the next of some answers, byte by byte as they stand there,
 * and closes the connection.
 *
 *	server_begin(answers, 2);
 *	... requests to server_url("/path") ...
 *	server_end();
 *	CHECK_CONTAINS(server_requests[0], "GET /path ");
 *
 * An answer that is NULL closes without one, SERVER_SILENCE says nothing until
 * server_end(). After the last one nobody listens any more. One at a time.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_SILENCE ""
#define SERVER_MAX 16
#define SERVER_REQUEST_MAX 65536

static char server_requests[SERVER_MAX][SERVER_REQUEST_MAX];
static const char *const *server_answers;
static size_t server_count, server_served;
static int server_fd, server_port, server_quit[2];
static pthread_t server_thread;

/* Reads a request with its body; false: it ends before. */
static bool server_read(int fd, char *text)
{
	size_t used = 0, whole = 0;
	const char *end, *length;
	ssize_t n;

	while (whole == 0 || used < whole) {
		n = read(fd, text + used, SERVER_REQUEST_MAX - 1 - used);
		if (n <= 0)
			return false;
		used += (size_t)n;
		text[used] = '\0';
		end = strstr(text, "\r\n\r\n");
		if (end == NULL || whole > 0)
			continue;
		length = strcasestr(text, "\r\nContent-Length:");
		whole = (size_t)(end + 4 - text);
		if (length != NULL && length < end)
			whole += (size_t)atol(length + 17);
	}
	return true;
}

/* Waits until the test is over. */
static void server_stay_silent(void)
{
	struct pollfd quit = { .fd = server_quit[0], .events = POLLIN };

	poll(&quit, 1, 30000);
}

static void *server_run(void *unused)
{
	struct pollfd fds[2] = { { .fd = server_fd, .events = POLLIN },
				 { .fd = server_quit[0], .events = POLLIN } };
	const char *answer;
	size_t sent;
	ssize_t n;
	int fd;

	(void)unused;
	while (server_served < server_count) {
		poll(fds, 2, 30000);
		if (fds[1].revents != 0 || fds[0].revents == 0)
			break;
		fd = accept(server_fd, NULL, NULL);
		if (!server_read(fd, server_requests[server_served])) {
			close(fd);
			continue;
		}
		answer = server_answers[server_served];
		__atomic_add_fetch(&server_served, 1, __ATOMIC_RELEASE);
		if (answer != NULL && answer[0] == '\0')
			server_stay_silent();
		for (sent = 0; answer != NULL && sent < strlen(answer);
		     sent += (size_t)n) {
			n = send(fd, answer + sent, strlen(answer) - sent,
				 MSG_NOSIGNAL);
			if (n <= 0)
				break;
		}
		close(fd);
	}
	close(server_fd);
	return NULL;
}

static inline void server_begin(const char *const *answers, size_t count)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);

	CHECK(count <= SERVER_MAX);
	server_answers = answers;
	server_count = count;
	server_served = 0;
	memset(server_requests, 0, sizeof(server_requests));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_INT(bind(server_fd, (void *)&address, sizeof(address)), 0);
	CHECK_INT(listen(server_fd, 16), 0);
	CHECK_INT(getsockname(server_fd, (void *)&address, &size), 0);
	server_port = ntohs(address.sin_port);
	CHECK_INT(pipe(server_quit), 0);
	CHECK_INT(pthread_create(&server_thread, NULL, server_run, NULL), 0);
}

/* How many requests were answered so far. */
static inline size_t server_so_far(void)
{
	return __atomic_load_n(&server_served, __ATOMIC_ACQUIRE);
}

static inline void server_end(void)
{
	close(server_quit[1]);
	pthread_join(server_thread, NULL);
	close(server_quit[0]);
}

/* A URL of the server; its last eight are kept. */
static inline const char *server_url(const char *path)
{
	static char urls[8][256];
	static unsigned next;
	char *url = urls[next++ % 8];

	snprintf(url, sizeof(urls[0]), "http://127.0.0.1:%d%s", server_port,
		 path);
	return url;
}

#endif
