# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# gust new: what it makes builds without a warning, runs and passes its tests.
# Sourced by run.

strict='-Wall -Wextra -Wpedantic -Wshadow -Wconversion'
strict="$strict -Wstrict-prototypes -Wmissing-prototypes -Werror"
# No gust that happens to be installed.
alone() {
	env PATH=/usr/bin:/bin PKG_CONFIG_PATH=/nowhere PKG_CONFIG_LIBDIR=/nowhere \
		"$@"
}

expect 'new: bolt' 0 'shout/
  shout.c          the plugin; begin here
  shout.yaml       a topology that runs it
  shout.test.yaml  its tests
  Makefile         make, make run, make test

try it: cd shout && make run
' '' new bolt shout
expect 'new: spout' 0 'beat/
  beat.c          the plugin; begin here
  beat.yaml       a topology that runs it
  beat.test.yaml  its tests
  Makefile        make, make run, make test

try it: cd beat && make run
' '' new spout beat

for plugin in shout beat; do
	for compiler in cc clang-14; do
		command -v "$compiler" >/dev/null || continue
		check "new: $plugin with $compiler" alone make -C "$plugin" \
			clean all CC="$compiler" CFLAGS="$strict"
	done
	check "new: $plugin runs" alone make -s -C "$plugin" run
	check "new: $plugin passes its tests" alone make -s -C "$plugin" test
done
alone make -s -C shout run >out 2>err </dev/null || true
check_equal 'new: what shout says' "$(LC_ALL=C sort -u out)" 'lengths 7
stream 6
words 5'
alone make -s -C beat run >out 2>err </dev/null || true
check_equal 'new: what beat says' "$(cat out)" 'number 0
number 1
number 2
number 3
number 4'
call info shout/shout.so
contains 'new: the manual' "$out" 'shout: passes on the words that are long'
# Its tests see what is changed in the code.
sed -i 's/< shout->least/<= shout->least/' shout/shout.c
if alone make -s -C shout test >out 2>&1; then
	fail 'new: the tests see a changed bolt'
else
	pass
fi

call new bolt shout
check_equal 'new: twice' "$code $err" \
	"2 gust new: 'shout' is there already, expected a new folder
"
call new bolt --dir elsewhere shout
check_equal 'new --dir' "$code $(ls elsewhere)" '0 Makefile
shout.c
shout.test.yaml
shout.yaml'
call new bolt --dir nowhere/at/all shout
check_equal 'new --dir: cannot be made' "$code $err" \
	"1 gust new: 'nowhere/at/all' cannot be made: No such file or directory
"
for name in 1st two-words 'a b' '' _x "$(printf '%041d' 0 | tr 0 a)" ../up é; do
	call new bolt "$name"
	check_equal "new: '$name'" "$code" 2
	contains "new: '$name'" "$err" 'is no name of a plugin'
done
for name in int self gust_tool NULL; do
	call new spout "$name"
	check_equal "new: '$name'" "$code" 2
	contains "new: '$name'" "$err" 'has another meaning'
done
call new blot shout
contains 'new: kind' "$err" "'blot' is no kind of plugin, expected spout or bolt"
call new bolt
contains 'new: no name' "$err" "expected a kind and a name"
call new bolt a b
contains 'new: too many' "$err" "'b' is one too many"
