# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust info. Sourced by run.

call info
check_equal 'info: exit code' "$code" 0
check_equal 'info: stderr' "$err" ''
contains 'info: spouts' "$out" 'Spouts in '
contains 'info: bolts' "$out" 'Bolts in '
for name in lines generate split count print exclaim; do
	contains "info: $name" "$out" "  $name  "
done
lacks 'info: all can be used' "$out" 'cannot be used'

call info --json
check_equal 'info --json' "$(python3 -c '
import json
with open("out") as file:
    plugins = json.load(file)["plugins"]
print([(p["kind"], p["path"].endswith("/spouts/lines.so"), p["error"])
       for p in plugins if p["name"] == "lines"])
')" "[('spout', True, None)]"

call info split
check_equal 'info split: exit code' "$code" 0
contains 'info split: name' "$out" 'bolt split: cuts a text into words'
contains 'info split: manual' "$out" 'cuts a text into words.'
contains 'info split: option' "$out" "  field: string; default 'line'"
contains 'info split: path' "$out" '/bolts/split.so'

call info "$GUST_BUILD/tests/plugins/bolts/slow.so"
contains 'info: a stream of inputs' "$out" \
	'  default: the fields of its inputs'
call info socket
contains 'info socket: one stream' "$out" 'Streams:
  default: line: string
'
call info csv
lacks 'info csv: its manual tells of streams' "$out" 'Streams'

call info --json split lines
check_equal 'info --json split lines' "$(python3 -c '
import json
with open("out") as file:
    plugins = json.load(file)
print([p["name"] for p in plugins], plugins[0]["options"][0],
      plugins[1]["replay"], plugins[1]["streams"])
')" "['split', 'lines'] {'name': 'field', 'type': 'string', 'help': 'the string field to cut', 'required': False, 'secret': False, 'default': 'line', 'min': None, 'max': None, 'choices': None} position [{'name': 'default', 'fields': [{'name': 'line', 'type': 'string'}]}]"

expect 'info: unknown' 2 '' "gust info: no plugin is named 'cuont'; did you mean 'count'?
" info cuont
expect 'info: unlike any' 2 '' "gust info: no plugin is named 'xyzzyxyzzy'; 'gust info' lists those there are
" info xyzzyxyzzy
call info ./nowhere.so
check_equal 'info: no such path' "$code" 2
contains 'info: no such path' "$err" './nowhere.so'

# A plugin of somebody else, with a secret.
cat >secret.c <<'END'
#include <gust/bolt.h>

struct vault {
	const char *key;
	int64_t size;
};

static const struct gust_option options[] = {
	{ .name = "key", .type = GUST_OPTION_STRING,
	  .offset = offsetof(struct vault, key), .fallback = "hunter2",
	  .help = "what opens it", .flags = GUST_SECRET },
	{ .name = "size", .type = GUST_OPTION_INT,
	  .offset = offsetof(struct vault, size), .fallback = "3",
	  .help = "how large it is", .min = 1, .max = 10 },
	{ .name = NULL },
};

static int execute(void *self, struct gust_task *task,
		   const struct gust_tuple *in)
{
	(void)self;
	(void)task;
	(void)in;
	return 0;
}

GUST_EXPORT const struct gust_bolt gust_bolt = {
	.abi = GUST_BOLT_ABI, .size = sizeof(struct gust_bolt),
	.name = "vault", .summary = "keeps things", .options = options,
	.instance_size = sizeof(struct vault), .execute = execute,
};
END
cc -shared -fPIC -I "$GUST_SOURCE/runtime/include" secret.c -o vault.so
call info ./vault.so
check_equal 'info: by path' "$code" 0
contains 'info: secret' "$out" '  key: string; secret'
lacks 'info: secret default' "$out" hunter2
contains 'info: range' "$out" "  size: int, 1 to 10; default '3'"
call info --json ./vault.so
lacks 'info --json: secret default' "$out" hunter2
export GUST_PLUGIN_PATH="$PWD"
call info vault
contains 'info: GUST_PLUGIN_PATH' "$out" 'bolt vault: keeps things'
call info
contains 'info: folder of GUST_PLUGIN_PATH' "$out" "Bolts in $PWD:"
unset GUST_PLUGIN_PATH
