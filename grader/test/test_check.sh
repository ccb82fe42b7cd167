#!/usr/bin/env bash
# test_check: `check` and `selftest` as they are typed: verdicts, formats, every bad input, exit status, what is remembered.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/small_project.sh"
small_project
try=$tmp/try.c

# Grade an answer that is not the learner's own file.
graded() { # ANSWER OPTIONS...
    answer "$1" >"$try"
    shift
    run_deepend check junior/1 --submission "$try" "$@"
}
json_has() { contains "$(tr -d '\n' <<<"$out" | sed 's/  */ /g')" "$1"; }

# --- verdicts -------------------------------------------------------------------------------------------------------

graded good
check "a good answer: 0" same "$code" 0
check "it says passed, with the points" contains "$out" "✓ The first sum: passed, 7 of 7 points"
graded wrong_result
check "a wrong one: 1" same "$code" 1
check "it says what is wrong" contains "$out" "wrong-result: 2 and 3"
check "it says which check failed" contains "$out" "✗ it adds two numbers"
check "it leads to a hint" contains "$out" "hint junior/01-first-sum"
check "nothing goes to stderr" same "$err" ""
graded overload
check "each check has its own points" contains "$out" "not yet, 5 of 7 points"
graded crashes
check "a crash is no pass" contains "$out" "crash: "
graded broken
check "a failed build: 1" same "$code" 1
check "the compiler's words are told" contains "$out" "sum.c:1"
check "and the line" contains "$out" "return a + b }"
graded forks
check "what no exercise needs: 1" same "$code" 1
check "it is refused" contains "$out" "forbidden"
graded warns
check "a warning does not fail" same "$code" 0
check "but it is told" contains "$out" "warning: "
graded noisy
check "what the program printed is shown" contains "$out" "The program printed:"

# --- formats --------------------------------------------------------------------------------------------------------

graded wrong_result --json
check "JSON: 1" same "$code" 1
check "JSON: status and class" json_has '"status": "fail", "class": "wrong-result"'
check "JSON: schema and id" json_has '"schema": "deepend/result/1", "id": "junior/01-first-sum"'
check "JSON: a check's points" json_has '"points": 0, "max_points": 5'
check "JSON: the hash of what was graded" json_has "\"sha256\": \"$(sha256sum "$try" | cut -d' ' -f1)\""
check "JSON: no stages unless asked for" lacks "$out" '"stages"'
graded broken --json
check "JSON: the compiler's words" json_has '"severity": "error"'
graded good --json --timings
check "JSON: the stages" json_has '"stages": { "screen": '
graded good --timings
check "the stages on stderr" contains "$err" "observe "
check "and not on stdout" lacks "$out" "observe "
graded wrong_result --junit "$tmp/result.xml"
check "JUnit: into a file" contains "$(cat "$tmp/result.xml")" '<failure type="wrong-result"'
check "JUnit: the terminal report as well" contains "$out" "not yet"
graded good --junit -
check "JUnit: alone on stdout" contains "${out:0:60}" '<?xml version="1.0"'
graded good --junit "$tmp/mine.c"
check "JUnit: never over C source" same "$code" 2
check "JUnit: it was not made" fails test -e "$tmp/mine.c"
graded good --junit "$tmp/nowhere/result.xml"
check "JUnit: a folder that is not there" contains "$err" "cannot write $tmp/nowhere/result.xml"

# --- bad input: 2, its own words, nothing judged --------------------------------------------------------------------

refused() { # NAME PART ARGUMENTS...
    local name=$1 part=$2
    shift 2
    run_deepend check "$@"
    check "$name: 2" same "$code" 2
    check "$name: its own words" contains "$err" "$part"
    check "$name: nothing on stdout" same "$out" ""
    run_deepend check "$@" --json
    check "$name: JSON, 2" same "$code" 2
    check "$name: JSON" json_has '"schema": "deepend/result/1"'
    check "$name: JSON says error" json_has '"status": "error"'
}
mkdir "$tmp/folder"
: >"$tmp/empty.c"
printf 'a\0b' >"$tmp/binary.c"
head -c 300000 /dev/zero | tr '\0' ' ' >"$tmp/large.c"
printf ' \n' >"$tmp/blank.c"
mkfifo "$tmp/pipe.c"
refused "an unknown exercise" "there is no exercise 'junior/9'" junior/9
refused "no exercise" "something is missing"
refused "an ambiguous one" "could be" sum
refused "a file that is not there" "there is no file" junior/1 --submission "$tmp/none.c"
refused "an empty file" "is empty" junior/1 --submission "$tmp/empty.c"
refused "a blank file" "nothing in it" junior/1 --submission "$tmp/blank.c"
refused "a binary file" "is not C source" junior/1 --submission "$tmp/binary.c"
refused "a folder without the file" "is a folder without a sum.c" junior/1 --submission "$tmp/folder"
refused "an enormous file" "is too large" junior/1 --submission "$tmp/large.c"
refused "a pipe" "is not an ordinary file" junior/1 --submission "$tmp/pipe.c"
if [ "$(id -u)" != 0 ]; then
    answer good >"$tmp/closed.c" && chmod 000 "$tmp/closed.c"
    refused "an unreadable file" "cannot read" junior/1 --submission "$tmp/closed.c"
else
    skip "an unreadable file" "root reads everything"
fi
answer good >"$tmp/folder/sum.c"
run_deepend check junior/1 --submission "$tmp/folder"
check "a folder with the file" same "$code" 0

# --- the grader's own fault: 3, no attempt --------------------------------------------------------------------------

check "up to here nothing was counted" same "$(state_of junior/01-first-sum)" new
check "and work/ holds no file" fails test -e "$mine"
mkdir -p "$tmp/bin"
printf '#!/bin/sh\nexit 1\n' >"$tmp/bin/clang" && chmod +x "$tmp/bin/clang"
mkdir -p "${mine%/*}" && answer wrong_result "never compiled" >"$mine"
PATH=$tmp/bin:$PATH run_deepend check junior/1
check "a compiler that does not work: 3" same "$code" 3
check "it is told as the grader's" contains "$err" "No attempt was counted"
PATH=$tmp/bin:$PATH run_deepend check junior/1 --json
check "JSON: 3" same "$code" 3
check "JSON: it is an error" json_has '"status": "error"'
check "no attempt was counted" same "$(state_of junior/01-first-sum)" new

# --- the learner's own file -----------------------------------------------------------------------------------------

rm "$mine"
run_deepend check junior/1 --no-store
check "the starter is put there and graded" same "$code" 1
check "--no-store leaves no trace" same "$(state_of junior/01-first-sum)" new
run_deepend check junior/1 --json
check "the starter's attempt counts" same "$(state_of junior/01-first-sum)" started
answer good pass >"$mine"
run_deepend check junior/1 --submission "$tmp/project/work/../work/junior/01-first-sum"
check "the own file by another path is the own file" same "$(state_of junior/01-first-sum)" passed
run_deepend check junior/1
check "a pass leads to the solution" contains "$out" "solution junior/01-first-sum"
check "and to what is next" contains "$out" "show senior/01-last-sum"

# --- interrupted ----------------------------------------------------------------------------------------------------

# Wait until a process runs the tested program of this project, then interrupt the grader.
program_runs() { grep -qsaF "$root/build/cache" /proc/[0-9]*/cmdline; }
answer sleeper >"$mine"
(trap - INT && exec "$deepend" check junior/1 >/dev/null 2>&1) &
grader=$!
until program_runs || ! kill -0 $grader 2>/dev/null; do sleep 0.05; done
check "the grader is at work" kill -INT $grader
wait $grader
check "an interrupt: 130" same "$?" 130
for _ in {1..600}; do program_runs && sleep 0.1 || break; done
check "nothing is left running" fails program_runs
run_deepend check junior/1 --submission "$tmp/folder"
check "and all is well afterwards" same "$code" 0

# --- selftest -------------------------------------------------------------------------------------------------------

run_deepend selftest
check "selftest: 0 when all holds" same "$code" 0
check "selftest: a line for each file, and the sum" contains "$out" "12 of 12 as expected, 0 wrong, 0 could not be judged"
run_deepend selftest junior/1 --times 2 --json
check "selftest --json: how often each verdict" json_has '"verdicts": { "overload in zero": 2 }'
run_deepend selftest junior/9
check "selftest: an unknown exercise: 2" same "$code" 2
run_deepend selftest --times 0
check "selftest: no times: 2" same "$code" 2
there=$root/exercises/junior/01-first-sum
expect() { # NAME PART: selftest of the first exercise fails and says PART
    run_deepend selftest junior/1
    check "selftest: $1: 1" same "$code" 1
    check "selftest: $1: told" contains "$out" "$2"
    check "selftest: $1: the others are graded" contains "$out" "5 of 6 as expected, 1 wrong"
}
answer wrong_result >"$there/mutants/b.c"
expect "a mutant of another class" "overload in zero, got wrong-result in adds, zero"
answer good >"$there/mutants/b.c"
expect "a mutant that passes" "overload in zero, got pass 7/7"
answer overload >"$there/mutants/b.c"
answer good >"$there/starter.c"
expect "a starter that passes" "fail, got pass 7/7"
answer broken >"$there/starter.c"
expect "a starter that does not compile" "fail, got build"
answer wrong_result >"$there/starter.c"
answer overload >"$there/solution.c"
expect "a solution without all points" "pass 7/7, got overload in zero"
answer good >"$there/solution.c"
sed -i 's/fails: \[adds, zero\], why: Minus/fails: [adds], why: Minus/' "$there/exercise.yaml"
expect "a mutant that fails in more checks" "wrong-result in adds, got wrong-result in adds, zero"
PATH=$tmp/bin:$PATH run_deepend selftest junior/1
check "selftest: nothing could be judged: 3" same "$code" 3
check "selftest: it says why" contains "$out" "got error: "
tap_end
