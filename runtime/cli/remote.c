/* SPDX-License-Identifier: MIT */
#include "cli/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "worker/signals.h"

#define LINE_SIZE 4096

/*
 * Runs `gust worker` beside a reader: each line is a SIGTERM for it, and so is
 * the end of the connection, of which it could not know otherwise.
 */
#define SCRIPT_HEAD "exec 3<&0\n"
#define SCRIPT_TAIL                                                            \
	" </dev/null 3<&- & w=$!\n"                                            \
	"{ while read -r s; do kill $w; done; kill $w; } "                     \
	"<&3 2>/dev/null & r=$!\n"                                             \
	"exec 3<&-\n"                                                          \
	"wait $w; c=$?\n"                                                      \
	"kill $r 2>/dev/null\n"                                                \
	"exit $c\n"

/* One host's part. */
struct remote {
	const struct plan_host *host;
	pid_t pid;
	int pidfd;            /* -1: it has ended */
	int in;               /* a line stops it */
	int err;              /* -1: it has ended */
	char line[LINE_SIZE]; /* of `err`, as far as it has come */
	size_t length;
};

struct remotes {
	struct remote *items;
	uint32_t count;
	uint32_t running;
	struct signals signals;
	uint32_t stops; /* how often they were told */
	int code;       /* of all */
};

static void quote(FILE *file, const char *word)
{
	putc('\'', file);
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			fputs("'\\''", file);
		else
			putc(*word, file);
	}
	putc('\'', file);
}

/* The command for the shell of `host`; NULL: out of memory. */
static char *make_command(const struct plan_host *host, char *const *items,
			  int count)
{
	char *folder = getcwd(NULL, 0);
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	bool ended = false;
	int i;

	if (file == NULL || folder == NULL) {
		if (file != NULL)
			fclose(file);
		free(folder);
		free(text);
		return NULL;
	}
	fputs("cd ", file);
	quote(file, folder);
	fputs(" || exit 2\n" SCRIPT_HEAD "gust worker --host ", file);
	quote(file, host->name);
	for (i = 0; i < count; i++) {
		if (!ended && strcmp(items[i], "--ssh") == 0)
			continue;
		ended = ended || strcmp(items[i], "--") == 0;
		putc(' ', file);
		quote(file, items[i]);
	}
	fputs(SCRIPT_TAIL, file);
	free(folder);
	if (fclose(file) == 0)
		return text;
	free(text);
	return NULL;
}

/* In the new process. ssh asks for passwords at the terminal, so it stays in
 * the group, where Ctrl-C is for this program alone. */
static void become_ssh(const struct remotes *remotes,
		       const struct remote *remote, int in, int err,
		       char *command)
{
	const char *program = getenv("GUST_SSH");
	char *argv[4];

	if (program == NULL || program[0] == '\0')
		program = "ssh";
	argv[0] = (char *)program;
	argv[1] = (char *)remote->host->address;
	argv[2] = command;
	argv[3] = NULL;
	dup2(in, STDIN_FILENO);
	dup2(err, STDERR_FILENO);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, &remotes->signals.before, NULL);
	execvp(program, argv);
	fprintf(stderr, "'%s' cannot be started: %s\n", program,
		strerror(errno));
	_exit(127);
}

static int start(struct remotes *remotes, struct remote *remote, char *command)
{
	int in[2];
	int err[2];

	if (pipe2(in, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(err, O_CLOEXEC) < 0) {
		close(in[0]);
		close(in[1]);
		return -errno;
	}
	fflush(NULL);
	remote->pid = fork();
	if (remote->pid == 0)
		become_ssh(remotes, remote, in[0], err[1], command);
	close(in[0]);
	close(err[1]);
	remote->in = in[1];
	remote->err = err[0];
	if (remote->pid < 0)
		return -errno;
	fcntl(remote->in, F_SETFL, O_NONBLOCK);
	fcntl(remote->err, F_SETFL, O_NONBLOCK);
	remote->pidfd = (int)syscall(SYS_pidfd_open, remote->pid, 0);
	if (remote->pidfd < 0) {
		int r = -errno;

		kill(remote->pid, SIGKILL);
		waitpid(remote->pid, NULL, 0);
		return r;
	}
	remotes->running++;
	return 0;
}

static void stop(struct remotes *remotes)
{
	static const char line[] = "stop\n";
	struct remote *remote;
	ssize_t unused;
	uint32_t i;

	remotes->stops++;
	for (i = 0; i < remotes->count; i++) {
		remote = &remotes->items[i];
		if (remote->pidfd < 0)
			continue;
		if (remotes->stops > 2)
			kill(remote->pid, SIGKILL);
		/* One that does not take it is beyond help. */
		unused = write(remote->in, line, sizeof(line) - 1);
		(void)unused;
	}
}

static void say_line(struct remote *remote)
{
	fprintf(stderr, "%s: %.*s\n", remote->host->name, (int)remote->length,
		remote->line);
	remote->length = 0;
}

static void take_text(struct remote *remote, const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (text[i] == '\n' || remote->length == LINE_SIZE)
			say_line(remote);
		if (text[i] != '\n')
			remote->line[remote->length++] = text[i];
	}
}

static void hear(struct remote *remote)
{
	char text[LINE_SIZE];
	ssize_t n;

	if (remote->err < 0)
		return;
	while ((n = read(remote->err, text, sizeof(text))) > 0)
		take_text(remote, text, (size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (remote->length > 0)
		say_line(remote);
	close(remote->err);
	remote->err = -1;
}

static void end(struct remotes *remotes, struct remote *remote)
{
	int status = 0;
	int code;

	hear(remote);
	if (remote->length > 0)
		say_line(remote);
	waitpid(remote->pid, &status, 0);
	close(remote->pidfd);
	remote->pidfd = -1;
	remotes->running--;
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (remotes->code == COMMAND_DONE || remotes->code == COMMAND_LETTERS)
		remotes->code = code != COMMAND_DONE ? code : remotes->code;
	if (code == COMMAND_DONE || code == COMMAND_LETTERS)
		return;
	fprintf(stderr, "gust run: host '%s' ended with exit code %d%s\n",
		remote->host->name, code,
		remotes->stops == 0 && remotes->running > 0
			? ", so the others are stopped"
			: "");
	if (remotes->stops == 0)
		stop(remotes);
}

/* Waits for something and does it. */
static void turn(struct remotes *remotes, struct pollfd *polls)
{
	struct remote *remote;
	uint32_t i;
	int number;

	polls[0].fd = signals_fd(&remotes->signals);
	for (i = 0; i < remotes->count; i++) {
		polls[2 * i + 1].fd = remotes->items[i].pidfd;
		polls[2 * i + 2].fd = remotes->items[i].err;
	}
	for (i = 0; i <= 2 * remotes->count; i++)
		polls[i].events = POLLIN;
	if (poll(polls, 2 * remotes->count + 1, -1) < 0)
		return;
	while ((number = signals_take(&remotes->signals)) > 0) {
		stop(remotes);
		signals_settle(&remotes->signals, number);
	}
	for (i = 0; i < remotes->count; i++) {
		remote = &remotes->items[i];
		if (polls[2 * i + 2].revents != 0)
			hear(remote);
		if (polls[2 * i + 1].revents != 0)
			end(remotes, remote);
	}
}

static void start_all(struct remotes *remotes, const struct plan *plan,
		      char *const *items, int count)
{
	struct remote *remote;
	char *command;
	uint32_t i;
	int r;

	for (i = 0; i < plan->host_count && remotes->stops == 0; i++) {
		if (plan->hosts[i].worker_count == 0)
			continue;
		remote = &remotes->items[remotes->count++];
		remote->host = &plan->hosts[i];
		remote->pidfd = remote->in = remote->err = -1;
		command = make_command(remote->host, items, count);
		r = command == NULL ? -ENOMEM : start(remotes, remote, command);
		free(command);
		if (r == 0)
			continue;
		fprintf(stderr, "gust run: host '%s' cannot be started: %s\n",
			remote->host->name, strerror(-r));
		remotes->code = COMMAND_FAILED;
		stop(remotes);
	}
}

static void finish(struct remotes *remotes)
{
	uint32_t i;

	for (i = 0; i < remotes->count; i++) {
		if (remotes->items[i].in >= 0)
			close(remotes->items[i].in);
		if (remotes->items[i].err >= 0)
			close(remotes->items[i].err);
	}
	signals_end(&remotes->signals);
}

int remote_run(const struct plan *plan, char *const *items, int count)
{
	struct remotes remotes = { 0 };
	struct pollfd *polls;
	int code = COMMAND_FAILED;

	remotes.items = calloc(plan->host_count, sizeof(*remotes.items));
	polls = calloc(2 * (size_t)plan->host_count + 1, sizeof(*polls));
	if (remotes.items == NULL || polls == NULL) {
		fputs("gust run: out of memory\n", stderr);
	} else if (signals_begin(&remotes.signals, false) < 0) {
		fputs("gust run: signals cannot be received\n", stderr);
	} else {
		start_all(&remotes, plan, items, count);
		while (remotes.running > 0)
			turn(&remotes, polls);
		finish(&remotes);
		code = remotes.code;
	}
	free(remotes.items);
	free(polls);
	return code;
}
