# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust plan. Sourced by run.

mkdir -p plan
cat >plan/topology.yaml <<'EOF'
name: placed
config: {topology.executors: 2}
spouts:
  - {id: text, plugin: lines, options: {files: in.txt}}
bolts:
  - {id: split, plugin: split, parallelism: 6}
  - {id: count, plugin: count, parallelism: 2, options: {by: [word]}, dedicated: true}
  - {id: print, plugin: print, isolate: true}
streams:
  - {from: text, to: split}
  - {from: split, to: count, grouping: {type: fields, args: [word]}}
  - {from: count, to: print, grouping: {type: global}}
EOF
cat >plan/hosts.yaml <<'EOF'
- {name: a, address: 127.0.0.1, port: 7000, slots: 2}
- {name: b, address: "::1", port: 7100}
EOF
masked() {
	printf '%s' "$out" | sed 's/plan [0-9a-f]\{16\}/plan HASH/'
}

call plan --set topology.workers=2 plan/topology.yaml
check_equal 'plan: exit code' "$code" 0
check_equal 'plan: workers' "$(masked)" \
	'placed: 10 tasks on 7 executors of 3 workers, plan HASH

worker  executor  tasks
0       0         text[0] split[0,4]
        1         split[2]
        2         count[0] (dedicated)
1       3         split[1,5]
        4         split[3]
        5         count[1] (dedicated)
2       6         print[0]

between workers
0 -> 1: text -> split, split -> count
0 -> 2: count -> print
1 -> 0: split -> count
1 -> 2: count -> print

sockets: at most 19 a process, of 512'
before=$out
call plan -w 2 plan/topology.yaml
check_equal 'plan: --workers is topology.workers' "$out" "$before"

call plan --hosts plan/hosts.yaml plan/topology.yaml
check_equal 'plan: hosts' "$(masked)" \
	'placed: 10 tasks on 9 executors of 4 workers on 2 hosts, plan HASH

worker  host  port            executor  tasks
0       a     127.0.0.1:7000  0         text[0] split[0]
                              1         split[3]
                              2         count[0] (dedicated)
1       a     127.0.0.1:7001  3         split[2]
                              4         split[5]
2       a     127.0.0.1:7002  5         print[0]
3       b     [::1]:7100      6         split[1]
                              7         split[4]
                              8         count[1] (dedicated)

between workers
0 -> 1: text -> split
0 -> 2: count -> print
0 -> 3: text -> split, split -> count
1 -> 0: split -> count
1 -> 3: split -> count
3 -> 0: split -> count
3 -> 2: count -> print

sockets: at most 20 a process, of 512'

# A host with fewer cores comes to the same plan.
sed '/^config:/d' plan/topology.yaml >plan/default.yaml
call plan --json --hosts plan/hosts.yaml plan/default.yaml
before=$out
if command -v taskset >/dev/null; then
	code=0
	out=$(taskset -c 0 "$GUST" plan --json --hosts plan/hosts.yaml \
		plan/default.yaml && echo x) out=${out%x}
	check_equal 'plan: the same on any machine' "$out" "$before"
fi
printf '%s' "$before" >plan/plan.json
python3 - plan/plan.json <<'EOF' >plan/facts
import json, sys

plan = json.load(open(sys.argv[1]))
print("name", plan["name"], len(plan["hash"]))
print("hosts", *(host["bind"] for host in plan["hosts"]))
tasks = [task["task"] for worker in plan["workers"]
         for executor in worker["executors"] for task in executor["tasks"]]
print("each task once", sorted(tasks) == list(range(10)))
numbers = [executor["executor"] for worker in plan["workers"]
           for executor in worker["executors"]]
print("executors in a row", numbers == list(range(len(numbers))))
print("ports", *(f"{w['host']}:{w['port']}" for w in plan["workers"]))
print("links", *(f"{l['from']}-{l['to']}" for l in plan["links"]))
print("link", plan["links"][1]["streams"])
print("isolated", *(c["id"] for c in plan["components"] if c["isolate"]))
print("plugins", len({c["plugin_hash"] for c in plan["components"]}))
EOF
check_equal 'plan: JSON' "$(cat plan/facts)" \
	"name placed 16
hosts 127.0.0.1 ::1
each task once True
executors in a row True
ports a:7000 a:7001 a:7002 b:7100
links 0-1 0-2 0-3 1-0 1-3 3-0 3-2
link [{'from': 'count', 'to': 'print', 'stream': 'default', 'grouping': 'global'}]
isolated print
plugins 4"

call plan "$GUST_SOURCE/topologies/wordcount.yaml"
contains 'plan: one process' "$out" 'sockets: at most '
lacks 'plan: one process has no links' "$out" 'between workers'
call plan --hosts plan/none.yaml plan/topology.yaml
check_equal 'plan: no hosts file' "$code" 2
contains 'plan: no hosts file' "$err" 'plan/none.yaml: cannot be read'
misuse 'plan: no file' plan 'which FILE?' plan
misuse 'plan: second file' plan "'b' is one file too many" plan a b
