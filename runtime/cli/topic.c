/* SPDX-License-Identifier: MIT */
#include "cli/topic.h"

#include <errno.h>
#include <string.h>

#include "cli/paragraph.h"
#include "topology/config.h"

const char *const topic_names[] = { "config",   "hosts",  "timestamp",
				    "topology", "window", NULL };

const char topic_config[] =
	"The keys of a topology's 'config:', which 'gust run --set KEY=VALUE' "
	"sets, too. Seconds may have fractions; bytes may have a unit: 64KiB, "
	"10MB.";

const char topic_hosts[] =
	"A hosts file is a YAML list of the machines that run a topology "
	"together, the same on all of them:\n\n"
	"  - {name: a, address: 10.0.0.1, port: 7000, slots: 2}\n"
	"  - {name: b, address: b.example.org, bind: 0.0.0.0, port: 7000}\n\n"
	"A host:\n\n"
	"  name     for 'gust worker --host', and for 'host' of a component\n"
	"  address  a name or an address at which the others reach it\n"
	"  bind     the address at which it listens; that of 'address' unless\n"
	"           it is given\n"
	"  port     of its first worker; each further one has the next port\n"
	"  slots    how many workers share the components; 1 unless it is\n"
	"           given. Isolated components have workers beside these\n\n"
	"The tasks of each component are dealt out to the hosts in turn, then "
	"to the workers of each host, then to the threads of each worker. "
	"'gust plan FILE --hosts HOSTS' shows what that comes to. There are 4 "
	"threads a worker, besides those of components that block, unless "
	"topology.executors says otherwise, for all hosts must come to the "
	"same plan.";

const char topic_timestamp[] =
	"When something happened is a matter of its record, not of when it is "
	"processed. 'timestamp', of a spout or a bolt, says which field has "
	"it; "
	"windows then go by it. It is a map:\n\n"
	"  field   of what a spout emits, or of all inputs of a bolt\n"
	"  format  s, ms, us or ns: a number since 1970, which an int needs\n"
	"          and a string may have; rfc3339, that of strings unless it\n"
	"          is given: 2026-11-21T12:00:00.5+01:00; or a pattern of\n"
	"          strptime(), in which %f is a fraction of a second:\n"
	"          \"%d/%b/%Y:%H:%M:%S %z\". A float has seconds\n"
	"  zone    of what does not say so, such as Europe/Berlin; else UTC\n"
	"  lag     how far out of order tuples come, such as 10s; else 0\n"
	"  idle    a source that is silent for so long is not waited for "
	"until\n"
	"          it goes on; else all are\n\n"
	"The time goes with the tuple, and with all that is emitted for it. A "
	"record whose time cannot be read is rejected. What is older than what "
	"has been seen, less 'lag', counts as complete as soon as none of it "
	"is "
	"being processed or tried again any more: that is the watermark, which "
	"goes from task to task, each going by the one behind. A failed tuple "
	"that is tried again is not late for topology.replay.hold.secs, unless "
	"a bolt has given it its time.";

const char topic_window[] =
	"A bolt whose plugin says so in its help takes 'window', a map:\n\n"
	"  type      tumbling: one after the other, each 'length' long;\n"
	"            sliding: as long, one begins at each 'slide';\n"
	"            session: tuples of which none comes 'gap' after another;\n"
	"            count: of 'length' tuples, one ends at each 'slide' of\n"
	"            them, or without it one after the other\n"
	"  length    a time such as 10s or 1h; in type count a number\n"
	"  slide     the same, at most 'length'\n"
	"  gap       a time\n"
	"  offset    how much later than full hours, days... they begin\n"
	"  zone      whose days and hours these are; else UTC\n"
	"  keys      fields: each of their values has windows of its own\n"
	"  allowed_lateness\n"
	"            for so long after its end a window is handed over again\n"
	"            with each tuple that came late; else such a tuple goes\n"
	"            to the stream 'late' of the bolt, or is only counted\n"
	"  early     results so far come as often as this, too\n\n"
	"A window ends when no tuple before its end is to come, by the event "
	"time that 'timestamp' gives to tuples, or without it by the clock; at "
	"the end of all input those that are open end, too. A tuple is acked "
	"when what came of its last window is processed; until then it takes "
	"memory. With topology.state.dir, tuples of whole windows and what is "
	"kept for replays go to files there when half of their share is used.";

const char topic_topology[] =
	"A topology is a YAML file that names spouts (sources), bolts "
	"(processors) and the streams between them, in the layout of Storm's "
	"Flux:\n\n"
	"  name: wordcount\n"
	"  spouts:\n"
	"    - id: text\n"
	"      plugin: lines\n"
	"      options: {files: \"${input:-text.txt}\"}\n"
	"  bolts:\n"
	"    - {id: split, plugin: split, parallelism: 2}\n"
	"    - {id: count, plugin: count, options: {by: [word], emit: final}}\n"
	"    - {id: print, plugin: print}\n"
	"  streams:\n"
	"    - {from: text, to: split}\n"
	"    - from: split\n"
	"      to: count\n"
	"      grouping: {type: fields, args: [word]}\n"
	"    - {from: count, to: print}\n\n"
	"At the top:\n\n"
	"  name      of the topology\n"
	"  config    keys that begin with 'topology.'; 'gust help config' "
	"lists\n"
	"            them\n"
	"  spouts    a list of components that emit\n"
	"  bolts     a list of components that take tuples\n"
	"  streams   a list of who sends what to whom\n"
	"  includes  a list of maps with 'file', relative to this one, and\n"
	"            'override': true has that file win over this one\n\n"
	"A spout or bolt:\n\n"
	"  id           its name in this topology\n"
	"  plugin       a name that 'gust info' lists, or the path of a "
	"shared\n"
	"               object, relative to this file\n"
	"  options      of the plugin, which 'gust info NAME' explains\n"
	"  parallelism  how many tasks there are; 1 unless it is given\n"
	"  numTasks     the same, as Storm calls it; it wins\n"
	"  config       keys of 'config' that a component may have\n"
	"  dedicated    true: each task gets a thread of its own\n"
	"  isolate      true: a process of its own, whose death costs no "
	"other\n"
	"  hosts        those it may be on, by name ('gust help hosts');\n"
	"               without a hosts file it may be anywhere\n"
	"  host         the same for one\n"
	"  executor     the number of the thread for all its tasks, from 0;\n"
	"               the threads of the next worker follow on\n"
	"  outputs      streams whose fields only you know, by name: a map of\n"
	"               fields and types. Types are bool, int, float, string,\n"
	"               bytes and json\n"
	"  timestamp    where the event time of tuples is: a map;\n"
	"               'gust help timestamp' explains it\n"
	"  window       of a bolt whose plugin has windows: a map;\n"
	"               'gust help window' explains it\n\n"
	"A stream:\n\n"
	"  from      the component that emits\n"
	"  to        the bolt that gets the tuples\n"
	"  name      of the stream, if it is not the first one of 'from'\n"
	"  grouping  a map with 'type', and for some of them 'args', a list "
	"of\n"
	"            fields; shuffle unless it is given\n"
	"  feedback  true for a stream that leads back, which a cycle needs\n\n"
	"Groupings say which task of the bolt gets a tuple:\n\n"
	"  shuffle           any of them, evenly\n"
	"  local_or_shuffle  one on the same thread, process or host, unless\n"
	"                    it is behind\n"
	"  fields            the same one for equal values of the fields in\n"
	"                    'args'\n"
	"  partial_key       one of two for equal values, the less busy one\n"
	"  all               each of them\n"
	"  global            the first one\n"
	"  none              as shuffle\n"
	"  direct            the one that the emitting bolt names\n\n"
	"One value will do where a list is wanted. A scalar is what YAML 1.2 "
	"says: 'no' is a string. Keys that are unknown or stand twice are "
	"errors. '${name}' is filled by '-D name=value', '${name:-default}' "
	"has a default, '${ENV-NAME}' is a variable of the environment, and "
	"'$${' stands for '${'.";

static const char *type_name(enum config_type type)
{
	switch (type) {
	case CONFIG_INTEGER:
		return "integer";
	case CONFIG_SECONDS:
		return "seconds";
	case CONFIG_MILLIS:
		return "milliseconds";
	case CONFIG_SIZE:
		return "bytes";
	case CONFIG_FLAG:
		return "bool";
	case CONFIG_STRING:
		return "string";
	}
	return "unknown";
}

void topic_format_key(const struct config_key *key, char *line, size_t size)
{
	(void)snprintf(line, size, "%s: %s, default %s", key->name,
		       type_name(key->type),
		       key->fallback != NULL ? key->fallback : "none");
}

static void print_key(FILE *file, const struct config_key *key)
{
	char line[256];

	topic_format_key(key, line, sizeof(line));
	fprintf(file, "\n%s\n", line);
	paragraph_print(file, 4, 0, key->help);
	if (key->of_component)
		paragraph_print(file, 4, 0, "A component may have its own.");
	if (key->refusal != NULL)
		paragraph_print(file, 4, 0, "Not in this version.");
}

static void print_config(FILE *file)
{
	const struct config_key *keys;
	size_t count, i;

	keys = config_keys(&count);
	paragraph_print(file, 0, 0, topic_config);
	for (i = 0; i < count; i++)
		print_key(file, &keys[i]);
}

int topic_print(FILE *file, const char *name)
{
	if (strcmp(name, "config") == 0)
		print_config(file);
	else if (strcmp(name, "hosts") == 0)
		paragraph_print(file, 0, 0, topic_hosts);
	else if (strcmp(name, "topology") == 0)
		paragraph_print(file, 0, 0, topic_topology);
	else if (strcmp(name, "window") == 0)
		paragraph_print(file, 0, 0, topic_window);
	else if (strcmp(name, "timestamp") == 0)
		paragraph_print(file, 0, 0, topic_timestamp);
	else
		return -ENOENT;
	return 0;
}
