#!/usr/bin/env bash
# test_reference_explored: the library's small programs under the schedule explorer, each as its opening comment says.
#
# A line ` *     deepend explore FILE.c... [options]` in reference/ROOM/test/explore/*.c is run, with 2,000 schedules.
. "$(dirname "$0")/tap.sh"

explored() { # FILE
    local line
    line=$(awk '/deepend explore/ { on = 1; sub(/.*deepend explore/, "") } on && /^ \*( *$|\/)/ { exit }
        on { sub(/^ \* */, ""); sub(/\\$/, ""); printf "%s ", $0 }' "$1")
    [ -n "$line" ] || { echo "$1 does not say how it is explored"; return 1; }
    # shellcheck disable=SC2086
    ./deepend explore $line --schedules 2000
}

found=0
for file in reference/*/test/explore/*.c; do
    [ -f "$file" ] || continue
    found=$((found + 1))
    check "$file" explored "$file"
done
check "there are some" test "$found" -gt 0
tap_end
