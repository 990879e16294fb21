/* SPDX-License-Identifier: MIT */

/*
 * protect: masks, hashes or encrypts fields.
 *
 *	mask	all but the last `keep` characters become "*", and never less
 *		than half of them
 *	hash	becomes 64 hexadecimal digits that are the same for the same
 *		value and key, and tell nothing to who has no key: the
 *		BLAKE2b of its text, keyed, of 256 bits (in Python:
 *		hashlib.blake2b(text, key=key, digest_size=32))
 *	encrypt	becomes base64 that only who has the key can read or forge
 *		(XChaCha20-Poly1305), different each time
 *	decrypt	the way back, with the type that the field had; what was
 *		changed, or encrypted with another key, is a dead letter
 *
 * Null stays null; numbers are masked and hashed as they are printed. The key
 * has 256 bits, as 64 hexadecimal digits: `openssl rand -hex 32` makes one. It
 * is given as an option (from the environment: "${ENV-SHOP_KEY}") or in a
 * file, never both.
 *
 * Dead letters hold a tuple as its spout emitted it: what is protected here
 * stands there as it was before.
 *
 * Input:
 *	any streams, all with the same fields; decrypt needs strings
 * Output:
 *	default: the fields of the input; masked, hashed and encrypted ones
 *	are strings
 *
 * Example:
 *	bolts:
 *	  - id: protect
 *	    plugin: protect
 *	    options:
 *	      mask: card
 *	      hash: email
 *	      encrypt: [name, birthday]
 *	      key_file: /etc/shop.key
 *	  - id: reveal
 *	    plugin: protect
 *	    options:
 *	      decrypt: {name: string, birthday: int}
 *	      key: "${ENV-SHOP_KEY}"
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include <gust/bolt.h>
#include <gust/kit/buffer.h>
#include <gust/kit/cast.h>
#include <gust/kit/columns.h>
#include <gust/kit/forward.h>

#include "vault.h"

enum protect_deed {
	PROTECT_PASS,
	PROTECT_MASK,
	PROTECT_HASH,
	PROTECT_ENCRYPT,
	PROTECT_DECRYPT
};

/* What becomes of a field. */
struct protect_field {
	enum protect_deed deed;
	enum gust_type type; /* of the result */
	struct buffer text;  /* of the result */
};

struct protect {
	struct gust_list mask; /* options */
	struct gust_list hash;
	struct gust_list encrypt;
	struct gust_map decrypt;
	int64_t keep;
	const char *key;
	const char *key_file;

	struct forward forward;
	struct protect_field *fields; /* in the order of the columns */
	const struct gust_column *columns;
	struct vault vault;
	struct buffer plain; /* what is masked */
};

static const struct gust_option protect_options[] = {
	{ .name = "mask",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct protect, mask),
	  .help = "the fields of which only the end is kept" },
	{ .name = "keep",
	  .type = GUST_OPTION_INT,
	  .offset = offsetof(struct protect, keep),
	  .fallback = "4",
	  .help = "how many characters 'mask' keeps",
	  .min = 0,
	  .max = 100 },
	{ .name = "hash",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct protect, hash),
	  .help = "the fields that are hashed with the key" },
	{ .name = "encrypt",
	  .type = GUST_OPTION_LIST,
	  .offset = offsetof(struct protect, encrypt),
	  .help = "the fields that are encrypted" },
	{ .name = "decrypt",
	  .type = GUST_OPTION_MAP,
	  .offset = offsetof(struct protect, decrypt),
	  .help = "the fields that are decrypted, and their types before" },
	{ .name = "key",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct protect, key),
	  .help = "the key, 64 hexadecimal digits",
	  .flags = GUST_SECRET },
	{ .name = "key_file",
	  .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct protect, key_file),
	  .help = "the file that holds the key" },
	{ .name = NULL },
};

/* Whether there is one key if one is needed, and if it is one. The key itself
 * is in no message. */
static int protect_check_key(const struct protect *protect,
			     struct gust_error *error)
{
	struct vault vault = { 0 };
	int r;

	if (protect->hash.count + protect->encrypt.count +
		    protect->decrypt.count ==
	    0)
		return 0;
	if ((protect->key != NULL) == (protect->key_file != NULL))
		return gust_error_set(error, -EINVAL,
				      "expected either option 'key' or option "
				      "'key_file'");
	if (protect->key == NULL)
		return 0;
	if (sodium_init() < 0)
		return gust_error_set(error, -EIO,
				      "libsodium cannot be initialized");
	r = vault_key(&vault, protect->key, strlen(protect->key));
	vault_fini(&vault);
	if (r < 0)
		return gust_error_set(error, -EINVAL,
				      "option 'key' is no key, expected 64 "
				      "hexadecimal digits");
	return 0;
}

/* Says what becomes of a field; it may be said once. */
static int protect_mark(struct protect_field *fields,
			const struct gust_column *columns, const char *name,
			enum protect_deed deed, enum gust_type type,
			struct gust_error *error)
{
	const int at = columns_find(columns, name);

	if (at < 0)
		return gust_error_set(error, -ENOENT,
				      "no field is named '%.60s'", name);
	if (fields[at].deed != PROTECT_PASS)
		return gust_error_set(error, -EINVAL,
				      "field '%.60s' is named twice", name);
	if (deed == PROTECT_DECRYPT && columns[at].type != GUST_STRING)
		return gust_error_set(error, -EINVAL,
				      "option 'decrypt': field '%.60s' is %s, "
				      "expected string",
				      name, gust_type_name(columns[at].type));
	fields[at].deed = deed;
	fields[at].type = type;
	return 0;
}

/* Fills `fields`, which are as many as the columns, by the options. */
static int protect_plan(const struct protect *protect,
			struct protect_field *fields,
			const struct gust_column *columns,
			struct gust_error *error)
{
	const struct {
		const struct gust_list *names;
		enum protect_deed deed;
	} lists[] = { { &protect->mask, PROTECT_MASK },
		      { &protect->hash, PROTECT_HASH },
		      { &protect->encrypt, PROTECT_ENCRYPT } };
	enum gust_type type;
	size_t i, k;
	int r = 0;

	for (k = 0; k < 3; k++)
		for (i = 0; i < lists[k].names->count && r == 0; i++)
			r = protect_mark(fields, columns,
					 lists[k].names->items[i],
					 lists[k].deed, GUST_STRING, error);
	for (i = 0; i < protect->decrypt.count && r == 0; i++) {
		r = cast_type(protect->decrypt.values[i], &type, error);
		if (r == 0)
			r = protect_mark(fields, columns,
					 protect->decrypt.keys[i],
					 PROTECT_DECRYPT, type, error);
	}
	return r;
}

static int protect_declare(void *self, struct gust_declaration *about,
			   struct gust_error *error)
{
	const struct protect *protect = self;
	const struct gust_column *columns;
	struct protect_field *fields = NULL;
	struct gust_column *results = NULL;
	size_t i, n;
	int r;

	if (protect->mask.count + protect->hash.count + protect->encrypt.count +
		    protect->decrypt.count ==
	    0)
		return gust_error_set(error, -EINVAL,
				      "it protects nothing, expected 'mask', "
				      "'hash', 'encrypt' or 'decrypt'");
	r = protect_check_key(protect, error);
	if (r == 0)
		r = forward_columns(about, &columns, error);
	if (r < 0)
		return r;
	n = columns_count(columns);
	fields = calloc(n + 1, sizeof(*fields));
	results = calloc(n + 1, sizeof(*results));
	if (fields == NULL || results == NULL)
		r = -ENOMEM;
	else
		r = protect_plan(protect, fields, columns, error);
	for (i = 0; r == 0 && i < n; i++) {
		results[i] = columns[i];
		if (fields[i].deed != PROTECT_PASS)
			results[i].type = fields[i].type;
	}
	if (r == 0)
		r = gust_declare_stream(about, "default", results);
	free(fields);
	free(results);
	return r;
}

static int protect_open_vault(struct protect *protect, struct gust_task *task,
			      struct gust_error *error)
{
	bool public = false;
	int r = 0;

	if (protect->key_file != NULL)
		r = vault_load(&protect->vault, protect->key_file, &public,
			       error);
	else if (protect->key != NULL)
		r = vault_key(&protect->vault, protect->key,
			      strlen(protect->key));
	if (public)
		gust_log(task, GUST_LOG_WARN,
			 "the key in '%s' can be read by every user",
			 protect->key_file);
	return r;
}

static int protect_open(void *self, struct gust_task *task,
			struct gust_error *error)
{
	struct protect *protect = self;
	int r;

	if (sodium_init() < 0)
		return gust_error_set(error, -EIO,
				      "libsodium cannot be initialized");
	r = forward_open(&protect->forward, task, error);
	if (r < 0)
		return r;
	protect->columns = gust_task_input(task, 0)->columns;
	protect->fields =
		calloc(protect->forward.count + 1, sizeof(*protect->fields));
	if (protect->fields == NULL)
		return -ENOMEM;
	r = protect_plan(protect, protect->fields, protect->columns, error);
	return r == 0 ? protect_open_vault(protect, task, error) : r;
}

/* How long the first character is; a byte that begins none of UTF-8 is one. */
static size_t protect_character(const char *text, size_t n)
{
	const unsigned char c = (unsigned char)text[0];
	const size_t most = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	size_t length = 1;

	while (length < most && length < n &&
	       ((unsigned char)text[length] & 0xc0) == 0x80)
		length++;
	return length;
}

static int protect_mask(struct protect *protect, struct gust_value value,
			struct buffer *masked)
{
	struct buffer *plain = &protect->plain;
	const size_t keep = (size_t)protect->keep;
	size_t count = 0, hidden, at;
	int r;

	plain->used = 0;
	/* So that there are bytes, even if none are used. */
	r = buffer_reserve(plain, 1);
	if (r == 0)
		r = buffer_value(plain, value);
	if (r < 0)
		return r;
	for (at = 0; at < plain->used; count++)
		at += protect_character(plain->data + at, plain->used - at);
	hidden = keep < count / 2 ? count - keep : count - count / 2;
	for (at = 0; hidden > 0 && r == 0; hidden--) {
		r = buffer_char(masked, '*');
		at += protect_character(plain->data + at, plain->used - at);
	}
	if (r == 0)
		r = buffer_append(masked, plain->data + at, plain->used - at);
	return r;
}

/* 0, -ENOMEM, or what execute() must return after a verdict. */
static int protect_decrypt(struct protect *protect, struct gust_task *task,
			   const struct gust_tuple *in, size_t at)
{
	struct protect_field *field = &protect->fields[at];
	struct gust_value *value = &protect->forward.row[at];
	const char *name = protect->columns[at].name;
	unsigned format;
	int r = vault_unseal(&protect->vault, *value, value, &format);

	if (r == -EBADMSG)
		return gust_dead_letter(task, in,
					"field '%.60s' cannot be decrypted: "
					"it has been changed, or the key is "
					"another one",
					name);
	if (r == -ENOTSUP)
		return gust_dead_letter(task, in,
					"field '%.60s' is encrypted in format "
					"%u, expected at most %d: a newer "
					"gust did it",
					name, format, VAULT_FORMAT);
	if (r < 0)
		return r;
	if (value->type != (uint32_t)field->type)
		return gust_dead_letter(
			task, in, "field '%.60s' was %s, expected %s", name,
			gust_type_name((enum gust_type)value->type),
			gust_type_name(field->type));
	if (value->type < GUST_STRING)
		return 0;
	r = buffer_append(&field->text, value->as.data, value->length);
	value->as.data = field->text.data == NULL ? "" : field->text.data;
	return r;
}

static int protect_change(struct protect *protect, struct gust_task *task,
			  const struct gust_tuple *in, size_t at)
{
	struct protect_field *field = &protect->fields[at];
	struct gust_value *value = &protect->forward.row[at];
	int r;

	field->text.used = 0;
	if (field->deed == PROTECT_DECRYPT)
		return protect_decrypt(protect, task, in, at);
	if (field->deed == PROTECT_ENCRYPT)
		r = vault_seal(&protect->vault, *value, &field->text);
	else if (field->deed == PROTECT_HASH)
		r = vault_hash(&protect->vault, *value, &field->text);
	else
		r = protect_mask(protect, *value, &field->text);
	*value = gust_string(field->text.data == NULL ? "" : field->text.data,
			     field->text.used);
	return r;
}

static int protect_execute(void *self, struct gust_task *task,
			   const struct gust_tuple *in)
{
	struct protect *protect = self;
	struct forward *forward = &protect->forward;
	size_t i;
	int r = 0;

	forward_read(forward, in);
	for (i = 0; i < forward->count && r == 0; i++)
		if (protect->fields[i].deed != PROTECT_PASS &&
		    forward->row[i].type != GUST_NULL)
			r = protect_change(protect, task, in, i);
	if (r < 0)
		return r;
	if (columns_size(forward->row, forward->count) > gust_tuple_max(task))
		return gust_reject(task, in,
				   "protected, it does not fit into "
				   "topology.tuple.max.bytes, %zu",
				   gust_tuple_max(task));
	return gust_emit_values(task, 0, forward->row, forward->count);
}

static void protect_close(void *self)
{
	struct protect *protect = self;
	size_t i;

	for (i = 0; protect->fields != NULL && i < protect->forward.count; i++)
		buffer_destroy(&protect->fields[i].text);
	free(protect->fields);
	buffer_destroy(&protect->plain);
	forward_close(&protect->forward);
	vault_fini(&protect->vault);
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI,
	.size = sizeof(struct gust_bolt),
	.name = "protect",
	.summary = "masks, hashes or encrypts fields",
	.options = protect_options,
	.instance_size = sizeof(struct protect),
	.declare = protect_declare,
	.open = protect_open,
	.execute = protect_execute,
	.close = protect_close,
};
