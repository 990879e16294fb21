# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust run --report. Sourced by run.

call run --quiet --report report.json --set topology.state.dir=fifth good.yaml
check_equal 'report: exit code' "$code" 0
check_equal 'report: content' "$(python3 -c '
import json
with open("report.json") as file:
    report = json.load(file)
print(report["format"], report["topology"], report["file"], report["exit_code"],
      report["end"], report["error"], report["balanced"])
text, split, out = report["components"]
print(text["id"], text["kind"], text["plugin"], text["replay"], text["tasks"],
      text["counts"]["roots"], text["counts"]["trees_acked"],
      text["complete_latency_ns"]["count"] > 0)
print(split["counts"]["executed"], split["counts"]["emitted"],
      sum(task["counts"]["emitted"] for task in split["by_task"]),
      out["counts"]["acked"])
print(report["peak_rss_bytes"] > 0, report["run_ns"] > 0,
      report["ended"] >= report["begun"], len(report["executors"]) > 0)
')" "1 good good.yaml 0 ended None True
text spout lines position 1 2 2 True
2 3 3 3
True True True True"

expect 'report: - beside a sink' 2 '' "gust run: '--report -' would mix with what 'print' writes to standard output; name a file
see 'gust help run'
" run -q --report - risky.yaml
expect 'report: no folder' 2 '' "gust run: the report cannot be written to 'nowhere/report.json': No such file or directory
see 'gust help run'
" run -q --report nowhere/report.json risky.yaml
expect 'report: a folder' 2 '' "gust run: '.' is a folder, expected a file for the report
see 'gust help run'
" run -q --report . risky.yaml

# Without a sink that prints, standard output is free.
cat >silent.yaml <<'END'
name: silent
spouts:
  - {id: numbers, plugin: generate, options: {fields: {n: sequence}, count: 10}}
bolts:
  - {id: count, plugin: count, options: {by: [], emit: final}}
streams:
  - {from: numbers, to: count}
END
call run --quiet --report - silent.yaml
check_equal 'report: -' "$code $err" '0 '
contains 'report: -' "$out" '"topology": "silent"'
