/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_SCRIPT_H
#define GUST_KIT_SCRIPT_H

/*
 * Expressions and small scripts in Lua 5.4 over the fields of a tuple, in a
 * sandbox: for filter, map and flat_map. bolts/map.c tells users which
 * functions there are. One thread a script.
 *
 * Fields are local variables of their names: an int is an integer, a float a
 * float, a bool a boolean, null is nil, and all others are strings. Only those
 * that a text names are handed over. All names are resolved when the text is
 * compiled, so a misspelt one is found then; functions are constants, and the
 * tables they come in cannot be written to. So nothing that a text does lasts
 * beyond its tuple. What Lua has and a script has not (os, io, debug, load...)
 * is a name that raises an error when it is used.
 *
 * Expressions that are no more than operators between fields and constants are
 * worked out without Lua, at about a tenth of the cost (kit/script_formula.h);
 * no limit counts for them, as they need none.
 *
 * Limits, for each run of all texts of a script:
 *
 *	memory	bytes that Lua may have at once, a string a quarter of them.
 *		An allocation beyond them raises an error, and so does the
 *		16th that needs a full collection first. What emit() gathers
 *		has as much of its own, and json() reads its text beside it,
 *		in up to 40 times its length while the call lasts.
 *	steps	instructions of Lua. What a function in C does in a loop is
 *		charged as well: a byte allocated is a 32nd, an item of a
 *		pattern that is tried one, an element of a table that is
 *		sorted or joined one or more.
 *	time	a microsecond of the thread's time for each step allowed, about
 *		200 times what a step takes. It is looked at every 1000
 *		instructions, and every 20 once there is a string beyond
 *		64 KiB, since one instruction can compare two of them.
 *
 * A limit that is hit ends the run: pcall() raises it again, and no code of
 * the script runs any more. There are no coroutines and no metatables, so there
 * is nothing else that could. Texts without loops and functions run without
 * the hook, at twice the speed, since they end by themselves.
 *
 * Lua's own pattern functions backtrack in C without a bound, where no hook
 * is called: 200 bytes and ten "a*" take years. So they are written anew, with
 * the same meaning, and steps (kit/script_pattern.h). Of the attacks in
 * tests/unit/test_kit_script.c most end within 5 ms, and the longest take the
 * second that the time allows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gust/error.h>
#include <gust/option.h>
#include <gust/stream.h>
#include <gust/task.h>
#include <gust/tuple.h>

struct script;

/* Options of each plugin that runs scripts. */
struct script_limits {
	uint64_t memory;
	int64_t steps;
};

/* Their entries in the plugin's table; `member` is a struct script_limits. */
#define SCRIPT_LIMITS(plugin, member)                                          \
	{ .name = "memory",                                                    \
	  .type = GUST_OPTION_SIZE,                                            \
	  .offset = offsetof(struct plugin, member.memory),                    \
	  .fallback = "16MiB",                                                 \
	  .help = "how much memory Lua may use in a task",                     \
	  .min = 262144,                                                       \
	  .max = 17179869184 },                                                \
	{                                                                      \
		.name = "steps", .type = GUST_OPTION_INT,                      \
		.offset = offsetof(struct plugin, member.steps),               \
		.fallback = "1000000",                                         \
		.help = "how many steps of Lua a tuple may take",              \
		.min = 10000, .max = 1e12,                                     \
	}

enum script_form {
	SCRIPT_EXPRESSION, /* has one value */
	SCRIPT_BLOCK       /* statements, without a value */
};

/*
 * Makes a script over rows with these columns, which are borrowed. It needs
 * no I/O, so declare() may make one to try a text out. -ENOMEM. `*script` is
 * written on success only.
 */
int script_create(struct script **script, const struct script_limits *limits,
		  const struct gust_column *columns);
void script_destroy(struct script *script); /* takes NULL */

/*
 * Gives texts that are added later the function emit{FIELD = VALUE, ...}, for
 * the first of `count` streams, and emit(STREAM, {...}) for all of them; the
 * streams are borrowed. It gathers rows of at most `size_max` bytes as a tuple,
 * and of `memory` all together. -ENOMEM.
 */
int script_emits(struct script *script, const struct gust_stream *streams,
		 size_t count, size_t size_max);

/*
 * Compiles a text; messages name it by `label`, as in "option 'where'". The
 * texts of a script are numbered from 0 in the order they are added. -EINVAL:
 * it is no Lua, or names what there is not, and `error` says where; -ENOMEM.
 */
int script_add(struct script *script, const char *label, const char *text,
	       enum script_form form, struct gust_error *error);

/* Whether the texts may look at a column, by its number. What stands in a row
 * for others is nothing to them. */
bool script_reads(const struct script *script, size_t column);

/*
 * Runs all texts over `row`, a value a column, which is borrowed until
 * then; what an earlier run gave is gone. -EINVAL: an
 * error, or a limit; -ECANCELED: the script has called reject(). Both set
 * `error` to the reason.
 */
int script_run(struct script *script, const struct gust_value *row,
	       struct gust_error *error);

/*
 * The value that expression `number` had in the last run, as a value of
 * `type`, or null; its bytes stay until the next run. A float takes an
 * integer, an int a float without a fraction; else types must be the same.
 * -EINVAL sets `error`.
 */
int script_value(struct script *script, size_t number, enum gust_type type,
		 struct gust_value *value, struct gust_error *error);

/*
 * Goes through the rows that the last run has gathered; a run that failed has
 * gathered none. Begins with `*at` 0. NULL: there are no more; else the values
 * for stream number `*stream`, whose bytes stay until the next run.
 */
const struct gust_value *script_row(const struct script *script, size_t *at,
				    uint32_t *stream, size_t *count);

/*
 * What execute() returns after a run or a value has failed with `error`: the
 * tuple goes to the dead letters at once, since no other attempt would end
 * otherwise, or is put aside if the script has rejected it.
 */
int script_failed(struct gust_task *task, const struct gust_tuple *in,
		  const struct gust_error *error);

#endif
