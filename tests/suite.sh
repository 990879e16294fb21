# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034
#
# What a suite in sh begins with:
#
#	set -eu
#	. "$(dirname "$0")/../suite.sh"
#
# tests/run sets these; a suite that is called by hand gets the same:
#
# GUST_SOURCE	the source tree
# GUST_BUILD	the build folder
# GUST		the program
# QUICK		1, or empty in a full run
# FULL		1, or empty in a quick run
# SANITIZE	address or thread in a build with that sanitizer, else empty
# SMALL		1 where gallery and workers are left out, else empty
# TMPDIR	an empty folder that is removed afterwards
#
# A suite runs what it has, prints the names of what failed with the reason,
# ends with `N passed, N failed`, alone on a line, and exits 1 when something
# failed.
GUST_SOURCE=${GUST_SOURCE:-$(cd -- "$(dirname -- "$0")/../.." && pwd -P)}
GUST_BUILD=${GUST_BUILD:-$GUST_SOURCE/build}
GUST=${GUST:-$GUST_BUILD/gust}
FULL=${FULL:-}
QUICK=${QUICK-1}
[ -z "$FULL" ] || QUICK=
SANITIZE=${SANITIZE:-}
SMALL=${SMALL:-}
export GUST_SOURCE GUST_BUILD GUST FULL QUICK SANITIZE SMALL

suite_tmp=$(mktemp -d)
trap 'rm -rf -- "$suite_tmp"' EXIT
trap 'exit 1' HUP INT TERM
TMPDIR=$suite_tmp
export TMPDIR

suite_passed=0
suite_failed=0

# pass: one more test is good.
pass() {
	suite_passed=$((suite_passed + 1))
}

# fail NAME REASON...
fail() {
	suite_failed=$((suite_failed + 1))
	printf 'FAILED %s\n' "$1"
	shift
	[ $# -eq 0 ] || printf '  %s\n' "$@"
}

# check NAME COMMAND...: passes if the command succeeds; shows what it said if
# it does not.
check() {
	check_name=$1
	shift
	if "$@" >"$suite_tmp/.said" 2>&1; then
		pass
	else
		fail "$check_name" "exit code $? of: $*"
		sed 's/^/  /' "$suite_tmp/.said" | tail -40
	fi
}

# check_equal NAME FOUND EXPECTED
check_equal() {
	if [ "$2" = "$3" ]; then
		pass
	else
		fail "$1" "found:    '$2'" "expected: '$3'"
	fi
}

# suite_end: the closing line and the exit code.
suite_end() {
	printf '%d passed, %d failed\n' "$suite_passed" "$suite_failed"
	[ "$suite_failed" -eq 0 ]
}
