/* SPDX-License-Identifier: MIT */
#ifndef CLI_JSONTEXT_H
#define CLI_JSONTEXT_H

#include <stdint.h>

#include <jansson.h>

/*
 * A new JSON string of `text`, whose bytes may be anything: JSON has no other
 * strings than UTF-8, so each byte that is none becomes a '?'. JSON's null for
 * NULL; NULL when memory is short.
 */
json_t *jsontext(const char *text);

/* A number. JSON has none without a sign; what is above is the greatest. */
json_t *jsontext_count(uint64_t count);

#endif
