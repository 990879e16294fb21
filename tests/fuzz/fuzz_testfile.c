/* SPDX-License-Identifier: MIT */

/* The files of gust test, as far as they are read before a plugin is named. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/testfile.h"
#include "cli/testrow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct gust_column columns[] = {
	{ "s", GUST_STRING }, { "i", GUST_INT },   { "f", GUST_FLOAT },
	{ "b", GUST_BOOL },   { "x", GUST_BYTES }, { "j", GUST_JSON },
	{ NULL, GUST_NULL },
};

/* Whatever is a list of tuples can be read and printed as such. */
static void read_rows(const struct node *list, struct arena *arena,
		      struct diagnostics *diagnostics, FILE *sink)
{
	const struct node_item *item;
	struct testrow row;

	if (list == NULL || list->kind != NODE_LIST)
		return;
	for (item = list->items; item != NULL; item = item->next) {
		if (!testrow_read(&row, item->value, columns, false, arena,
				  diagnostics))
			continue;
		testrow_print(sink, &row);
		if (!testrow_matches(&row, &row))
			abort();
		testrow_explain(sink, &row, &row);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct variables variables = { NULL, 0 };
	struct diagnostics diagnostics;
	const struct testfile_case *test;
	const struct testfile_step *step;
	struct testfile file;
	char path[64];
	static FILE *sink;
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (sink == NULL)
		sink = fopen("/dev/null", "w");
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	diagnostics_init(&diagnostics);
	if (testfile_read(&file, path, &variables, &diagnostics) == 0) {
		if (file.subject == NULL || file.cases == NULL)
			abort();
		for (test = file.cases; test != NULL; test = test->next)
			for (step = test->steps; step != NULL;
			     step = step->next)
				read_rows(step->expect, &file.arena,
					  &diagnostics, sink);
	} else if (diagnostics.errors == 0) {
		abort();
	}
	diagnostics_print(&diagnostics, sink);
	testfile_fini(&file);
	diagnostics_fini(&diagnostics);
	close(fd);
	return 0;
}
