/* SPDX-License-Identifier: MIT */
#include "state/store_head.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What comes before the names. */
struct store_head {
	uint32_t format;
	uint32_t task;
	uint32_t tasks;
	uint32_t zero;
	uint64_t incarnation;
};

char *store_head_make(const struct store_place *place, uint64_t incarnation,
		      size_t *length)
{
	const struct store_head head = { .format = STORE_FORMAT,
					 .task = place->task,
					 .tasks = place->tasks,
					 .incarnation = incarnation };
	const size_t topology = strlen(place->topology) + 1;
	const size_t component = strlen(place->component) + 1;
	char *record = malloc(sizeof(head) + topology + component);

	if (record == NULL)
		return NULL;
	memcpy(record, &head, sizeof(head));
	memcpy(record + sizeof(head), place->topology, topology);
	memcpy(record + sizeof(head) + topology, place->component, component);
	*length = sizeof(head) + topology + component;
	return record;
}

/* Whether the names are those; `names` ends with a NUL. */
static bool store_head_is_of(struct gust_text names,
			     const struct store_place *place)
{
	const size_t topology = strlen(place->topology) + 1;

	return names.length == topology + strlen(place->component) + 1 &&
	       strcmp(names.data, place->topology) == 0 &&
	       strcmp(names.data + topology, place->component) == 0;
}

int store_head_check(struct gust_text record, const struct store_place *place,
		     const char *where, uint64_t *incarnation, uint32_t *tasks,
		     struct gust_error *error)
{
	const char *component;
	struct gust_text names;
	struct store_head head;

	memset(&head, 0, sizeof(head));
	memcpy(&head, record.data,
	       record.length < sizeof(head) ? record.length : sizeof(head));
	if (record.length >= sizeof(head.format) && head.format > STORE_FORMAT)
		return gust_error_set(error, -ENOTSUP,
				      "the state in '%s' has format %" PRIu32
				      ", this gust reads up to %d",
				      where, head.format, STORE_FORMAT);
	names.data = record.data + sizeof(head);
	names.length = record.length - sizeof(head);
	if (record.length < sizeof(head) + 2 || head.format == 0 ||
	    record.data[record.length - 1] != '\0' || head.tasks == 0)
		return gust_error_set(error, -EBADMSG,
				      "the state in '%s' is damaged: what it "
				      "says of itself cannot be read",
				      where);
	*tasks = head.tasks;
	*incarnation = head.incarnation;
	component = names.data + strlen(names.data) + 1;
	if (component == names.data + names.length)
		component = "";
	if (!store_head_is_of(names, place) || head.task != place->task)
		return gust_error_set(error, -EBADMSG,
				      "the state in '%s' is that of task "
				      "%" PRIu32 " of '%s' in '%s'",
				      where, head.task, component, names.data);
	if (place->tasks != 0 && head.tasks != place->tasks)
		return gust_error_set(error, -EBUSY,
				      "the state in '%s' is that of %" PRIu32
				      " tasks, the topology has %" PRIu32,
				      where, head.tasks, place->tasks);
	return 0;
}

uint64_t store_head_incarnation(struct gust_text record)
{
	uint64_t incarnation = 0;

	if (record.length >= sizeof(struct store_head))
		memcpy(&incarnation,
		       record.data + offsetof(struct store_head, incarnation),
		       sizeof(incarnation));
	return incarnation;
}
