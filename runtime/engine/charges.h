/* SPDX-License-Identifier: MIT */
#ifndef ENGINE_CHARGES_H
#define ENGINE_CHARGES_H

/*
 * How often a worker died while it executed what a source has at an offset:
 * kept by who starts the workers, for those that it starts afterwards.
 */

#include <stdbool.h>
#include <stdint.h>

struct charges;

struct charges *charges_create(void); /* NULL: no memory */
void charges_destroy(struct charges *charges);

/* Adds one; `source` is the hash_bytes() of its name. -ENOMEM. */
int charges_add(struct charges *charges, uint32_t component, uint64_t source,
		uint64_t offset, const char *reason);

/* As executor_host.charges(): how many, and the last reason. Any number of
 * threads at a time, but none that adds. */
uint32_t charges_count(const struct charges *charges, uint32_t component,
		       uint64_t source, uint64_t offset, const char **reason);

/* Whether there are none. NULL has none. */
bool charges_none(const struct charges *charges);

#endif
