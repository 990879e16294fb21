/* SPDX-License-Identifier: MIT */

/*
 * Any bytes as records of a stream: the first byte says how they are framed,
 * the second in what pieces they come, the third how long a record may be.
 * What comes out must be what cutting the whole at once gives.
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <gust/kit/scanner.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool truth)
{
	if (!truth)
		abort();
}

/* The bytes that are not yet accounted for, all of them. */
struct model {
	const char *at;
	size_t left;
	enum scanner_framing framing;
	size_t limit;
};

/* The next record as the model sees it: as scanner_next(), and 0 also for one
 * that has no end. */
static int model_next(struct model *model, struct gust_text *record)
{
	const char *end;
	size_t head = 0, n, told;

	if (model->framing == SCANNER_LINE) {
		end = model->left == 0 ? NULL
				       : memchr(model->at, '\n', model->left);
		n = end == NULL ? model->left : (size_t)(end - model->at);
		if (end == NULL && n <= model->limit)
			return 0;
		told = end == NULL ? n : n + 1;
	} else {
		if (model->left < 4)
			return 0;
		head = 4;
		n = (size_t)(uint8_t)model->at[0] << 24 |
		    (size_t)(uint8_t)model->at[1] << 16 |
		    (size_t)(uint8_t)model->at[2] << 8 | (uint8_t)model->at[3];
		if (n > model->left - 4 && n <= model->limit)
			return 0;
		told = n < model->left - 4 ? n + 4 : model->left;
	}
	record->data = model->at + head;
	record->length = n;
	model->at += told;
	model->left -= told;
	return n > model->limit ? -EMSGSIZE : 1;
}

/* What the scanner has is what the model says. */
static void compare(struct scanner *scanner, struct model *model)
{
	struct gust_text found, expected;
	int r;

	while ((r = scanner_next(scanner, &found)) != 0) {
		demand(model_next(model, &expected) == r);
		demand(r == -EMSGSIZE || found.length == expected.length);
		demand(found.length <= expected.length);
		demand(memcmp(found.data, expected.data, found.length) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scanner scanner = { 0 };
	struct gust_text rest, expected;
	struct model model;
	size_t piece, n;
	int r;

	if (size < 3)
		return 0;
	scanner.framing = data[0] % 2 == 0 ? SCANNER_LINE : SCANNER_LENGTH;
	piece = (size_t)data[1] + 1;
	scanner.limit = data[2];
	data += 3;
	size -= 3;
	model = (struct model){ (const char *)data, size, scanner.framing,
				scanner.limit };
	for (; size > 0; data += n, size -= n) {
		n = piece < size ? piece : size;
		demand(scanner_feed(&scanner, data, n) == 0);
		compare(&scanner, &model);
		/* No more is gathered than it takes. */
		demand(scanner.bytes.used <= scanner.limit + 4 + piece);
	}
	demand(model_next(&model, &expected) == 0);
	r = scanner_rest(&scanner, &rest);
	demand(r == 0 || (rest.length == model.left &&
			  memcmp(rest.data, model.at, rest.length) == 0));
	demand(scanner_rest(&scanner, &rest) == 0);
	scanner_destroy(&scanner);
	return 0;
}
