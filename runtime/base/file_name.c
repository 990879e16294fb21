/* SPDX-License-Identifier: MIT */

#include "base/file_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *file_name_for(const char *name, const char *suffix)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-_.";
	char *text = malloc(strlen(name) * 3 + strlen(suffix) + 1);
	char *at = text;

	if (text == NULL)
		return NULL;
	for (const char *from = name; *from != '\0'; from++) {
		if (strchr(plain, *from) != NULL &&
		    (*from != '.' || from != name))
			*at++ = *from;
		else
			at += sprintf(at, "%%%02X", (unsigned char)*from);
	}
	strcpy(at, suffix);
	return text;
}
