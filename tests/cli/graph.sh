# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust graph. Sourced by run.

expect 'graph: text' 0 'text  (spout lines, 1 task)
`-- shuffle --> split  (bolt split, 2 tasks)
    `-- fields [word] --> count  (bolt count, 2 tasks)
        `-- shuffle --> print  (bolt print, 1 task)
' '' graph -D input=in.txt --set topology.state.dir=state "$GUST_SOURCE/topologies/wordcount.yaml"
expect 'graph: mermaid' 0 'flowchart LR
    c0(["text x1<br/>lines"])
    c1["split x2<br/>split"]
    c2["count x2<br/>count"]
    c3["print x1<br/>print"]
    c0 -->|"shuffle"| c1
    c1 -->|"fields [word]"| c2
    c2 -->|"shuffle"| c3
' '' graph --format mermaid --set topology.state.dir=state \
	"$GUST_SOURCE/topologies/wordcount.yaml"
call graph -f dot "$GUST_SOURCE/topologies/wordcount.yaml"
check_equal 'graph: dot' "$code" 0
contains 'graph: dot' "$out" 'c1 -> c2 [label="fields [word]"];'
if command -v dot >/dev/null; then
	call graph -f svg "$GUST_SOURCE/topologies/wordcount.yaml"
	check_equal 'graph: svg' "$code" 0
	contains 'graph: svg' "$out" '</svg>'
fi
code=0
PATH=/nowhere "$GUST" graph -f svg "$GUST_SOURCE/topologies/wordcount.yaml" >out 2>err ||
	code=$?
check_equal 'graph: svg without Graphviz' "$code" 1
contains 'graph: svg without Graphviz' "$(cat err)" "gust graph: svg is drawn by 'dot' of Graphviz, which is not installed; --format dot needs no other program"
call graph bad.yaml
check_equal 'graph: bad file' "$code" 2
check_equal 'graph: bad file, stdout' "$out" ''
