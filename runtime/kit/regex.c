/* SPDX-License-Identifier: MIT */

#define PCRE2_CODE_UNIT_WIDTH 8

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pcre2.h>

#include <gust/kit/regex.h>

/* Places that are tried before the clock is looked at. */
#define REGEX_STRETCH ((size_t)4096)
/* What a match may need besides the machine's own stack. */
#define REGEX_STACK_MAX ((size_t)8 * 1024 * 1024)
#define REGEX_HEAP_MAX_KIB 16384u

/* A name and the groups that have it: `count` entries of PCRE2's table. */
struct regex_name {
	const unsigned char *entry;
	size_t count;
};

struct regex {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	const char *text; /* of the last match */
	struct regex_name *names;
	size_t name_count;
	uint32_t entry_size;
};

/* The number of the group of an entry, which stands before its name. */
static uint32_t regex_entry_group(const unsigned char *entry)
{
	return (uint32_t)entry[0] << 8 | entry[1];
}

static int regex_by_group(const void *a, const void *b)
{
	const uint32_t one =
		regex_entry_group(((const struct regex_name *)a)->entry);
	const uint32_t two =
		regex_entry_group(((const struct regex_name *)b)->entry);

	return (one > two) - (one < two);
}

/* The table is sorted by name, and entries of one name by group. */
static int regex_list_names(struct regex *regex)
{
	const unsigned char *entry = NULL;
	struct regex_name *last = NULL;
	uint32_t count = 0, i;

	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE,
			   &regex->entry_size);
	pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, &entry);
	if (count == 0)
		return 0;
	regex->names = calloc(count, sizeof(*regex->names));
	if (regex->names == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++, entry += regex->entry_size) {
		if (last != NULL &&
		    strcmp((const char *)entry + 2,
			   (const char *)last->entry + 2) == 0) {
			last->count++;
			continue;
		}
		last = &regex->names[regex->name_count++];
		*last = (struct regex_name){ entry, 1 };
	}
	qsort(regex->names, regex->name_count, sizeof(*regex->names),
	      regex_by_group);
	return 0;
}

/* What a match takes; it works without the JIT, too, only slower. */
static int regex_prepare(struct regex *regex)
{
	const int jit = pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);

	regex->context = pcre2_match_context_create(NULL);
	regex->match = pcre2_match_data_create_from_pattern(regex->code, NULL);
	if (regex->context == NULL || regex->match == NULL)
		return -ENOMEM;
	pcre2_set_match_limit(regex->context, REGEX_STEPS_MAX);
	pcre2_set_heap_limit(regex->context, REGEX_HEAP_MAX_KIB);
	if (jit != 0)
		return 0;
	regex->stack = pcre2_jit_stack_create(32 * 1024, REGEX_STACK_MAX, NULL);
	if (regex->stack == NULL)
		return -ENOMEM;
	pcre2_jit_stack_assign(regex->context, NULL, regex->stack);
	return 0;
}

/* Which character, from 1, stands at byte `at` of a pattern. */
static size_t regex_character(const char *pattern, size_t at)
{
	size_t i, count = 1;

	for (i = 0; i < at; i++)
		if (((unsigned char)pattern[i] & 0xc0) != 0x80)
			count++;
	return count;
}

int regex_compile(struct regex **result, const char *pattern,
		  const char *option, struct gust_error *error)
{
	const uint32_t flags =
		PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_USE_OFFSET_LIMIT;
	struct regex *regex = calloc(1, sizeof(*regex));
	unsigned char reason[160];
	PCRE2_SIZE at;
	int code, r;

	if (regex == NULL)
		return -ENOMEM;
	regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
				    flags, &code, &at, NULL);
	if (regex->code == NULL) {
		regex_destroy(regex);
		if (code == PCRE2_ERROR_NOMEMORY)
			return -ENOMEM;
		pcre2_get_error_message(code, reason, sizeof(reason));
		return gust_error_set(error, -EINVAL,
				      "option '%s': '%.100s' is no pattern: "
				      "%s, at character %zu",
				      option, pattern, (const char *)reason,
				      regex_character(pattern, at));
	}
	r = regex_prepare(regex);
	if (r == 0)
		r = regex_list_names(regex);
	if (r < 0) {
		regex_destroy(regex);
		return r;
	}
	*result = regex;
	return 0;
}

void regex_destroy(struct regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_jit_stack_free(regex->stack);
	pcre2_match_context_free(regex->context);
	pcre2_match_data_free(regex->match);
	pcre2_code_free(regex->code);
	free(regex->names);
	free(regex);
}

/* The thread's own time: others on the machine must not decide what matches. */
static uint64_t regex_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Tries the places from `from` to `to`, which is the last one. */
static int regex_try(struct regex *regex, size_t n, size_t from, size_t to)
{
	pcre2_set_offset_limit(regex->context, to);
	return pcre2_match(regex->code, (PCRE2_SPTR)regex->text, n, from, 0,
			   regex->match, regex->context);
}

/*
 * The limit of PCRE2 is for a match from one place, and there are as many
 * places as bytes; hence stretches, with a look at the clock between them.
 */
static int regex_search(struct regex *regex, size_t n)
{
	uint64_t begun = 0;
	size_t from = 0, to;
	int r;

	for (;;) {
		to = n - from > REGEX_STRETCH ? from + REGEX_STRETCH : n;
		/* A character must not be cut: the next stretch begins there.
		 */
		while (to < n &&
		       ((unsigned char)regex->text[to] & 0xc0) == 0x80)
			to++;
		r = regex_try(regex, n, from, to);
		if (r != PCRE2_ERROR_NOMATCH || to == n)
			return r;
		if (begun == 0)
			begun = regex_clock();
		else if (regex_clock() - begun >
			 REGEX_SECONDS_MAX * UINT64_C(1000000000))
			return PCRE2_ERROR_MATCHLIMIT;
		from = to;
	}
}

int regex_match(struct regex *regex, const char *text, size_t n)
{
	int r;

	regex->text = text;
	r = regex_search(regex, n);
	if (r >= 0)
		return 1;
	switch (r) {
	case PCRE2_ERROR_NOMATCH:
		return 0;
	case PCRE2_ERROR_NOMEMORY:
		return -ENOMEM;
	default:
		return -ELOOP;
	}
}

size_t regex_names(const struct regex *regex)
{
	return regex->name_count;
}

const char *regex_name(const struct regex *regex, size_t number)
{
	return (const char *)regex->names[number].entry + 2;
}

bool regex_group(const struct regex *regex, size_t number,
		 struct gust_text *found)
{
	const struct regex_name *name = &regex->names[number];
	const PCRE2_SIZE *vector = pcre2_get_ovector_pointer(regex->match);
	const unsigned char *entry = name->entry;
	size_t i, group;

	for (i = 0; i < name->count; i++, entry += regex->entry_size) {
		group = regex_entry_group(entry);
		if (vector[2 * group] == PCRE2_UNSET)
			continue;
		found->data = regex->text + vector[2 * group];
		found->length = vector[2 * group + 1] - vector[2 * group];
		return true;
	}
	return false;
}
