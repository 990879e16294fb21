/* SPDX-License-Identifier: MIT */
#include "cli/drawing.h"

#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *plugin_of(const struct plan_component *component)
{
	return component->kind == PLAN_SPOUT ? component->spout->name
					     : component->bolt->name;
}

static const char *kind_of(const struct plan_component *component)
{
	return component->kind == PLAN_SPOUT ? "spout" : "bolt";
}

/* Prints a text in which `quote` and what else `format` minds is escaped. */
static void print_escaped(FILE *file, const char *text,
			  enum drawing_format format)
{
	for (; *text != '\0'; text++) {
		if (format == DRAWING_MERMAID && strchr("\"#<>|", *text))
			fprintf(file, "#%d;", *text);
		else if (format == DRAWING_DOT && strchr("\"\\", *text))
			fprintf(file, "\\%c", *text);
		else
			fputc(*text, file);
	}
}

/* `default: fields [word, day], feedback`, without the name where it is
 * "default". */
static void print_edge_label(FILE *file, const struct plan *plan,
			     const struct plan_edge *edge,
			     enum drawing_format format)
{
	const struct plan_stream *stream = &plan->streams[edge->stream];
	uint16_t i;

	if (strcmp(stream->name, "default") != 0) {
		print_escaped(file, stream->name, format);
		fputs(": ", file);
	}
	fputs(plan_grouping_name(edge->grouping), file);
	for (i = 0; i < edge->key_count; i++) {
		fputs(i == 0 ? " [" : ", ", file);
		print_escaped(file, stream->columns[edge->keys[i]].name,
			      format);
	}
	if (edge->key_count > 0)
		fputc(']', file);
	if (edge->feedback)
		fputs(", feedback", file);
}

static void print_dot(FILE *file, const struct plan *plan)
{
	uint32_t i;

	fputs("digraph \"", file);
	print_escaped(file, plan->name, DRAWING_DOT);
	fputs("\" {\n\trankdir=LR;\n\tnode [fontname=\"sans-serif\"];\n"
	      "\tedge [fontname=\"sans-serif\", fontsize=10];\n",
	      file);
	for (i = 0; i < plan->component_count; i++) {
		const struct plan_component *component = &plan->components[i];

		fprintf(file, "\tc%u [shape=%s, label=\"", i,
			component->kind == PLAN_SPOUT ? "ellipse" : "box");
		print_escaped(file, component->id, DRAWING_DOT);
		fprintf(file, " x%u\\n", component->task_count);
		print_escaped(file, plugin_of(component), DRAWING_DOT);
		fputs("\"];\n", file);
	}
	for (i = 0; i < plan->edge_count; i++) {
		const struct plan_edge *edge = &plan->edges[i];

		fprintf(file, "\tc%u -> c%u [label=\"", edge->from, edge->to);
		print_edge_label(file, plan, edge, DRAWING_DOT);
		fprintf(file, "\"%s];\n",
			edge->feedback ? ", style=dashed, constraint=false"
				       : "");
	}
	fputs("}\n", file);
}

static void print_mermaid(FILE *file, const struct plan *plan)
{
	uint32_t i;

	fputs("flowchart LR\n", file);
	for (i = 0; i < plan->component_count; i++) {
		const struct plan_component *component = &plan->components[i];
		bool spout = component->kind == PLAN_SPOUT;

		fprintf(file, "    c%u%s\"", i, spout ? "([" : "[");
		print_escaped(file, component->id, DRAWING_MERMAID);
		fprintf(file, " x%u<br/>", component->task_count);
		print_escaped(file, plugin_of(component), DRAWING_MERMAID);
		fprintf(file, "\"%s\n", spout ? "])" : "]");
	}
	for (i = 0; i < plan->edge_count; i++) {
		const struct plan_edge *edge = &plan->edges[i];

		fprintf(file, "    c%u %s|\"", edge->from,
			edge->feedback ? "-.->" : "-->");
		print_edge_label(file, plan, edge, DRAWING_MERMAID);
		fprintf(file, "\"| c%u\n", edge->to);
	}
}

/* The flow as a tree: who was drawn before is named, not drawn again. */
struct tree {
	FILE *file;
	const struct plan *plan;
	bool *drawn;  /* by component */
	char *prefix; /* of the line, four columns a level */
};

static void print_component(const struct tree *tree, uint32_t number)
{
	const struct plan_component *component =
		&tree->plan->components[number];

	fprintf(tree->file, "%s  (%s %s, %u task%s)\n", component->id,
		kind_of(component), plugin_of(component), component->task_count,
		component->task_count == 1 ? "" : "s");
}

/* The edges that leave a component, one after the other; NULL at the end. */
static const struct plan_edge *next_edge(const struct plan *plan, uint32_t from,
					 uint32_t *at)
{
	while (*at < plan->edge_count) {
		const struct plan_edge *edge = &plan->edges[(*at)++];

		if (edge->from == from)
			return edge;
	}
	return NULL;
}

static void print_branches(struct tree *tree, uint32_t from, size_t depth)
{
	uint32_t at = 0;
	const struct plan_edge *edge = next_edge(tree->plan, from, &at);

	while (edge != NULL) {
		const struct plan_edge *next = next_edge(tree->plan, from, &at);
		bool drawn = tree->drawn[edge->to] || edge->feedback;

		fprintf(tree->file, "%.*s%s ", (int)(4 * depth), tree->prefix,
			next != NULL ? "|--" : "`--");
		print_edge_label(tree->file, tree->plan, edge, DRAWING_TEXT);
		fputs(" --> ", tree->file);
		if (drawn) {
			fprintf(tree->file, "%s  (see there)\n",
				tree->plan->components[edge->to].id);
		} else {
			tree->drawn[edge->to] = true;
			print_component(tree, edge->to);
			memcpy(tree->prefix + 4 * depth,
			       next != NULL ? "|   " : "    ", 4);
			print_branches(tree, edge->to, depth + 1);
		}
		edge = next;
	}
}

static int print_text(FILE *file, const struct plan *plan)
{
	struct tree tree = { .file = file, .plan = plan };
	int r = -ENOMEM;
	uint32_t i;

	tree.drawn = calloc(plan->component_count + 1, sizeof(*tree.drawn));
	tree.prefix = calloc(plan->component_count + 1, 4);
	if (tree.drawn == NULL || tree.prefix == NULL)
		goto done;
	for (i = 0; i < plan->component_count; i++) {
		if (plan->components[i].kind != PLAN_SPOUT)
			continue;
		if (i > 0)
			fputc('\n', file);
		print_component(&tree, i);
		print_branches(&tree, i, 0);
	}
	r = 0;
done:
	free(tree.drawn);
	free(tree.prefix);
	return r;
}

/* Runs `dot -Tsvg`, whose output goes where `file` writes. */
static int spawn_dot(FILE *file, int input, pid_t *pid)
{
	char *arguments[] = { "dot", "-Tsvg", NULL };
	posix_spawn_file_actions_t actions;
	int r;

	r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return -r;
	(void)fflush(file);
	r = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (r == 0 && fileno(file) != STDOUT_FILENO)
		r = posix_spawn_file_actions_adddup2(&actions, fileno(file),
						     STDOUT_FILENO);
	if (r == 0)
		r = posix_spawnp(pid, "dot", &actions, NULL, arguments,
				 environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* By way of a file, since a pipe to a program that fails would end us. */
static int print_svg(FILE *file, const struct plan *plan,
		     struct gust_error *error)
{
	FILE *source = tmpfile();
	pid_t pid;
	int status, r;

	if (source == NULL)
		return gust_error_set(error, -errno,
				      "no temporary file can be made: %s",
				      strerror(errno));
	print_dot(source, plan);
	if (fflush(source) == 0)
		rewind(source);
	r = spawn_dot(file, fileno(source), &pid);
	if (r == 0 && waitpid(pid, &status, 0) == pid && status != 0)
		r = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT
								    : -EIO;
	(void)fclose(source);
	if (r == -ENOENT)
		return gust_error_set(error, r,
				      "svg is drawn by 'dot' of Graphviz, "
				      "which is not installed; --format dot "
				      "needs no other program");
	if (r < 0)
		return gust_error_set(error, r,
				      "'dot -Tsvg' of Graphviz failed");
	return 0;
}

int drawing_print(const struct plan *plan, enum drawing_format format,
		  FILE *file, struct gust_error *error)
{
	int r = 0;

	switch (format) {
	case DRAWING_TEXT:
		r = print_text(file, plan);
		break;
	case DRAWING_DOT:
		print_dot(file, plan);
		break;
	case DRAWING_MERMAID:
		print_mermaid(file, plan);
		break;
	case DRAWING_SVG:
		r = print_svg(file, plan, error);
		break;
	}
	if (r == -ENOMEM)
		return gust_error_set(error, r, "out of memory");
	return r;
}
