/* SPDX-License-Identifier: MIT */

#include "worker/mailbox.h"

#include "channel/message.h"

/* In the room of a message. */
struct mailbox_entry {
	struct mailbox_entry *next; /* put in before; once taken, after it */
};

_Static_assert(sizeof(struct mailbox_entry) <= MESSAGE_ROOM,
	       "messages have room for the list");

void mailbox_fini(struct mailbox *mailbox)
{
	void *next;

	for (void *message = mailbox_take(mailbox); message != NULL;
	     message = next) {
		next = mailbox_next(message);
		message_free(message);
	}
}

bool mailbox_put(struct mailbox *mailbox, void *message)
{
	struct mailbox_entry *entry = message;
	void *newest = __atomic_load_n(&mailbox->newest, __ATOMIC_RELAXED);

	do {
		entry->next = newest;
	} while (!__atomic_compare_exchange_n(&mailbox->newest, &newest, entry,
					      true, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	/* In one order with the store and the load of mailbox_doze(): either
	 * it sees the message, or this sees that it dozes. */
	return __atomic_load_n(&mailbox->dozing, __ATOMIC_SEQ_CST) != 0 &&
	       __atomic_exchange_n(&mailbox->dozing, 0, __ATOMIC_SEQ_CST) != 0;
}

void *mailbox_take(struct mailbox *mailbox)
{
	struct mailbox_entry *entry, *first = NULL;

	if (mailbox_is_empty(mailbox))
		return NULL;
	entry = __atomic_exchange_n(&mailbox->newest, NULL, __ATOMIC_ACQUIRE);
	while (entry != NULL) {
		struct mailbox_entry *before = entry->next;

		entry->next = first;
		first = entry;
		entry = before;
	}
	return first;
}

void *mailbox_next(const void *message)
{
	const struct mailbox_entry *entry = message;

	return entry->next;
}

bool mailbox_doze(struct mailbox *mailbox)
{
	__atomic_store_n(&mailbox->dozing, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&mailbox->newest, __ATOMIC_SEQ_CST) == NULL)
		return true;
	mailbox_rouse(mailbox);
	return false;
}

void mailbox_rouse(struct mailbox *mailbox)
{
	if (__atomic_load_n(&mailbox->dozing, __ATOMIC_RELAXED) != 0)
		__atomic_store_n(&mailbox->dozing, 0, __ATOMIC_RELAXED);
}
