/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_KEY_H
#define CHANNEL_KEY_H

/*
 * The cluster key: 32 random bytes that all workers of a topology hold, and
 * nobody else. As text it is 64 hexadecimal digits, in a file or in the
 * environment; in memory it is never swapped nor dumped, and it is in no
 * message. Its id, which tells keys apart, is no secret.
 *
 * A key is read once, before the first fork and the first plugin. Afterwards
 * any thread may use it, and children have it, too.
 */

#include <stdint.h>

#include <gust/error.h>

/* Where a key is looked for that no file holds. */
#define KEY_VARIABLE "GUST_CLUSTER_KEY"

struct key;

/*
 * Takes the key of the file `path`, or with `path` NULL that of the
 * environment; `*key` is NULL where there is none either. The variable is
 * overwritten and removed in any case, so that neither a child nor
 * /proc/PID/environ has it. -EPERM: others may read the file; -EINVAL: it holds
 * no key; -ENOSYS: built without libsodium; -ENOMEM, and what open(2) gives;
 * all set `error`.
 */
int key_open(const char *path, struct key **key, struct gust_error *error);

/* Takes the key out of the environment, and does not look at it. */
void key_forget(void);

/* Takes NULL. */
void key_destroy(struct key *key);

/*
 * Makes a key and writes it to a new file that only its owner may read, or with
 * `path` NULL to standard output. -EEXIST: nothing is overwritten; -ENOSYS, and
 * what open(2) and write(2) give; all set `error`. `id` is written on success,
 * it may be NULL.
 */
int key_generate(const char *path, uint64_t *id, struct gust_error *error);

/* Never 0. */
uint64_t key_id(const struct key *key);

/* The `id`th key of 32 bytes that comes of this one. */
void key_derive(const struct key *key, uint64_t id, uint8_t derived[32]);

#endif
