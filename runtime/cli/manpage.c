/* SPDX-License-Identifier: MIT */
#include "cli/manpage.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "cli/topic.h"
#include "gust_config.h"
#include "topology/config.h"

/* Writes text that roff takes as it stands; a hyphen becomes a minus, which
 * can be searched for and copied. */
static void print_text(FILE *file, const char *text, size_t length)
{
	bool begins = true; /* a line, where a dot or a quote is a command */
	size_t i;

	for (i = 0; i < length; i++) {
		if (begins && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", file);
		begins = text[i] == '\n';
		if (text[i] == '\\')
			fputs("\\e", file);
		else if (text[i] == '-')
			fputs("\\-", file);
		else if (text[i] == '\'')
			fputs("\\(aq", file);
		else if (text[i] == '`')
			fputs("\\(ga", file);
		else if (text[i] == '^')
			fputs("\\(ha", file);
		else if (text[i] == '~')
			fputs("\\(ti", file);
		else
			fputc(text[i], file);
	}
}

static void print_string(FILE *file, const char *text)
{
	print_text(file, text, strlen(text));
}

/* A paragraph that begins with a space keeps its lines. */
static void print_paragraph(FILE *file, const char *text, size_t length)
{
	bool keeps = text[0] == ' ';

	fputs(keeps ? ".PP\n.EX\n" : ".PP\n", file);
	print_text(file, text, length);
	fputs(keeps ? "\n.EE\n" : "\n", file);
}

static void print_paragraphs(FILE *file, const char *text)
{
	const char *end;

	for (;;) {
		end = strstr(text, "\n\n");
		print_paragraph(file, text,
				end != NULL ? (size_t)(end - text)
					    : strlen(text));
		if (end == NULL)
			return;
		text = end + 2;
	}
}

/* "gust-run" and the like, with section, and what it is. */
static void print_head(FILE *file, const char *name, int section,
		       const char *summary)
{
	size_t i;

	fputs(".TH ", file);
	for (i = 0; name[i] != '\0'; i++)
		if (name[i] == '-')
			fputs("\\-", file);
		else
			fputc(toupper((unsigned char)name[i]), file);
	fprintf(file, " %d \"\" \"gust %s\" \"gust\"\n.SH NAME\n", section,
		GUST_VERSION);
	print_string(file, name);
	fputs(" \\- ", file);
	print_string(file, summary);
	fputc('\n', file);
}

static void print_option(FILE *file, const struct command_option *option)
{
	fputs(".TP\n", file);
	if (option->letter != 0)
		fprintf(file, "\\fB\\-%c\\fR, ", option->letter);
	fputs("\\fB\\-\\-", file);
	print_string(file, option->name);
	fputs("\\fR", file);
	if (option->argument != NULL) {
		fputs(" \\fI", file);
		print_string(file, option->argument);
		fputs("\\fR", file);
	}
	fputc('\n', file);
	print_string(file, option->help);
	fputc('\n', file);
}

static void print_see_also(FILE *file, const char *own)
{
	size_t i;

	fputs(".SH SEE ALSO\n", file);
	if (strcmp(own, "gust") != 0)
		fputs(".BR gust (1),\n", file);
	for (i = 0; command_table[i] != NULL; i++) {
		if (strcmp(command_table[i]->name, own) == 0)
			continue;
		fputs(".BR gust\\-", file);
		print_string(file, command_table[i]->name);
		fputs(" (1),\n", file);
	}
	fputs(".BR gust\\-topology (5)\n", file);
}

void manpage_print_command(FILE *file, const struct command *command)
{
	const struct command_option *option;
	char name[64];

	(void)snprintf(name, sizeof(name), "gust-%s", command->name);
	print_head(file, name, 1, command->summary);
	fputs(".SH SYNOPSIS\n\\fBgust ", file);
	print_string(file, command->name);
	fputs("\\fR ", file);
	print_string(file, command->synopsis);
	fputs("\n.SH DESCRIPTION\n", file);
	print_paragraphs(file, command->description);
	fputs(".SH OPTIONS\n", file);
	for (option = command->options; option->name != NULL; option++)
		print_option(file, option);
	fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nPrints a short help.\n",
	      file);
	print_see_also(file, command->name);
}

void manpage_print_program(FILE *file)
{
	size_t i;

	print_head(file, "gust", 1,
		   "runs topologies of spouts and bolts, every tuple tracked");
	fputs(".SH SYNOPSIS\n\\fBgust\\fR \\fICOMMAND\\fR "
	      "[\\fIARGUMENT\\fR]...\n.SH DESCRIPTION\n",
	      file);
	print_paragraphs(file, command_about);
	fputs(".SH COMMANDS\n", file);
	for (i = 0; command_table[i] != NULL; i++) {
		fputs(".TP\n.BR gust\\-", file);
		print_string(file, command_table[i]->name);
		fputs(" (1)\n", file);
		print_string(file, command_table[i]->summary);
		fputc('\n', file);
	}
	fputs(".SH ENVIRONMENT\n.TP\n.B GUST_PLUGIN_PATH\n"
	      "Folders in which plugins are looked for first, parted by "
	      "colons.\n"
	      ".TP\n.B NO_COLOR\nIf it is set, nothing is colored.\n",
	      file);
	print_see_also(file, "gust");
}

static void print_key(FILE *file, const struct config_key *key)
{
	char line[256];
	char *colon;

	topic_format_key(key, line, sizeof(line));
	colon = strchr(line, ':');
	fputs(".TP\n\\fB", file);
	print_text(file, line, (size_t)(colon - line));
	fputs("\\fR", file);
	print_string(file, colon);
	fputc('\n', file);
	print_string(file, key->help);
	fputs(".\n", file);
	if (key->of_component)
		fputs("A component may have its own.\n", file);
	if (key->refusal != NULL)
		fputs("Not in this version.\n", file);
}

void manpage_print_topology(FILE *file)
{
	const struct config_key *keys;
	size_t count, i;

	print_head(file, "gust-topology", 5, "the files that gust runs");
	fputs(".SH DESCRIPTION\n", file);
	print_paragraphs(file, topic_topology);
	fputs(".SH EVENT TIME\n", file);
	print_paragraphs(file, topic_timestamp);
	fputs(".SH WINDOWS\n", file);
	print_paragraphs(file, topic_window);
	fputs(".SH HOSTS\n", file);
	print_paragraphs(file, topic_hosts);
	fputs(".SH CONFIGURATION\n", file);
	print_paragraphs(file, topic_config);
	keys = config_keys(&count);
	for (i = 0; i < count; i++)
		print_key(file, &keys[i]);
	print_see_also(file, "");
}
