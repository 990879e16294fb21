# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust check; tests/golden has the messages themselves. Sourced by run.

cat >good.yaml <<'END'
name: good
config: {topology.state.dir: state}
spouts:
  - {id: text, plugin: lines, options: {files: "${input:-in.txt}"}}
bolts:
  - {id: split, plugin: split, parallelism: 2}
  - {id: print, plugin: print, options: {template: "{word}"}}
streams:
  - {from: text, to: split}
  - {from: split, to: print}
END
sed 's/plugin: split/plugin: slpit/' good.yaml >bad.yaml
cat >risky.yaml <<'END'
name: risky
spouts:
  - {id: numbers, plugin: generate, options: {fields: {n: sequence}, count: 3}}
bolts:
  - {id: print, plugin: print, options: {template: "{n}"}}
streams:
  - {from: numbers, to: print}
END
printf 'b a\nc\n' >in.txt

expect 'check: good' 0 '' '' check good.yaml
call check bad.yaml
check_equal 'check: bad' "$code" 2
check_equal 'check: bad, stdout' "$out" ''
contains 'check: place and name' "$err" 'bad.yaml:6:25: '
contains 'check: nearest' "$err" "'split'"
cp bad.yaml worse.yaml
call check bad.yaml good.yaml worse.yaml
check_equal 'check: three files' "$code" 2
contains 'check: the first' "$err" "bad.yaml:6:25: "
contains 'check: the last' "$err" "worse.yaml:6:25: "

call check risky.yaml
check_equal 'check: warning' "$code" 0
contains 'check: warning' "$err" 'warning: '
contains 'check: the spout that loses data' "$err" "'numbers'"
call check --strict risky.yaml
check_equal 'check --strict: exit code' "$code" 2
check_equal 'check --strict: stdout' "$out" ''

call check -D inptu=x good.yaml
check_equal 'check: unused variable' "$code" 0
check_equal 'check: unused variable' "$err" \
	"good.yaml: warning: '\${inptu}' of '-D' stands nowhere in the file
"
call check --set topology.max.spout.pending=many good.yaml
check_equal 'check: bad setting' "$code" 2
contains 'check: bad setting' "$err" "'many'"

call check --json good.yaml
check_equal 'check --json: good' "$out" '[]
'
call check --json bad.yaml
check_equal 'check --json: exit code' "$code" 2
check_equal 'check --json: stderr' "$err" ''
check_equal 'check --json' "$(python3 -c '
import json
with open("out") as file:
    items = json.load(file)
print([(i["file"], i["line"], i["column"], i["severity"]) for i in items])
')" "[('bad.yaml', 6, 25, 'error')]"
call check --json --strict risky.yaml
contains 'check --json --strict' "$out" '"severity": "error"'

code=0
"$GUST" check - <good.yaml >out 2>err || code=$?
check_equal 'check: stdin' "$code $(cat err)" '0 '
expect 'check: no file' 2 '' \
	"nowhere.yaml: cannot be read: No such file or directory, expected a topology file
" check nowhere.yaml
