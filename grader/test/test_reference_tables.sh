#!/usr/bin/env bash
# test_reference_tables: tables that a page shows as a program's are what that program prints now. Only programs that
# run in virtual time can be held to that; what is measured on a clock is dated on its page and left alone.
. "$(dirname "$0")/tap.sh"

cc=$(command -v clang || command -v gcc)
"$cc" -std=gnu11 -D_GNU_SOURCE -O2 -pthread -Ireference/core -Ireference/scaling -o "$tmp/bench" \
    reference/scaling/bench/bench_deciders.c reference/scaling/*.c -lm || exit 1

# Titles and rows of tables, from the first title that PROGRAM prints to the last row before the plots.
rows() { grep -E '^(\*\*|\| )' "$1" | grep -vE '^\| \| \|$|\]\('; }
shown() { sed -n '/^\*\*noise\*\*/,/^What the tables say/p' "$1" >"$tmp/part" && rows "$tmp/part" | grep -v '^| --- | --- |$'; }
same_rows() { # PAGE PRINTED
    diff -u --label "$1" --label 'what it prints now' <(shown "$1") <(rows "$2")
}

"$tmp/bench" >"$tmp/printed"
check "the bench of the deciders ends well" same $? 0
check "and prints tables" test "$(rows "$tmp/printed" | wc -l)" -gt 50
check "reference/scaling/README.md shows them" same_rows reference/scaling/README.md "$tmp/printed"
"$tmp/bench" >"$tmp/again"
check "a second run prints the same" cmp "$tmp/printed" "$tmp/again"

sed 's/^| AIMD +1, -25 % | 1\.8/| AIMD +1, -25 % | 1.9/' "$tmp/printed" >"$tmp/other"
check "a number that differs would be seen" fails same_rows reference/scaling/README.md "$tmp/other"
tap_end
