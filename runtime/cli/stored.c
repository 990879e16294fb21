/* SPDX-License-Identifier: MIT */

/* gust state: durable state, shown, exported and imported. */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/request.h"
#include "cli/stored_json.h"
#include "engine/move.h"
#include "journal/exact.h"
#include "journal/positions.h"
#include "state/reshard.h"
#include "worker/depot.h"

enum { OPTION_COMPONENT = 1, OPTION_KEY, OPTION_STATE, OPTION_JSON };

enum stored_verb { STORED_SHOW, STORED_EXPORT, STORED_IMPORT };

struct stored {
	struct request request;
	enum stored_verb verb;
	const char *path;
	const char *from;      /* what is imported; NULL: standard input */
	const char *component; /* NULL: all */
	const char *key;       /* NULL: all; its text, or JSON */
	const char *state;
	bool json;
	const struct plan *plan;
	const char *at; /* the component that is read */
	size_t count;
};

/* Says what is wrong, and returns the exit code. */
static int stored_say(const struct gust_error *error, int r)
{
	fprintf(stderr, "gust state: %s\n",
		error->code != 0 ? error->text : strerror(-r));
	return COMMAND_FAILED;
}

/* Nothing of it may move a terminal's cursor. */
static void stored_print_text(const char *text)
{
	for (; *text != '\0'; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?'
								    : *text);
}

/* A text as it is, anything else as JSON. */
static int stored_print(const json_t *json)
{
	char *text;

	if (json_is_string(json)) {
		stored_print_text(json_string_value(json));
		return 0;
	}
	text = json_dumps(json, EXACT_DUMP_FLAGS | JSON_ENCODE_ANY);
	if (text == NULL)
		return -ENOMEM;
	stored_print_text(text);
	free(text);
	return 0;
}

/* The member that says what the key holds. */
static const json_t *stored_content(const json_t *json)
{
	static const char *const names[] = { "counter", "bytes", "list",
					     "map" };
	const json_t *found = NULL;

	for (size_t i = 0; found == NULL && i < 4; i++)
		found = json_object_get(json, names[i]);
	return found;
}

/* STATE, the values of the key, what it holds; tabs between them. */
static int stored_print_line(const json_t *json)
{
	const json_t *key = json_object_get(json, "key"), *value;
	size_t i;
	int r = stored_print(json_object_get(json, "state"));

	putchar('\t');
	json_array_foreach(key, i, value)
	{
		if (i > 0)
			fputs(", ", stdout);
		if (r == 0)
			r = stored_print(value);
	}
	putchar('\t');
	if (r == 0)
		r = stored_print(stored_content(json));
	putchar('\n');
	return r;
}

static int stored_print_json(const json_t *json)
{
	char *text;
	size_t n;
	int r = exact_dump(json, EXACT_DUMP_FLAGS, &text, &n);

	if (r < 0)
		return r;
	fwrite(text, 1, n, stdout);
	free(text);
	return 0;
}

/* Whether a key is what was asked for: as one text, or as JSON. */
static bool stored_is_key(const json_t *key, const char *wanted)
{
	const json_t *only =
		json_array_size(key) == 1 ? json_array_get(key, 0) : NULL;
	char *text;
	bool is;

	if (json_is_string(only) &&
	    strcmp(json_string_value(only), wanted) == 0)
		return true;
	text = json_dumps(only != NULL && wanted[0] != '[' ? only : key,
			  EXACT_DUMP_FLAGS | JSON_ENCODE_ANY);
	is = text != NULL && strcmp(text, wanted) == 0;
	free(text);
	return is;
}

static bool stored_is_wanted(const struct stored *stored, const json_t *json)
{
	const char *state = json_string_value(json_object_get(json, "state"));

	/* The runtime's own is for exports, but for what is nobody else's. */
	if (stored->state == NULL && state[0] == '.' &&
	    (stored->verb == STORED_SHOW || shards_leave(state)))
		return false;
	if (stored->state != NULL && strcmp(stored->state, state) != 0)
		return false;
	return stored->key == NULL ||
	       stored_is_key(json_object_get(json, "key"), stored->key);
}

static int stored_show_one(void *context, struct gust_text key,
			   struct gust_text record)
{
	struct stored *stored = context;
	json_t *json = stored_to_json(stored->at, key, record);
	int r = 0;

	if (json == NULL)
		return -EBADMSG;
	if (stored_is_wanted(stored, json)) {
		stored->count++;
		r = stored->json ? stored_print_json(json)
				 : stored_print_line(json);
	}
	json_decref(json);
	return r == 0 && ferror(stdout) ? -EPIPE : r;
}

/* Shows what all tasks of a component have. */
static int stored_show(struct stored *stored, uint32_t component,
		       struct gust_error *error)
{
	struct store_place place;
	uint32_t tasks = 1;
	struct store *store;
	char *where = NULL;
	int r = depot_place(stored->plan, component, &place, &where, error);

	stored->at = place.component;
	place.read_only = true;
	place.tasks = 0;
	for (place.task = 0; r == 0 && place.task < tasks; place.task++) {
		r = store_open(&store, &place, error);
		if (r < 0)
			break;
		tasks = store->tasks;
		r = store->backend->each(store, stored_show_one, stored, error);
		if (r == -EBADMSG)
			gust_error_set(error, r, "a record of '%s' is damaged",
				       place.component);
		store_close(store);
	}
	free(where);
	return r;
}

/* All components that have some, or the one that was named. */
static int stored_show_all(struct stored *stored)
{
	const struct plan *plan = stored->plan;
	bool found = false;

	for (uint32_t i = 0; i < plan->component_count; i++) {
		struct gust_error error = { 0 };
		int r;

		if (plan->components[i].kind != PLAN_BOLT ||
		    (stored->component != NULL &&
		     strcmp(plan->components[i].id, stored->component) != 0))
			continue;
		r = stored_show(stored, i, &error);
		if (r == -ENOENT && stored->component == NULL)
			continue;
		found = true;
		if (r == -EPIPE)
			return COMMAND_FAILED;
		if (r < 0)
			return stored_say(&error, r);
	}
	if (!found && stored->component != NULL) {
		fprintf(stderr, "gust state: no bolt is named '%s'\n",
			stored->component);
		return COMMAND_USAGE;
	}
	if (stored->key != NULL && stored->count == 0) {
		fprintf(stderr, "gust state: there is no key '%s'\n",
			stored->key);
		return COMMAND_FAILED;
	}
	return COMMAND_DONE;
}

/* The open stores of the components that are imported, by number. */
struct stored_import {
	const struct plan *plan;
	struct shards **shards;
	struct move *moves;
	struct arena arena;
	size_t line, count;
};

/* The stores of a component, which are opened when the first line is its. */
static int stored_shards(struct stored_import *import, const char *component,
			 struct shards **shards, struct gust_error *error)
{
	const struct plan *plan = import->plan;
	struct store_place place;
	char *where = NULL;
	uint32_t i;
	int r = 0;

	for (i = 0; i < plan->component_count; i++)
		if (strcmp(plan->components[i].id, component) == 0)
			break;
	if (i == plan->component_count)
		return gust_error_set(error, -EBADMSG,
				      "no component is named '%s'", component);
	if (import->shards[i] == NULL) {
		r = depot_place(plan, i, &place, &where, error);
		if (r == 0)
			r = move_init(&import->moves[i], plan, i);
		if (r == 0)
			r = shards_open(&import->shards[i], &place,
					reshard_fields(plan, i),
					&import->moves[i].rules, error);
		free(where);
	}
	*shards = import->shards[i];
	return r;
}

static int stored_take(struct stored_import *import, const char *line, size_t n,
		       struct gust_error *error)
{
	struct gust_text key, record;
	struct shards *shards = NULL;
	const char *component;
	json_error_t place;
	json_t *json;
	int r = exact_load(&json, line, n, &place);

	if (r < 0)
		return gust_error_set(error, r, "%s", place.text);
	arena_reset(&import->arena);
	r = stored_from_json(json, &import->arena, &component, &key, &record,
			     error);
	if (r == 0)
		r = stored_shards(import, component, &shards, error);
	if (r == 0)
		r = shards_put(shards, key, record, error);
	json_decref(json);
	import->count += r == 0;
	return r;
}

static int stored_read(struct stored_import *import, FILE *file,
		       struct gust_error *error)
{
	struct gust_error cause = { 0 };
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = getline(&line, &size, file)) > 0) {
		import->line++;
		r = stored_take(import, line, (size_t)n, &cause);
		if (r < 0)
			gust_error_set(error, r, "line %zu: %s", import->line,
				       cause.code != 0 ? cause.text
						       : strerror(-r));
	}
	if (r == 0 && ferror(file))
		r = gust_error_set(error, -EIO, "it cannot be read");
	free(line);
	for (uint32_t i = 0; i < import->plan->component_count; i++) {
		if (r == 0 && import->shards[i] != NULL)
			r = shards_commit(import->shards[i], error);
		shards_close(import->shards[i]);
		move_fini(&import->moves[i]);
	}
	return r;
}

/* Reads lines into stores that no run has open: the folder is locked. */
static int stored_import(struct stored *stored)
{
	struct stored_import import = { .plan = stored->plan };
	struct positions *positions = NULL;
	struct gust_error error = { 0 };
	FILE *file = stdin;
	int r;

	if (stored->from != NULL)
		file = fopen(stored->from, "r");
	if (file == NULL) {
		gust_error_set(&error, -errno, "%s: %s", stored->from,
			       strerror(errno));
		return stored_say(&error, 0);
	}
	arena_init(&import.arena, 0);
	import.shards = calloc(stored->plan->component_count + 1,
			       sizeof(*import.shards));
	import.moves = calloc(stored->plan->component_count + 1,
			      sizeof(*import.moves));
	r = import.shards == NULL || import.moves == NULL
		    ? -ENOMEM
		    : positions_open(&positions, stored->plan->config.state_dir,
				     stored->plan->name, &error);
	if (r == 0)
		r = stored_read(&import, file, &error);
	positions_close(positions);
	arena_fini(&import.arena);
	free(import.shards);
	free(import.moves);
	if (file != stdin)
		fclose(file);
	if (r < 0)
		return stored_say(&error, r);
	printf("%zu keys imported\n", import.count);
	return COMMAND_DONE;
}

static int stored_operand(struct stored *stored, const char *operand)
{
	if (stored->path == NULL && stored->verb == STORED_SHOW &&
	    strcmp(operand, "export") == 0)
		stored->verb = STORED_EXPORT;
	else if (stored->path == NULL && stored->verb == STORED_SHOW &&
		 strcmp(operand, "import") == 0)
		stored->verb = STORED_IMPORT;
	else if (stored->path == NULL)
		stored->path = operand;
	else if (stored->verb == STORED_IMPORT && stored->from == NULL)
		stored->from = operand;
	else
		return command_misuse(&command_state,
				      "'%s' is one file too many", operand);
	return 0;
}

static int stored_option(struct stored *stored,
			 const struct arguments *arguments)
{
	switch (arguments->option->key) {
	case OPTION_COMPONENT:
		stored->component = arguments->value;
		return 0;
	case OPTION_KEY:
		stored->key = arguments->value;
		return 0;
	case OPTION_STATE:
		stored->state = arguments->value;
		return 0;
	case OPTION_JSON:
		stored->json = true;
		return 0;
	default:
		return request_take(&stored->request, arguments) < 0
			       ? COMMAND_USAGE
			       : 0;
	}
}

static int stored_arguments(struct stored *stored, struct arguments *arguments)
{
	int code = 0;

	while (code == 0 && arguments_next(arguments) > 0)
		code = arguments->option == NULL
			       ? stored_operand(stored, arguments->value)
			       : stored_option(stored, arguments);
	if (code != 0)
		return code;
	if (stored->path == NULL)
		return command_misuse(&command_state, "which FILE?");
	if (stored->verb == STORED_SHOW && stored->component == NULL)
		return command_misuse(&command_state, "which --component?");
	if (stored->verb == STORED_IMPORT &&
	    (stored->component != NULL || stored->key != NULL ||
	     stored->state != NULL))
		return command_misuse(&command_state,
				      "all that the file has is imported");
	stored->json |= stored->verb == STORED_EXPORT;
	return 0;
}

static int stored_go(struct stored *stored, const struct topology *topology)
{
	stored->plan = topology_plan(topology);
	if (stored->plan->config.state_provider == NULL) {
		fprintf(stderr,
			"gust state: '%s' keeps its state in memory, "
			"expected topology.state.provider to be lmdb "
			"or redis\n",
			stored->plan->name);
		return COMMAND_USAGE;
	}
	return stored->verb == STORED_IMPORT ? stored_import(stored)
					     : stored_show_all(stored);
}

static int stored_run(struct arguments *arguments)
{
	struct stored stored = { .path = NULL };
	struct topology *topology = NULL;
	int code;

	request_init(&stored.request, &command_state);
	code = stored_arguments(&stored, arguments);
	if (code == COMMAND_DONE)
		code = request_load_or_say(&stored.request, stored.path, false,
					   &topology);
	if (code == COMMAND_DONE)
		code = stored_go(&stored, topology);
	topology_destroy(topology);
	request_fini(&stored.request);
	return code;
}

static const struct command_option stored_options[] = {
	REQUEST_OPTIONS,
	{ OPTION_COMPONENT, "component", 'c', "ID",
	  "The bolt whose state is shown or exported." },
	{ OPTION_KEY, "key", 'k', "KEY",
	  "This key alone: its text, or its values as a JSON array." },
	{ OPTION_STATE, "state", 0, "NAME", "The state with this name alone." },
	{ OPTION_JSON, "json", 0, NULL, "Prints a line of JSON a key." },
	{ 0 },
};

const struct command command_state = {
	.name = "state",
	.synopsis = "[export|import] [OPTION]... FILE [LINES]",
	.summary = "shows what bolts have stored",
	.description =
		"Shows the durable state of a bolt of the topology in FILE, "
		"also while it runs: a line a key, with the name of the state, "
		"the values of the key and what it holds, separated by tabs. "
		"What is shown has been committed.\n\n"
		"'export' prints all of it, or of one bolt, as JSON lines. "
		"'import' reads such lines, from standard input or the file "
		"LINES, into the stores of a topology that does not run: a "
		"counter that is there already is added to, of anything else "
		"one is kept. So state moves from one store to another.",
	.options = stored_options,
	.run = stored_run,
};
