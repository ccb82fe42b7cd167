#!/usr/bin/env bash
# test_incident_policies: no policy passes an incident but by repairing it. Each file of policies/ goes wrong in another
# way, or tries to be judged by something else than what it does; its first comment says what it must come to, where
# `any` means that anything but a pass is right. Those that say `pass` lie next to such a way, and are right.
. "$(dirname "$0")/tap.sh"

comes_to() { # FILE CLASS
    ./deepend incident check 1 --submission "$1" --json >"$tmp/out" 2>"$tmp/err"
    local status=$?
    [ "$2" = pass ] && { [ $status = 0 ] || { echo "status $status" && cat "$tmp/out" "$tmp/err" && return 1; } && return 0; }
    [ $status = 1 ] || { echo "status $status" && cat "$tmp/err" && return 1; }
    [ "$2" = any ] && return 0
    local class
    class=$(sed -nE 's/^  "class": "([^"]*)".*/\1/p' "$tmp/out")
    [ "$class" = "$2" ] || { echo "class $class" && return 1; }
}

for file in grader/test/policies/*.c; do
    class=$(sed -n 's/^ \* expect: //p' "$file")
    check "$(basename "$file" .c) comes to ${class:-nothing declared}" comes_to "$file" "$class"
done

# Next to each of these ways lies one that is right, or nothing would ever pass.
passes() {
    ./deepend incident check 1 --submission incidents/01-*/fixed.c --json >"$tmp/out" 2>"$tmp/err"
}
check "the repaired policy passes" passes
tap_end
