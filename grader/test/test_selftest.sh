#!/usr/bin/env bash
# test_selftest: `deepend selftest` as TAP, one case for each file that it grades. A row that is missing, or an exit status
# that does not fit the rows, fails as well. Two parts run side by side: what a grading waits for is seldom the processor.
# DEEPEND names another program (for test_driver.sh), which is run whole.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
statuses=$(mktemp)
trap 'rm -f "$statuses"' EXIT

part() { # ARGUMENTS: one part, and what it came to
    "${DEEPEND:-./deepend}" selftest "$@" 2>&1
    echo $? >>"$statuses"
}
{
    if [ -n "${DEEPEND:-}" ]; then
        part
    else
        part --part 1/2 &
        part --part 2/2
        wait
    fi
} | awk '
    /^(ok|WRONG|\?) +[a-z]+\/[0-9]/ {
        mark = $1
        sub(/^[^ ]+ +/, ""); gsub(/  +/, "  ")
        printf "%s %d - %s\n", mark == "ok" ? "ok" : "not ok", ++rows, $0
        if (mark != "ok") bad++
        fflush()
        next
    }
    /^[0-9]+ of [0-9]+ as expected/ { total += $3; expected += $1 }
    { print "# " $0 }
    END {
        whole = total == rows && rows > 0 && expected == rows - bad
        printf "%s %d - the table is whole\n", whole ? "ok" : "not ok", ++rows
        print "1.." rows
    }' || exit 3
exit "$(sort -n "$statuses" | tail -n 1)"
