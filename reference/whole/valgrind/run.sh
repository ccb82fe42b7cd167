#!/usr/bin/env bash
# check-valgrind: the contract tests of reference/ under Valgrind's Memcheck and Helgrind, a line for each run.
#
#   reference/whole/valgrind/run.sh TEST-PROGRAM...        those of `make check-valgrind`; TOOLS=memcheck: only that
#
# A run is good when its test cases pass and the tool has nothing to say that memcheck.supp or helgrind.supp does not
# answer. Ends with one line "N passed, N failed"; status 0: none failed. 3: there is no Valgrind. One at a time, niced:
# hours of patience are not needed, but no other work should suffer. Logs lie in build/valgrind/log.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit 3
here=reference/whole/valgrind
logs=${DEEPEND_VALGRIND_LOGS:-build/valgrind/log} # another folder, for its own test
limit=${DEEPEND_TEST_LIMIT:-1800}
export CMOCKA_MESSAGE_OUTPUT=TAP

command -v valgrind >/dev/null || { echo "check-valgrind: valgrind is not here" >&2; exit 3; }
[ $# -gt 0 ] || { echo "check-valgrind: there is no such test" >&2; exit 2; }

# Without --fair-sched a thread that spins may keep the others out for minutes. Tests of misuse fork a child that is to
# fail an assertion: what the tools say of its remains is not asked.
common='-q --fair-sched=yes --num-callers=24 --read-inline-info=yes --child-silent-after-fork=yes --error-exitcode=99'
memcheck='--leak-check=full --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible'

# What cannot be run so, and why: lines "TOOL TEST reason".
not_so() {
    sed -n "s,^$1 $2 ,,p" "$here/not-so.txt"
}

# What is wrong with a run, or nothing.
trouble() { # STATUS LOG
    if [ "$1" = 99 ]; then echo "the tool reports errors"
    elif [ "$1" = 124 ] || [ "$1" = 137 ]; then echo "did not end within $limit s"
    elif [ "$1" != 0 ]; then echo "ended with status $1"
    elif grep -q '^not ok .*# *SKIP\|^ok ' "$2" && ! grep '^not ok ' "$2" | grep -qv '# *SKIP'; then return
    else echo "no test case passed, or one failed"
    fi
}

passed=0 failed=0 left_out=0 index=0
tools=${TOOLS:-memcheck helgrind}
total=$(($# * $(wc -w <<<"$tools")))
mkdir -p "$logs"
for tool in $tools; do
    for program in "$@"; do
        name=${program#build/test/valgrind/reference/}
        log=$logs/$tool.${name//\//_}.log
        index=$((index + 1))
        printf '[%3d/%d] %-8s %-44s ' $index "$total" "$tool" "$name"
        why=$(not_so "$tool" "$name")
        if [ -n "$why" ]; then
            left_out=$((left_out + 1))
            echo "left out: $why"
            continue
        fi
        began=$SECONDS
        # shellcheck disable=SC2086
        nice timeout --kill-after=10 "$limit" valgrind --tool=$tool $common ${!tool:-} --suppressions="$here/$tool.supp" \
            "$program" </dev/null >"$log" 2>&1
        why=$(trouble $? "$log")
        if [ -z "$why" ]; then
            passed=$((passed + 1))
            echo "ok, $(grep -c '^ok ' "$log") cases, $((SECONDS - began)) s"
        else
            failed=$((failed + 1))
            echo "FAIL: $why ($((SECONDS - began)) s)"
            grep -vE '^ok |^1\.\.' "$log" | head -n 60 | sed 's/^/      | /'
            echo "      all it printed: $log"
        fi
    done
done
[ $left_out = 0 ] || echo "$left_out left out"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
