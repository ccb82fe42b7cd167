#!/usr/bin/env bash
# test_reference_coverage: the table of `make coverage` counts right, merges what several objects have in common, leaves out
# tests and system headers, and fails below its aims. Fed with what gcov prints, and once with a real object.
. "$(dirname "$0")/tap.sh"

cat >"$tmp/gcov" <<'T'
        -:    0:Source:/any/where/reference/core/ring.c
        -:    0:Runs:1
        -:    1:/* ring.c: a comment */
function ring_push called 2 returned 100% blocks executed 100%
        2:   10:int ring_push(struct ring *ring)
        2:   12:    if (ring->full)
branch  0 taken 0 (fallthrough)
branch  1 taken 2
    #####:   13:        return 1;
call    0 never executed
        2:   14:    return 0;
        -:    0:Source:reference/core/item.h
    #####:    5:static inline int both(void)
        3:    6:    return here ? 1 : 2;
branch  0 taken 3 (fallthrough)
branch  1 taken 0
        -:    0:Source:reference/core/test/test_ring.c
    #####:    5:int main(void)
        -:    0:Source:/usr/include/stdlib.h
    #####:    7:extern int atoi(void)
        -:    0:Source:reference/core/test/../item.h
        1*:    5:static inline int both(void)
        1:    6:    return here ? 1 : 2;
branch  0 taken 0 (fallthrough)
branch  1 taken 1
        -:    0:Source:reference/scaling/pid.c
    =====:    3:    int never;
branch  0 never executed
branch  1 never executed
T
table() { awk -v rooms="$1" -v lines="$2" -v branches="$3" -f reference/whole/coverage.awk "$tmp/gcov"; }
row() { grep -E "^$2 " <<<"$1" | tr -s ' ' ; }

core=$(table core 80 70)
check "lines and branches of a file" same "$(row "$core" core/ring.c)" "core/ring.c 75.0 % 3/4 50.0 % 1/2"
check "a header that two objects have is one header" same "$(row "$core" core/item.h)" "core/item.h 100.0 % 2/2 100.0 % 2/2"
check "a room is the sum of its files" same "$(row "$core" core)" "core 83.3 % 5/6 75.0 % 3/4"
check "no test, no system header" same "$(grep -c 'test\|stdlib' <<<"$core")" 0
check "nor a room that was not asked for" same "$(grep -c scaling <<<"$core")" 0
check "at the aims it passes" table core 83 75
check "below the lines it fails" fails table core 84 75
check "below the branches it fails" fails table core 83 76
check "and says which room" contains "$(table core 84 75)" "core: below 84 % of the lines or 75 % of the branches"
check "the total" same "$(row "$(table 'core scaling' 0 0)" total)" "total 71.4 % 5/7 50.0 % 3/6"
check "one room that is below fails, though the total is not" fails table 'core scaling' 10 10
check "nothing measured is a failure" fails table protection 0 0

# A real one, by whichever compiler is there.
if command -v gcc >/dev/null && command -v gcov >/dev/null; then
    mkdir -p "$tmp/reference/core"
    printf 'int half(int n);\nint half(int n)\n{\n    if (n %% 2)\n        return -1;\n    return n / 2;\n}\nint main(void) { return half(4) != 2; }\n' \
        >"$tmp/reference/core/half.c"
    (cd "$tmp" && gcc --coverage -O0 -o half reference/core/half.c && ./half && gcov -b -c -t ./*.gcno) >"$tmp/gcov" 2>/dev/null
    check "a real program" contains "$(row "$(table core 0 0)" core/half.c)" "50.0 % 1/2"
else
    skip "a real program" "there is no gcc with gcov"
fi
tap_end
