/* SPDX-License-Identifier: MIT */

#include "base/size.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/quantity.h"

static const struct quantity_unit size_units[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "byte", 1 },
	{ "bytes", 1 },
	{ "K", UINT64_C(1) << 10 },
	{ "M", UINT64_C(1) << 20 },
	{ "G", UINT64_C(1) << 30 },
	{ "T", UINT64_C(1) << 40 },
	{ "KiB", UINT64_C(1) << 10 },
	{ "MiB", UINT64_C(1) << 20 },
	{ "GiB", UINT64_C(1) << 30 },
	{ "TiB", UINT64_C(1) << 40 },
	{ "kB", UINT64_C(1000) },
	{ "MB", UINT64_C(1000000) },
	{ "GB", UINT64_C(1000000000) },
	{ "TB", UINT64_C(1000000000000) },
};

int size_parse(const char *text, uint64_t *bytes, struct gust_error *error)
{
	const struct quantity_unit *unit;
	const char *end = text;
	uint64_t value;
	int r;

	r = quantity_parse(&end, size_units,
			   sizeof(size_units) / sizeof(size_units[0]), &value,
			   &unit);
	if (r == 0 && *end != '\0')
		r = -EINVAL;
	if (r == -ERANGE)
		return gust_error_set(error, r,
				      "size '%s' is too large, expected less "
				      "than 16777216 TiB",
				      text);
	if (r < 0)
		return gust_error_set(error, r,
				      "'%s' is no size, expected a number of "
				      "bytes or one with a unit such as "
				      "'64KiB' or '1MiB'",
				      text);
	*bytes = value;
	return 0;
}

const char *size_format(char *text, uint64_t bytes)
{
	static const char *const names[] = { "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	uint64_t unit = 1024;
	size_t i = 0;
	int digits;

	if (bytes < 1024) {
		snprintf(text, SIZE_TEXT_SIZE, "%" PRIu64 " B", bytes);
		return text;
	}
	for (; value >= 1023.5 && i < 5; i++) {
		value /= 1024;
		unit *= 1024;
	}
	digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
	if (bytes % unit == 0)
		digits = 0;
	else if (bytes % (unit / 2) == 0 && digits == 2)
		digits = 1;
	snprintf(text, SIZE_TEXT_SIZE, "%.*f %s", digits, value, names[i]);
	return text;
}
