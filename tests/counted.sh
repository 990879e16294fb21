# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# Runs programs that end with `N passed, N failed` and adds them up. For
# tests/run and .ci/run.

all_passed=0
all_failed=0

# The seconds since the start of the machine, with hundredths.
seconds() {
	read -r uptime _ </proc/uptime
	echo "$uptime"
}

# run_counted NAME LOG SECONDS COMMAND...: prints one line, and what the command
# said if something failed. A command that fails without saying what, that ran
# nothing or that was ended after SECONDS counts as a failure.
run_counted() {
	counted_name=$1
	log=$2
	limit=$3
	shift 3
	begin=$(seconds)
	code=0
	# In the background, so that a signal ends it, too; the shell has such a
	# command ignore SIGINT, which would go on to what is tested.
	timeout -k 10 "$limit" env --default-signal=INT,QUIT "$@" \
		>"$log" 2>&1 </dev/null &
	counted_pid=$!
	trap 'kill "$counted_pid"; exit 1' HUP INT TERM
	wait "$counted_pid" || code=$?
	trap - HUP INT TERM
	took=$(echo "$(seconds) $begin" | awk '{ printf "%.1f", $1 - $2 }')
	counts=$(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log")
	passed=${counts% *}
	failed=${counts#* }
	note=
	if [ -z "$counts" ]; then
		passed=0 failed=1
		note=", no closing line, exit code $code"
	elif [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then
		failed=1
		note=", exit code $code"
	elif [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ]; then
		failed=1
		note=', no test ran'
	fi
	if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
		note="$note, ended after $limit s"
	fi
	printf '%-14s %6d passed, %d failed%s %7s s\n' "$counted_name" \
		"$passed" "$failed" "$note" "$took"
	[ "$failed" -eq 0 ] || tail -n 200 "$log" | sed 's/^/    /'
	all_passed=$((all_passed + passed))
	all_failed=$((all_failed + failed))
}

# The closing line and the exit code of all.
end_counted() {
	printf '%d passed, %d failed\n' "$all_passed" "$all_failed"
	[ "$all_failed" -eq 0 ]
}
