# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust state. Sourced by run.

cat >state.yaml <<EOF
name: words
config:
  topology.state.dir: "\${dir:-state}"
  topology.state.provider: lmdb
spouts:
  - {id: text, plugin: lines, options: {files: "\${input:--}"}}
bolts:
  - {id: split, plugin: split}
  - id: count
    plugin: "$GUST_BUILD/tests/plugins/bolts/keyed.so"
    parallelism: 3
  - {id: print, plugin: print}
streams:
  - {from: text, to: split}
  - {from: split, to: count, grouping: {type: fields, args: [word]}}
  - {from: count, to: print}
EOF
sed 's/lmdb/memory/' state.yaml >state-memory.yaml
sed 's/parallelism: 3/parallelism: 5/' state.yaml >state-more.yaml
printf 'a b\303\244r a\na c,d [x]\n' >state.txt

expect 'state: which file' 2 '' \
	"gust state: which FILE?
see 'gust help state'
" state
expect 'state: which component' 2 '' \
	"gust state: which --component?
see 'gust help state'
" state state.yaml
expect 'state: in memory' 2 '' \
	"gust state: 'words' keeps its state in memory, expected \
topology.state.provider to be lmdb or redis
" state state-memory.yaml -c count
expect 'state: nothing yet' 1 '' \
	"gust state: there is no state in 'state/words.state/count/0'
" state state.yaml -c count
expect 'state: no such bolt' 2 '' \
	"gust state: no bolt is named 'x'
" state state.yaml -c x

call run -q state.yaml -D input=state.txt
check_equal 'state: run' "$code" 0
call state state.yaml -c count
check_equal 'state: shown' "$(printf '%s' "$out" | LC_ALL=C sort)" \
	'counts	[x]	1
counts	a	3
counts	bär	1
counts	c,d	1'
expect 'state: a key' 0 'counts	a	3
' '' state state.yaml -c count --key a
expect 'state: a key as JSON' 0 \
	'{"format":1,"component":"count","state":"counts","key":["[x]"],"counter":1}
' '' state state.yaml -c count --key '["[x]"]' --json
expect 'state: no such key' 1 '' \
	"gust state: there is no key 'z'
" state state.yaml -c count --key z
expect 'state: no such state' 0 '' '' \
	state state.yaml -c count --state other

# Over another number of tasks, and what is new is counted on.
echo 'a e' >state-2.txt
call run state-more.yaml -D input=state-2.txt
check_equal 'state: run with more tasks' "$code" 0
contains 'state: it says so' "$err" \
	'count: its state is that of 5 tasks now, and was that of 3: 4 keys'
call state state.yaml -c count
check_equal 'state: of all tasks' "$(printf '%s' "$out" | LC_ALL=C sort)" \
	'counts	[x]	1
counts	a	4
counts	bär	1
counts	c,d	1
counts	e	1'

# There and back.
call state export state.yaml
check_equal 'state: export' "$code" 0
mv out state.jsonl
check_equal 'state: lines' "$(grep -c '"format":1' state.jsonl)" 5
expect 'state: import' 0 '5 keys imported
' '' state import state.yaml state.jsonl -D dir=state-new
call state export state.yaml -D dir=state-new
check_equal 'state: the same' "$(LC_ALL=C sort out)" \
	"$(LC_ALL=C sort state.jsonl)"
call state import state.yaml state.jsonl -D dir=state-new
expect 'state: counters are added' 0 'counts	a	8
' '' state state.yaml -c count -k a -D dir=state-new

state_wrong() {
	echo "$2" >state-wrong.jsonl
	expect "state: $1" 1 '' "gust state: line 1: $3
" state import state.yaml state-wrong.jsonl -D dir=state-wrong
}
state_wrong 'no JSON' x "'[' or '{' expected near 'x'"
state_wrong 'a newer format' '{"format":2}' \
	'it has format 2, this gust reads up to 1'
state_wrong 'no component' '{"format":1}' \
	"member 'component' is missing or wrong"
state_wrong 'another component' \
	'{"format":1,"component":"x","state":"s","key":[],"counter":1}' \
	"no component is named 'x'"
state_wrong 'a wrong key' \
	'{"format":1,"component":"count","state":"s","key":[[]],"counter":1}' \
	"member 'key' is missing or wrong"
state_wrong 'nothing' \
	'{"format":1,"component":"count","state":"s","key":[]}' \
	"expected one of 'counter', 'bytes', 'list' and 'map' with what it holds"
cat >state-all.jsonl <<'EOF'
{"format":1,"component":"count","state":"s","key":[null,true,-1,1.5,"t",{"bytes":"AP8="}],"map":[["a","1"],["b",{"base64":"/w=="}]],"expires":9000000000000000000}
{"format":1,"component":"count","state":"s","key":[],"list":["x","","z"]}
{"format":1,"component":"count","state":"s","key":["b"],"bytes":{"base64":"AP8="}}
EOF
expect 'state: all kinds' 0 '3 keys imported
' '' state import state.yaml state-all.jsonl -D dir=state-kinds
call state export state.yaml -D dir=state-kinds
check_equal 'state: all kinds come back' "$(LC_ALL=C sort out)" \
	"$(LC_ALL=C sort state-all.jsonl)"

# While it runs, what is committed can be read, and nothing be imported.
mkfifo state.in
"$GUST" run -q state.yaml -D dir=state-runs <state.in \
	>/dev/null 2>state.err &
state_pid=$!
exec 9>state.in
echo 'w w' >&9
state_tries=0
until call state state.yaml -c count -k w -D dir=state-runs &&
	test "$code" = 0; do
	state_tries=$((state_tries + 1))
	test "$state_tries" -lt 500 || break
	sleep 0.02
done
check_equal 'state: of a run that goes on' "$out" 'counts	w	2
'
call state import state.yaml state.jsonl -D dir=state-runs
check_equal 'state: no import into a run' "$code" 1
contains 'state: who runs' "$err" "process $state_pid"
exec 9>&-
check 'state: it ends well' wait "$state_pid"

# A damaged store is told of, and left as it is.
cp -r state state-broken
printf 'no database' >state-broken/words.state/count/3/data.mdb
call state state.yaml -c count -D dir=state-broken
check_equal 'state: damaged' "$code" 1
contains 'state: which one' "$err" \
	"the state in 'state-broken/words.state/count/3' is damaged"
call run -q state-more.yaml -D input=state-2.txt -D dir=state-broken
check_equal 'state: a run on it' "$code" 1
contains 'state: what it says' "$err" \
	"the state in 'state-broken/words.state/count/3' is damaged"
check_equal 'state: it is left as it is' \
	"$(cat state-broken/words.state/count/3/data.mdb)" 'no database'
