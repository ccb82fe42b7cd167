#!/usr/bin/env bash
# coverage: what of reference/ its own tests run: lines and branches, a row a file and a room, and the total.
#
#   CC=gcc reference/whole/coverage.sh TEST-PROGRAM...        built with --coverage by CC; `make coverage` does that
#
# Status 0: at least COVERAGE_LINES (95) per cent of the lines and COVERAGE_BRANCHES (85) of the branches, in total and in
# each room of which a test was run. 1: less, or a test failed. 3: there is nothing to read the counts with.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
objects=build/coverage/reference

case ${CC:-gcc} in
    *clang*) reader='llvm-cov gcov' ;;
    *) reader=gcov ;;
esac
command -v "${reader%% *}" >/dev/null || { echo "coverage: ${reader%% *} is not here: install gcc, or llvm" >&2; exit 3; }
[ $# -gt 0 ] || { echo "usage: coverage.sh TEST-PROGRAM..." >&2; exit 2; }

find build/coverage build/test/coverage -name '*.gcda' -delete 2>/dev/null
DEEPEND_TEST_LOGS=build/coverage/log grader/test/run-tests "$@" >build/coverage/tests.txt
tests=$?
[ $tests = 0 ] || { grep -vE '^\[[ 0-9/]+\] ok ' build/coverage/tests.txt; echo "coverage: not all tests pass; the numbers below are of what ran"; }

# Every object is read, also one that no test has linked: its lines count as not run. Tests too, since some include the
# file that they look into.
find "$objects" build/test/coverage -name '*.gcno' | while read -r notes; do
    $reader -b -c -t -o "$(dirname "$notes")" "$notes" 2>/dev/null
done >build/coverage/gcov.txt
rooms=$(sed -nE 's,^build/test/coverage/reference/([^/]+)/.*,\1,p' < <(printf '%s\n' "$@") | sort -u | paste -sd' ')
awk -v lines="${COVERAGE_LINES:-95}" -v branches="${COVERAGE_BRANCHES:-85}" -v rooms="$rooms" -f reference/whole/coverage.awk build/coverage/gcov.txt
covered=$?
[ $tests = 0 ] && [ $covered = 0 ]
