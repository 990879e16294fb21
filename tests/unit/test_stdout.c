/* SPDX-License-Identifier: MIT */

#include "worker/stdout.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

/* An end to read from and a gate to the other. */
struct wire {
	int fds[2];
	struct stdout_gate gate;
};

static void wire_open(struct wire *wire, bool socket)
{
	signal(SIGPIPE, SIG_IGN);
	if (socket)
		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, wire->fds), 0);
	else
		CHECK_INT(pipe(wire->fds), 0);
	stdout_init(&wire->gate, wire->fds[1]);
}

static void wire_close(struct wire *wire)
{
	stdout_fini(&wire->gate);
	if (wire->fds[0] >= 0)
		close(wire->fds[0]);
	close(wire->fds[1]);
}

static void check_full(bool socket)
{
	static char data[1 << 20], back[1 << 20];
	struct wire wire;
	ssize_t taken;
	size_t got = 0;

	memset(data, 'a', sizeof(data));
	wire_open(&wire, socket);
	taken = stdout_write(&wire.gate, 1, data, sizeof(data));
	CHECK(taken > 0 && taken < (ssize_t)sizeof(data));
	/* Nobody gets between the parts of a line, room or not. */
	CHECK_INT(stdout_write(&wire.gate, 2, "b\n", 2), -EAGAIN);
	while (got < (size_t)taken)
		got += (size_t)read(wire.fds[0], back, sizeof(back));
	CHECK_INT(stdout_write(&wire.gate, 2, "b\n", 2), -EAGAIN);
	CHECK_INT(stdout_write(&wire.gate, 1, "rest\n", 5), 5);
	CHECK_INT(stdout_write(&wire.gate, 2, "b\n", 2), 2);
	CHECK_UINT(read(wire.fds[0], back, sizeof(back)), 7);
	CHECK_MEM(back, 7, "rest\nb\n", 7);
	wire_close(&wire);
}

TEST(a_full_pipe_takes_a_part)
{
	check_full(false);
}

TEST(a_full_socket_takes_a_part)
{
	check_full(true);
}

TEST(a_full_pipe_takes_nothing_and_nobody_owns_it)
{
	static char data[1 << 20];
	struct wire wire;
	ssize_t taken;

	wire_open(&wire, false);
	memset(data, '\n', sizeof(data));
	taken = stdout_write(&wire.gate, 1, data, sizeof(data));
	/* The rest is exactly nothing: task 1 has ended its lines. */
	CHECK_INT(stdout_write(&wire.gate, 1, data, 1), -EAGAIN);
	CHECK_INT(read(wire.fds[0], data, sizeof(data)), taken);
	CHECK_INT(stdout_write(&wire.gate, 1, data, 1), 1);
	CHECK_INT(stdout_write(&wire.gate, 2, "x\n", 2), 2);
	wire_close(&wire);
}

TEST(a_reader_that_goes_is_noticed)
{
	struct wire wire;

	wire_open(&wire, false);
	CHECK(!stdout_broken(&wire.gate));
	close(wire.fds[0]);
	wire.fds[0] = -1;
	CHECK_INT(stdout_write(&wire.gate, 1, "x\n", 2), -EPIPE);
	CHECK(stdout_broken(&wire.gate));
	CHECK_INT(stdout_write(&wire.gate, 2, "x\n", 2), -EPIPE);
	wire_close(&wire);
}

TEST(a_file_takes_all)
{
	static char data[1 << 20];
	char path[] = "/tmp/test_stdout_XXXXXX";
	struct stdout_gate gate;
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	unlink(path);
	stdout_init(&gate, fd);
	CHECK_INT(stdout_write(&gate, 1, data, sizeof(data)), sizeof(data));
	CHECK_INT(stdout_write(&gate, 2, "x\n", 2), 2);
	CHECK_INT(lseek(fd, 0, SEEK_CUR), sizeof(data) + 2);
	stdout_fini(&gate);
	close(fd);
}

TEST(a_device_takes_all_and_a_full_one_says_so)
{
	struct stdout_gate gate;
	int fd = open("/dev/null", O_WRONLY);

	stdout_init(&gate, fd);
	CHECK_INT(stdout_write(&gate, 1, "x\n", 2), 2);
	stdout_fini(&gate);
	close(fd);
	fd = open("/dev/full", O_WRONLY);
	stdout_init(&gate, fd);
	CHECK_INT(stdout_write(&gate, 1, "x\n", 2), -ENOSPC);
	stdout_fini(&gate);
	close(fd);
}

/* A task that writes lines of its own letter, as a bolt would. */
struct writer {
	struct stdout_gate *gate;
	pthread_t thread;
	uint32_t task;
};

#define WRITER_LINES 400
#define WRITER_LENGTH 3001

static void *writer_run(void *data)
{
	struct writer *writer = data;
	char line[WRITER_LENGTH];

	memset(line, 'a' + (int)writer->task, sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < WRITER_LINES; i++) {
		size_t done = 0;

		while (done < sizeof(line)) {
			ssize_t n =
				stdout_write(writer->gate, writer->task,
					     line + done, sizeof(line) - done);

			CHECK(n > 0 || n == -EAGAIN);
			if (n > 0)
				done += (size_t)n;
		}
	}
	return NULL;
}

TEST(lines_of_several_tasks_do_not_mix)
{
	struct writer writers[4];
	struct wire wire;
	char buffer[WRITER_LENGTH];
	FILE *file;

	wire_open(&wire, false);
	for (uint32_t i = 0; i < 4; i++) {
		writers[i].gate = &wire.gate;
		writers[i].task = i;
		CHECK_INT(pthread_create(&writers[i].thread, NULL, writer_run,
					 &writers[i]),
			  0);
	}
	file = fdopen(dup(wire.fds[0]), "r");
	for (int i = 0; i < 4 * WRITER_LINES; i++) {
		CHECK_UINT(fread(buffer, 1, sizeof(buffer), file),
			   sizeof(buffer));
		for (int j = 1; j < WRITER_LENGTH - 1; j++)
			CHECK_INT(buffer[j], buffer[0]);
		CHECK_INT(buffer[WRITER_LENGTH - 1], '\n');
	}
	for (int i = 0; i < 4; i++)
		pthread_join(writers[i].thread, NULL);
	fclose(file);
	wire_close(&wire);
}

TEST(processes_do_not_mix_either)
{
	static char data[1 << 20], back[1 << 20];
	struct stdout_gate other;
	uint32_t holder = 0;
	struct wire wire;
	ssize_t taken;
	size_t got = 0;

	memset(data, 'a', sizeof(data));
	wire_open(&wire, false);
	stdout_share(&wire.gate, &holder, 1);
	stdout_init(&other, wire.fds[1]);
	stdout_share(&other, &holder, 2);
	CHECK_INT(stdout_write(&other, 1, "b\n", 2), 2);
	CHECK_UINT(holder, 0);
	taken = stdout_write(&wire.gate, 1, data, sizeof(data));
	CHECK(taken > 0 && taken < (ssize_t)sizeof(data));
	CHECK_UINT(holder, 1);
	while (got < (size_t)taken + 2)
		got += (size_t)read(wire.fds[0], back, sizeof(back));
	CHECK_INT(stdout_write(&other, 1, "b\n", 2), -EAGAIN);
	CHECK_INT(stdout_write(&wire.gate, 1, "rest\n", 5), 5);
	CHECK_INT(stdout_write(&other, 1, "b\n", 2), 2);
	CHECK_UINT(read(wire.fds[0], back, sizeof(back)), 7);
	CHECK_MEM(back, 7, "rest\nb\n", 7);
	stdout_fini(&other);
	wire_close(&wire);
}
