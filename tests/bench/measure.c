/* SPDX-License-Identifier: MIT */

/*
 * measure: runs a command and says what it took.
 *
 *	measure [-1] RESULT COMMAND...
 *
 * Writes to the file RESULT, on one line: the exit code, the seconds of user
 * and of system time, the seconds by the clock, the peak of resident memory in
 * KiB, and with -1 the seconds until the first byte on standard output, which
 * is then read here and thrown away. The figures are those of wait4(2); a
 * process this small adds nothing to the peak, which a child inherits from its
 * parent.
 */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void fail(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(125);
}

/* Starts the command; with `output` its standard output is to be read there. */
static pid_t start(char **command, int *output)
{
	int ends[2];
	pid_t child;

	if (output != NULL && pipe(ends) < 0)
		fail("pipe");
	child = fork();
	if (child < 0)
		fail("fork");
	if (child > 0) {
		if (output != NULL) {
			close(ends[1]);
			*output = ends[0];
		}
		return child;
	}
	if (output != NULL) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
	}
	/* What was given up does not go on beside the next one. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(command[0], command);
	fprintf(stderr, "measure: %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

/* Reads to the end; returns when the first byte came, or `begin` if none did.
 */
static double drain(int output, double begin)
{
	static char buffer[65536];
	double first = begin;
	ssize_t n;

	while ((n = read(output, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno != EINTR)
			fail("read");
		if (n > 0 && first <= begin)
			first = seconds();
	}
	close(output);
	return first;
}

int main(int argc, char **argv)
{
	bool wants_first = argc > 1 && strcmp(argv[1], "-1") == 0;
	int status, code, output = -1;
	double begin, first, end;
	struct rusage usage;
	FILE *result;
	pid_t child;

	argv += wants_first;
	argc -= wants_first;
	if (argc < 3) {
		fputs("usage: measure [-1] RESULT COMMAND...\n", stderr);
		return 2;
	}
	begin = seconds();
	first = begin;
	child = start(argv + 2, wants_first ? &output : NULL);
	if (wants_first)
		first = drain(output, begin);
	while (wait4(child, &status, 0, &usage) < 0)
		if (errno != EINTR)
			fail("wait4");
	end = seconds();
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	result = fopen(argv[1], "w");
	if (result == NULL)
		fail(argv[1]);
	fprintf(result, "%d %.6f %.6f %.6f %ld %.6f\n", code,
		seconds_of(usage.ru_utime), seconds_of(usage.ru_stime),
		end - begin, usage.ru_maxrss, first - begin);
	if (fclose(result) != 0)
		fail(argv[1]);
	return code;
}
