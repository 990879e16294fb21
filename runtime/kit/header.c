/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <gust/kit/header.h>

/* Whether it is a name, or a value, that cannot smuggle in another header. */
static bool header_is_good(const char *name, const char *value)
{
	static const char signs[] = "!#$%&'*+-.^_`|~";
	const char *p;

	for (p = name; *p != '\0'; p++)
		if ((*p < '0' || *p > '9') && (*p < 'A' || *p > 'Z') &&
		    (*p < 'a' || *p > 'z') && strchr(signs, *p) == NULL)
			return false;
	return p > name && strpbrk(value, "\r\n") == NULL;
}

int header_check(const struct gust_map *headers, struct gust_error *error)
{
	size_t i;

	for (i = 0; i < headers->count; i++)
		if (!header_is_good(headers->keys[i], headers->values[i]))
			return gust_error_set(error, -EINVAL,
					      "option 'headers': number %zu is "
					      "no header, expected a name "
					      "without blanks and a value in "
					      "one line",
					      i + 1);
	return 0;
}

bool header_has(const struct gust_map *headers, const char *name)
{
	size_t i;

	for (i = 0; i < headers->count; i++)
		if (strcasecmp(headers->keys[i], name) == 0)
			return true;
	return false;
}

int header_add(struct curl_slist **list, const char *name, const char *value)
{
	const size_t size = strlen(name) + strlen(value) + 3;
	struct curl_slist *grown;
	char *line;

	line = malloc(size);
	if (line == NULL)
		return -ENOMEM;
	/* "Name;" is how libcurl is told of a header without a value. */
	if (value[0] == '\0')
		snprintf(line, size, "%s;", name);
	else
		snprintf(line, size, "%s: %s", name, value);
	grown = curl_slist_append(*list, line);
	free(line);
	if (grown == NULL)
		return -ENOMEM;
	*list = grown;
	return 0;
}
