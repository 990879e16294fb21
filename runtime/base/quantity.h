/* SPDX-License-Identifier: MIT */
#ifndef BASE_QUANTITY_H
#define BASE_QUANTITY_H

/*
 * A number with a unit, as people write it: `10s`, `1.5 min`, `64KiB`. This is
 * what duration.h and size.h share.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct quantity_unit {
	const char *name;
	uint64_t factor;
};

/*
 * Reads a decimal number and a unit from `*text`, with spaces around each, and
 * moves `*text` behind them. Case does not matter. Without a unit the factor
 * is that of the unit named "", if there is one. What remains of a fraction is
 * rounded to the nearest; a unit of factor 1 takes none.
 *
 * Returns 0, -EINVAL if it is no such quantity, or -ERANGE if the value does
 * not fit 64 bits. `value` and `unit` are written on success only.
 */
int quantity_parse(const char **text, const struct quantity_unit *units,
		   size_t count, uint64_t *value,
		   const struct quantity_unit **unit);

#endif
