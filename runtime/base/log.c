/* SPDX-License-Identifier: MIT */

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"

static const char *const log_names[] = { "error", "warn", "info", "debug" };

/* As terminals show them best: red, yellow, plain, grey. */
static const char *const log_colours[] = { "\033[31m", "\033[33m", "",
					   "\033[90m" };

/* The log's only state. Its members are read and written atomically. */
static struct {
	int level;
	log_hook *hook;
	void *data;
} log_state = { .level = LOG_LEVEL_INFO };

void log_set_level(enum log_level level)
{
	__atomic_store_n(&log_state.level, (int)level, __ATOMIC_RELAXED);
}

enum log_level log_get_level(void)
{
	return (enum log_level)__atomic_load_n(&log_state.level,
					       __ATOMIC_RELAXED);
}

void log_set_hook(log_hook *hook, void *data)
{
	__atomic_store_n(&log_state.data, data, __ATOMIC_RELAXED);
	__atomic_store_n(&log_state.hook, hook, __ATOMIC_RELEASE);
}

const char *log_level_name(enum log_level level)
{
	assert((unsigned)level <= LOG_LEVEL_DEBUG);
	return log_names[level];
}

int log_level_parse(const char *name, enum log_level *level)
{
	if (strcasecmp(name, "warning") == 0)
		name = "warn";
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++) {
		if (strcasecmp(name, log_names[i]) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* A line that is being put together; `n` stays below LOG_LINE_SIZE. */
struct log_line {
	char text[LOG_LINE_SIZE];
	size_t n;
};

static void log_vappend(struct log_line *line, const char *format,
			va_list arguments)
	__attribute__((format(printf, 2, 0)));

static void log_vappend(struct log_line *line, const char *format,
			va_list arguments)
{
	/* One byte is kept for the line end. */
	size_t left = sizeof(line->text) - 1 - line->n;
	int n = vsnprintf(line->text + line->n, left, format, arguments);

	if (n < 0)
		return;
	if ((size_t)n < left) {
		line->n += (size_t)n;
		return;
	}
	line->n += left - 1;
	if (line->n >= 3)
		memcpy(line->text + line->n - 3, "...", 3);
}

static void log_append(struct log_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void log_append(struct log_line *line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_vappend(line, format, arguments);
	va_end(arguments);
}

static bool log_has_colour(void)
{
	return isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL;
}

/* A message may hold what somebody sent; it must not reach the terminal. */
static void log_clean(struct log_line *line, size_t from)
{
	for (size_t i = from; i < line->n; i++) {
		unsigned char c = (unsigned char)line->text[i];

		if (c < 0x20 || c == 0x7f)
			line->text[i] = ' ';
	}
}

static void log_send(const struct log_line *line)
{
	log_hook *hook = __atomic_load_n(&log_state.hook, __ATOMIC_ACQUIRE);
	const char *at = line->text;
	size_t left = line->n;

	if (hook != NULL) {
		hook(__atomic_load_n(&log_state.data, __ATOMIC_RELAXED), at,
		     left);
		return;
	}
	while (left > 0) {
		ssize_t n = write(STDERR_FILENO, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		/* There is nowhere to report this. */
		if (n <= 0)
			return;
		at += n;
		left -= (size_t)n;
	}
}

void log_vcomponent(enum log_level level, const char *component, int task,
		    const char *format, va_list arguments)
{
	char time[CLOCK_TEXT_SIZE];
	int saved = errno;
	struct log_line line;
	size_t start;
	bool colour;

	if (!log_enabled(level))
		return;
	colour = log_has_colour() && log_colours[level][0] != '\0';
	line.n = 0;
	log_append(&line, "%s %s%-5s%s ",
		   clock_format(time, (int64_t)clock_wall_ns()),
		   colour ? log_colours[level] : "", log_level_name(level),
		   colour ? "\033[0m" : "");
	start = line.n;
	if (component != NULL && task >= 0)
		log_append(&line, "%s[%d]: ", component, task);
	else if (component != NULL)
		log_append(&line, "%s: ", component);
	log_vappend(&line, format, arguments);
	log_clean(&line, start);
	line.text[line.n++] = '\n';
	log_send(&line);
	errno = saved;
}

void log_component(enum log_level level, const char *component, int task,
		   const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_vcomponent(level, component, task, format, arguments);
	va_end(arguments);
}

void log_write(enum log_level level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_vcomponent(level, NULL, -1, format, arguments);
	va_end(arguments);
}

bool log_limit_pass(struct log_limit *limit, uint64_t now_ns,
		    uint64_t *suppressed)
{
	if (now_ns - limit->second_ns >= CLOCK_NS_PER_S) {
		limit->second_ns = now_ns;
		limit->passed = 0;
	}
	if (limit->per_second != 0 && limit->passed >= limit->per_second) {
		limit->suppressed++;
		return false;
	}
	limit->passed++;
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	return true;
}

static void log_say_suppressed(uint64_t suppressed, enum log_level level,
			       const char *component, int task)
{
	if (suppressed == 0)
		return;
	log_component(level, component, task,
		      "%" PRIu64 " %s not shown, there were too many a second",
		      suppressed, suppressed == 1 ? "line is" : "lines are");
}

void log_limited(struct log_limit *limit, enum log_level level,
		 const char *component, int task, const char *format, ...)
{
	uint64_t suppressed;
	va_list arguments;

	if (!log_enabled(level))
		return;
	if (!log_limit_pass(limit, clock_now_ns(), &suppressed))
		return;
	log_say_suppressed(suppressed, level, component, task);
	va_start(arguments, format);
	log_vcomponent(level, component, task, format, arguments);
	va_end(arguments);
}

void log_limit_flush(struct log_limit *limit, enum log_level level,
		     const char *component, int task)
{
	log_say_suppressed(limit->suppressed, level, component, task);
	limit->suppressed = 0;
}
