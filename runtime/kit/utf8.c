/* SPDX-License-Identifier: MIT */

#include <gust/kit/utf8.h>

#include <stdio.h>
#include <string.h>

size_t utf8_character(const char *text, size_t left)
{
	const unsigned char *p = (const unsigned char *)text;
	const size_t length = p[0] < 0x80   ? 1
			      : p[0] < 0xc2 ? 0
			      : p[0] < 0xe0 ? 2
			      : p[0] < 0xf0 ? 3
			      : p[0] < 0xf5 ? 4
					    : 0;
	size_t i;

	if (length > left)
		return 0;
	for (i = 1; i < length; i++) {
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

void utf8_readable(const char *raw, char *text, size_t size)
{
	const size_t n = strlen(raw);
	size_t at = 0, used = 0, length;

	while (at < n && used + 5 <= size) {
		length = utf8_character(raw + at, n - at);
		if (length == 0 || (unsigned char)raw[at] < ' ' ||
		    raw[at] == '\x7f') {
			snprintf(text + used, 5, "\\x%02x",
				 (unsigned)(unsigned char)raw[at++]);
			used += 4;
			continue;
		}
		memcpy(text + used, raw + at, length);
		used += length;
		at += length;
	}
	text[used] = '\0';
}
