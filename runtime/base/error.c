/* SPDX-License-Identifier: MIT */

#include <gust/error.h>

#include <stdarg.h>
#include <stdio.h>

int gust_error_set(struct gust_error *error, int code, const char *format, ...)
{
	va_list arguments;

	if (error == NULL || error->code != 0)
		return code;
	error->code = code;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof(error->text), format, arguments);
	va_end(arguments);
	return code;
}
