/* SPDX-License-Identifier: MIT */

#include "base/zone.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/zone_rule.h"

#define ZONE_BYTES_MAX (1u << 20)
#define ZONE_FOLDER "/usr/share/zoneinfo"

struct zone_change {
	int64_t utc; /* from then on */
	int32_t offset;
};

struct zone {
	int32_t first; /* the offset before all changes */
	size_t count;
	struct zone_change *changes;
	struct zone_rule rule; /* after the last one, if `ruled` */
	bool ruled;
};

/* What is left to read of a file. */
struct zone_bytes {
	const unsigned char *at;
	size_t left;
};

/* The six numbers in the header of a block. */
struct zone_counts {
	uint32_t utc, standard, leap, times, types, names;
};

static int64_t zone_big_endian(const unsigned char *at, size_t size)
{
	/* The sign is that of the first byte. */
	uint64_t number = at[0] >= 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | at[i];
	return (int64_t)number;
}

static const unsigned char *zone_take(struct zone_bytes *bytes, size_t size)
{
	const unsigned char *at = bytes->at;

	if (bytes->left < size)
		return NULL;
	bytes->at += size;
	bytes->left -= size;
	return at;
}

/* Reads a header; returns its version, or -1. */
static int zone_header(struct zone_bytes *bytes, struct zone_counts *counts)
{
	const unsigned char *at = zone_take(bytes, 44);
	uint32_t *numbers[] = { &counts->utc,   &counts->standard,
				&counts->leap,  &counts->times,
				&counts->types, &counts->names };

	if (at == NULL || memcmp(at, "TZif", 4) != 0)
		return -1;
	for (size_t i = 0; i < 6; i++) {
		*numbers[i] = (uint32_t)zone_big_endian(at + 20 + 4 * i, 4);
		if (*numbers[i] > ZONE_BYTES_MAX)
			return -1;
	}
	return at[4];
}

/* What follows the types in a block of times of `width` bytes. */
static size_t zone_rest(const struct zone_counts *counts, size_t width)
{
	return (size_t)counts->names + counts->leap * (width + 4) +
	       counts->standard + counts->utc;
}

static bool zone_block(struct zone *zone, struct zone_bytes *bytes,
		       const struct zone_counts *counts, size_t width)
{
	const unsigned char *times = zone_take(bytes, counts->times * width);
	const unsigned char *places = zone_take(bytes, counts->times);
	const unsigned char *types = zone_take(bytes, counts->types * 6u);

	if (times == NULL || places == NULL || types == NULL ||
	    counts->types == 0 ||
	    zone_take(bytes, zone_rest(counts, width)) == NULL)
		return false;
	zone->first = (int32_t)zone_big_endian(types, 4);
	zone->changes = calloc(counts->times + 1u, sizeof(*zone->changes));
	if (zone->changes == NULL)
		return false;
	for (uint32_t i = 0; i < counts->times; i++) {
		struct zone_change *change = &zone->changes[i];

		if (places[i] >= counts->types)
			return false;
		change->utc = zone_big_endian(times + i * width, width);
		change->offset =
			(int32_t)zone_big_endian(types + places[i] * 6u, 4);
		if (i > 0 && change->utc <= change[-1].utc)
			return false;
	}
	zone->count = counts->times;
	return true;
}

/* Between two line ends; an empty one says nothing. */
static bool zone_footer(struct zone *zone, struct zone_bytes *bytes)
{
	const unsigned char *end;
	char text[128];
	size_t length;

	if (bytes->left < 2 || bytes->at[0] != '\n')
		return false;
	end = memchr(bytes->at + 1, '\n', bytes->left - 1);
	if (end == NULL)
		return false;
	length = (size_t)(end - bytes->at) - 1;
	if (length == 0)
		return true;
	if (length >= sizeof(text))
		return false;
	memcpy(text, bytes->at + 1, length);
	text[length] = '\0';
	zone->ruled = zone_rule_parse(text, &zone->rule);
	return zone->ruled;
}

static bool zone_parse(struct zone *zone, struct zone_bytes bytes)
{
	struct zone_counts counts;
	int version = zone_header(&bytes, &counts);
	size_t old;

	if (version < 0)
		return false;
	if (version == 0)
		return zone_block(zone, &bytes, &counts, 4);
	/* The first block is for those who know 32 bits only. */
	old = (size_t)counts.times * 5 + counts.types * 6u +
	      zone_rest(&counts, 4);
	return zone_take(&bytes, old) != NULL &&
	       zone_header(&bytes, &counts) > 0 &&
	       zone_block(zone, &bytes, &counts, 8) &&
	       zone_footer(zone, &bytes);
}

/* The name becomes part of a path. */
static bool zone_is_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_+-/");

	return length > 0 && length < 100 && name[length] == '\0' &&
	       name[0] != '/' && name[0] != '-' && name[length - 1] != '/';
}

static int zone_unknown(const char *name, struct gust_error *error)
{
	return gust_error_set(error, -EINVAL,
			      "there is no time zone '%.60s', expected one as "
			      "'UTC' or 'Europe/Berlin'",
			      name);
}

static int zone_load(struct zone *zone, const char *name,
		     struct gust_error *error)
{
	const char *folder = getenv("TZDIR");
	struct zone_bytes bytes;
	char path[512];
	char *data;
	int r;

	if (folder == NULL || folder[0] == '\0')
		folder = ZONE_FOLDER;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    sizeof(path))
		return zone_unknown(name, error);
	r = file_read(path, ZONE_BYTES_MAX, &data, &bytes.left, NULL);
	if (r == -ENOMEM)
		return gust_error_set(error, r, "out of memory");
	if (r != 0)
		return zone_unknown(name, error);
	bytes.at = (const unsigned char *)data;
	if (!zone_parse(zone, bytes))
		r = gust_error_set(error, -EINVAL,
				   "'%s' is no time zone, expected a TZif file",
				   path);
	free(data);
	return r;
}

int zone_open(const char *name, struct zone **zone, struct gust_error *error)
{
	struct zone *made;
	int r = 0;

	if (!zone_is_name(name))
		return zone_unknown(name, error);
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return gust_error_set(error, -ENOMEM, "out of memory");
	/* This one is known where there is no database. */
	if (strcmp(name, "UTC") != 0)
		r = zone_load(made, name, error);
	if (r != 0) {
		zone_close(made);
		return r;
	}
	*zone = made;
	return 0;
}

void zone_close(struct zone *zone)
{
	if (zone == NULL)
		return;
	free(zone->changes);
	free(zone);
}

int32_t zone_offset(const struct zone *zone, int64_t utc)
{
	size_t low = 0, high;

	if (zone == NULL)
		return 0;
	high = zone->count;
	if (zone->ruled && (high == 0 || utc >= zone->changes[high - 1].utc))
		return zone_rule_offset(&zone->rule, utc);
	/* The first change that is later. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle].utc <= utc)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? zone->first : zone->changes[low - 1].offset;
}

int64_t zone_to_utc(const struct zone *zone, int64_t local)
{
	/* Nothing is further from UTC, and no two changes are so near. */
	const int64_t day = 86400;
	int64_t before = zone_offset(zone, local - day);
	int64_t after = zone_offset(zone, local + day);

	if (zone_offset(zone, local - before) == before)
		return local - before;
	if (zone_offset(zone, local - after) == after)
		return local - after;
	return local - before;
}
