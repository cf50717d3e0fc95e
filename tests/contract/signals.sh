# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Signals from outside: time-outs, Ctrl-C, a runner that kills. Nobody may stay behind.

# begin COMMAND...: start it in a session of its own; $session is that, and the pid of the command.
begin() {
	: >"$work/out" # not what the last one said
	setsid "$@" >"$work/out" 2>"$work/err" </dev/null &
	session=$!
}

# wait_for TEXT: until the command has printed it, 10 s at most.
wait_for() {
	local i
	for ((i = 0; i < 200; i++)); do
		grep -qxF "$1" "$work/out" && return
		sleep 0.05
	done
	echo "# waited 10 s for: $1"
}

# finish: wait for the command, 30 s at most; its status in $rc, and in $left what is still alive of its session.
finish() {
	local i
	for ((i = 0; i < 600; i++)); do
		kill -0 "$session" 2>/dev/null || break
		sleep 0.05
	done
	kill -KILL "$session" 2>/dev/null
	wait "$session" 2>/dev/null
	rc=$?
	for ((i = 0; i < 100; i++)); do
		left=$(ps -s "$session" -o pid=,stat=,args= | awk '$2 !~ /^Z/')
		[ -n "$left" ] || break
		sleep 0.05
	done
	out=$(<"$work/out")
	err=$(<"$work/err")
} 2>/dev/null # the shell's own "Killed" and the like

# The runner signals the process group of the binary.
for more in '' ',pass'; do
	begin "$outcomes" --run-subtest "hang$more"
	wait_for "Starting subtest: hang"
	kill -QUIT -- "-$session"
	finish
	is "SIGQUIT: dies of it, alone (hang$more)" "$rc:$left" "131:"
	contains "SIGQUIT: says where it stands (hang$more)" "$err" "Received SIGQUIT in subtest hang, after "
done

begin "$probe" --run-subtest 'exit-handler-hang,names'
wait_for "ready"
kill -QUIT "$session"
finish
is "SIGQUIT: each exit handler runs once" "$(grep handler <<<"$out" | grep -v Starting | sed 's/pid [0-9]*/pid/')" \
	$'first handler in pid, signal 3\nfixture\'s handler, signal 3'

begin "$outcomes" --run-subtest 'hang-deaf,pass'
wait_for "deaf now"
kill -QUIT "$session"
finish
is "SIGQUIT: a deaf subtest is killed" "$rc:$left" "131:"
contains "SIGQUIT: and it is said so" "$err" "hang-deaf does not end on SIGQUIT: killing it"

begin "$outcomes" --run-subtest 'pass,hang'
wait_for "Starting subtest: hang"
kill -INT "$session"
finish
is "SIGINT: dies of it, results so far kept" "$rc:$(results):$left" "130:pass SUCCESS:"

begin "$outcomes" --run-subtest 'hang,pass'
wait_for "Starting subtest: hang"
kill -KILL "$session"
finish
is "SIGKILL: takes the subtest's process along" "$rc:$left" "137:"

begin "$outcomes" --run-subtest 'harness-killed,pass'
finish
is "SIGKILL: from inside" "$rc:$(results):$left" "137:pass SUCCESS:"

begin "$probe" --run-subtest 'stray-process,names'
finish
is "a stray process ends with its subtest" "$rc:$left" "0:"
