/* SPDX-License-Identifier: MIT */
#ifndef SUBJECT_H
#define SUBJECT_H

/*
 * What every plugin of the tree owes the runtime, one function a duty. All of
 * them run in a process of their own: a failure, by refuse(), ends it.
 */

#include "plugin/plugin.h"

/* The plugin that is looked at. */
struct subject {
	enum plugin_kind kind;
	const char *name;
	const char *build;  /* the build folder */
	const char *source; /* the source tree */
	struct plugin *plugin;
};

/* Prints the reason and ends the process. */
_Noreturn void refuse(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* Refuses unless the three standard descriptors are open. */
void check_descriptors(const char *when);

/* How many descriptors are open. */
size_t count_descriptors(void);

/* Its name, summary, help and manual. */
void check_words(const struct subject *subject);

/* Its defaults, its close() without open(), its declare(). */
void check_instance(const struct subject *subject);

/* Its sample, in tests/conformance/samples/, or one made up, is a good
 * topology, and one with an option that it does not have is not. */
void check_sample(const struct subject *subject);

/* Its open(), also when memory is short, and close() after that. */
void check_open(const struct subject *subject);

/* Its sample, run to the end with several tasks: no failure, no mistake. */
void check_run(const struct subject *subject);

/* The topology of its sample, checked; for one executor. */
struct topology;
struct topology *load_sample(const struct subject *subject);

#endif
