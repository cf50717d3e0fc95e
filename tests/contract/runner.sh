# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The same under a real igt_runner: what it makes of each subtest.

# An igt_runner of a foreign distribution comes with its own loader and libraries.
fetched_runner() {
	local root loader libraries
	root=$("$build/runner/gemrace" igt) || return 1
	loader=$(find -L "$root" -name 'ld-linux*.so.*' -print -quit)
	libraries=$(find -L "$root" -name 'libc.so.6' -printf '%h:')
	printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
		"$loader" "${libraries%:}" "$root/usr/bin/igt_runner" >"$work/igt_runner"
	chmod +x "$work/igt_runner"
	runner=$work/igt_runner
}

if [ -z "$runner" ]; then
	runner=$(command -v igt_runner) || fetched_runner
fi
privilege=
[ "$(id -u)" -eq 0 ] || privilege=--allow-non-root

# igt NAME OPTION...: run with these options; "NAME RESULT" lines in $verdicts.
igt() {
	local results=$work/$1
	shift
	# shellcheck disable=SC2086
	timeout -k 5 120 "$runner" $privilege -o -l quiet "$@" "$bin" "$results" \
		>"$work/out" 2>"$work/err" </dev/null
	rc=$?
	verdicts=$(jq -r '.tests | to_entries[] | "\(.key) \(.value.result)"' \
		"$results/results.json" 2>&1 | sed 's/^igt@selftest_outcomes@//')
	json=$results/results.json
}

version=$([ -z "$runner" ] || "$runner" --version 2>&1)
if [[ $version != IGT-Version:* ]]; then
	not_ok "igt_runner: there is none" "put it on PATH, or give --igt-runner or --standalone"
	return
fi
echo "# ${version}"

# verdict of a subtest from $verdicts
verdict() {
	awk -v name="$1" '$1 == name { print $2 }' <<<"$verdicts"
}

igt single --per-test-timeout 4 -x stop-the-run
is "igt_runner: exit 0" "$rc" 0
is "igt_runner: results version" "$(jq .results_version "$json")" 10
while read -r name _ _ want; do
	[ "$name" != stop-the-run ] || continue
	is "igt_runner: $name is $want" "$(verdict "$name")" "$want"
done <<<"$expected"
while read -r name _ want; do
	is "igt_runner: $name is $want" "$(verdict "$name")" "$want"
done <<<"$expected_dynamic"
is "igt_runner: nothing else" "$(wc -l <<<"$verdicts")" \
	$(($(wc -l <<<"$expected") - 1 + $(wc -l <<<"$expected_dynamic")))
field() {
	jq -r --arg name "igt@selftest_outcomes@$1" --arg field "$2" '.tests[$name][$field]' "$json"
}
contains "igt_runner: the version" "$(field pass igt-version)" "IGT-Version: gemrace-"
contains "igt_runner: output of a pass" "$(field pass out)" $'Starting subtest: pass\nall is well\n'
contains "igt_runner: the dump of a failure" "$(field fail err)" "DEBUG: this line belongs into the dump"
contains "igt_runner: the stack of a crash" "$(field crash err)" "selftest_outcomes(+0x"
contains "igt_runner: where a hung test stood" "$(field hang err)" "Received SIGQUIT in subtest hang"
if [ -w /dev/kmsg ]; then
	contains "igt_runner: marks in the kernel log" "$(field pass dmesg)" \
		"selftest_outcomes: finished subtest pass, SUCCESS"
else
	skip "igt_runner: marks in the kernel log" "no kernel log here"
fi

# An abort stops the run: what comes later is not run.
igt abort -t 'selftest_outcomes@(pass|stop-the-run|pass-at-last)$'
is "igt_runner: stop-the-run is abort, the rest is not run" "$verdicts" \
	$'pass pass\nstop-the-run abort\npass-at-last notrun'

# All subtests in one process. igt_runner 2.5 mixes up the stderr of neighbours there, which may
# turn a pass into "warn"; the rest must be the same as one by one.
igt multiple -m -x 'hang|harness-killed|stop-the-run'
is "igt_runner -m: same results" "$(grep -v @ <<<"$verdicts" | sed 's/ warn$/ pass/')" \
	"$(awk '$1 !~ /^(hang|harness|stop)/ { print $1, $4 }' <<<"$expected" | sed 's/ warn$/ pass/')"

# Without the socket the runner reads the text.
for binary in "$bin"/*; do
	[ -x "$binary" ] && mv "$binary" "$binary.real" &&
		printf '#!/bin/sh\nunset IGT_RUNNER_SOCKET_FD\nexec -a "%s" "%s.real" "$@"\n' \
			"$binary" "$binary" >"$binary" && sed -i '1s/.*/#!\/bin\/bash/' "$binary" &&
		chmod +x "$binary"
done
igt text --per-test-timeout 4 -x 'stop-the-run|harness-killed|hang-deaf'
while read -r name _ _ want; do
	case $name in stop-the-run | harness-killed | hang-deaf) continue ;; esac
	is "igt_runner, text: $name is $want" "$(verdict "$name")" "$want"
done <<<"$expected"
