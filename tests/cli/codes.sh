# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# The exit codes of gust run. Sourced by run.

export GUST_PLUGIN_PATH="$GUST_BUILD/tests/plugins"
cat >failing.yaml <<'END'
name: failing
config:
  topology.replay.backoff.ms: 1
  topology.replay.max.attempts: 2
  topology.dead.letters: ${how:-reason}.jsonl
spouts:
  - {id: n, plugin: count_to, options: {count: 100, replay: "${replay:-record}"}}
bolts:
  - {id: f, plugin: fail_every, options: {every: 10, times: 5, how: "${how:-reason}"}}
  - {id: print, plugin: print, options: {template: "{n}"}}
streams:
  - {from: n, to: f}
  - {from: f, to: print}
END
call run failing.yaml
check_equal 'dead letters: exit code' "$code" 3
check_equal 'dead letters: stdout' "$(wc -l <out)" 90
contains 'dead letters: summary' "$err" 'trees: 100 = 90 acked + 10 dead-lettered; attempts: 110 = 90 acked + 20 failed'
contains 'dead letters: where' "$err" \
	"error: 10 dead letters are in 'reason.jsonl'"
check_equal 'dead letters: stored' "$(wc -l <reason.jsonl)" 10
call run -D how=reject failing.yaml
check_equal 'rejected: exit code' "$code" 0
contains 'rejected: where' "$err" \
	"note: 10 rejected records are in 'reject.jsonl'"
call run -D how=letter -D replay=none failing.yaml
check_equal 'dead letters at once: exit code' "$code" 3
call run -D replay=none failing.yaml
check_equal 'lost: exit code' "$code" 1
contains 'lost: summary' "$err" \
	"error: 'n' lost 10 tuples, which failed, and it has no replay"

# Trees that nobody completes: a signal, and then what is to follow.
cat >stuck.yaml <<'END'
name: stuck
config: {topology.drain.timeout.secs: "${drain:-60}"}
spouts:
  - {id: n, plugin: count_to, options: {count: 10}}
bolts:
  - {id: print, plugin: print, options: {template: "{n}"}}
  - {id: keep, plugin: keep, options: {how: forget}}
streams:
  - {from: n, to: print}
  - {from: n, to: keep}
END
# begin ARGUMENT...: runs it until all tuples have been printed; sets pid.
begin() {
	rm -f out
	"$GUST" run --for 60s "$@" stuck.yaml >out 2>err &
	pid=$!
	until [ -e out ] && [ "$(wc -l <out)" -eq 10 ]; do :; done
}

# ended NAME CODE TEXT
ended() {
	code=0
	wait "$pid" || code=$?
	check_equal "$1: exit code" "$code" "$2"
	contains "$1" "$(cat err)" "$3"
	lacks "$1: balanced" "$(cat err)" 'a bug'
}

begin
kill -INT "$pid"
until grep -q 'another signal aborts' err; do :; done
kill -INT "$pid"
ended 'second signal' 130 \
	'stuck: aborted by a second SIGINT, and what was open counts as aborted, after '
contains 'second signal: counts' "$(cat err)" 'trees: 10 = 0 acked + 10 aborted'
begin -D drain=0.1
kill -TERM "$pid"
ended 'drain deadline' 143 \
	'stuck: not drained within 0.1 s, and what was open counts as aborted, after '

# A crash names who ran.
cat >crash.yaml <<'END'
name: crash
spouts:
  - {id: n, plugin: count_to, options: {count: 10}}
bolts:
  - {id: boom, plugin: mistake, options: {kind: "${kind}", at: 5}}
streams:
  - {from: n, to: boom}
END
# Under AddressSanitizer the handler is the sanitizer's.
if [ -z "$SANITIZE" ]; then
	call run -q -D kind=segfault crash.yaml
	check_equal 'crash: exit code' "$code" 139
	contains 'crash: who' "$err" "boom"
	call run -q -D kind=abort crash.yaml
	check_equal 'abort: exit code' "$code" 134
fi
call run -q -D kind=fail_open crash.yaml
check_equal 'failed open: exit code' "$code" 1
check_equal 'failed open' "$err" 'crash: a component failed
error: boom[0]: the door is locked
'
call run -D kind=double_ack crash.yaml
contains 'mistake: named' "$err" 	"note: the plugin of 'boom' made 1 mistake, such as acking a tuple twice; the log names them"
# Nothing that is opened later takes the place of a closed descriptor, and what
# nobody got is not acked.
cat >closed.yaml <<'END'
name: closed
config: {topology.state.dir: closed}
spouts:
  - {id: n, plugin: count_to, options: {count: 100, replay: position}}
bolts:
  - {id: print, plugin: print, options: {template: "a line that is long: {n}"}}
streams:
  - {from: n, to: print}
END
code=0
timeout 60 "$GUST" run closed.yaml <&- >&- 2>&- || code=$?
check_equal 'closed descriptors: exit code' "$code" 3
check_equal 'closed descriptors: files' \
	"$(grep -rl 'a line that is long' closed)" ''
unset GUST_PLUGIN_PATH

# A spout that gives up says why.
cat >ended.yaml <<'END'
name: ended
spouts:
  - id: e
    plugin: exec
    options: {command: [sh, -c, "echo a; exit 3"], restart: never}
bolts:
  - {id: print, plugin: print}
streams:
  - {from: e, to: print}
END
call run ended.yaml
check_equal 'given up: exit code' "$code" 1
check_equal 'given up: stdout' "$(cat out)" a
contains 'given up: why' "$err" \
	"error: e[0]: next() failed: 'sh' has ended with exit status 3"
