/* SPDX-License-Identifier: MIT */
#ifndef SALES_H
#define SALES_H

/* What tests of `lookup` give it: products by shops. Included after test.h. */

#include "fake_task.h"

#define SECOND UINT64_C(1000000000)

static const struct gust_column columns[] = { { "product", GUST_INT },
					      { "shop", GUST_STRING },
					      { NULL, GUST_NULL } };

/* Gives one, and checks all that is emitted then. */
static inline void give(struct fake *fake, int64_t product, const char *shop,
			const char *expected)
{
	const struct gust_value row[] = { gust_int(product),
					  gust_string(shop, strlen(shop)) };

	fake_forget(fake);
	CHECK_INT(fake_give(fake, row, 2), 0);
	CHECK_STR(fake->emitted.data, expected);
}

#endif
