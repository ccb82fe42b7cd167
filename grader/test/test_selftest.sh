#!/usr/bin/env bash
# test_selftest: `deepend selftest` as TAP, one case for each file that it grades. A row that is missing, or an exit status
# that does not fit the rows, fails as well. DEEPEND names another program (for test_driver.sh).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3

"${DEEPEND:-./deepend}" selftest 2>&1 | awk '
    /^(ok|WRONG|\?) +[a-z]+\/[0-9]/ {
        mark = $1
        sub(/^[^ ]+ +/, ""); gsub(/  +/, "  ")
        printf "%s %d - %s\n", mark == "ok" ? "ok" : "not ok", ++rows, $0
        if (mark != "ok") bad++
        fflush()
        next
    }
    /^[0-9]+ of [0-9]+ as expected/ { total = $3; expected = $1 }
    { print "# " $0 }
    END {
        whole = total == rows && rows > 0 && expected == rows - bad
        printf "%s %d - the table is whole\n", whole ? "ok" : "not ok", ++rows
        print "1.." rows
    }'
statuses=("${PIPESTATUS[@]}")
[ "${statuses[1]}" = 0 ] || exit 3
exit "${statuses[0]}"
