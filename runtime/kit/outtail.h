/* SPDX-License-Identifier: MIT */
#ifndef KIT_OUTTAIL_H
#define KIT_OUTTAIL_H

/*
 * Where the last whole record of a file ends: after its last line end, and
 * where records are CSV, after the last one that is not in quotes.
 */

#include <stdint.h>

/*
 * Looks at the first `size` bytes of a file: from the end, or, with a `quote`,
 * at all of them. 0 or a negative errno; `*whole` is written on success only.
 */
int outtail_find(int fd, uint64_t size, char quote, uint64_t *whole);

#endif
