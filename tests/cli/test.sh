# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2016
#
# gust test: what it says of cases that pass and fail; tests/golden has the
# mistakes of test files. Sourced by run.

cat >words.test.yaml <<'EOF'
bolt: split
input: {line: string}
cases:
  - name: good
    given: [to be]
    expect: [to, be]
EOF
expect 'test: good' 0 'ok      words.test.yaml: good
1 passed, 0 failed
' '' test words.test.yaml

cat >fails.test.yaml <<'EOF'
bolt: split
input: {line: string}
cases:
  - name: the order matters
    given: [a b c]
    expect: [b, a, c]
  - name: or does not
    given: [a b c]
    expect: {default: {tuples: [c, b, a], order: any}}
  - name: too few and too many
    given: [a b]
    expect: [a, b, c]
  - name: none is expected
    given: [a]
    expect: []
  - name: how many
    given: [a b]
    expect: {default: {count: 3}}
  - name: letters that nobody expects
    given: [a]
    fail: always
  - name: letters that do not come
    given: [a]
    dead_letters: [{component: split, reason: disk}]
    rejected: [{}]
  - name: a failure that does not come
    given: [a]
    error: disk full
EOF
call test fails.test.yaml
check_equal 'test: fails, exit code' "$code" 1
check_equal 'test: fails, stderr' "$err" ''
check_equal 'test: fails, stdout' "$out" 'FAILED  fails.test.yaml: the order matters
  split: expected 3 (-), found 3 (+), fails.test.yaml:6
    - {word: b}
      {word: a}
    + {word: b}
      {word: c}
ok      fails.test.yaml: or does not
FAILED  fails.test.yaml: too few and too many
  split: expected 3 (-), found 2 (+), fails.test.yaml:12
      {word: a}
      {word: b}
    - {word: c}
FAILED  fails.test.yaml: none is expected
  split: expected 0 (-), found 1 (+), fails.test.yaml:15
    + {word: a}
FAILED  fails.test.yaml: how many
  split: expected 3 tuples, found 2, fails.test.yaml:18
FAILED  fails.test.yaml: letters that nobody expects
  dead letters: expected 0 (-), found 1 (+), fails.test.yaml:19
    + {component: split, reason: injected failure, attempts: 5, tuple: {line: a}}
FAILED  fails.test.yaml: letters that do not come
  dead letters: expected 1 (-), found 0 (+), fails.test.yaml:24
    - {component: split, reason: disk}
  rejected: expected 1 (-), found 0 (+), fails.test.yaml:25
    - {}
FAILED  fails.test.yaml: a failure that does not come
  it did not fail, expected a failure with '\''disk full'\''
1 passed, 7 failed
'

# The nearest tuple is named with what differs.
cat >near.test.yaml <<'EOF'
bolt: count
options: {by: [word], emit: final}
input: {word: string}
cases:
  - name: near
    given: [a, b, a]
    expect:
      default:
        order: any
        tuples: [{word: a, count: 3}, {word: b, count: 1}, [c, 1]]
EOF
call test near.test.yaml
check_equal 'test: nearest, stdout' "$out" 'FAILED  near.test.yaml: near
  count: expected 3 (-), found 2 (+), near.test.yaml:8
    - {word: a, count: 3}
    + {word: a, count: 2}
      count is 2, expected 3
    - {word: c, count: 1}
0 passed, 1 failed
'

# Time: what comes from outside, from ticks to threads of the plugin.
cat >events.test.yaml <<'EOF'
bolt: events
config: {topology.tick.tuple.freq.secs: 10}
input: {n: int}
cases:
  - name: ticks
    options: {by: tick}
    steps:
      - {given: [1, 2, 3], advance: 9s, expect: []}
      - {advance: 2s, expect: [6]}
      - {advance: 1h, expect: []}
      - {given: [4], expect: []}
      - {advance: 10s, expect: [4]}
  - name: timers
    options: {by: timer}
    steps:
      - {given: [1, 2], advance: 4.9s, expect: []}
      - {advance: 100ms, expect: [3]}
  - name: descriptors
    options: {by: pipe}
    steps:
      - {given: [1], expect: [1]}
      - {given: [2], expect: [2]}
  - name: threads
    options: {by: thread}
    given: [5]
    advance: 1s
    expect: [5]
EOF
export GUST_PLUGIN_PATH="$GUST_BUILD/tests/plugins"
call test events.test.yaml
unset GUST_PLUGIN_PATH
check_equal 'test: events' "$out$err" 'ok      events.test.yaml: ticks
ok      events.test.yaml: timers
ok      events.test.yaml: descriptors
ok      events.test.yaml: threads
4 passed, 0 failed
'

# A spout, stopped and not; one that has no end.
cat >spout.test.yaml <<'EOF'
spout: generate
options: {fields: {n: sequence}, rate: 10}
cases:
  - name: ends
    options: {count: 3}
    expect: [0, 1, 2]
  - name: stopped
    advance: 2s
    stop: true
    expect: {default: {fields: [n], order: exact, count: 21}}
EOF
call test spout.test.yaml
check_equal 'test: spout' "$out$err" 'ok      spout.test.yaml: ends
ok      spout.test.yaml: stopped
2 passed, 0 failed
'

# One that is forgotten does not fill the memory.
cat >endless.test.yaml <<'EOF'
spout: generate
options: {fields: {n: sequence}}
cases:
  - name: endless
    expect: []
EOF
call test endless.test.yaml
check_equal 'test: endless' "$code $out" "1 FAILED  endless.test.yaml: endless
  it does not come to an end: more than 1000000 tuples have come; 'stop: true' would stop its spouts
    'generate' has not ended
0 passed, 1 failed
"

# A sink is replaced, unless it is to run.
cat >sink.yaml <<'EOF'
name: sink
spouts:
  - {id: text, plugin: lines, options: {files: /nowhere/at/all}}
bolts:
  - {id: print, plugin: print, options: {template: "<{line}>"}}
streams:
  - {from: text, to: print}
EOF
cat >sink.test.yaml <<'EOF'
topology: sink.yaml
cases:
  - name: given
    given: {text: [a]}
    expect: {print: [a]}
    stdout: [<a>]
  - name: the spout itself fails
    error: /nowhere/at/all
EOF
call test sink.test.yaml
check_equal 'test: sink' "$out$err" 'ok      sink.test.yaml: given
ok      sink.test.yaml: the spout itself fails
2 passed, 0 failed
'

# JUnit, and the exit codes of several files.
call test --junit junit.xml words.test.yaml fails.test.yaml
check_equal 'test --junit: exit code' "$code" 1
check_equal 'test --junit' "$(python3 -c '
import xml.etree.ElementTree as tree
root = tree.parse("junit.xml").getroot()
for suite in root:
    print(suite.get("name"), suite.get("tests"), suite.get("failures"),
          suite.get("errors"))
print(root[1][0].get("name"), "|", root[1][0][0].text.split("\n")[1].strip())
')" 'words.test.yaml 1 0 0
fails.test.yaml 8 7 0
the order matters | - {word: b}'
printf 'bolt: split\n' >wrong.test.yaml
call test --junit junit.xml words.test.yaml wrong.test.yaml
check_equal 'test: a wrong file, exit code' "$code" 2
contains 'test: the other file has run' "$out" 'ok      words.test.yaml: good'
contains 'test --junit: error' "$(cat junit.xml)" '<error message='
call test --junit /nowhere/junit.xml words.test.yaml
check_equal 'test --junit: cannot be written' "$code $err" \
	"2 gust test: '/nowhere/junit.xml' cannot be written: No such file or directory
"
call test
check_equal 'test: no file' "$code" 2

# -D and --set win over the file.
sed 's/line: string}/"${field}": string}/; s/cases:/define: {field: line}\ncases:/' \
	words.test.yaml >define.test.yaml
sed -i 's/bolt: split/bolt: split\noptions: {field: "${field}"}/' define.test.yaml
call test -D field=text define.test.yaml
check_equal 'test -D' "$code$err" 0

# What only the user knows of a plugin; a child that answers in its own time.
cat >exec.test.yaml <<'EOF'
bolt: exec
options: {command: [sed, -u, "s/$/!/"]}
input: {line: string}
outputs: {default: {word: string}}
cases:
  - name: a program answers
    steps:
      - {given: [abc, def], advance: 5s, expect: [abc!, def!]}
      - {given: [ghi]}
    expect: [{word: ghi!}]
EOF
call test exec.test.yaml
check_equal 'test: a program answers' "$out$err" \
	'ok      exec.test.yaml: a program answers
1 passed, 0 failed
'
