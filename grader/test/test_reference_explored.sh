#!/usr/bin/env bash
# test_reference_explored: the library's small programs under the schedule explorer, each as its opening comment says;
# and broken twins of the library, which the explorer must find by the same programs.
#
# In the opening comment of reference/ROOM/test/explore/*.c:
#     deepend explore FILE.c... [options]      is run, with 300 schedules unless it says otherwise, and nothing may fail
#     broken FILE CLASS: SED                   is run with FILE changed so, and must fail with that class (or CLASS|CLASS)
# FILE is one of those, or a header, whose guard then keeps out the right one. A broken twin has 5,000 schedules, and most
# need a hundred of them: which is the first to fail differs between machines, as addresses do, and never on one.
# In all of them a twentieth of the waits wake by themselves.
. "$(dirname "$0")/tap.sh"

flags='--spurious 50 --minimise off --json'

# The words after "deepend explore", of as many lines as it has.
how_to() { # PROGRAM
    awk '/deepend explore/ { on = 1; sub(/.*deepend explore/, "") } on && /^ \*( *$|\/)/ { exit }
        on { sub(/^ \* */, ""); sub(/\\$/, ""); printf "%s ", $0 }' "$1"
}

# Explore as PROGRAM says, with FILE replaced by OTHER if they are given. The answer is in $tmp/said; its outcome on stdout.
explore() { # PROGRAM [FILE OTHER]
    local -a words
    local i
    eval "words=($(how_to "$1"))" # globs and quotes as in a shell
    [ ${#words[@]} -gt 1 ] || { echo "$1 does not say how it is explored"; return; }
    local schedules=300
    for i in "${!words[@]}"; do
        [ "${words[i]}" != --schedules ] || schedules=${words[i + 1]}
        [ "${words[i]}" != "${2:-}" ] || words[i]=$3
        [[ ${2:-} != *.h || ${words[i]} != --cflags ]] || words[i + 1]+=" -include $3"
    done
    [ $# = 1 ] || schedules=5000
    # shellcheck disable=SC2086
    ./deepend explore "${words[@]}" $flags --schedules "$schedules" >"$tmp/said" 2>&1
    sed -nE 's/.*"outcome": ?"([^"]*)".*/\1/p' "$tmp/said"
}

nothing_fails() { # PROGRAM
    same "$(explore "$1")" ok || { cat "$tmp/said"; return 1; }
}

# How many schedules it was, or that these were all there are.
told() {
    local schedules
    schedules=$(sed -nE 's/.*"schedules": ?([0-9]+).*/\1/p' "$tmp/said")
    grep -qE '"exhausted": ?true' "$tmp/said" && echo "exhausted: all $schedules schedules" || echo "$schedules schedules"
}

found_broken() { # PROGRAM FILE CLASS SED
    local twin=$tmp/${2##*/}
    sed -e "$4" "$2" >"$twin"
    ! cmp -s "$twin" "$2" || { echo "the change does not change $2"; return 1; }
    local class
    class=$(explore "$1" "$2" "$twin")
    [[ $class =~ ^($3)$ ]] || { echo "it says '$class', not $3"; cat "$tmp/said"; return 1; }
}

programs=0 twins=0
for program in reference/*/test/explore/*.c; do
    [ -f "$program" ] || continue
    programs=$((programs + 1))
    check "$program" nothing_fails "$program"
    echo "#   $(told)"
    while IFS=$'\t' read -r file class change; do
        [ -n "$file" ] || continue
        twins=$((twins + 1))
        check "$program finds: $change" found_broken "$program" "$file" "$class" "$change"
    done < <(sed -nE $'s/^ \\*     broken ([^ ]+) ([a-z|-]+): (.*)$/\\1\\t\\2\\t\\3/p' "$program")
done
check "there are some, and some that must fail" test "$programs" -ge 20 -a "$twins" -ge 5
tap_end
