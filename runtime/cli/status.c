/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "base/file.h"
#include "cli/arguments.h"
#include "cli/shown_print.h"
#include "worker/reception.h"

enum { OPTION_JSON = 1 };

/* A run answers at once, or its process stands still. */
#define STATUS_PATIENCE_S 5

struct asking {
	const char *name; /* NULL: all */
	bool json;
	json_t *found; /* an array */
	uint32_t silent;
};

/* 0, or -errno: who has left this behind is not there any more. */
static int ask_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = STATUS_PATIENCE_S };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const void *)&address, sizeof(address)) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

/* All that comes from `fd`, as JSON; NULL if it is none. */
static json_t *ask_read(int fd)
{
	char part[16384], *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	json_t *json = NULL;
	ssize_t n;

	if (file == NULL)
		return NULL;
	while ((n = read(fd, part, sizeof(part))) > 0)
		fwrite(part, 1, (size_t)n, file);
	if (fclose(file) == 0 && n == 0)
		json = json_loadb(text, size, 0, NULL);
	free(text);
	return json;
}

static void ask(struct asking *asking, const char *path)
{
	int fd = ask_connect(path);
	const char *topology;
	json_t *json;

	/* It was killed, and could not take it away. */
	if (fd == -ECONNREFUSED)
		(void)unlink(path);
	if (fd < 0)
		return;
	json = ask_read(fd);
	close(fd);
	topology = json_string_value(json_object_get(json, "topology"));
	if (topology == NULL)
		asking->silent++;
	if (topology != NULL &&
	    (asking->name == NULL || strcmp(asking->name, topology) == 0))
		json_array_append(asking->found, json);
	json_decref(json);
}

static bool is_socket(const char *name)
{
	size_t n = strlen(name), end = strlen(RECEPTION_SUFFIX);

	return n > end && strcmp(name + n - end, RECEPTION_SUFFIX) == 0;
}

/* Asks all runs of this user that there are. */
static int ask_all(struct asking *asking)
{
	char *folder = reception_folder();
	struct dirent **names;
	int i, count;

	if (folder == NULL)
		return -ENOMEM;
	count = scandir(folder, &names, NULL, alphasort);
	for (i = 0; i < count; i++) {
		char *path = is_socket(names[i]->d_name)
				     ? file_join(folder, names[i]->d_name)
				     : NULL;

		if (path != NULL)
			ask(asking, path);
		free(path);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	free(folder);
	return 0;
}

static int read_arguments(struct asking *asking, struct arguments *arguments)
{
	while (arguments_next(arguments) > 0) {
		if (arguments->option != NULL)
			asking->json = true;
		else if (asking->name == NULL)
			asking->name = arguments->value;
		else
			return command_misuse(&command_status,
					      "'%s' is one name too many",
					      arguments->value);
	}
	return COMMAND_DONE;
}

static void print(const struct asking *asking)
{
	size_t i;

	if (asking->json) {
		json_dumpf(asking->found, stdout, JSON_INDENT(2));
		putchar('\n');
		return;
	}
	for (i = 0; i < json_array_size(asking->found); i++) {
		if (i > 0)
			putchar('\n');
		shown_print(json_array_get(asking->found, i), stdout);
	}
}

/* Nothing found is a failure, so that scripts can ask whether it runs. */
static int say_silence(const struct asking *asking)
{
	if (asking->silent > 0)
		fprintf(stderr, "gust status: %u %s not answer\n",
			(unsigned)asking->silent,
			asking->silent == 1 ? "run does" : "runs do");
	if (json_array_size(asking->found) > 0)
		return COMMAND_DONE;
	if (asking->name != NULL)
		fprintf(stderr,
			"gust status: no topology '%s' is running here\n",
			asking->name);
	else
		fputs("gust status: no topology is running here\n", stderr);
	return COMMAND_FAILED;
}

static int status_run(struct arguments *arguments)
{
	struct asking asking = { 0 };
	int code = read_arguments(&asking, arguments);

	if (code != COMMAND_DONE)
		return code;
	asking.found = json_array();
	if (asking.found == NULL || ask_all(&asking) < 0) {
		fputs("gust status: out of memory\n", stderr);
		code = COMMAND_FAILED;
	} else {
		if (asking.json || json_array_size(asking.found) > 0)
			print(&asking);
		code = say_silence(&asking);
	}
	json_decref(asking.found);
	return code;
}

static const struct command_option status_options[] = {
	{ OPTION_JSON, "json", 'j', NULL,
	  "Prints an array with an object a run, with all counters." },
	{ 0 },
};

const struct command command_status = {
	.name = "status",
	.synopsis = "[OPTION]... [NAME]",
	.summary = "shows what running topologies are doing",
	.description =
		"Asks the topologies that this user runs on this machine, or "
		"those with the name NAME, for their counters and states: what "
		"each component is doing, which workers there are, how often "
		"they were started again, and how their links are. Where a "
		"topology runs on several hosts, each host's run tells of the "
		"workers of its own; the counters of all components are those "
		"of all hosts, of the others as they were told with one of the "
		"last heartbeats.\n\n"
		"Runs are found by their sockets, in $XDG_RUNTIME_DIR/gust or "
		"else in /tmp/gust-UID, which only this user can open.\n\n"
		"Exit codes: 0 when there was one, 1 when there was none.",
	.options = status_options,
	.run = status_run,
};
