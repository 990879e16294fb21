/* SPDX-License-Identifier: MIT */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * Lines for people, to stderr:
 *
 *	2026-11-21T12:00:00.123Z warn  count[3]: state is slow
 *
 * A line is one write(2), so lines of different threads never mix, and no lock
 * is taken. Line ends and other control characters within a text become
 * spaces; what makes the line longer than LOG_LINE_SIZE is cut. Any thread may
 * log; errno stays as it was.
 *
 * Who returns an error does not log it; only the worker and the command line
 * do.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_SIZE 4096

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* Less important lines than `level` are left out. It is info at first. */
void log_set_level(enum log_level level);

enum log_level log_get_level(void);

static inline bool log_enabled(enum log_level level)
{
	return level <= log_get_level();
}

/* "error", "warn", "info" or "debug". */
const char *log_level_name(enum log_level level);

/*
 * Reads such a name, in any case, and "warning". Returns 0 or -EINVAL; `level`
 * is written on success only.
 */
int log_level_parse(const char *name, enum log_level *level);

/* Writes a line that belongs to no component. */
void log_write(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Writes a line of a component's task. `component` may be NULL for none; a
 * negative `task` stands for the component as a whole.
 */
void log_component(enum log_level level, const char *component, int task,
		   const char *format, ...)
	__attribute__((format(printf, 4, 5)));

void log_vcomponent(enum log_level level, const char *component, int task,
		    const char *format, va_list arguments)
	__attribute__((format(printf, 4, 0)));

/*
 * Gets a finished line with its line end, instead of stderr. It may be called
 * by several threads at once and must not log.
 */
typedef void log_hook(void *data, const char *line, size_t n);

/*
 * Sets the hook, or with NULL takes it away, so that a table on the terminal
 * can be cleared and drawn again around lines. Call it only while no other
 * thread logs, or leave `data` valid to the end of the process.
 */
void log_set_hook(log_hook *hook, void *data);

/*
 * Lets through so many lines a second and counts the others. One thread at a
 * time; zeroed but for `per_second` is its beginning.
 */
struct log_limit {
	uint32_t per_second; /* 0 lets everything through */
	uint32_t passed;     /* since `second_ns` */
	uint64_t second_ns;
	uint64_t suppressed; /* since a line was last let through */
};

/*
 * Tells whether a line may be written at `now_ns`, of the monotonic clock. If
 * so, `*suppressed` is how many were not since the last one that was.
 */
bool log_limit_pass(struct log_limit *limit, uint64_t now_ns,
		    uint64_t *suppressed);

/*
 * As log_component(), but within the limit; a line that says how many lines
 * were left out goes before the first one after a pause.
 */
void log_limited(struct log_limit *limit, enum log_level level,
		 const char *component, int task, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Says how many lines were left out in the end, if any were. */
void log_limit_flush(struct log_limit *limit, enum log_level level,
		     const char *component, int task);

#endif
