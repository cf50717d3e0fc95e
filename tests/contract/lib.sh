# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Checks, one TAP line each.
number=0
failed=0

ok() {
	number=$((number + 1))
	printf 'ok %d - %s\n' "$number" "$1"
}

# not_ok NAME [DETAIL]
not_ok() {
	number=$((number + 1))
	failed=$((failed + 1))
	printf 'not ok %d - %s\n' "$number" "$1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | head -n 40 | sed 's/^/# /'
}

skip() {
	number=$((number + 1))
	printf 'ok %d - %s # SKIP %s\n' "$number" "$1" "$2"
}

# is NAME GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "$(diff <(printf '%s\n' "$3") <(printf '%s\n' "$2"))"
	fi
}

# contains NAME TEXT PART
contains() {
	if [[ $2 == *"$3"* ]]; then
		ok "$1"
	else
		not_ok "$1" "no \"$3\" in:
$2"
	fi
}

# run COMMAND...: its output in $out and $err, its status in $rc. 60 s at most.
run() {
	timeout -k 5 60 "$@" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	out=$(<"$work/out")
	err=$(<"$work/err")
} 2>/dev/null # the shell's own "Segmentation fault" and the like

# "NAME RESULT" for each result line in $out.
results() {
	sed -n 's/^\(Subtest\|Dynamic subtest\) \(.*\): \([A-Z]*\) ([0-9.]*s)$/\2 \3/p' "$work/out"
}
