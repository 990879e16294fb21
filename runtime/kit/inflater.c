/* SPDX-License-Identifier: MIT */

#include <gust/kit/inflater.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ZLIB
#include <zlib.h>
/* A window of any size, in the format of gzip alone. */
#define INFLATER_GZIP_BITS (15 + 16)
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>
#define INFLATER_WINDOW_LOG 27
#endif

struct inflater {
	int (*run)(struct inflater *inflater, const char *in, size_t n,
		   size_t *taken, char *out, size_t size, size_t *made,
		   struct gust_error *error);
	bool whole;
#ifdef HAVE_ZLIB
	z_stream gzip;
	bool begun; /* the stream is to be ended */
#endif
#ifdef HAVE_ZSTD
	ZSTD_DStream *zstd;
#endif
};

/* Whether `data` begins as `magic` does, as far as both go. */
static bool inflater_begins(const char *data, size_t n, const char *magic,
			    size_t length)
{
	return memcmp(data, magic, n < length ? n : length) == 0;
}

enum inflater_format inflater_detect(const char *data, size_t n)
{
	static const char gzip[] = { '\x1f', '\x8b', '\x08' };
	static const char zstd[] = { '\x28', '\xb5', '\x2f', '\xfd' };
	static const char skippable[] = { '\x2a', '\x4d', '\x18' };

	if (n == 0)
		return INFLATER_UNSURE;
	if (inflater_begins(data, n, gzip, sizeof(gzip)))
		return n < sizeof(gzip) ? INFLATER_UNSURE : INFLATER_GZIP;
	if (inflater_begins(data, n, zstd, sizeof(zstd)))
		return n < sizeof(zstd) ? INFLATER_UNSURE : INFLATER_ZSTD;
	/* A frame to be skipped, with which pzstd begins its files. */
	if ((data[0] & 0xf0) == 0x50 &&
	    inflater_begins(data + 1, n - 1, skippable, sizeof(skippable)))
		return n <= sizeof(skippable) ? INFLATER_UNSURE : INFLATER_ZSTD;
	return INFLATER_PLAIN;
}

const char *inflater_name(enum inflater_format format)
{
	static const char *const names[] = { "plain", "plain", "gzip", "zstd" };

	return names[format];
}

#ifdef HAVE_ZLIB

/* Between two members: goes past padding to the next one, if there is one. */
static int inflater_gzip_next(struct inflater *inflater, const char **in,
			      size_t *n, struct gust_error *error)
{
	while (*n > 0 && **in == '\0') {
		(*in)++;
		(*n)--;
	}
	if (*n == 0)
		return 0;
	if (**in != '\x1f')
		return gust_error_set(error, -EBADMSG,
				      "what follows them is no gzip data");
	inflateReset(&inflater->gzip);
	inflater->whole = false;
	return 0;
}

static int inflater_gzip_run(struct inflater *inflater, const char *in,
			     size_t n, size_t *taken, char *out, size_t size,
			     size_t *made, struct gust_error *error)
{
	z_stream *gzip = &inflater->gzip;
	const char *begin = in;
	int r;

	if (inflater->whole)
		r = inflater_gzip_next(inflater, &in, &n, error);
	else
		r = 0;
	*taken = (size_t)(in - begin);
	*made = 0;
	if (r < 0 || inflater->whole)
		return r;
	n = n < INT_MAX ? n : INT_MAX;
	size = size < INT_MAX ? size : INT_MAX;
	/* The library does not write there. */
	gzip->next_in = (Bytef *)(uintptr_t)in;
	gzip->avail_in = (uInt)n;
	gzip->next_out = (Bytef *)out;
	gzip->avail_out = (uInt)size;
	r = inflate(gzip, Z_NO_FLUSH);
	*taken += n - gzip->avail_in;
	*made = size - gzip->avail_out;
	inflater->whole = r == Z_STREAM_END;
	if (r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR)
		return 0;
	if (r == Z_MEM_ERROR)
		return -ENOMEM;
	return gust_error_set(error, -EBADMSG, "%s",
			      r == Z_NEED_DICT    ? "they need a dictionary"
			      : gzip->msg == NULL ? "they make no sense"
						  : gzip->msg);
}

static int inflater_gzip_begin(struct inflater *inflater)
{
	if (inflateInit2(&inflater->gzip, INFLATER_GZIP_BITS) != Z_OK)
		return -ENOMEM;
	inflater->begun = true;
	inflater->run = inflater_gzip_run;
	return 0;
}

#endif

#ifdef HAVE_ZSTD

static int inflater_zstd_run(struct inflater *inflater, const char *in,
			     size_t n, size_t *taken, char *out, size_t size,
			     size_t *made, struct gust_error *error)
{
	ZSTD_inBuffer from = { in, n, 0 };
	ZSTD_outBuffer to = { out, size, 0 };
	size_t r;

	*taken = 0;
	*made = 0;
	/* Asked without a byte, it would say how many a next frame takes. */
	if (n == 0 && inflater->whole)
		return 0;
	r = ZSTD_decompressStream(inflater->zstd, &to, &from);
	*taken = from.pos;
	*made = to.pos;
	inflater->whole = r == 0;
	if (!ZSTD_isError(r))
		return 0;
	if (ZSTD_getErrorCode(r) == ZSTD_error_memory_allocation)
		return -ENOMEM;
	return gust_error_set(error, -EBADMSG, "%s", ZSTD_getErrorName(r));
}

static int inflater_zstd_begin(struct inflater *inflater)
{
	inflater->zstd = ZSTD_createDStream();
	if (inflater->zstd == NULL)
		return -ENOMEM;
	ZSTD_DCtx_setParameter(inflater->zstd, ZSTD_d_windowLogMax,
			       INFLATER_WINDOW_LOG);
	inflater->run = inflater_zstd_run;
	return 0;
}

#endif

static int inflater_begin(struct inflater *inflater,
			  enum inflater_format format, struct gust_error *error)
{
#ifdef HAVE_ZLIB
	if (format == INFLATER_GZIP)
		return inflater_gzip_begin(inflater);
#endif
#ifdef HAVE_ZSTD
	if (format == INFLATER_ZSTD)
		return inflater_zstd_begin(inflater);
#endif
	(void)inflater;
	return gust_error_set(error, -ENOTSUP, "this gust was built without %s",
			      format == INFLATER_GZIP ? "zlib" : "libzstd");
}

int inflater_create(struct inflater **inflater, enum inflater_format format,
		    struct gust_error *error)
{
	struct inflater *made = calloc(1, sizeof(*made));
	int r;

	if (made == NULL)
		return -ENOMEM;
	r = inflater_begin(made, format, error);
	if (r < 0) {
		inflater_destroy(made);
		return r;
	}
	*inflater = made;
	return 0;
}

void inflater_destroy(struct inflater *inflater)
{
	if (inflater == NULL)
		return;
#ifdef HAVE_ZLIB
	if (inflater->begun)
		inflateEnd(&inflater->gzip);
#endif
#ifdef HAVE_ZSTD
	ZSTD_freeDStream(inflater->zstd);
#endif
	free(inflater);
}

int inflater_run(struct inflater *inflater, const char *in, size_t n,
		 size_t *taken, char *out, size_t size, size_t *made,
		 struct gust_error *error)
{
	return inflater->run(inflater, in, n, taken, out, size, made, error);
}

bool inflater_whole(const struct inflater *inflater)
{
	return inflater->whole;
}
