/* SPDX-License-Identifier: MIT */
#ifndef REDIS_SERVER_H
#define REDIS_SERVER_H

/*
 * A Redis server of a test's own: on a free port of loopback, with its files in
 * a folder of its own, and durable. It ends with the program, or with
 * redis_server_stop(), after which it may be started again on the same port,
 * with what it had. Included once, after test.h.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t redis_server_pid;
static int redis_server_port;
static char redis_server_folder[64];
static const char *redis_server_fsync = "always";
static const char *redis_server_memory = "0";

/* Whether there is one on this machine: without it there is nothing to test. */
static inline bool redis_server_is_there(void)
{
	return system("command -v redis-server >/dev/null") == 0;
}

static inline int redis_server_connect(void)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)redis_server_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (const struct sockaddr *)(const void *)&address,
		    sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A port that is free now. */
static inline int redis_server_find_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr =
					       htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK_INT(bind(fd, (struct sockaddr *)(void *)&address, length), 0);
	CHECK_INT(getsockname(fd, (struct sockaddr *)(void *)&address, &length),
		  0);
	close(fd);
	return ntohs(address.sin_port);
}

/* Sends a command in a line and gives the first bytes of the answer. */
static inline const char *redis_server_ask(const char *line)
{
	static char answer[256];
	const int fd = redis_server_connect();
	ssize_t n;

	answer[0] = '\0';
	if (fd < 0)
		return answer;
	CHECK_INT(write(fd, line, strlen(line)), (ssize_t)strlen(line));
	n = read(fd, answer, sizeof(answer) - 1);
	answer[n > 0 ? n : 0] = '\0';
	close(fd);
	return answer;
}

static inline void redis_server_exec(void)
{
	char port[16];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(port, sizeof(port), "%d", redis_server_port);
	execlp("redis-server", "redis-server", "--bind", "127.0.0.1", "--port",
	       port, "--dir", redis_server_folder, "--appendonly", "yes",
	       "--appendfsync", redis_server_fsync, "--maxmemory",
	       redis_server_memory, "--save", "", "--loglevel", "warning",
	       "--logfile", "redis.log", (char *)NULL);
	_exit(127);
}

/* Starts it, unless it runs. */
static inline void redis_server_start(void)
{
	if (redis_server_pid != 0)
		return;
	signal(SIGPIPE, SIG_IGN);
	if (redis_server_folder[0] == '\0') {
		/* Disks are slow to sync. */
		strcpy(redis_server_folder, access("/dev/shm", W_OK) == 0
						    ? "/dev/shm/gust.XXXXXX"
						    : "/tmp/gust.XXXXXX");
		CHECK(mkdtemp(redis_server_folder) != NULL);
		redis_server_port = redis_server_find_port();
	}
	redis_server_pid = fork();
	if (redis_server_pid == 0)
		redis_server_exec();
	for (int i = 0; strncmp(redis_server_ask("PING\r\n"), "+PONG", 5) != 0;
	     i++) {
		if (i > 1000 || waitpid(redis_server_pid, NULL, WNOHANG) != 0)
			FAIL("redis-server does not start; see %s/redis.log",
			     redis_server_folder);
		usleep(10000);
	}
}

static inline void redis_server_kill(void)
{
	if (redis_server_pid == 0)
		return;
	kill(redis_server_pid, SIGKILL);
	waitpid(redis_server_pid, NULL, 0);
	redis_server_pid = 0;
}

static inline void redis_server_empty(void)
{
	CHECK_STR(redis_server_ask("FLUSHALL\r\n"), "+OK\r\n");
}

static inline const char *redis_server_where(void)
{
	static char where[64];

	snprintf(where, sizeof(where), "redis://127.0.0.1:%d",
		 redis_server_port);
	return where;
}

__attribute__((destructor)) static inline void redis_server_end(void)
{
	char command[128];

	redis_server_kill();
	snprintf(command, sizeof(command), "rm -rf '%s'", redis_server_folder);
	if (redis_server_folder[0] != '\0' && system(command) != 0)
		fprintf(stderr, "%s is left\n", redis_server_folder);
}

#endif
