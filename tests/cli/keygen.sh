# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust keygen. Sourced by run.

if "$GUST" keygen >/dev/null 2>&1; then
	call keygen cluster.key
	check_equal 'keygen: exit code' "$code" 0
	check_equal 'keygen: stderr' "$err" ''
	contains 'keygen: what it says' "$out" 'cluster.key: a new key, its id is '
	check_equal 'keygen: mode' "$(stat -c %a cluster.key)" 600
	check_equal 'keygen: the file' \
		"$(grep -cE '^[0-9a-f]{64}$' cluster.key)" 1
	lacks 'keygen: no secret is said' "$out" "$(cut -c 1-8 cluster.key)"
	cp cluster.key before.key
	expect 'keygen: nothing is overwritten' 1 '' \
		"gust keygen: cannot write a key to 'cluster.key': it is there already
" keygen cluster.key
	check_equal 'keygen: the old one stays' \
		"$(cmp before.key cluster.key && echo same)" same
	call keygen
	check_equal 'keygen: to standard output' \
		"$(printf '%s' "$out" | grep -cE '^[0-9a-f]{64}$')" 1
	first=$out
	call keygen -
	check_equal 'keygen: another each time' \
		"$([ "$out" != "$first" ] && echo other)" other
	expect 'keygen: no folder' 1 '' \
		"gust keygen: cannot write a key to 'no/key': No such file or directory
" keygen no/key
else
	call keygen cluster.key
	check_equal 'keygen without libsodium: exit code' "$code" 1
	contains 'keygen without libsodium' "$err" 'libsodium-dev'
fi
expect 'keygen: too many' 2 '' \
	"gust keygen: 'b' is one file too many
see 'gust help keygen'
" keygen a b
