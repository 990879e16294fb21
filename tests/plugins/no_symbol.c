/* SPDX-License-Identifier: MIT */

/* no_symbol: a shared object that is no plugin. */

#include <gust/bolt.h>

extern const int not_a_bolt;
GUST_EXPORT const int not_a_bolt = 1;
