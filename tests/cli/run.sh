# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust run. Sourced by run.

call run good.yaml
check_equal 'run: exit code' "$code" 0
check_equal 'run: stdout' "$(sort out | tr '\n' ' ')" 'a b c '
contains 'run: title' "$err" 'good: done, all sources have ended, after '
contains 'run: equations' "$err" 'trees: 2 = 2 acked; attempts: 2 = 2 acked'
contains 'run: latency' "$err" "complete latency of 'text': p50 "
contains 'run: executors' "$err" 'executors busy: '
lacks 'run: nothing to note' "$err" 'note: '
lacks 'run: no escapes without a terminal' "$err" "$(printf '\033')"

call run good.yaml
check_equal 'run: goes on where it was' "$code $out" '0 '

call run risky.yaml
check_equal 'run: warning, exit code' "$code" 0
contains 'run: warning' "$err" "risky.yaml:3:10: warning: 'numbers'"
contains 'run: what is lost when' "$err" \
	"note: 'numbers' replays from memory: what is open is lost when its process dies"
call run --quiet risky.yaml
check_equal 'run --quiet: no warnings' "$code $err" '0 '

call run --quiet --set topology.state.dir=other good.yaml
check_equal 'run --quiet' "$code $err" '0 '
check_equal 'run --quiet: stdout' "$(sort out | tr '\n' ' ')" 'a b c '
call run -q -D input=nothing.txt --set topology.state.dir=third good.yaml
check_equal 'run: a spout that cannot open' "$code" 1
contains 'run: a spout that cannot open' "$err" 'nothing.txt'
call run bad.yaml
check_equal 'run: bad file' "$code" 2
check_equal 'run: bad file, stdout' "$out" ''

code=0
"$GUST" run -q --set topology.state.dir=fourth - <good.yaml >out 2>err ||
	code=$?
check_equal 'run: topology from stdin' "$code $(sort out | tr '\n' ' ')" \
	'0 a b c '

cat >endless.yaml <<'END'
name: endless
spouts:
  - {id: numbers, plugin: generate, options: {fields: {n: sequence}}}
bolts:
  - {id: print, plugin: print, options: {template: "{n}"}}
streams:
  - {from: numbers, to: print}
END
call run --max-tuples 1000 endless.yaml
check_equal 'run --max-tuples' "$code" 0
check_equal 'run --max-tuples: lines' "$(wc -l <out)" 1000
contains 'run --max-tuples' "$err" \
	'endless: the spouts have emitted enough tuples, and what was open has been completed, after '
call run --for 200ms endless.yaml
check_equal 'run --for' "$code" 0
contains 'run --for' "$err" \
	'endless: the time given has passed, and what was open has been completed, after '

# Who reads has gone: quietly, as SIGPIPE does.
code=0
# shellcheck disable=SC2216
{ timeout 60 "$GUST" run -q endless.yaml 2>err || echo $? >code; } | head -n 1 \
	>/dev/null
check_equal 'run: closed stdout' "$(cat code)" 141
check_equal 'run: closed stdout is no news' "$(cat err)" ''

# A stop by signal completes what is open.
for signal in INT TERM; do
	rm -f out
	"$GUST" run --for 60s endless.yaml >out 2>err &
	pid=$!
	until [ -s out ]; do :; done
	kill "-$signal" "$pid"
	code=0
	wait "$pid" || code=$?
	check_equal "run: SIG$signal" "$code" 0
	contains "run: SIG$signal" "$(cat err)" \
		"endless: stopped by SIG$signal, and what was open has been completed, after "
done
