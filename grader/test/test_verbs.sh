#!/usr/bin/env bash
# test_verbs: what people type, on a small project of two exercises in a temporary folder. Nobody's work/ is touched.
. "$(dirname "$0")/tap.sh"

deepend=${DEEPEND_PROGRAM:-$PWD/deepend} # another one, to see this test fail
export NO_COLOR=1 COLUMNS=80
unset DEEPEND_ROOT

# --- the project ----------------------------------------------------------------------------------------------------

exercise() { # PROJECT ID TITLE
    local folder=$1/exercises/$2 name
    mkdir -p "$folder/mutants"
    cat >"$folder/exercise.yaml" <<-END
	id: $2
	title: $3
	kind: implement
	level: ${2%%/*}
	minutes: 7
	covers: [P06, WA19]
	lesson: 01-lesson
	file: sum.c
	checks:
	  - name: adds
	    title: it adds two numbers
	    variants: [native]
	    points: 5
	mutants:
	END
    for name in a b c d; do
        printf '  - {file: mutants/%s.c, class: wrong-result, fails: [adds], why: Mistake %s is often made.}\n' $name $name
        printf '#include "sum.h"\nint sum(int a, int b)\n{\n    return a * b;\n}\n' >"$folder/mutants/$name.c"
    done >>"$folder/exercise.yaml"
    printf '# %s\n\nWrite `sum`.\n' "$3" >"$folder/task.md"
    printf '## Look\n\nFirst nudge.\n\n## Think\n\nSecond nudge.\n\n## Do\n\nThe idea.\n' >"$folder/hints.md"
    printf '#ifndef SUM_H\n#define SUM_H\nint sum(int a, int b);\n#endif\n' >"$folder/sum.h"
    printf '#include "sum.h"\nint sum(int a, int b)\n{\n    return a - b;\n}\n' >"$folder/starter.c"
    printf '/* sum.c - adds.\n *\n * Because plus adds.\n */\n#include "sum.h"\nint sum(int a, int b)\n{\n    return a + b;\n}\n' \
        >"$folder/solution.c"
    printf '#include "check.h"\n#include "sum.h"\n%s\n%s\n' \
        'static void adds(void) { CHECK_INT(sum(2, 3), 5, "2 and 3"); }' 'CHECKS({"adds", adds});' >"$folder/check.c"
}

project() { # NAME: a fresh one, which the verbs then work on
    root=$tmp/$1
    mkdir -p "$root/lessons/01-lesson" "$root/exercises"
    echo "# Lesson" >"$root/lessons/01-lesson/README.md"
    ln -s "$PWD/grader" "$PWD/reference" "$root/"
    exercise "$root" junior/01-first-sum "The first sum"
    exercise "$root" senior/01-last-sum "The last sum"
    export DEEPEND_ROOT=$root
    mine=$root/work/junior/01-first-sum/sum.c
}

# Run deepend in the project's folder: sets $out, $err and $code.
type_in() {
    out=$(cd "$root" && "$deepend" "$@" 2>"$tmp/stderr")
    code=$?
    err=$(<"$tmp/stderr")
}

# One case each: type the words behind NAME and expect ...
says() { # NAME STATUS PART WORDS...: the status, and PART on stdout
    local name=$1 wanted=$2 part=$3
    shift 3
    type_in "$@"
    check "$name" both "$wanted" "$out" "$part"
}
complains() { # NAME STATUS PART WORDS...: the status, PART on stderr, nothing on stdout
    local name=$1 wanted=$2 part=$3
    shift 3
    type_in "$@"
    check "$name" both "$wanted" "$err" "$part"
    check "$name: nothing else is printed" same "$out" ""
}
both() { # STATUS TEXT PART
    same "$code" "$1" && contains "$2" "$3"
}
lacks() { # TEXT PART
    ! contains "$1" "$2" >/dev/null
}

# --- help, versions, mistakes ---------------------------------------------------------------------------------------

project plain
says "--version tells the version" 0 "deepend 0" --version
says "help lists the verbs" 0 "solution ID [--give-up]" help
says "--help is help" 0 "solution ID [--give-up]" --help
for verb in status list show check watch hint reset solution selftest doctor; do
    says "$verb --help teaches with an example" 0 "Example:" "$verb" --help
    says "help $verb is the same" 0 "Usage: " help "$verb"
    complains "$verb refuses an unknown option" 2 "$verb has no option --jsno" "$verb" --jsno
done
says "help needs no project" 0 "Usage: " help list
complains "a mistyped verb is recognised" 2 "did you mean 'check'?" chekc
complains "a strange verb is refused" 2 "there is no verb 'frobnicate'; " frobnicate
complains "an ID where a verb belongs is understood" 2 "show junior/1" junior/1
complains "help on a strange verb" 2 "there is no verb 'lists'; did you mean 'list'?" help lists
complains "a mistyped option is recognised" 2 "did you mean --json?" list --jsn
complains "a value for a flag is refused" 2 "--json takes no value" list --json=yes
complains "too many words are refused" 2 "'junior/1' is too much here" list junior/1
complains "too few words are refused" 2 "something is missing" reset
complains "an unknown exercise" 2 "there is no exercise 'xyzzy'" show xyzzy
complains "a near exercise is offered" 2 "did you mean senior/01-last-sum?" show last-smu
complains "an ambiguous name lists what it could be" 2 "junior/01-first-sum, senior/01-last-sum" show sum

# --- where is the project? ------------------------------------------------------------------------------------------

DEEPEND_ROOT=$tmp/nowhere complains "a root that is not there" 2 "nowhere" list
DEEPEND_ROOT=$tmp complains "a root without exercises" 2 "no folder exercises in" list
DEEPEND_ROOT=$tmp/nowhere says "a verb's help needs no project" 0 "Usage: " list --help
project linked
mkdir "$tmp/bin" "$tmp/away"
cp "$deepend" "$root/deepend"
ln -s "$root/deepend" "$tmp/bin/deepend"
through_link() { cd "$tmp/away" && env -u DEEPEND_ROOT "$tmp/bin/deepend" list; }
check "the program finds its project through a link, from elsewhere" contains "$(through_link)" "The first sum"
check "and leaves nothing where it was called" same "$(ls -A "$tmp/away")" ""
project empty
rm -r "$root"/exercises/*
says "no exercises: the screen says so" 0 "no exercises here yet"
says "no exercises: the list says so" 0 "no exercises here yet" list
says "no exercises: JSON" 0 '"exercises": []' list --json
complains "no exercises: nothing to show" 2 "no exercises" show

# --- looking round --------------------------------------------------------------------------------------------------

project round
says "the screen names what is next" 0 "Next: The first sum"
check "it names the file to edit" contains "$out" "your file: work/junior/01-first-sum/sum.c"
check "it says what to type" contains "$out" "watch junior/1"
check "it counts by level" contains "$out" "0 of 1 passed"
check "it fits a screen" test "$(wc -l <<<"$out")" -le 20
check "the file is there to be edited" cmp "$mine" "$root/exercises/junior/01-first-sum/starter.c"
flags=$(<"${mine%/*}/compile_flags.txt")
check "an editor finds the headers" contains "$flags" "-I../../../exercises/junior/01-first-sum"
check "and the library's" contains "$flags" "-I../../../reference/core"
compiles() { (cd "${mine%/*}" && xargs clang -fsyntax-only sum.c <compile_flags.txt); }
check "with these flags it compiles" compiles
says "status is the same" 0 "Next: The first sum" status
says "the list marks new ones" 0 "[ ] junior/01-first-sum" list
check "by level" contains "$out" $'\nsenior\n'
says "the list as JSON" 0 '"state": "new"' list --json
check "it has the incidents" contains "$out" '"incidents": []'
says "the screen as JSON" 0 '"schema": "deepend/status/1"' --json
says "show prints the task" 0 "Write" show first
check "and where the file is" contains "$out" "work/junior/01-first-sum/sum.c"
check "and the headers" contains "$out" "exercises/junior/01-first-sum/sum.h"
says "show without an ID shows the next one" 0 "junior/01-first-sum" show
says "show as JSON" 0 '"max_score": 5' show junior/1 --json
says "what a shell completes is understood" 0 "The last sum" show work/senior/01-last-sum/

# --- work/ is the learner's -----------------------------------------------------------------------------------------

project mine
type_in show junior/1
echo "my own work" >"$mine"
type_in
type_in show junior/1
type_in status
check "a learner's file is never overwritten" same "$(<"$mine")" "my own work"
says "reset puts the starter back" 0 "is the starter again" reset junior/1
check "it says where the old file is" contains "$out" "sum.c.1.bak"
check "the old file is kept" same "$(<"$mine.1.bak")" "my own work"
check "the starter is there" cmp "$mine" "$root/exercises/junior/01-first-sum/starter.c"
says "an untouched file is not reset" 0 "nothing was changed" reset junior/1
check "so nothing more is kept" fails test -e "$mine.2.bak"
echo "second try" >"$mine"
echo "not ours" >"$mine.2.bak"
says "the next free name is taken" 0 "sum.c.3.bak" reset junior/1 --json
check "what has that name stays" same "$(<"$mine.2.bak")" "not ours"
check "what was kept first stays" same "$(<"$mine.1.bak")" "my own work"
check "the second is kept too" same "$(<"$mine.3.bak")" "second try"
rm "$mine"
says "reset makes a missing file" 0 "is the starter again" reset junior/1
check "no half-made file is left" same "$(find "$root/work" -name '.*' -o -name '*.new*')" ""
rm "$mine" && mkdir "$mine"
complains "a folder in the file's place is told" 2 "is a folder where your file should be" check junior/1
rmdir "$mine" && ln -s nowhere "$mine"
complains "a link to nothing is told" 2 "is a link to nothing" check junior/1
rm "$mine" && mkfifo "$mine"
says "a pipe in the file's place is moved aside as well" 0 "is kept" reset junior/1
rm "$mine" && echo "linked" >"$tmp/elsewhere" && ln -s "$tmp/elsewhere" "$mine"
type_in show junior/1
check "a link to a file is the learner's business" same "$(readlink "$mine"), $(<"$mine")" "$tmp/elsewhere, linked"
reset_twice() { # two at once: each text is kept exactly once
    rm -rf "$root/work" && type_in show junior/1 && echo "precious" >"$mine"
    (cd "$root" && "$deepend" reset junior/1 >/dev/null) & (cd "$root" && "$deepend" reset junior/1 >/dev/null)
    wait
    same "$(cat "${mine%/*}"/*.bak | grep -c precious)" 1 && cmp "$mine" "$root/exercises/junior/01-first-sum/starter.c"
}
for round in 1 2 3 4 5; do check "two resets at once lose nothing ($round)" reset_twice; done

# --- hints ----------------------------------------------------------------------------------------------------------

project hints
says "hint --all before the first" 0 "No hint of junior/01-first-sum has been shown yet" hint junior/1 --all
says "the first hint" 0 "Hint 1 of 3: Look" hint junior/1
check "its text, and no other" both 0 "$out" "First nudge."
check "not the second" lacks "$out" "Second nudge."
says "the second hint" 0 "Hint 2 of 3: Think" hint junior/1
check "how many are left" contains "$out" "1 more"
says "hint --all shows those seen" 0 "First nudge." hint junior/1 --all
check "not the others" lacks "$out" "The idea."
says "looking again counts nothing" 0 "Hint 3 of 3: Do" hint junior/1
check "the last one says so" contains "$out" "That was the last one"
says "behind the last" 0 "All 3 hints" hint junior/1
check "it leads on" contains "$out" "solution junior/1 --give-up"
says "another exercise has its own count" 0 "Hint 1 of 3" hint senior/1
says "hints as JSON" 0 '"number": 2' hint senior/1 --json
says "hint JSON counts too" 0 '"number": 3' hint senior/1 --json
says "and ends" 0 '"hints": []' hint senior/1 --json
says "hints make an exercise begun" 0 "[~] junior/01-first-sum" list

# --- the solution ---------------------------------------------------------------------------------------------------

project solution
complains "no solution before a pass" 2 "is not passed yet" solution junior/1
says "with --give-up" 0 "return a + b;" solution junior/1 --give-up
check "it says why" contains "$out" "Because plus adds."
check "the why stands once" same "$(grep -c 'Because plus adds' <<<"$out")" 1
check "it names mistakes" contains "$out" "Mistake c is often made. (wrong-result)"
says "that is recorded" 0 "(solution seen)" list
says "and then it stays open" 0 "return a + b;" solution junior/1
printf '# Why\n\nLonger words.\n' >"$root/exercises/junior/01-first-sum/solution.md"
says "solution.md explains, where there is one" 0 "Longer words." solution junior/1
says "the solution as JSON" 0 '"class": "wrong-result"' solution junior/1 --json

# --- after grading --------------------------------------------------------------------------------------------------

project begun
type_in check senior/1
says "what was begun last comes next" 0 "Go on with: The last sum"
says "also where no ID is given" 0 "senior/01-last-sum" show

project graded
type_in check junior/1
check "the starter fails" same "$code" 1
says "a failed attempt shows" 0 "[~] junior/01-first-sum" list
check "with its score" contains "$out" "0/5"
says "the screen goes on with it" 0 "Go on with: The first sum"
check "and tells the best score" contains "$out" "best so far 0 of 5 points"
cp "$root/exercises/junior/01-first-sum/solution.c" "$mine"
type_in check junior/1
check "the solution passes" same "$code" 0
says "the list marks it" 0 "[x] junior/01-first-sum" list
check "with its score" contains "$out" "5/5"
says "the screen goes on to the next" 0 "Next: The last sum"
check "and counts" contains "$out" "1 of 1 passed"
says "the state as JSON" 0 '"state": "passed"' list --json
says "the solution is open" 0 "return a + b;" solution junior/1
says "without being recorded as given up" 0 "[x] junior/01-first-sum" list
check "nobody gave up" lacks "$out" "solution seen"
cp "$root/exercises/senior/01-last-sum/solution.c" "$root/work/senior/01-last-sum/sum.c"
type_in check senior/1
says "all passed: the screen says so" 0 "Every exercise is passed"
complains "all passed: a verb wants a name" 2 "all exercises are passed" hint
says "the last pass does not end hints" 0 "Hint 1 of 3" hint junior/1

# --- trouble --------------------------------------------------------------------------------------------------------

project trouble
sed -i 's/minutes: 7/minutes: soon/' "$root/exercises/senior/01-last-sum/exercise.yaml"
says "a broken manifest does not stop the list" 0 "[ ] junior/01-first-sum" list
check "it is told, with file and line" contains "$err" "left out: exercises/senior/01-last-sum/exercise.yaml:5: minutes"
complains "who asks for that exercise gets the reason" 3 "exercises/senior/01-last-sum/exercise.yaml:5: minutes" check senior/1
says "a selftest of all counts it" 3 "1 could not be judged" selftest

project damaged
mkdir "$root/work"
echo "this is no database, and it is long enough to be looked at" >"$root/work/deepend.db"
says "a damaged database does not stop the list" 0 "[ ] junior/01-first-sum" list
check "it is told" contains "$err" "kept as work/deepend.db.damaged-1"
check "it is kept" contains "$(<"$root/work/deepend.db.damaged-1")" "this is no database"
says "the next call is quiet" 0 "[ ] junior/01-first-sum" list
check "as the new one is sound" same "$err" ""

project blocked
touch "$root/work"
says "a file in the place of work/: the list goes on" 0 "[ ] junior/01-first-sum" list
check "it is told once" same "$(grep -c 'not recorded' <<<"$err")" 1
says "the task can be read" 0 "Write" show junior/1
check "that there is no place for the file is told" contains "$err" "work"
says "a hint can be read" 0 "Hint 1 of 3" hint junior/1
type_in reset junior/1
check "reset fails as the grader's trouble" both 3 "$err" "work"
check "nothing was touched" test -f "$root/work"

project full
type_in show junior/1
echo "precious" >"$mine"
no_room() { # WORDS...: no file may grow, as on a full disk
    out=$(trap '' XFSZ; ulimit -f 0; cd "$root" && "$deepend" "$@" 2>&1)
    code=$?
}
no_room reset junior/1
check "no room: reset refuses" both 3 "$out" "cannot write"
check "no room: the learner's file stays" same "$(<"$mine")" "precious"
check "no room: nothing is moved" same "$(ls -A "${mine%/*}")" $'compile_flags.txt\nsum.c'
no_room hint junior/1
check "no room: a hint is shown" both 0 "$out" "Hint 1 of 3"
check "no room: that it is not counted is told" contains "$out" "not recorded"

full() { (cd "$root" && "$deepend" help >/dev/full) 2>"$tmp/stderr"; same "$?" 3 && contains "$(<"$tmp/stderr")" "cannot write the output"; }
check "output that cannot be written is no success" full

# Rights bind everybody but root, who becomes nobody here.
as_user=()
if [ "$(id -u)" = 0 ]; then as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
project readonly
type_in show junior/1
echo "precious" >"$mine"
chmod -R a+rX "$tmp" && chmod -R a-w "$root/work"
cp "$deepend" "$tmp/deepend-copy" && chmod 755 "$tmp/deepend-copy"
read_only() { # WORDS...: sets $out, $err, $code
    out=$(cd "$root" && "${as_user[@]}" "$tmp/deepend-copy" "$@" 2>"$tmp/stderr")
    code=$?
    err=$(<"$tmp/stderr")
}
read_only list
check "read-only work/: the list goes on" both 0 "$out" "junior/01-first-sum"
check "it is told" contains "$err" "not recorded"
read_only reset junior/1
check "read-only work/: reset refuses" both 3 "$err" "cannot"
check "and loses nothing" same "$(<"$mine")" "precious"
read_only hint junior/1
check "read-only work/: a hint is shown" both 0 "$out" "Hint 1 of 3"
chmod -R u+w "$root/work"

# --- doctor ---------------------------------------------------------------------------------------------------------

project doctor
says "doctor finds everything here" 0 "Everything that is needed is there" doctor
says "doctor as JSON" 0 '"schema": "deepend/doctor/1"' doctor --json
check "it leaves nothing behind" same "$(find "$root/build" -name '*doctor*')" ""
mkdir "$tmp/tools"
tool() { # NAME [LINE]: what stands for it in $tmp/tools, after doing LINE (valgrind's own starter looks beside its link)
    printf '#!/bin/bash\n%s\nexec %q "$@"\n' "${2:-}" "$(type -P "$1")" >"$tmp/tools/$1"
    chmod +x "$tmp/tools/$1"
}
for name in clang ar ld ld.lld valgrind bwrap setarch env true; do tool $name; done
with_tools() { PATH=$tmp/tools type_in doctor; }
without() { # TOOL NAME STATUS PART: doctor with TOOL taken away
    rm "$tmp/tools/$1" && with_tools && tool "$1"
    check "$2" both "$3" "$out" "$4"
}
with_tools
check "doctor: these tools are enough" same "$code" 0
without ar "doctor: no archiver" 3 "apt-get install binutils"
without valgrind "doctor: no valgrind" 3 "apt-get install valgrind libc6-dbg"
without ld.lld "doctor: the fast linker is optional" 0 "apt-get install lld"
without clang "doctor: no clang" 3 "apt-get install clang"
check "doctor: it says what hangs on that" contains "$out" "LACK  race detection"

fake_clang() { # LINE: doctor with a clang that does LINE first
    tool clang "$1" && with_tools && tool clang
}
fake_clang 'case "$*" in *=thread*) echo "error: libclang_rt.tsan.a is not there"; exit 1 ;; esac'
check "doctor: a missing runtime" both 3 "$out" "libclang_rt.tsan.a is not there"
fake_clang 'set -- "${@/-fsanitize=thread/-O0}"'
check "doctor: races that are not reported" both 3 "$out" "does not report a plain race"
fake_clang 'set -- "${@/-fsanitize=address,undefined/-O0}"'
check "doctor: dangling memory that is not reported" both 3 "$out" "LACK  memory checking"
tool valgrind '[ "$1" = --version ] || { echo "Fatal error at startup: a function redirection"; exit 1; }'
with_tools
check "doctor: a valgrind that cannot start" both 3 "$out" "does not work: Memcheck does not report"
rm -rf "$root/work" && touch "$root/work"
type_in doctor
check "doctor: no place for work" both 3 "$out" "mv $root/work $root/work.old"
tap_end
