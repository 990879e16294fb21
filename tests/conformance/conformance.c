/* SPDX-License-Identifier: MIT */

/*
 * Holds every plugin of a build against what plugins owe the runtime.
 *
 *	conformance BUILD SOURCE [spouts/NAME|bolts/NAME]...
 *
 * One line a plugin, then `N passed, N failed`; the exit code is 1 if one
 * failed. Each is looked at in a process of its own, so that a crash counts as
 * a failure of that one.
 */

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "subject.h"

/* No plugin needs longer. */
#define SECONDS_MAX 60

void refuse(const char *format, ...)
{
	va_list arguments;

	fputs("  ", stdout);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	_exit(1);
}

_Noreturn static void examine(struct subject *subject)
{
	struct gust_error error = { 0 };

	alarm(SECONDS_MAX);
	if (plugin_open(subject->kind, subject->name, NULL, &subject->plugin,
			&error) < 0)
		refuse("%s", error.text);
	check_words(subject);
	check_instance(subject);
	check_sample(subject);
	check_open(subject);
	check_run(subject);
	plugin_close(subject->plugin);
	exit(0);
}

/* Whether the plugin does what it owes. */
static bool conforms(struct subject *subject)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		examine(subject);
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror("conformance");
		exit(2);
	}
	if (WIFSIGNALED(status))
		printf("  it was ended by signal %d, %s\n", WTERMSIG(status),
		       strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) > 1)
		printf("  it ended with %d\n", WEXITSTATUS(status));
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	printf("%s %ss/%s\n", status == 0 ? "passed" : "FAILED",
	       plugin_kind_name(subject->kind), subject->name);
	return status == 0;
}

static bool wanted(const struct plugin_listing *plugin, char **names, int count)
{
	char name[512];
	int i;

	snprintf(name, sizeof(name), "%ss/%s", plugin_kind_name(plugin->kind),
		 plugin->name);
	for (i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return count == 0;
}

int main(int argc, char **argv)
{
	struct plugin_listing *list;
	unsigned passed = 0, failed = 0;
	size_t count, i;
	char path[8192];

	if (argc < 3) {
		fprintf(stderr, "usage: %s BUILD SOURCE [NAME]...\n", argv[0]);
		return 2;
	}
	setenv("GUST_PLUGIN_PATH", argv[1], 1);
	if (plugin_list(&list, &count) < 0)
		return 2;
	/* The samples feed bolts with a spout of the tests. */
	snprintf(path, sizeof(path), "%s:%s/tests/plugins", argv[1], argv[1]);
	setenv("GUST_PLUGIN_PATH", path, 1);
	for (i = 0; i < count; i++) {
		struct subject subject = { .kind = list[i].kind,
					   .name = list[i].name,
					   .build = argv[1],
					   .source = argv[2] };

		if (!wanted(&list[i], argv + 3, argc - 3))
			continue;
		if (conforms(&subject))
			passed++;
		else
			failed++;
	}
	plugin_list_free(list, count);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
