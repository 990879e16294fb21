/* SPDX-License-Identifier: MIT */
#include "fake_inside.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct gust_task *fake_task(struct fake *fake)
{
	return (struct gust_task *)(void *)fake;
}

void fake_append(struct fake_text *text, const void *data, size_t length)
{
	/* By doubling: a sanitizer's realloc() copies every time. */
	if (text->length + length >= text->size) {
		text->size = 2 * (text->length + length + 1);
		text->data = realloc(text->data, text->size);
		assert(text->data != NULL);
	}
	if (length > 0)
		memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
}

struct fake *fake_create(const char *name)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	size_t size;
	char path[1024];

	assert(fake != NULL);
	snprintf(path, sizeof(path), "%s/%s.so", TEST_BUILD_DIR, name);
	fake->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (fake->handle == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		abort();
	}
	fake->spout = dlsym(fake->handle, "gust_spout");
	fake->bolt = dlsym(fake->handle, "gust_bolt");
	assert((fake->spout == NULL) != (fake->bolt == NULL));
	size = fake->spout != NULL ? fake->spout->instance_size
				   : fake->bolt->instance_size;
	fake->instance = calloc(1, size);
	assert(fake->instance != NULL);
	fake->count = 1;
	fake->tuple_max = 1024 * 1024;
	fake->room = SIZE_MAX;
	fake->takes = SIZE_MAX;
	fake->capacity = SIZE_MAX;
	fake->watched = -1;
	fake->direct = -1;
	fake_forget(fake);
	return fake;
}

static void fake_close(struct fake *fake)
{
	if (!fake->opened)
		return;
	if (fake->spout != NULL && fake->spout->close != NULL)
		fake->spout->close(fake->instance);
	if (fake->bolt != NULL && fake->bolt->close != NULL)
		fake->bolt->close(fake->instance);
}

void fake_destroy(struct fake *fake)
{
	struct fake_kept *kept;

	if (fake == NULL)
		return;
	fake_close(fake);
	fake_forget_state(fake);
	fake_close_window(fake);
	free(fake->instance);
	free(fake->emitted.data);
	free(fake->written.data);
	free(fake->rejected_data.data);
	while ((kept = fake->first_kept) != NULL) {
		fake->first_kept = kept->next;
		free(kept);
	}
	dlclose(fake->handle);
	free(fake);
}

void fake_forget(struct fake *fake)
{
	fake->emitted.length = 0;
	fake->written.length = 0;
	fake->rejected_data.length = 0;
	fake_append(&fake->emitted, "", 0);
	fake_append(&fake->written, "", 0);
	fake_append(&fake->rejected_data, "", 0);
	fake->emits = 0;
	fake->writes = 0;
	fake->rejected = 0;
}

void fake_input(struct fake *fake, const struct gust_column *columns)
{
	assert(fake->input_count < FAKE_INPUTS_MAX);
	fake->inputs[fake->input_count++] =
		(struct gust_input){ "upstream", "default", columns };
}

void fake_output(struct fake *fake, const char *name,
		 const struct gust_column *columns)
{
	assert(fake->output_count < FAKE_OUTPUTS_MAX);
	fake->outputs[fake->output_count++] =
		(struct gust_stream){ name, columns };
}

static const struct gust_option *fake_option(const struct fake *fake,
					     const char *name, void **member)
{
	const struct gust_option *option = fake->spout != NULL
						   ? fake->spout->options
						   : fake->bolt->options;

	for (; option->name != NULL; option++) {
		if (strcmp(option->name, name) != 0)
			continue;
		*member = (char *)fake->instance + option->offset;
		return option;
	}
	fprintf(stderr, "no option is named '%s'\n", name);
	abort();
}

void fake_set_string(struct fake *fake, const char *name, const char *value)
{
	const struct gust_option *option;
	void *member;
	int i;

	option = fake_option(fake, name, &member);
	if (option->type == GUST_OPTION_STRING) {
		*(const char **)member = value;
		return;
	}
	assert(option->type == GUST_OPTION_ENUM);
	for (i = 0; strcmp(option->choices[i], value) != 0; i++)
		;
	*(int *)member = i;
}

void fake_set_number(struct fake *fake, const char *name, double value)
{
	const struct gust_option *option;
	void *member;

	option = fake_option(fake, name, &member);
	if (option->type == GUST_OPTION_FLOAT)
		*(double *)member = value;
	else if (option->type == GUST_OPTION_INT)
		*(int64_t *)member = (int64_t)value;
	else if (option->type == GUST_OPTION_BOOL)
		*(bool *)member = value != 0;
	else
		*(uint64_t *)member = (uint64_t)value;
}

void fake_set_list(struct fake *fake, const char *name,
		   const char *const *items, size_t count)
{
	void *member;

	fake_option(fake, name, &member);
	*(struct gust_list *)member = (struct gust_list){ items, count };
}

void fake_set_map(struct fake *fake, const char *name, const char *const *keys,
		  const char *const *values, size_t count)
{
	void *member;

	fake_option(fake, name, &member);
	*(struct gust_map *)member = (struct gust_map){ keys, values, count };
}

/* The streams of the descriptor come first. */
static int fake_take_stream(struct fake *fake, const char *name,
			    const struct gust_column *columns)
{
	size_t i, number = fake->stream_count++;

	assert(number < FAKE_OUTPUTS_MAX);
	fake->streams[number] = (struct gust_stream){ name, NULL };
	for (i = 0; columns[i].name != NULL; i++) {
		assert(i < FAKE_COLUMNS_MAX);
		fake->types[number][i] = columns[i].type;
	}
	fake->type_counts[number] = i;
	if (number > 0)
		return 0;
	fake->streams[0].columns = fake->columns;
	for (i = 0; columns[i].name != NULL; i++) {
		assert(i < 63);
		snprintf(fake->names[i], sizeof(fake->names[i]), "%s",
			 columns[i].name);
		fake->columns[i].name = fake->names[i];
		fake->columns[i].type = columns[i].type;
	}
	fake->column_count = i;
	return 0;
}

/* What `outputs:` names and the plugin has not declared comes last. */
static void fake_add_output(struct fake *fake, const struct gust_stream *output)
{
	size_t i;

	for (i = 0; i < fake->stream_count; i++)
		if (strcmp(fake->streams[i].name, output->name) == 0)
			return;
	fake_take_stream(fake, output->name, output->columns);
	fake->streams[i].columns = output->columns;
}

int fake_declare(struct fake *fake)
{
	struct gust_declaration *about = (void *)fake;
	const struct gust_stream *stream = fake->spout != NULL
						   ? fake->spout->streams
						   : fake->bolt->streams;
	size_t i;
	int r = 0;

	fake->stream_count = 0;
	if (fake->spout != NULL)
		fake->replay = fake->spout->replay;
	for (; stream != NULL && stream->name != NULL; stream++)
		fake_take_stream(fake, stream->name, stream->columns);
	if (fake->spout != NULL && fake->spout->declare != NULL)
		r = fake->spout->declare(fake->instance, about, &fake->error);
	if (fake->bolt != NULL && fake->bolt->declare != NULL)
		r = fake->bolt->declare(fake->instance, about, &fake->error);
	for (i = 0; i < fake->output_count && r == 0; i++)
		fake_add_output(fake, &fake->outputs[i]);
	return r;
}

int fake_open(struct fake *fake)
{
	int r = fake_declare(fake);

	if (r < 0)
		return r;
	fake->opened = true;
	if (fake->spout != NULL && fake->spout->open != NULL)
		return fake->spout->open(fake->instance, fake_task(fake),
					 &fake->error);
	if (fake->bolt != NULL && fake->bolt->open != NULL)
		r = fake->bolt->open(fake->instance, fake_task(fake),
				     &fake->error);
	return r == 0 ? fake_open_window(fake) : r;
}

/* What bytes take with the zeros behind them. */
static size_t padded(size_t length)
{
	return (length + 8) & ~(size_t)7;
}

struct gust_tuple *fake_tuple(uint32_t input, const struct gust_value *values,
			      size_t count)
{
	size_t i, size = sizeof(struct gust_tuple);
	struct gust_tuple *tuple;
	struct gust_cell *cell;
	size_t at;

	size += count * sizeof(struct gust_cell);
	at = size;
	for (i = 0; i < count; i++)
		if (values[i].type >= GUST_STRING)
			size += padded(values[i].length);
	tuple = calloc(1, size);
	assert(tuple != NULL);
	tuple->size = (uint32_t)size;
	tuple->stream = (uint16_t)input;
	tuple->fields = (uint16_t)count;
	cell = (struct gust_cell *)(void *)(tuple + 1);
	for (i = 0; i < count; i++, cell++) {
		cell->type = values[i].type;
		cell->as.integer = values[i].as.integer;
		if (values[i].type < GUST_STRING)
			continue;
		cell->length = values[i].length;
		cell->as.offset = at;
		if (values[i].length > 0)
			memcpy((char *)tuple + at, values[i].as.data,
			       values[i].length);
		at += padded(values[i].length);
	}
	return tuple;
}

int fake_give(struct fake *fake, const struct gust_value *values, size_t count)
{
	struct gust_tuple *in = fake_tuple(fake->input, values, count);
	int r;

	in->hash = fake->hash;
	in->time = fake->at;
	fake->executing = in;
	do
		r = fake->bolt->execute(fake->instance, fake_task(fake), in);
	while (r == GUST_MORE);
	fake->executing = NULL;
	free(in);
	return fake_state_ends(fake, r);
}

int fake_give_bytes(struct fake *fake, const void *data, size_t length)
{
	const struct gust_value value = gust_string(data, length);

	return fake_give(fake, &value, 1);
}

int fake_give_string(struct fake *fake, const char *text)
{
	return fake_give_bytes(fake, text, strlen(text));
}

int fake_run(struct fake *fake, size_t most)
{
	int r = GUST_EMITTED;

	while (r == GUST_EMITTED && most-- > 0)
		r = fake->spout->next(fake->instance, fake_task(fake));
	return r;
}

bool fake_poll(struct fake *fake, int limit_ms)
{
	struct pollfd polls[FAKE_WATCHES_MAX];
	size_t i, j, count = fake->watch_count;

	for (i = 0; i < count; i++)
		polls[i] = (struct pollfd){ .fd = fake->watches[i].fd,
					    .events = fake->watches[i].events };
	if (poll(polls, count, limit_ms) <= 0)
		return false;
	for (i = 0; i < count; i++) {
		/* A callback before this one may have ended the watch. */
		for (j = 0; j < fake->watch_count; j++)
			if (fake->watches[j].fd == polls[i].fd)
				break;
		if (polls[i].revents == 0 || j == fake->watch_count)
			continue;
		if (fake->spout != NULL)
			fake->spout->ready(fake->instance, fake_task(fake),
					   polls[i].fd, polls[i].revents);
		else
			fake->bolt->ready(fake->instance, fake_task(fake),
					  polls[i].fd, polls[i].revents);
	}
	return true;
}

/* The timer that is due first; there is one. */
static size_t fake_first_timer(const struct fake *fake)
{
	size_t i, first = 0;

	for (i = 1; i < fake->timer_count; i++)
		if (fake->timers[i].due < fake->timers[first].due)
			first = i;
	return first;
}

static int fake_call_timer(struct fake *fake, size_t at)
{
	const uint64_t cookie = fake->timers[at].cookie;

	if (fake->timers[at].due > fake->now)
		fake->now = fake->timers[at].due;
	fake->timers[at] = fake->timers[--fake->timer_count];
	if (fake->spout != NULL)
		return fake->spout->timer(fake->instance, fake_task(fake),
					  cookie);
	return fake->bolt->timer(fake->instance, fake_task(fake), cookie);
}

bool fake_tick(struct fake *fake)
{
	if (fake->timer_count == 0)
		return false;
	(void)fake_call_timer(fake, fake_first_timer(fake));
	return true;
}

int fake_advance(struct fake *fake, uint64_t ns)
{
	const uint64_t until = fake->now + ns;
	int r = 0;
	size_t at;

	while (r == 0 && fake->timer_count > 0) {
		at = fake_first_timer(fake);
		if (fake->timers[at].due > until)
			break;
		r = fake_call_timer(fake, at);
	}
	fake->now = until;
	return r;
}

int fake_idle(struct fake *fake)
{
	return fake->bolt->idle(fake->instance, fake_task(fake));
}

int fake_flush(struct fake *fake)
{
	int r = fake_watermark(fake, INT64_MAX);

	if (r != 0 || fake->bolt->flush == NULL)
		return r;
	return fake->bolt->flush(fake->instance, fake_task(fake));
}

int fake_finish(struct fake *fake)
{
	return fake_state_ends(
		fake, fake->bolt->finish(fake->instance, fake_task(fake)));
}

int fake_call_tick(struct fake *fake)
{
	return fake_state_ends(
		fake, fake->bolt->tick(fake->instance, fake_task(fake)));
}

uint64_t fake_counter(const struct fake *fake, const char *name)
{
	size_t i;

	for (i = 0; i < 16; i++)
		if (strcmp(fake->counters[i].name, name) == 0)
			return fake->counters[i].count;
	return 0;
}

/* What the plugin calls. */

const char *gust_type_name(enum gust_type type)
{
	static const char *const names[] = { "null",   "bool",  "int", "float",
					     "string", "bytes", "json" };

	return names[type];
}

size_t gust_declared_inputs(const struct gust_declaration *about)
{
	return ((const struct fake *)(const void *)about)->input_count;
}

const struct gust_input *
gust_declared_input(const struct gust_declaration *about, size_t number)
{
	return &((const struct fake *)(const void *)about)->inputs[number];
}

uint32_t gust_declared_tasks(const struct gust_declaration *about)
{
	return ((const struct fake *)(const void *)about)->count;
}

size_t gust_declared_outputs(const struct gust_declaration *about)
{
	return ((const struct fake *)(const void *)about)->output_count;
}

const struct gust_stream *
gust_declared_output(const struct gust_declaration *about, size_t number)
{
	const struct fake *fake = (const void *)about;

	return number < fake->output_count ? &fake->outputs[number] : NULL;
}

size_t gust_task_outputs(const struct gust_task *task)
{
	return fake_of(task)->stream_count;
}

const struct gust_stream *gust_task_output(const struct gust_task *task,
					   size_t number)
{
	struct fake *fake = fake_of(task);

	return number < fake->stream_count ? &fake->streams[number] : NULL;
}

static int fake_index(const struct gust_input *input, const char *name)
{
	int i;

	for (i = 0; input->columns[i].name != NULL; i++)
		if (strcmp(input->columns[i].name, name) == 0)
			return i;
	return -1;
}

int gust_declared_type(const struct gust_declaration *about, const char *name,
		       enum gust_type *type, struct gust_error *error)
{
	const struct fake *fake = (const void *)about;
	size_t i;
	int at;

	for (i = 0; i < fake->input_count; i++) {
		at = fake_index(&fake->inputs[i], name);
		if (at < 0)
			return gust_error_set(error, -ENOENT,
					      "no field is named '%s'", name);
		*type = fake->inputs[i].columns[at].type;
	}
	return 0;
}

int gust_declare_stream(struct gust_declaration *about, const char *name,
			const struct gust_column *columns)
{
	/* Names are those of the plugin's code, or of the test. */
	return fake_take_stream((struct fake *)(void *)about, name, columns);
}

void gust_declare_replay(struct gust_declaration *about,
			 enum gust_replay replay)
{
	((struct fake *)(void *)about)->replay = replay;
}

/* Handles count by input, and so do the streams of fake_tuple(). */
static uint16_t fake_handles[64][FAKE_INPUTS_MAX];

bool gust_hashed_by(const struct gust_task *task, const char *const *names,
		    size_t count)
{
	(void)names;
	(void)count;
	return fake_of(task)->hashed;
}

int gust_field_optional(struct gust_task *task, const char *name,
			enum gust_type type, struct gust_field *field,
			struct gust_error *error)
{
	const struct fake *fake = fake_of(task);
	static size_t next;
	uint16_t *index = fake_handles[next++ % 64];
	size_t i;
	int at;

	(void)type;
	(void)error;
	for (i = 0; i < fake->input_count; i++) {
		at = fake_index(&fake->inputs[i], name);
		index[i] = at < 0 ? GUST_ABSENT : (uint16_t)at;
	}
	field->index = index;
	return 0;
}

int gust_field(struct gust_task *task, const char *name, enum gust_type type,
	       struct gust_field *field, struct gust_error *error)
{
	const struct fake *fake = fake_of(task);
	size_t i;
	int r = gust_field_optional(task, name, type, field, error);

	for (i = 0; i < fake->input_count; i++)
		if (field->index[i] == GUST_ABSENT)
			return gust_error_set(error, -ENOENT,
					      "no field is named '%s'", name);
	return r;
}

static void fake_append_value(struct fake_text *text,
			      const struct gust_value *value)
{
	char number[64];

	number[0] = '\0';
	if (value->type == GUST_NULL)
		strcpy(number, "null");
	else if (value->type == GUST_FLOAT)
		snprintf(number, sizeof(number), "%.17g", value->as.number);
	else if (value->type < GUST_STRING)
		snprintf(number, sizeof(number), "%" PRId64, value->as.integer);
	else
		fake_append(text, value->as.data, value->length);
	fake_append(text, number, strlen(number));
}

int gust_emit_with(struct gust_task *task, const struct gust_emission *how,
		   const struct gust_value *values, size_t count)
{
	struct fake *fake = fake_of(task);
	size_t i, size = sizeof(struct gust_tuple);

	if (fake->emit_result < 0 && fake->emits_until_failure-- == 0)
		return fake->emit_result;
	assert(how->stream < fake->stream_count);
	assert(count == fake->type_counts[how->stream]);
	for (i = 0; i < count; i++) {
		assert(values[i].type == GUST_NULL ||
		       values[i].type == fake->types[how->stream][i]);
		size += sizeof(struct gust_cell);
		if (values[i].type >= GUST_STRING)
			size += (values[i].length + 8) & ~UINT64_C(7);
	}
	/* A spout that tries it would be blamed for a mistake. */
	assert(size <= fake->tuple_max);
	if (how->stream > 0) {
		const char *name = fake->streams[how->stream].name;

		fake_append(&fake->emitted, name, strlen(name));
		fake_append(&fake->emitted, ": ", 2);
	}
	for (i = 0; i < count; i++) {
		if (i > 0)
			fake_append(&fake->emitted, "\t", 1);
		fake_append_value(&fake->emitted, &values[i]);
	}
	fake_append(&fake->emitted, "\n", 1);
	if (how->kind == GUST_EMIT_AT) {
		assert(how->source - 7 < fake->source_count);
		assert(how->offset >= fake->sources[how->source - 7].next);
		fake->sources[how->source - 7].next = how->next;
	}
	fake->how = *how;
	fake->emits++;
	return 0;
}

int gust_emit_values(struct gust_task *task, uint32_t stream,
		     const struct gust_value *values, size_t count)
{
	const struct gust_emission how = { .stream = stream, .direct = -1 };

	return gust_emit_with(task, &how, values, count);
}

int gust_forward(struct gust_task *task, uint32_t stream,
		 const struct gust_tuple *in)
{
	struct gust_value *values = calloc(in->fields + 1u, sizeof(*values));
	int r;
	uint16_t i;

	assert(values != NULL);
	for (i = 0; i < in->fields; i++)
		values[i] = gust_value_at(in, i);
	r = gust_emit_values(task, stream, values, in->fields);
	free(values);
	return r;
}

size_t gust_room(const struct gust_task *task)
{
	return fake_of(task)->room;
}

int gust_batch_add(struct gust_task *task, const struct gust_tuple *in)
{
	(void)in;
	fake_of(task)->batched++;
	return 0;
}

void gust_batch_ack(struct gust_task *task)
{
	fake_of(task)->acked += fake_of(task)->batched;
	fake_of(task)->batched = 0;
	fake_of(task)->batches_acked++;
}

/* The run would end with these words. */
int gust_give_up(struct gust_task *task, int code, const char *format, ...)
{
	struct fake *fake = fake_of(task);
	va_list list;

	va_start(list, format);
	vsnprintf(fake->log, sizeof(fake->log), format, list);
	va_end(list);
	fake->logs++;
	return code;
}

int gust_not_now(struct gust_task *task, const char *format, ...)
{
	struct fake *fake = fake_of(task);
	va_list list;

	va_start(list, format);
	vsnprintf(fake->not_now, sizeof(fake->not_now), format, list);
	va_end(list);
	return -EAGAIN;
}

const char *gust_task_component(const struct gust_task *task)
{
	(void)task;
	return "it";
}

size_t gust_task_inputs(const struct gust_task *task)
{
	return fake_of(task)->input_count;
}

const struct gust_input *gust_task_input(const struct gust_task *task,
					 size_t number)
{
	return number < fake_of(task)->input_count
		       ? &fake_of(task)->inputs[number]
		       : NULL;
}

const struct gust_input *gust_tuple_input(const struct gust_task *task,
					  const struct gust_tuple *in)
{
	return &fake_of(task)->inputs[in->stream];
}

uint32_t gust_task_index(const struct gust_task *task)
{
	return fake_of(task)->index;
}

uint32_t gust_task_count(const struct gust_task *task)
{
	return fake_of(task)->count;
}

size_t gust_tuple_max(const struct gust_task *task)
{
	return fake_of(task)->tuple_max;
}

uint64_t gust_now(const struct gust_task *task)
{
	return fake_of(task)->now;
}

int gust_watch(struct gust_task *task, int fd, short events)
{
	struct fake *fake = fake_of(task);
	size_t i;

	if (fake->watch_result < 0)
		return fake->watch_result;
	fake->watched = events != 0 ? fd : -1;
	fake->watched_events = events;
	for (i = 0; i < fake->watch_count; i++)
		if (fake->watches[i].fd == fd)
			break;
	if (events == 0 && i < fake->watch_count)
		fake->watches[i] = fake->watches[--fake->watch_count];
	if (events == 0)
		return 0;
	assert(i < FAKE_WATCHES_MAX);
	fake->watches[i].fd = fd;
	fake->watches[i].events = events;
	fake->watch_count += i == fake->watch_count;
	return 0;
}

int gust_timer(struct gust_task *task, uint64_t delay_ns, uint64_t cookie)
{
	struct fake *fake = fake_of(task);

	if (fake->timer_result < 0)
		return fake->timer_result;
	assert(fake->timer_count < FAKE_TIMERS_MAX);
	fake->timers[fake->timer_count].due = fake->now + delay_ns;
	fake->timers[fake->timer_count++].cookie = cookie;
	return 0;
}

struct gust_counter *gust_counter(struct gust_task *task, const char *name)
{
	struct fake *fake = fake_of(task);
	size_t i = 0;

	while (i < 15 && fake->counters[i].name[0] != '\0' &&
	       strcmp(fake->counters[i].name, name) != 0)
		i++;
	snprintf(fake->counters[i].name, sizeof(fake->counters[i].name), "%s",
		 name);
	return (struct gust_counter *)(void *)&fake->counters[i].count;
}

void gust_counter_add(struct gust_counter *counter, uint64_t amount)
{
	if (counter != NULL)
		*(uint64_t *)(void *)counter += amount;
}

int gust_wait_until(struct gust_task *task, uint64_t time_ns)
{
	fake_of(task)->wait_until = time_ns;
	return GUST_WAIT;
}

void fake_resume(struct fake *fake, const struct fake *earlier)
{
	memcpy(fake->sources, earlier->sources, sizeof(fake->sources));
	fake->source_count = earlier->source_count;
}

int gust_source(struct gust_task *task, const char *name, uint32_t *source,
		uint64_t *offset)
{
	struct fake *fake = fake_of(task);
	struct fake_source *found;
	size_t i;

	snprintf(fake->source, sizeof(fake->source), "%s", name);
	for (i = 0; i < fake->source_count; i++)
		if (strcmp(fake->sources[i].name, name) == 0)
			break;
	assert(i < FAKE_SOURCES_MAX);
	found = &fake->sources[i];
	if (i == fake->source_count) {
		snprintf(found->name, sizeof(found->name), "%s", name);
		found->next = fake->source_count++ == 0 ? fake->resume : 0;
	}
	*source = 7 + (uint32_t)i;
	*offset = found->next;
	return 0;
}

int gust_source_title(struct gust_task *task, uint32_t source,
		      const char *title)
{
	struct fake *fake = fake_of(task);

	assert(source - 7 < fake->source_count);
	snprintf(fake->sources[source - 7].title,
		 sizeof(fake->sources[source - 7].title), "%s", title);
	return 0;
}

ssize_t gust_stdout_write(struct gust_task *task, const char *data,
			  size_t length)
{
	struct fake *fake = fake_of(task);

	fake->writes++;
	if (fake->write_result < 0)
		return fake->write_result;
	if (length > 0 && fake->capacity == 0)
		return -EAGAIN;
	length = fake->takes < length ? fake->takes : length;
	length = fake->capacity < length ? fake->capacity : length;
	fake->capacity -= length;
	fake_append(&fake->written, data, length);
	return (ssize_t)length;
}

void gust_log(struct gust_task *task, enum gust_log_level level,
	      const char *format, ...)
{
	struct fake *fake = fake_of(task);
	va_list list;

	(void)level;
	va_start(list, format);
	vsnprintf(fake->log, sizeof(fake->log), format, list);
	va_end(list);
	fake->logs++;
}
