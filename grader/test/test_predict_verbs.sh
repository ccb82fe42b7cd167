#!/usr/bin/env bash
# test_predict_verbs: an exercise of kind predict as people meet it: show, check, replay, reset, solution, selftest. In a
# project of its own.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/small_project.sh"
small_project
rm -r "$root/exercises/senior"

# Two threads, each one step: a counter that is 0 or 1 when main looks.
e=$root/exercises/junior/02-look
mkdir -p "$e/mutants" "$root/build/cache"
for runtime in build/cache/runtime-*; do [ ! -d "$runtime" ] || ln -s "$PWD/$runtime" "$root/build/cache/"; done
cat >"$e/exercise.yaml" <<'END'
id: junior/02-look
title: One look
kind: predict
level: junior
minutes: 5
covers: [U02]
lesson: 01-lesson
file: answer.txt
program: look.c
checks:
  - {name: complete, title: all is there, variants: [explore], points: 3}
  - {name: possible, title: no more than that, variants: [explore], points: 2}
mutants:
  - {file: mutants/a.txt, class: wrong-result, fails: [complete], why: Main is quicker.}
  - {file: mutants/b.txt, class: wrong-result, fails: [complete], why: The thread is quicker.}
  - {file: mutants/c.txt, class: wrong-result, fails: [possible], why: Two is more than one.}
  - {file: mutants/d.txt, class: wrong-result, fails: [complete, possible], why: Nothing is printed.}
END
program() { # EXTRA
    printf '%s\n' '/* look.c */' '#include <pthread.h>' '#include <stdatomic.h>' '#include <stdio.h>' 'static atomic_int n;' \
        'static int plain;' 'static void *add(void *arg)' '{' '    n++;' "    $1" '    return arg;' '}' 'int main(void)' '{' \
        '    pthread_t t;' '    pthread_create(&t, NULL, add, NULL);' '    int seen = n;' "    $1" '    pthread_join(t, NULL);' \
        '    printf("%d\n", seen);' '    return plain < 0;' '}' >"$e/look.c"
}
program ''
echo '# Say what it prints.' >"$e/task.md"
cp "$root/exercises/junior/01-first-sum/hints.md" "$e/"
printf '# One a line.\n1\n' >"$e/starter.txt"
printf '# It is 0, or 1.\n#\n# Either may be first.\n\n0\n1\n' >"$e/solution.txt"
echo 0 >"$e/mutants/a.txt"
echo 1 >"$e/mutants/b.txt"
printf '0\n1\n2\n' >"$e/mutants/c.txt"
echo '(nothing)' >"$e/mutants/d.txt"
mine=$root/work/junior/02-look/answer.txt
try=$tmp/answer.txt
json_has() { contains "$(tr -d '\n' <<<"$out" | sed 's/  */ /g')" "$1"; }
token() { sed -n 's/.*"token": "\(.*\)".*/\1/p' <<<"$out"; }

# --- show -----------------------------------------------------------------------------------------------------------

run_deepend show junior/2
check "show: 0" same "$code" 0
check "show: the program stands there, with line numbers" contains "$out" '    9      n++;'
check "show: and where it is" contains "$out" '/02-look/look.c'
check "show: your file" contains "$out" 'work/junior/02-look/answer.txt'
check "show: the starter was copied" cmp "$mine" "$e/starter.txt"
check "show: no flags for a compiler" fails test -e "${mine%/*}/compile_flags.txt"
run_deepend show junior/2 --json
check "show --json: the program" json_has '"program": "/* look.c */\n#include'

# --- check ----------------------------------------------------------------------------------------------------------

run_deepend check junior/2
check "the starter: 1" same "$code" 1
check "it is told what is missing" contains "$out" 'One of the 2 outcomes is missing: `0`'
check "and which question was answered" contains "$out" '✓ no more than that'
check "with a token" contains "$out" 'Replay: '
run_deepend check junior/2 --json
check "JSON: every schedule was run" json_has '"exhausted": true'
check "JSON: the token" [ -n "$(token)" ]
first=$(token)
run_deepend check junior/2 --submission "$e/mutants/c.txt"
check "what cannot happen: 1" same "$code" 1
check "it is told with its line" contains "$out" '`2` (line 3) cannot happen'
check "there is nothing to replay" lacks "$out" 'Replay: '
cp "$e/solution.txt" "$mine"
run_deepend check junior/2
check "all of it: 0" same "$code" 0
check "passed" same "$(state_of junior/02-look)" passed
printf '1\n0\n 1\n' >"$try"
run_deepend check junior/2 --submission "$try"
check "a line twice is fine" same "$code" 0
check "and is told" contains "$out" '`1` stands in line 1 already'
refused() { # NAME WORDS
    run_deepend check junior/2 --submission "$try"
    check "$1: 2" same "$code" 2
    check "$1: told" contains "$err" "$2"
}
: >"$try" && refused "an empty answer" "is empty"
echo '# 0' >"$try" && refused "an answer of comments" "lists no outcome yet"
printf '0\0' >"$try" && refused "a binary file" "is not text"
seq 10000 >"$try" && refused "ten thousand lines" "more than 200 different outcomes"
run_deepend check junior/2 --junit "$try"
check "JUnit is not written over an answer: 2" same "$code" 2

# --- replay ---------------------------------------------------------------------------------------------------------

run_deepend replay "$first"
check "replay: 0" same "$code" 0
check "it is the outcome that was missing" contains "$out" 'It prints: 0'
check "the answer's changes are nobody's business" same "$err" ""
run_deepend replay "$first" --html "$tmp/page.html"
check "as a page, of the program" contains "$(<"$tmp/page.html")" '<title>look.c'

# --- reset and solution ---------------------------------------------------------------------------------------------

run_deepend solution junior/2
check "solution: why" contains "$out" 'It is 0, or 1.'
check "solution: in paragraphs" contains "$out" $'\n\nEither may be first.'
check "solution: the answer, without its comment" contains "$out" $'answer.txt\n\n0\n1\n'
run_deepend reset junior/2
check "reset: 0" same "$code" 0
check "the starter again" cmp "$mine" "$e/starter.txt"

# --- the grader's own fault -----------------------------------------------------------------------------------------

run_deepend selftest junior/2
check "selftest: 0" same "$code" 0
check "selftest: a row for each answer" contains "$out" '6 of 6 as expected'
program 'plain++;'
run_deepend check junior/2
check "a program with a race: 3" same "$code" 3
check "it is told as the grader's" contains "$out" 'The grader could not do its part: look.c of junior/02-look does not end well'
run_deepend selftest junior/2
check "selftest: 3" same "$code" 3
check "selftest: why" contains "$out" '(race)'
program 'undeclared();'
run_deepend check junior/2
check "a program that does not compile: 3" same "$code" 3
check "the compiler's words" contains "$err" "undeclared"
rm "$e/look.c"
run_deepend check junior/2
check "no program: 3" same "$code" 3
check "the manifest's line" contains "$err" 'exercise.yaml:9: program: '
tap_end
