# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# Help and versions. Sourced by run.

nl='
'
expect 'version' 0 "gust $(sed -n "s/^ *version: '\(.*\)',$/\1/p" \
	"$GUST_SOURCE/meson.build")${nl}spout ABI 1, bolt ABI 1$nl" '' version
version=$out
expect '--version' 0 "$version" '' --version

call help
check_equal 'help: exit code' "$code" 0
check_equal 'help: stderr' "$err" ''
contains 'help: what it is' "$out" 'Usage: gust COMMAND'
help=$out
expect '--help' 0 "$help" '' --help
expect '-h' 0 "$help" '' -h
expect 'no command' 2 '' "$help"

commands=$(printf '%s' "$help" | sed -n 's/^  \([a-z-]*\)  .*/\1/p')
check_equal 'help: all commands' "$(echo "$commands" | tr '\n' ' ')" \
	'run worker check test new graph plan status state info dead-letters keygen version help '
for command in $commands; do
	call help "$command"
	check_equal "help $command: exit code" "$code" 0
	check_equal "help $command: stderr" "$err" ''
	contains "help $command: usage" "$out" "Usage: gust $command"
	check_equal "help $command: width" \
		"$(printf '%s' "$out" | awk 'length > 80')" ''
	text=$out
	expect "$command --help" 0 "$text" '' "$command" --help
	expect "$command -h" 0 "$text" '' "$command" -h
done
# Help wins over what it stands beside, as long as that is right.
call run --quiet file --help
contains 'help among arguments' "$out" 'Usage: gust run'

call help config
check_equal 'help config: exit code' "$code" 0
for key in executors workers max.spout.pending message.timeout.secs \
	message.timeout.max.secs replay.max.attempts replay.backoff.ms \
	replay.hold.secs retry.max.secs memory.max.bytes tuple.max.bytes \
	dead.letters drain.timeout.secs state.dir state.provider \
	state.commit.ms state.commit.tuples state.dedupe acker.executors \
	tick.tuple.freq.secs; do
	contains "help config: $key" "$out" "${nl}topology.$key: "
done
contains 'help config: type and default' "$out" \
	'topology.message.timeout.secs: seconds, default 30'

# A full disk must not look like success.
if [ -e /dev/full ]; then
	code=0
	"$GUST" help >/dev/full 2>err || code=$?
	check_equal 'full disk: exit code' "$code" 1
	check_equal 'full disk: message' "$(cat err)" 'gust: standard output could not be written: No space left on device'
fi
