# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
#
# What is wrong with a command line. Sourced by run.

# misuse NAME COMMAND MESSAGE ARGUMENT...: nothing on stdout, exit code 2.
misuse() {
	misuse_name=$1 misuse_command=$2 misuse_message=$3
	shift 3
	expect "$misuse_name" 2 '' \
		"gust${misuse_command:+ $misuse_command}: $misuse_message
see 'gust help${misuse_command:+ $misuse_command}'
" "$@"
}

misuse 'unknown command' '' "no command is named 'rnu'; did you mean 'run'?" rnu
misuse 'unlike any command' '' "no command is named 'xyzzy'" xyzzy
misuse 'help of an unknown command' '' \
	"no command is named 'chekc'; did you mean 'check'?" help chekc
misuse 'unknown option' '' \
	"no option is named '--verison'; did you mean '--version'?" --verison
misuse 'option before the command' '' \
	"'-q' stands before the command; options of a command follow it" -q run
misuse 'unknown option of run' run \
	"no option is named '--exectors'; did you mean '--executors'?" \
	run --exectors 3 file
misuse 'unknown letter' run "no option is named '-Z'" run -Z
misuse 'missing value' run "'--for' needs a value: --for TIME" run --for
misuse 'value too many' run "'--quiet' takes no value" run --quiet=1
misuse 'missing file' run 'which FILE?' run
misuse 'missing file of check' check 'which FILE?' check
misuse 'missing file of graph' graph 'which FILE?' graph
misuse 'second file' run "'b' is one file too many" run a b
misuse 'second file of graph' graph "'b' is one file too many" graph a b
misuse 'argument of version' version "'x' is one argument too many" version x
misuse 'arguments of help' help "'b' is one argument too many" help run b
misuse 'no executors' run \
	"'0' is no value of '--executors', expected a whole number from 1 to 1024" \
	run --executors 0 a
for workers in 0 129 -1 2x ''; do
	misuse "workers: '$workers'" run \
		"'$workers' is no value of '--workers', expected a number from 1 to 128" \
		run --workers "$workers" a
done
misuse 'workers and hosts' run \
	"'--workers' and '--hosts' contradict each other, expected 'slots' in the hosts file" \
	run --hosts a --workers 2 b
misuse 'hosts without ssh' run \
	"'--hosts' needs '--ssh', or 'gust worker' on each host" run --hosts a b
misuse 'ssh without hosts' run "'--ssh' needs '--hosts FILE'" run --ssh b
misuse 'worker without hosts' worker "which '--hosts FILE'?" worker --host a b
misuse 'worker without a host' worker "which '--host NAME'?" \
	worker --hosts a b
misuse 'worker without a file' worker 'which FILE?' worker --hosts a --host b
misuse 'hosts and workers' check \
	"'--workers' and '--hosts' contradict each other, expected 'slots' in the hosts file" \
	check --workers 2 --hosts a b
misuse 'words for a number' run \
	"'many' is no value of '--max-tuples', expected a whole number from 1 to 18446744073709551615" \
	run --max-tuples=many a
misuse 'negative number' run \
	"'-1' is no value of '--executors', expected a whole number from 1 to 1024" \
	run --executors -1 a
misuse 'no duration' run \
	"'--for': 'soon' is no duration, expected a number and a unit such as '250ms', '10s' or '1.5 min'" \
	run --for soon a
misuse 'no time' run "'--for': '0s' is no time at all" run --for 0s a
misuse 'no log level' run \
	"'loud' is no log level, expected error, warn, info or debug" \
	run --log-level loud a
misuse 'no pair' run \
	"'foo' is no value of '--define', which is written --define NAME=VALUE" \
	run -D foo a
misuse 'no name' run \
	"'=1' is no value of '--set', which is written --set KEY=VALUE" \
	run --set =1 a
misuse 'unknown format' graph \
	"no format is named 'svgg'; did you mean 'svg'?" graph --format svgg a
misuse 'unlike any format' graph \
	"no format is named 'picture', expected text, dot, mermaid or svg" \
	graph -fpicture a
