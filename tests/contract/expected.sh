# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What comes of each subtest of selftest_outcomes: its name, the word on its result line, the exit
# status when it runs alone, igt_runner's verdict. "-": see the checks by name.
expected=$(grep -v '^#' <<'END'
pass                 SUCCESS 0   pass
skip                 SKIP    77  skip
fail                 FAIL    98  fail
warn                 SUCCESS 0   warn
fail-in-thread       FAIL    98  fail
skip-in-thread       SKIP    77  skip
crash-in-thread      CRASH   139 crash
fail-in-child        FAIL    98  fail
skip-in-child        SKIP    77  skip
crash-in-child       CRASH   139 crash
forgotten-children   FAIL    98  fail
crash                CRASH   139 crash
crash-abort          CRASH   134 crash
crash-killed         CRASH   137 crash
crash-stack-overflow CRASH   139 crash
harness-killed       -       -   incomplete
exit-early           FAIL    98  fail
dynamic-mix          FAIL    98  fail
dynamic-crash        CRASH   139 crash
dynamic-skip         SKIP    77  skip
dynamic-none         SKIP    77  skip
group-skip-a         SKIP    77  skip
group-skip-b         SKIP    77  skip
group-fail-a         FAIL    98  fail
group-fail-b         FAIL    98  fail
nested-group         SUCCESS 0   pass
left-by-break        FAIL    98  fail
observer-fails       FAIL    98  fail
settle-fails         FAIL    98  fail
timed-out            FAIL    98  fail
hang                 -       -   timeout
hang-deaf            -       -   timeout
stop-the-run         FAIL    112 abort
pass-at-last         SUCCESS 0   pass
END
)
expected_dynamic='dynamic-mix@good SUCCESS pass
dynamic-mix@idle SKIP skip
dynamic-mix@bad-1 FAIL fail
dynamic-crash@good SUCCESS pass
dynamic-crash@bad CRASH crash
dynamic-skip@idle SKIP skip
dynamic-skip@idler SKIP skip'
# All that come to an end by themselves.
finite='*,!hang*,!harness-killed,!stop-the-run'
