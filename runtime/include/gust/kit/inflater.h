/* SPDX-License-Identifier: MIT */
#ifndef GUST_KIT_INFLATER_H
#define GUST_KIT_INFLATER_H

/*
 * Takes gzip and zstd data apart, as they come.
 *
 * Several members or frames one behind the other are one text, as gzip(1) and
 * zstd(1) have it; zeros behind the last member of gzip data are padding. A
 * format whose library was not there when gust was built is known, but cannot
 * be read. A zstd frame whose window is larger than 128 MiB is refused.
 *
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include <gust/error.h>

enum inflater_format {
	INFLATER_UNSURE, /* it takes more bytes to tell */
	INFLATER_PLAIN,
	INFLATER_GZIP,
	INFLATER_ZSTD
};

/* With so many bytes inflater_detect() is sure. */
#define INFLATER_MAGIC_MAX 4

struct inflater;

/* What data are that begin with these bytes. */
enum inflater_format inflater_detect(const char *data, size_t n);

/* "gzip", "zstd" or "plain". */
const char *inflater_name(enum inflater_format format);

/*
 * Makes an inflater for a format that is not plain. -ENOTSUP: this gust was
 * built without it, which `error` says; -ENOMEM. `*inflater` is written on
 * success only.
 */
int inflater_create(struct inflater **inflater, enum inflater_format format,
		    struct gust_error *error);

/* Takes NULL. */
void inflater_destroy(struct inflater *inflater);

/*
 * Takes `*taken` of the `n` bytes at `in` and makes `*made` bytes of them, at
 * most `size`, at `out`. Where it made that many there may be more in it: it
 * must then be called again, even if `n` is 0, and must not without any reason.
 * -EBADMSG: the data are damaged, and `error` says how; what was made before
 * the damage was found counts. -ENOMEM.
 */
int inflater_run(struct inflater *inflater, const char *in, size_t n,
		 size_t *taken, char *out, size_t size, size_t *made,
		 struct gust_error *error);

/* Whether the data may end here: no member or frame is half read. */
bool inflater_whole(const struct inflater *inflater);

#endif
