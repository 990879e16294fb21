/* SPDX-License-Identifier: MIT */

#include "base/count.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *count_format(char *text, uint64_t count)
{
	char digits[24];
	size_t n, i, at = 0;

	n = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);
	for (i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}
