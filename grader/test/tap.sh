# shellcheck shell=bash
# tap.sh - TAP for tests written in bash. Source it; the current directory becomes the root of the tree.
#
#     . "$(dirname "$0")/tap.sh"
#     check "an empty list is refused" fails grader/test/run-tests
#     tap_end
#
# `check NAME COMMAND...` is one case: it passes when COMMAND ends with 0, else its output is shown. $tmp is a folder
# that goes with the process.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES T V CC CFLAGS LDFLAGS CI WERROR # a make that a test calls is none of the make that runs the tests
tap_count=0 tap_failed=0

check() {
    local name=$1 output status
    shift
    output=$("$@" 2>&1)
    status=$?
    tap_count=$((tap_count + 1))
    if [ $status = 0 ]; then
        echo "ok $tap_count - $name"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_count - $name"
        [ -z "$output" ] || printf '%s\n' "$output" | tail -n 40 | sed 's/^/# /'
    fi
}

skip() { # NAME WHY
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

# For use behind `check NAME`:
fails() { ! "$@"; }
same() { # GOT WANTED
    [ "$1" = "$2" ] || { printf 'got:    %s\nwanted: %s\n' "$1" "$2"; false; }
}
contains() { # TEXT PART
    [[ $1 == *"$2"* ]] || { printf 'not found: %s\nin: %s\n' "$2" "$1"; false; }
}

tap_end() {
    echo "1..$tap_count"
    exit $((tap_failed > 0))
}
