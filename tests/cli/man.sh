# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# The manual pages: there is one for each command, they say what --help says,
# and man has no warning. Sourced by run.

# formatted FILE: formats it on stdout, as many columns as the help has.
formatted() {
	LC_ALL=C.UTF-8 MANWIDTH=200 man -l "$1" | col -bx
}

pages=$(cd "$GUST_BUILD" && echo gust*.[15])
commands=$("$GUST" help | sed -n 's/^  \([a-z-]*\)  .*/\1/p')
expected=$({
	echo gust.1 gust-topology.5
	for command in $commands; do
		echo "gust-$command.1"
	done
} | tr ' ' '\n' | LC_ALL=C sort | tr '\n' ' ')
check_equal 'man: one for each command' \
	"$(echo "$pages" | tr ' ' '\n' | LC_ALL=C sort | tr '\n' ' ')" "$expected"

if command -v man >/dev/null; then
	for name in $pages; do
		check_equal "man: warnings of $name" "$(LC_ALL=C.UTF-8 MANROFFSEQ='' \
			MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z \
			"$GUST_BUILD/$name" 2>&1 >/dev/null)" ''
	done
fi
if command -v man >/dev/null && command -v col >/dev/null; then
	formatted "$GUST_BUILD/gust-run.1" >page
	for option in $("$GUST" help run | sed -n 's/.* --\([a-z-]*\) .*/\1/p'); do
		contains "man run: --$option" "$(cat page)" "--$option"
	done
	contains 'man run: what stands apart' "$(cat page)" \
		'  1      a component failed, or something was lost'
	formatted "$GUST_BUILD/gust-topology.5" >page
	for key in $("$GUST" help config | sed -n 's/^\(topology[a-z.]*\): .*/\1/p'); do
		contains "man topology: $key" "$(cat page)" "$key"
	done
fi

# `gust help topology` names every key that there is.
cat >keys.yaml <<'EOF'
name: keys
nosuchkeyatall: 1
spouts:
  - {id: a, plugin: lines, options: {files: x}, nosuchkeyatall: 1}
bolts: []
streams:
  - {from: a, to: b, nosuchkeyatall: 1, grouping: {nosuchkeyatall: 1}}
  - {from: a, to: b, grouping: {type: nosuchgroupingatall}}
includes:
  - {nosuchkeyatall: 1}
EOF
call check keys.yaml
keys=$(printf '%s' "$err" | sed -n 's/.*expected one of //p; s/.*is no grouping, expected//p' |
	tr -d "',"  | tr ' ' '\n' | grep -vx 'or' | LC_ALL=C sort -u)
call help topology
check_equal 'help topology: exit code' "$code" 0
for key in $keys; do
	case $key in
	type | args | file | override | resource | grouping) ;; # in prose
	*)
		if printf '%s' "$out" | grep -q "^ *$key  "; then
			pass
		else
			fail "help topology: $key" 'no line explains it'
		fi
		;;
	esac
done
check 'help topology: there are keys' test "$(echo "$keys" | wc -l)" -ge 30
call help --man nothing
check_equal 'help --man nothing' "$code" 2
