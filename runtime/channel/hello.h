/* SPDX-License-Identifier: MIT */
#ifndef CHANNEL_HELLO_H
#define CHANNEL_HELLO_H

/*
 * The payload of HELLO and WELCOME: what two workers must agree on, to the
 * byte, before they talk. Everyone must hold the same topology file, the same
 * plan of it, and the same plugins; what differs is told in words.
 */

#include <stddef.h>
#include <stdint.h>

struct link_identity;

/* How many plugins are told apart; of those behind only one hash is told. */
#define HELLO_PLUGINS_MAX 4096u

/* What of a topology's name is compared. */
#define HELLO_NAME_MAX 1024u

/* Room for a text that says what differs, with its NUL. */
#define HELLO_TEXT_SIZE 512

struct hello {
	uint64_t plan_hash;
	uint64_t plugins_hash; /* of all of them */
	uint32_t plugin_count;
	uint32_t name_length;
	/* Then a hash a plugin, at most HELLO_PLUGINS_MAX, and the name. */
};

/* How many bytes hello_write() writes. */
size_t hello_size(const struct link_identity *identity);

/* Writes to `data`, aligned to 8. */
void hello_write(const struct link_identity *identity, void *data);

/*
 * Compares what worker `peer` sent, `size` bytes from anywhere, aligned to 8.
 * 0: it fits; -ESTALE: something differs, and then `mine` says what for people
 * on this side and `theirs` for the other one, HELLO_TEXT_SIZE bytes each;
 * -EBADMSG: malformed.
 */
int hello_compare(const struct link_identity *identity, uint32_t peer,
		  const void *data, size_t size, char *mine, char *theirs);

#endif
