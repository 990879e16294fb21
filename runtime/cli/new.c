/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/new/template.h"
#include "gust_config.h"

#define NAME_LENGTH_MAX 40

enum { OPTION_DIR = 1 };

struct new
{
	const char *kind; /* "spout" or "bolt" */
	const char *name;
	const char *dir; /* the folder that is made */
	char gust[PATH_MAX];
	char include[2 * PATH_MAX];
};

/* What goes into a folder: the template's name without the kind, and what the
 * file is for. */
struct new_file {
	const char *part;   /* behind the kind in the template's name */
	const char *suffix; /* behind the name of the plugin; NULL: Makefile */
	const char *help;
};

static const struct new_file new_files[] = {
	{ ".c", ".c", "the plugin; begin here" },
	{ ".yaml", ".yaml", "a topology that runs it" },
	{ ".test.yaml", ".test.yaml", "its tests" },
	{ NULL, NULL, "make, make run, make test" },
};
#define NEW_FILES (sizeof(new_files) / sizeof(new_files[0]))

static const char *find_template(const char *kind, const char *part)
{
	const struct template *item;
	char name[64];

	if (part == NULL)
		(void)snprintf(name, sizeof(name), "Makefile");
	else
		(void)snprintf(name, sizeof(name), "%s%s", kind, part);
	for (item = template_table; item->name != NULL; item++)
		if (strcmp(item->name, name) == 0)
			return item->text;
	return NULL;
}

static bool is_keyword(const char *name)
{
	static const char *const words[] = {
		"auto",
		"break",
		"case",
		"char",
		"const",
		"continue",
		"default",
		"do",
		"double",
		"else",
		"enum",
		"extern",
		"float",
		"for",
		"goto",
		"if",
		"inline",
		"int",
		"long",
		"register",
		"restrict",
		"return",
		"short",
		"signed",
		"sizeof",
		"static",
		"struct",
		"switch",
		"typedef",
		"union",
		"unsigned",
		"void",
		"volatile",
		"while",
		/* What the plugin itself calls other things. */
		"self",
		"task",
		"in",
		"error",
		"word",
		"r",
		"bool",
		"true",
		"false",
		"NULL",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return false;
}

static int check_name(const char *name)
{
	size_t length = strlen(name);
	size_t i;

	for (i = 0; i < length; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') &&
		    !(name[i] >= 'A' && name[i] <= 'Z') && name[i] != '_' &&
		    (i == 0 || !(name[i] >= '0' && name[i] <= '9')))
			break;
	if (length == 0 || length > NAME_LENGTH_MAX || i < length ||
	    name[0] == '_')
		return command_misuse(&command_new,
				      "'%s' is no name of a plugin, expected "
				      "at most %d letters, digits and '_', "
				      "beginning with a letter",
				      name, NAME_LENGTH_MAX);
	if (is_keyword(name) || strncmp(name, "gust", 4) == 0)
		return command_misuse(&command_new,
				      "'%s' has another meaning in C, or in "
				      "the plugin, expected another name",
				      name);
	return COMMAND_DONE;
}

/* Finds the program, and the headers: those installed with it, or those of the
 * tree that it was built from. */
static void find_gust(struct new *new)
{
	ssize_t length = readlink("/proc/self/exe", new->gust, PATH_MAX - 1);
	char path[3 * PATH_MAX];
	char *slash;

	new->gust[length > 0 ? length : 0] = '\0';
	slash = strrchr(new->gust, '/');
	(void)snprintf(new->include, sizeof(new->include), "%.*s/%s",
		       slash != NULL ? (int)(slash - new->gust) : 0, new->gust,
		       GUST_HEADERS_FROM_BIN);
	if (GUST_HEADERS_FROM_BIN[0] == '/')
		(void)snprintf(new->include, sizeof(new->include), "%s",
			       GUST_HEADERS_FROM_BIN);
	(void)snprintf(path, sizeof(path), "%s/gust/bolt.h", new->include);
	if (access(path, R_OK) != 0)
		(void)snprintf(new->include, sizeof(new->include), "%s",
			       GUST_HEADERS_SOURCE);
}

/* The value of `@KEY@` that begins at `text`, and how long that is; or NULL. */
static const char *find_value(const struct new *new, const char *text,
			      size_t *length)
{
	static const char *const keys[] = { "@NAME@", "@GUST@", "@INCLUDE@" };
	const char *values[] = { new->name, new->gust, new->include };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		*length = strlen(keys[i]);
		if (strncmp(text, keys[i], *length) == 0)
			return values[i];
	}
	return NULL;
}

static void write_template(const struct new *new, const char *text, FILE *file)
{
	const char *value;
	size_t length;

	while (*text != '\0') {
		value = find_value(new, text, &length);
		if (value != NULL) {
			fputs(value, file);
			text += length;
		} else {
			fputc(*text++, file);
		}
	}
}

static int say(const char *path, const char *what, int code)
{
	fprintf(stderr, "gust new: '%s' cannot be %s: %s\n", path, what,
		strerror(code));
	return COMMAND_FAILED;
}

static void file_name(const struct new *new, const struct new_file *file,
		      char *name, size_t size)
{
	if (file->suffix == NULL)
		(void)snprintf(name, size, "Makefile");
	else
		(void)snprintf(name, size, "%s%s", new->name, file->suffix);
}

/* Nothing is ever written over. */
static int make_file(const struct new *new, const struct new_file *file)
{
	char name[NAME_LENGTH_MAX + 32], path[2 * PATH_MAX];
	FILE *stream = NULL;
	int fd;

	file_name(new, file, name, sizeof(name));
	(void)snprintf(path, sizeof(path), "%s/%s", new->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd >= 0)
		stream = fdopen(fd, "w");
	if (stream == NULL)
		return say(path, "made", errno);
	write_template(new, find_template(new->kind, file->part), stream);
	if (fclose(stream) != 0)
		return say(path, "written", errno);
	return COMMAND_DONE;
}

static int make_all(const struct new *new)
{
	char name[NAME_LENGTH_MAX + 32];
	size_t i;
	int code;

	if (mkdir(new->dir, 0777) < 0) {
		if (errno != EEXIST)
			return say(new->dir, "made", errno);
		fprintf(stderr,
			"gust new: '%s' is there already, expected a new "
			"folder\n",
			new->dir);
		return COMMAND_USAGE;
	}
	for (i = 0; i < NEW_FILES; i++) {
		code = make_file(new, &new_files[i]);
		if (code != COMMAND_DONE)
			return code;
	}
	printf("%s/\n", new->dir);
	for (i = 0; i < NEW_FILES; i++) {
		file_name(new, &new_files[i], name, sizeof(name));
		printf("  %-*s  %s\n", (int)strlen(new->name) + 10, name,
		       new_files[i].help);
	}
	printf("\ntry it: cd %s && make run\n", new->dir);
	return COMMAND_DONE;
}

static int take_operand(struct new *new, const char *value)
{
	if (new->kind == NULL) {
		if (strcmp(value, "spout") != 0 && strcmp(value, "bolt") != 0)
			return command_misuse(&command_new,
					      "'%s' is no kind of plugin, "
					      "expected spout or bolt",
					      value);
		new->kind = value;
		return COMMAND_DONE;
	}
	if (new->name != NULL)
		return command_misuse(&command_new, "'%s' is one too many",
				      value);
	new->name = value;
	return check_name(value);
}

static int new_run(struct arguments *arguments)
{
	struct new new = { .kind = NULL };
	int code = COMMAND_DONE;

	while (code == COMMAND_DONE && arguments_next(arguments) > 0) {
		if (arguments->option != NULL)
			new.dir = arguments->value;
		else
			code = take_operand(&new, arguments->value);
	}
	if (code != COMMAND_DONE)
		return code;
	if (new.name == NULL)
		return command_misuse(&command_new,
				      "expected a kind and a name, such as "
				      "'gust new bolt shout'");
	if (new.dir == NULL)
		new.dir = new.name;
	if (new.dir[0] == '\0' || strlen(new.dir) >= PATH_MAX)
		return command_misuse(&command_new,
				      "'--dir' is empty or too long, expected "
				      "the name of a new folder");
	find_gust(&new);
	return make_all(&new);
}

static const struct command_option new_options[] = {
	{ OPTION_DIR, "dir", 'd', "FOLDER",
	  "Makes this folder instead of one with the plugin's name." },
	{ 0 },
};

const struct command command_new = {
	.name = "new",
	.synopsis = "[OPTION]... spout|bolt NAME",
	.summary = "makes a folder with a plugin to begin with",
	.description =
		"Makes a folder with a spout or bolt that works and says what "
		"each part of it is for, a Makefile, a topology that runs it, "
		"and a test:\n\n"
		"  gust new bolt shout\n"
		"  cd shout\n"
		"  make run       # gust run shout.yaml\n"
		"  make test      # gust test shout.test.yaml\n\n"
		"The name is one that C takes. Nothing is written over: the "
		"folder must not be there. The Makefile asks pkg-config where "
		"the headers are, and takes those of this gust where none is "
		"installed.",
	.options = new_options,
	.run = new_run,
};
