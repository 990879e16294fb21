# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# What a lane with a build of its own uses, after suite.sh. Its folder is
# build-NAME in the source tree, or below LANE_DIR.

# lane_build NAME CC=COMPILER OPTION...: configures and builds, or ends the lane.
# What it builds is in lane_targets, all unless it is set.
lane_build() {
	lane_folder=${LANE_DIR:-$GUST_SOURCE}/build-$1
	lane_cc=$2
	lane_name=$1
	shift 2
	if [ ! -e "$lane_folder/build.ninja" ]; then
		rm -rf "$lane_folder"
		check "$lane_name: configure" env "$lane_cc" meson setup \
			"$lane_folder" "$GUST_SOURCE" "$@"
	fi
	# shellcheck disable=SC2086 # one target a word
	check "$lane_name: build" ninja -C "$lane_folder" ${lane_targets:-all}
	[ "$suite_failed" -eq 0 ] || {
		suite_end || exit 1
	}
}

# lane_tests SUITE...: runs those that are there with this build, and ends the
# lane as they end.
lane_tests() {
	for name; do
		shift
		[ ! -x "$GUST_SOURCE/tests/$name/run" ] || set -- "$@" "$name"
	done
	# A plugin that was closed has no names in a report.
	GUST_KEEP_PLUGINS=1
	GUST_BUILD_DIR=$lane_folder
	export GUST_KEEP_PLUGINS GUST_BUILD_DIR
	unset GUST GUST_BUILD QUICK FULL
	"$GUST_SOURCE/tests/run" "$@"
}
