# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Binaries by hand: lists, options, results, exit statuses.

# Lists need no device, no privilege, and say nothing else.
names=$(awk '{ print $1 }' <<<"$expected")
run "$outcomes" --list-subtests
is "list: names in the order of the source" "$out" "$names"
is "list: nothing on stderr, exit 0" "$err:$rc" ":0"
run env -i "$outcomes" --list-subtests
is "list: with an empty environment" "$out:$rc" "$names:0"
timeout 10 "$outcomes" --list-subtests <&- >"$work/out" 2>&1
is "list: with stdin closed" "$(<"$work/out")" "$names"
run "$outcomes" --list-subtests --run-subtest 'group-*,!*-b'
is "list: of a selection" "$out" $'group-skip-a\ngroup-fail-a'
timeout 10 "$outcomes" --list-subtests >/dev/full 2>"$work/err"
is "list: a full disk is noticed" $? 98
if [ "$(id -u)" -eq 0 ]; then
	mkdir "$work/suite"
	for name in $(sed -n 2p "$build/tests/test-list.txt"); do
		cp "$build/tests/$name" "$work/suite"
	done
	for binary in "$outcomes" "$probe" "$bin/selftest_kernel" "$work"/suite/*; do
		run "$binary" --list-subtests
		own=$out
		run setpriv --reuid=65534 --regid=65534 --clear-groups "$binary" --list-subtests
		is "list: ${binary##*/} as nobody" "$out:$err:$rc" "${own:?}::0"
	done
else
	skip "list: as nobody" "not root"
fi
run "$outcomes" --show-testlist
is "list: --show-testlist" "$out" "$(sed 's/^/igt@selftest_outcomes@/' <<<"$names")"

# Descriptions come from the documentation block.
run "$outcomes" --describe=pass
contains "describe: a subtest" "$out" $'SUB pass '
contains "describe: its text" "$out" $':\n  Passes.'
run "$outcomes" --describe
is "describe: everything is described" "$(grep -c 'NO DOCUMENTATION' <<<"$out"):$rc" "0:0"
run "$outcomes" --describe=nothing
is "describe: unknown subtest" "$err:$rc" "Unknown subtest: nothing:79"
run "$probe" --help-description
contains "describe: --help-description" "$out" "Shows parts of the test contract"

# Bad input: one line, status 79.
bad() {
	local want=$1
	shift
	run "$@"
	is "bad input: $want" "$err:$out:$rc" "$want::79"
}
bad "Unknown option: --nonsense" "$outcomes" --nonsense
bad "Unknown option: -z" "$outcomes" -z
bad "Unknown option: -z" "$outcomes" -zh
bad "Unknown option: --help=x" "$outcomes" --help=x
bad "Option needs an argument: --run-subtest" "$outcomes" --run-subtest
bad "Unexpected argument: pass" "$outcomes" pass
bad "Unknown subtest: nothing" "$outcomes" --run-subtest nothing
bad "Unknown subtest: [" "$outcomes" --run-subtest '['
bad "Unknown subtest: *,!*" "$outcomes" --run-subtest '*,!*'
bad "Unknown hook event: never" "$outcomes" --hook never:true
bad "IGT_SRANDOM is not a number: x" env IGT_SRANDOM=x "$outcomes" --run-subtest pass
bad "IGT_SRANDOM is not a number: -1" env IGT_SRANDOM=-1 "$outcomes" --run-subtest pass
bad "Unknown IGT_LOG_LEVEL: loud" env IGT_LOG_LEVEL=loud "$outcomes" --run-subtest pass
run "$outcomes" --run-subtest dynamic-mix --dynamic-subtest nothing
is "bad input: unknown dynamic subtest" "$err:$rc" "Unknown dynamic subtest: nothing:79"

bad "GEMRACE_DESTRUCTIVE is neither 0 nor 1: yes" \
	env GEMRACE_DESTRUCTIVE=yes "$outcomes" --run-subtest pass

for option in --help -h --help-hook --version; do
	run "$outcomes" $option
	is "$option: exit 0, nothing on stderr" "$err:$rc" ":0"
done
contains "--version: the version line" "$out" "IGT-Version: gemrace-"

# One by one, each in the process itself.
while read -r name word status _; do
	[ "$status" != - ] || continue
	[ "$name" != crash-killed ] || continue # nobody is left to say so
	run "$outcomes" --run-subtest "$name"
	is "alone: $name" "$(results | tail -n 1):$rc" "$name $word:$status"
done <<<"$expected"

# All at once: a crash loses nothing, and each result is the same as alone.
run "$outcomes" --run-subtest "$finite"
is "together: results" "$(grep '^Subtest' "$work/out" | sed 's/ (.*//; s/Subtest //; s/://')" \
	"$(awk '$1 !~ /^(hang|harness|stop)/ { print $1, $2 }' <<<"$expected")"
is "together: dynamic results" "$(grep '^Dynamic' "$work/out" | sed 's/ (.*//; s/Dynamic subtest //; s/://')" \
	"$(sed 's/.*@//; s/ [^ ]*$//' <<<"$expected_dynamic")"
is "together: status of the first crash" "$rc" 139
is "together: skipped groups have not started" \
	"$(grep -cE '^Starting subtest: group-(skip|fail)' "$work/out")" 0
contains "together: a killed subtest says so" "$err" "subtest crash-killed died of SIGKILL"
run "$outcomes" --run-subtest 'fail,pass'
is "together: pass and fail" "$rc" 98
run "$outcomes" --run-subtest 'skip,pass'
is "together: pass and skip" "$rc" 0
run "$outcomes" --run-subtest 'skip,dynamic-skip'
is "together: skips alone" "$rc" 77
run "$outcomes" --run-subtest 'pass,stop-the-run,pass-at-last'
is "together: an abort ends the run" "$(results | tr '\n' ' '):$rc" "pass SUCCESS stop-the-run FAIL :112"
run "$outcomes" --no-fork --run-subtest 'pass,fail,skip,dynamic-mix,nested-group'
is "--no-fork: results" "$(grep '^Subtest' "$work/out" | sed 's/.*: //; s/ (.*//' | tr '\n' ' '):$rc" \
	"SUCCESS SKIP FAIL FAIL SUCCESS :98"

# Patterns decide what runs.
run "$outcomes" --run-subtest 'p*,!pass,[sn]*,!s*,skip'
is "patterns: the last match wins" "$(results | awk '{ print $1 }' | tr '\n' ' ')" \
	"skip nested-group pass-at-last "
run "$outcomes" --run-subtest dynamic-mix --dynamic-subtest 'good,idle'
is "patterns: dynamic subtests" "$(results | tr '\n' ' '):$rc" "good SUCCESS idle SKIP dynamic-mix SUCCESS :0"

run "$probe" --run-subtest 'abort-in-dynamic,names'
is "abort: from a thread of a dynamic subtest, at once" "$(results | tr '\n' ' '):$rc" \
	"names SUCCESS first FAIL abort-in-dynamic FAIL :112"
run "$outcomes" --interactive-debug --run-subtest fail
is "--interactive-debug: waits for nobody without a terminal" "$rc" 98

# What may kill the kernel runs only where it may.
run "$probe" --run-subtest destructive-pass
is "destructive: skipped alone" "$(results):$rc" "destructive-pass SKIP:77"
contains "destructive: the reason" "$out" \
	"Test requirement: destructive: it says so; set GEMRACE_DESTRUCTIVE=1 or gemrace run --destructive"
run env GEMRACE_DESTRUCTIVE=0 "$probe" --run-subtest 'destructive-*'
is "destructive: skipped together" "$(results | tr '\n' ' '):$rc" \
	"destructive-pass SKIP destructive-fail SKIP :77"
is "destructive: nothing looks on" "$(grep -cE '^(prepare|before|after|settle)' "$work/out")" 0
run env GEMRACE_DESTRUCTIVE=1 "$probe" --run-subtest 'destructive-*'
is "destructive: allowed" "$(results | tr '\n' ' '):$rc" \
	"destructive-pass SUCCESS destructive-fail FAIL :98"
run "$probe" --describe=destructive-pass
contains "destructive: described" "$out" $':\n  Destructive: it says so\n  Runs only where it may'

# What a test says, and where.
run "$outcomes" --run-subtest fail
contains "output: the dump begins" "$err" $'Subtest fail failed.\n**** DEBUG ****\n'
contains "output: the dump has what was hidden" "$err" "DEBUG: this line belongs into the dump"
contains "output: the dump ends" "$err" $'\n****  END  ****'
contains "output: the failed check" "$err" $'Failed assertion: 0xdead == 0xbeef\n'
is "output: version line first" "$(head -n 1 "$work/out" | cut -d' ' -f1)" "IGT-Version:"
run env IGT_SENTINEL_ON_STDERR=1 "$outcomes" --run-subtest 'pass,skip'
is "output: markers on stderr" "$(sed 's/ (.*//' "$work/err")" \
	$'Starting subtest: pass\nSubtest pass: SUCCESS\nStarting subtest: skip\nSubtest skip: SKIP'
run "$probe" --run-subtest levels
is "levels: default" "$(grep -c debug <<<"$out"):$(grep -c info <<<"$out"):$(wc -l <"$work/err")" "0:1:2"
run "$probe" --debug --run-subtest levels
is "levels: --debug" "$(grep -c 'a debug line' <<<"$out")" 2
run "$probe" --debug=probe --run-subtest levels
is "levels: --debug=DOMAIN" "$(grep -c 'a debug line' <<<"$out"):$(grep -c 'probe-DEBUG' <<<"$out")" "1:1"
run env IGT_LOG_LEVEL=critical "$probe" --run-subtest levels
is "levels: IGT_LOG_LEVEL=critical" "$(grep -c 'a .* line' <<<"$out$err")" 1
run env IGT_SRANDOM=0x10 IGT_DEVICE=there "$probe" --run-subtest names
contains "environment: IGT_SRANDOM" "$out" "Using IGT_SRANDOM=16 for randomisation"
contains "environment: seed and IGT_DEVICE" "$out" "seed 16, device there"
run env IGT_DEVICE=there "$probe" --device here --run-subtest names
contains "environment: --device wins" "$out" "device here"
run env GEMRACE_ATTACHMENTS="$work" "$probe" --run-subtest attachment
is "attachment: in GEMRACE_ATTACHMENTS" "$(cat "$work/contract_probe@attachment.probe.txt"):$rc" "attached:0"
run "$probe" --run-subtest attachment
is "attachment: nowhere to put it" "$rc" 77

# Observers and exit handlers.
run "$probe" --run-subtest 'observed,names'
is "observers: order, and who sees what" "$(grep -E '^(prepare|before|after|settle)' "$work/out" | tr '\n' ';')" \
	"prepare one;prepare two;before one -;before two -;before one inner;before two inner;after two inner: SUCCESS;after one inner: SUCCESS;after two -: SUCCESS;after one -: SUCCESS;settle two: SUCCESS;settle one: SUCCESS;"
for more in '' ',names'; do
	run "$probe" --run-subtest "exit-handlers$more"
	pid=$(sed -n 's/^subtest in pid //p' <<<"$out")
	is "exit handlers: once, in their process (exit-handlers$more)" "$(grep handler <<<"$out" | grep -v Subtest | grep -v Starting)" \
		"second handler in pid $pid, signal 0
first handler in pid $pid, signal 0
fixture's handler, signal 0"
done

run "$probe" --run-subtest 'exit-handler-fails,mixed-children,poll-thread'
is "exit handlers: one that fails fails its subtest; the strongest child counts" "$(results | tr '\n' ' '):$rc" \
	"mixed-children FAIL exit-handler-fails FAIL poll-thread FAIL :98"
run "$probe" --run-subtest exit-handler-fails
is "exit handlers: one that fails in the process itself" "$rc" 98

# Hooks.
run "$outcomes" --run-subtest 'dynamic-mix,pass' --hook \
	"*:echo \"\$IGT_HOOK_EVENT \$IGT_HOOK_TEST_FULLNAME \$IGT_HOOK_RESULT\" >>$work/hooks"
is "hooks: events, names and results" "$(sed 's/igt@selftest_outcomes/T/; s/ $//' "$work/hooks")" \
"pre-test T
pre-subtest T@pass
post-subtest T@pass SUCCESS
pre-subtest T@dynamic-mix
pre-dyn-subtest T@dynamic-mix@good
post-dyn-subtest T@dynamic-mix@good SUCCESS
pre-dyn-subtest T@dynamic-mix@idle
post-dyn-subtest T@dynamic-mix@idle SKIP
pre-dyn-subtest T@dynamic-mix@bad-1
post-dyn-subtest T@dynamic-mix@bad-1 FAIL
post-subtest T@dynamic-mix FAIL
post-test T FAIL"

# Marks in the kernel log.
if [ -w /dev/kmsg ] && dmesg >/dev/null 2>&1; then
	run "$outcomes" --run-subtest 'dynamic-skip,fail'
	is "kernel log: one mark each" "$(dmesg | grep -F '[IGT] selftest_outcomes: ' | tail -n 8 | sed 's/.*outcomes: //')" \
"executing
starting subtest fail
finished subtest fail, FAIL
starting subtest dynamic-skip
starting dynamic subtest idle
starting dynamic subtest idler
finished subtest dynamic-skip, SKIP
exiting, ret=98"
else
	skip "kernel log: one mark each" "no kernel log here"
fi
