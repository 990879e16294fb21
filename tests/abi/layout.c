/* SPDX-License-Identifier: MIT */

/*
 * Prints where everything stands that a plugin and the runtime both know: one
 * line a member or a constant. It is built with the headers of each release
 * and with those of today; what an old one prints, the one of today must.
 *
 * The descriptors may grow, so their sizes are left out; all other structs are
 * made by plugins or read in place, so theirs never change.
 */

#include <stddef.h>
#include <stdio.h>

#include <gust/bolt.h>
#include <gust/spout.h>

#define SIZE(type) printf(#type " has %zu bytes\n", sizeof(struct type))
#define MEMBER(type, member)                                                   \
	printf(#type "." #member " is at %zu, %zu bytes\n",                    \
	       offsetof(struct type, member),                                  \
	       sizeof(((struct type *)0)->member))
#define VALUE(constant) printf(#constant " is %lld\n", (long long)(constant))

static void print_values(void)
{
	SIZE(gust_text);
	MEMBER(gust_text, data);
	MEMBER(gust_text, length);
	SIZE(gust_value);
	MEMBER(gust_value, type);
	MEMBER(gust_value, length);
	MEMBER(gust_value, as);
	SIZE(gust_cell);
	MEMBER(gust_cell, type);
	MEMBER(gust_cell, length);
	MEMBER(gust_cell, as);
	SIZE(gust_tuple);
	MEMBER(gust_tuple, size);
	MEMBER(gust_tuple, stream);
	MEMBER(gust_tuple, fields);
	MEMBER(gust_tuple, task);
	MEMBER(gust_tuple, flags);
	MEMBER(gust_tuple, hash);
	MEMBER(gust_tuple, time);
	MEMBER(gust_tuple, path);
	SIZE(gust_field);
	MEMBER(gust_field, index);
	VALUE(GUST_ABSENT);
	VALUE(GUST_NULL);
	VALUE(GUST_BOOL);
	VALUE(GUST_INT);
	VALUE(GUST_FLOAT);
	VALUE(GUST_STRING);
	VALUE(GUST_BYTES);
	VALUE(GUST_JSON);
}

static void print_options(void)
{
	SIZE(gust_error);
	MEMBER(gust_error, code);
	MEMBER(gust_error, line);
	MEMBER(gust_error, column);
	MEMBER(gust_error, source);
	MEMBER(gust_error, text);
	SIZE(gust_list);
	MEMBER(gust_list, items);
	MEMBER(gust_list, count);
	SIZE(gust_map);
	MEMBER(gust_map, keys);
	MEMBER(gust_map, values);
	MEMBER(gust_map, count);
	SIZE(gust_option);
	MEMBER(gust_option, name);
	MEMBER(gust_option, type);
	MEMBER(gust_option, offset);
	MEMBER(gust_option, fallback);
	MEMBER(gust_option, help);
	MEMBER(gust_option, flags);
	MEMBER(gust_option, min);
	MEMBER(gust_option, max);
	MEMBER(gust_option, choices);
	VALUE(GUST_OPTION_STRING);
	VALUE(GUST_OPTION_INT);
	VALUE(GUST_OPTION_FLOAT);
	VALUE(GUST_OPTION_BOOL);
	VALUE(GUST_OPTION_DURATION);
	VALUE(GUST_OPTION_SIZE);
	VALUE(GUST_OPTION_ENUM);
	VALUE(GUST_OPTION_LIST);
	VALUE(GUST_OPTION_MAP);
	VALUE(GUST_REQUIRED);
	VALUE(GUST_SECRET);
}

static void print_streams(void)
{
	SIZE(gust_column);
	MEMBER(gust_column, name);
	MEMBER(gust_column, type);
	SIZE(gust_stream);
	MEMBER(gust_stream, name);
	MEMBER(gust_stream, columns);
	MEMBER(gust_input, component);
	MEMBER(gust_input, stream);
	MEMBER(gust_input, columns);
	VALUE(GUST_REPLAY_NONE);
	VALUE(GUST_REPLAY_RECORD);
	VALUE(GUST_REPLAY_POSITION);
	VALUE(GUST_REPLAY_OWN);
	VALUE(GUST_DEDICATED);
	VALUE(GUST_STDOUT);
	VALUE(GUST_DETERMINISTIC);
	VALUE(GUST_MEMORY);
}

static void print_emissions(void)
{
	SIZE(gust_emission);
	MEMBER(gust_emission, kind);
	MEMBER(gust_emission, stream);
	MEMBER(gust_emission, direct);
	MEMBER(gust_emission, anchors);
	MEMBER(gust_emission, anchor_count);
	MEMBER(gust_emission, source);
	MEMBER(gust_emission, offset);
	MEMBER(gust_emission, next);
	MEMBER(gust_emission, id);
	VALUE(GUST_EMIT_PLAIN);
	VALUE(GUST_EMIT_ANCHORED);
	VALUE(GUST_EMIT_UNANCHORED);
	VALUE(GUST_EMIT_AT);
	VALUE(GUST_EMIT_ID);
	VALUE(GUST_LOG_ERROR);
	VALUE(GUST_LOG_WARN);
	VALUE(GUST_LOG_INFO);
	VALUE(GUST_LOG_DEBUG);
}

static void print_bolt(void)
{
	MEMBER(gust_bolt, abi);
	MEMBER(gust_bolt, size);
	MEMBER(gust_bolt, name);
	MEMBER(gust_bolt, summary);
	MEMBER(gust_bolt, options);
	MEMBER(gust_bolt, streams);
	MEMBER(gust_bolt, instance_size);
	MEMBER(gust_bolt, flags);
	MEMBER(gust_bolt, declare);
	MEMBER(gust_bolt, open);
	MEMBER(gust_bolt, execute);
	MEMBER(gust_bolt, tick);
	MEMBER(gust_bolt, timer);
	MEMBER(gust_bolt, ready);
	MEMBER(gust_bolt, idle);
	MEMBER(gust_bolt, flush);
	MEMBER(gust_bolt, finish);
	MEMBER(gust_bolt, close);
	VALUE(GUST_BOLT_ABI);
	VALUE(GUST_MORE);
}

static void print_spout(void)
{
	MEMBER(gust_spout, abi);
	MEMBER(gust_spout, size);
	MEMBER(gust_spout, name);
	MEMBER(gust_spout, summary);
	MEMBER(gust_spout, options);
	MEMBER(gust_spout, streams);
	MEMBER(gust_spout, instance_size);
	MEMBER(gust_spout, flags);
	MEMBER(gust_spout, replay);
	MEMBER(gust_spout, declare);
	MEMBER(gust_spout, open);
	MEMBER(gust_spout, next);
	MEMBER(gust_spout, ack);
	MEMBER(gust_spout, fail);
	MEMBER(gust_spout, activate);
	MEMBER(gust_spout, deactivate);
	MEMBER(gust_spout, timer);
	MEMBER(gust_spout, ready);
	MEMBER(gust_spout, close);
	VALUE(GUST_SPOUT_ABI);
	VALUE(GUST_EMITTED);
	VALUE(GUST_WAIT);
	VALUE(GUST_DONE);
}

int main(void)
{
	print_values();
	print_options();
	print_streams();
	print_emissions();
	print_bolt();
	print_spout();
	return 0;
}
