/* SPDX-License-Identifier: MIT */

#include "maker.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/dice.h>

#define MAKER_TURN 6.283185307179586 /* of a circle */

/* Text as it is, or a field. */
struct maker_part {
	struct gust_text text;
	bool is_field;
	size_t field; /* its place in the row */
};

/* The place of the field of that name before `at`, or `at`. */
static size_t maker_find(struct gust_text name, const char *const *names,
			 size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (strlen(names[i]) == name.length &&
		    memcmp(names[i], name.data, name.length) == 0)
			break;
	return i;
}

int maker_check(const struct spec *spec, const char *const *names, size_t at,
		struct gust_error *error)
{
	const char *text = spec->text;
	struct gust_text part;
	bool field;

	if (spec->kind != SPEC_TEMPLATE)
		return 0;
	while (spec_part(&text, &part, &field) > 0)
		if (field && maker_find(part, names, at) == at)
			return gust_error_set(error, -EINVAL,
					      "option 'fields': the template "
					      "of '%s' names '%.*s', expected "
					      "one of the fields before it",
					      names[at], (int)part.length,
					      part.data);
	return 0;
}

static int maker_open_words(struct maker *maker)
{
	maker->word_count = spec_words(maker->spec.text, NULL);
	maker->words = calloc(maker->word_count, sizeof(*maker->words));
	if (maker->words == NULL)
		return -ENOMEM;
	spec_words(maker->spec.text, maker->words);
	return 0;
}

/* With room for any of its sentences. */
static int maker_open_sentence(struct maker *maker)
{
	size_t i, longest = 0;
	int r = maker_open_words(maker);

	if (r < 0)
		return r;
	for (i = 0; i < maker->word_count; i++)
		if (maker->words[i].length > longest)
			longest = maker->words[i].length;
	return buffer_reserve(&maker->text,
			      (size_t)maker->spec.low * (longest + 1));
}

static int maker_open_word(struct maker *maker)
{
	int r = maker_open_words(maker);

	if (r < 0 || maker->spec.low_float == 0)
		return r;
	if (maker->word_count > ZIPF_MAX)
		maker->word_count = ZIPF_MAX;
	return zipf_init(&maker->zipf, (uint32_t)maker->word_count,
			 maker->spec.low_float);
}

static int maker_open_template(struct maker *maker, const char *const *names,
			       size_t at)
{
	const char *text = maker->spec.text;
	struct maker_part *part;

	/* No more parts than characters. */
	maker->parts = calloc(strlen(text), sizeof(*maker->parts));
	if (maker->parts == NULL)
		return -ENOMEM;
	part = maker->parts;
	while (spec_part(&text, &part->text, &part->is_field) > 0) {
		part->field = maker_find(part->text, names, at);
		part++;
	}
	maker->part_count = (size_t)(part - maker->parts);
	return 0;
}

int maker_open(struct maker *maker, const struct spec *spec,
	       const char *const *names, size_t at)
{
	maker->spec = *spec;
	switch (spec->kind) {
	case SPEC_CHOICE:
		return maker_open_words(maker);
	case SPEC_SENTENCE:
		return maker_open_sentence(maker);
	case SPEC_WORD:
		return maker_open_word(maker);
	case SPEC_ZIPF:
		return zipf_init(&maker->zipf, (uint32_t)spec->low,
				 spec->low_float);
	case SPEC_TEMPLATE:
		return maker_open_template(maker, names, at);
	default:
		return 0;
	}
}

static struct gust_value maker_int(const struct spec *spec, uint64_t *state)
{
	/* 0 where the ends are those of the type. */
	const uint64_t width = (uint64_t)spec->high - (uint64_t)spec->low + 1;
	const uint64_t random = dice_roll(state);

	return gust_int((int64_t)((uint64_t)spec->low +
				  (width == 0 ? random : random % width)));
}

static struct gust_value maker_float(const struct spec *spec, uint64_t *state)
{
	const double part = dice_part(state);

	return gust_float(spec->low_float * (1 - part) +
			  spec->high_float * part);
}

/* G. E. P. Box, M. E. Muller, A note on the generation of random normal
 * deviates, Annals of Mathematical Statistics 29 (1958). */
static struct gust_value maker_normal(const struct spec *spec, uint64_t *state)
{
	/* Not 0, of which there is no logarithm. */
	const double part = 1 - dice_part(state) * 0.9999999999999999;
	const double angle = MAKER_TURN * dice_part(state);

	return gust_float(spec->low_float +
			  spec->high_float * sqrt(-2 * log(part)) * cos(angle));
}

static struct gust_value maker_time(const struct spec *spec, uint64_t number,
				    uint64_t *state)
{
	/* In two steps, so that nothing overflows before the time does. */
	uint64_t ms = (uint64_t)spec->low + number / 1000 * spec->step_us +
		      number % 1000 * spec->step_us / 1000;

	if (spec->disorder_ms > 0)
		ms -= dice_roll(state) % (spec->disorder_ms + 1);
	return gust_int((int64_t)ms);
}

static struct gust_value maker_choose(const struct maker *maker,
				      uint64_t *state)
{
	const uint64_t random = dice_roll(state);
	const struct gust_text *word =
		maker->words + (maker->zipf.count > 0
					? zipf_draw(&maker->zipf, random)
					: random % maker->word_count);

	return gust_string(word->data, word->length);
}

static void maker_sentence(struct maker *maker, uint64_t *state)
{
	const struct gust_text *word;
	char *at = maker->text.data;
	int64_t i;

	for (i = 0; i < maker->spec.low; i++) {
		word = &maker->words[dice_roll(state) % maker->word_count];
		if (i > 0)
			*at++ = ' ';
		memcpy(at, word->data, word->length);
		at += word->length;
	}
	maker->text.used = (size_t)(at - maker->text.data);
}

static int maker_template(struct maker *maker, const struct gust_value *row)
{
	const struct maker_part *part = maker->parts;
	size_t i;
	int r = 0;

	for (i = 0; i < maker->part_count && r == 0; i++, part++)
		r = part->is_field
			    ? buffer_value(&maker->text, row[part->field])
			    : buffer_append(&maker->text, part->text.data,
					    part->text.length);
	return r;
}

static int maker_text(struct maker *maker, uint64_t *state,
		      struct gust_value *row, size_t at)
{
	int r = 0;

	maker->text.used = 0;
	if (maker->spec.kind == SPEC_SENTENCE)
		maker_sentence(maker, state);
	else
		r = maker_template(maker, row);
	row[at] = gust_string(maker->text.data, maker->text.used);
	return r;
}

int maker_make(struct maker *maker, uint64_t number, uint64_t *state,
	       struct gust_value *row, size_t at)
{
	const struct spec *spec = &maker->spec;

	switch (spec->kind) {
	case SPEC_SEQUENCE:
		row[at] = gust_int((int64_t)((uint64_t)spec->low + number));
		return 0;
	case SPEC_INT:
		row[at] = maker_int(spec, state);
		return 0;
	case SPEC_FLOAT:
		row[at] = maker_float(spec, state);
		return 0;
	case SPEC_NORMAL:
		row[at] = maker_normal(spec, state);
		return 0;
	case SPEC_ZIPF:
		row[at] = gust_int(
			1 + (int64_t)zipf_draw(&maker->zipf, dice_roll(state)));
		return 0;
	case SPEC_TIME:
		row[at] = maker_time(spec, number, state);
		return 0;
	case SPEC_CHOICE:
	case SPEC_WORD:
		row[at] = maker_choose(maker, state);
		return 0;
	default:
		return maker_text(maker, state, row, at);
	}
}

void maker_close(struct maker *maker)
{
	free(maker->words);
	free(maker->parts);
	zipf_fini(&maker->zipf);
	buffer_destroy(&maker->text);
}
