# shellcheck shell=bash
# small_project.sh - a project of two small exercises in a temporary folder, for tests that really grade. Source it behind tap.sh.
#
#     small_project                       # $root is the project, $mine the learner's file, $next the one after it
#     answer wrong_result >"$mine"        # an answer that fails, as its words tell
#     run_deepend check junior/1          # $out, $err, $code
#
# Both exercises want `int sum(int a, int b)` and have two checks, native ones, so that a grading is quick.
deepend=$PWD/deepend
export NO_COLOR=1 COLUMNS=80 LC_ALL=C.UTF-8
unset DEEPEND_ROOT DEEPEND_POLL

# An answer, by name. MARK goes into a message or a comment: it tells one answer from another.
answer() { # NAME [MARK]
    local mark=${2:-}
    case $1 in
    good) echo "/* $mark */ int sum(int a, int b) { return a + b; }" ;;
    wrong_result) echo "/* $mark */ int sum(int a, int b) { return a - b; }" ;;
    overload) echo 'int sum(int a, int b) { return a == 0 ? 99 : a + b; }' ;; # fails `zero` alone
    wrong_two) echo 'int sum(int a, int b) { return a == 2 ? 99 : a + b; }' ;; # fails `adds` alone
    noisy) echo "#include <stdio.h>
int sum(int a, int b) { printf(\"%s\\n\", \"$mark\"); return a - b; }" ;;
    sleeper) echo "#include <stdio.h>
#include <unistd.h>
int sum(int a, int b) { printf(\"%s\\n\", \"$mark\"); fflush(stdout); for (int i = 0; i < 30; i++) sleep(1); return a - b; }" ;;
    crashes) echo 'int sum(int a, int b) { return a + *(volatile int *)(long)(b / 100); }' ;;
    broken) echo 'int sum(int a, int b) { return a + b }' ;;
    warns) echo 'int sum(int a, int b) { int useless; return a + b; }' ;;
    forks) echo '#include <unistd.h>
int sum(int a, int b) { fork(); return a + b; }' ;;
    esac
}

small_exercise() { # ID TITLE
    local folder=$root/exercises/$1 n=1 name
    mkdir -p "$folder/mutants"
    cat >"$folder/exercise.yaml" <<-END
	id: $1
	title: $2
	kind: implement
	level: ${1%%/*}
	minutes: 5
	covers: [P06]
	lesson: 01-lesson
	file: sum.c
	limits: {idle_ms: 120000}
	checks:
	  - {name: adds, title: it adds two numbers, variants: [native], points: 5}
	  - {name: zero, title: it adds nothing, variants: [native], points: 2}
	mutants:
	  - {file: mutants/a.c, class: wrong-result, fails: [adds, zero], why: Minus is not plus here.}
	  - {file: mutants/b.c, class: overload, fails: [zero], why: Zero is forgotten rather often.}
	  - {file: mutants/c.c, class: crash, fails: [adds, zero], why: A null pointer is no number.}
	  - {file: mutants/d.c, class: wrong-result, fails: [adds], why: Two is forgotten rather often.}
	END
    for name in wrong_result overload crashes wrong_two; do
        answer $name >"$folder/mutants/$(printf '%b' "\\x6$n").c"
        n=$((n + 1))
    done
    printf '# %s\n\nWrite `sum`.\n' "$2" >"$folder/task.md"
    printf '## Look\n\nFirst nudge.\n\n## Think\n\nSecond nudge.\n\n## Do\n\nThe idea.\n' >"$folder/hints.md"
    printf 'int sum(int a, int b);\n' >"$folder/sum.h"
    answer wrong_result starter >"$folder/starter.c"
    { printf '/* sum.c - adds.\n *\n * Because plus adds.\n */\n' && answer good solution; } >"$folder/solution.c"
    cat >"$folder/check.c" <<-'END'
	#include "check.h"
	#include "sum.h"
	static void adds(void) { CHECK_INT(sum(2, 3), 5, "2 and 3"); }
	static void zero(void) { CHECK_THAT(sum(0, 3) == 3, sum(0, 3) == 99 ? CLASS_OVERLOAD : CLASS_WRONG_RESULT, "0 and 3"); }
	CHECKS({"adds", adds}, {"zero", zero});
	END
}

small_project() {
    root=$tmp/project
    mkdir -p "$root/lessons/01-lesson" "$root/exercises"
    echo "# Lesson" >"$root/lessons/01-lesson/README.md"
    ln -s "$PWD/grader" "$PWD/reference" "$root/"
    small_exercise junior/01-first-sum "The first sum"
    small_exercise senior/01-last-sum "The last sum"
    export DEEPEND_ROOT=$root
    mine=$root/work/junior/01-first-sum/sum.c
    next=$root/work/senior/01-last-sum/sum.c
}

run_deepend() {
    out=$("$deepend" "$@" 2>"$tmp/stderr")
    code=$?
    err=$(<"$tmp/stderr")
}

# Where the learner stands with ID: new, started, passed.
state_of() { # ID
    "$deepend" list --json | tr -d '\n' | sed -E "s|.*\"id\": \"$1\"[^}]*\"state\": \"([a-z]+)\".*|\\1|"
}

lacks() { # TEXT PART
    [[ $1 != *"$2"* ]] || { printf 'found: %s\nin: %s\n' "$2" "$1"; false; }
}
