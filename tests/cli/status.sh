# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust status. Sourced by run.

# Paths of sockets are short.
XDG_RUNTIME_DIR=$(TMPDIR=/tmp mktemp -d)
export XDG_RUNTIME_DIR
trap 'rm -rf -- "$suite_tmp" "$XDG_RUNTIME_DIR"' EXIT

expect 'status: nothing runs' 1 '' \
	'gust status: no topology is running here
' status
expect 'status: not that one' 1 '' \
	"gust status: no topology 'x' is running here
" status x
expect 'status: nothing as JSON' 1 '[]
' 'gust status: no topology is running here
' status --json

cat >status.yaml <<'EOF'
name: standing-still
spouts:
  - {id: text, plugin: lines, options: {files: "-"}}
bolts:
  - {id: count, plugin: count, isolate: true, options: {by: [line]}}
  - {id: print, plugin: print}
streams:
  - {from: text, to: count}
  - {from: count, to: print}
EOF
mkfifo status.in
"$GUST" run -q status.yaml <status.in >/dev/null 2>status.err &
status_pid=$!
exec 9>status.in
echo one line >&9
status_tries=0
until call status standing-still && test "$code" = 0 &&
	printf '%s' "$out" | grep -q '^ *text  *1  *1 .*source empty' &&
	printf '%s' "$out" | grep -q '^ *1  running .*all up'; do
	status_tries=$((status_tries + 1))
	test "$status_tries" -lt 500 || break
	sleep 0.02
done
contains 'status: the process' "$out" "standing-still: process $status_pid, for"
contains 'status: the file' "$out" '(status.yaml)'
contains 'status: a component' "$out" 'source empty'
contains 'status: workers' "$out" 'worker  state'
contains 'status: links' "$out" 'all up'
check_equal 'status: mode of the folder' \
	"$(stat -c %a "$XDG_RUNTIME_DIR/gust")" 700
check_equal 'status: mode of the socket' \
	"$(stat -c %a "$XDG_RUNTIME_DIR/gust/standing-still.$status_pid.sock")" \
	600
call status --json standing-still
check_equal 'status: members' "$(printf '%s' "$out" | python3 -c '
import json, sys
run, = json.load(sys.stdin)
print(run["topology"], run["counts"]["roots"], len(run["workers"]),
      [w["state"] for w in run["workers"]], run["components"][1]["state"])')" \
	"standing-still 1 2 ['running', 'running'] idle"
exec 9>&-
wait "$status_pid" || fail 'status: the run' "$(cat status.err)"
expect 'status: it has ended' 1 '' \
	'gust status: no topology is running here
' status

# What a run that was killed has left is taken away.
python3 -c '
import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' \
	"$XDG_RUNTIME_DIR/gust/dead.1.sock"
expect 'status: a dead one' 1 '' \
	'gust status: no topology is running here
' status
check_equal 'status: nothing is left' "$(ls "$XDG_RUNTIME_DIR/gust")" ''

# Who finds a folder that others can open does without.
chmod 755 "$XDG_RUNTIME_DIR/gust"
call run -q --log-level warn status.yaml
check_equal 'status: a folder of others' "$code" 0
contains 'status: what it says' "$err" 'gust status cannot see this run:'
rm -rf -- "$XDG_RUNTIME_DIR"
unset XDG_RUNTIME_DIR
trap 'rm -rf -- "$suite_tmp"' EXIT
