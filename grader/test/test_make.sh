#!/usr/bin/env bash
# test_make: the Makefile rebuilds what has changed and nothing else, its sanitizer variants bite, and no clean touches
# work/. Tried on a tree of three small sources with the project's own Makefile.
. "$(dirname "$0")/tap.sh"

tree=$tmp/tree
mkdir -p "$tree"/grader/base "$tree"/grader/test "$tree"/reference/core/test "$tree"/lessons/01-first "$tree"/work
cp -r Makefile .ci "$tree/"
cp grader/test/run-* "$tree/grader/test/"
cd "$tree" || exit 3

echo '#define ANSWER 42' >grader/base/answer.h
printf '#include "base/answer.h"\nint answer(void) { return ANSWER; }\n' >grader/base/answer.c
printf 'int spare(void) { return 1; }\n' >grader/base/spare.c
printf 'int answer(void);\nint main(void) { return answer() != 42; }\n' >grader/main.c
printf 'int twice(int n) { return n + n; }\n' >reference/core/twice.c
echo mine >work/mine
head='#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <cmocka.h>\n'
table='int main(void) { const struct CMUnitTest t[] = {cmocka_unit_test(one)}; return cmocka_run_group_tests(t, 0, 0); }\n'
printf "$head"'int answer(void);\nstatic void one(void **s) { (void)s; assert_int_equal(answer(), 42); }\n'"$table" >grader/test/test_answer.c
printf "$head"'/* link: -Wl,--wrap=rand */\n#include <stdlib.h>\nint twice(int);\nint __wrap_rand(void);\nint __wrap_rand(void) { return 21; }\n
static void one(void **s) { (void)s; assert_int_equal(twice(rand()), 42); }\n'"$table" >reference/core/test/test_twice.c
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >lessons/01-first/hello.c
echo hello >lessons/01-first/hello.out

# What a make does: its lines of work, without the order that parallel work has.
does() { make "$@" 2>&1 | grep -E '^  (compile|link|test|lesson) ' | tr -s ' ' | sort | paste -sd';'; }
tested() { make test "$@" 2>&1 | grep -E '^[0-9]+ passed, '; }

check "a first make compiles and links everything" same "$(does)" \
    " compile grader/base/answer.c; compile grader/base/spare.c; compile grader/main.c; link deepend"
check "the program runs" ./deepend
check "a second make does nothing" same "$(does)" ""
sleep 0.01 && touch grader/base/answer.h
check "a header: only who includes it" same "$(does)" " compile grader/base/answer.c; link deepend"
check "a flag: everything" same "$(does CFLAGS=-O1 | tr ';' '\n' | wc -l)" 4
check "back to the old flags: everything again" same "$(does | tr ';' '\n' | wc -l)" 4
rm grader/base/spare.c
check "a source that is gone: linked anew without it" same "$(does)" " link deepend"
check "it is in the program no more" fails grep -q spare deepend
printf 'int oops(void) { int unused; return 0; }\n' >grader/base/oops.c
check "a warning does not stop a user" make deepend
rm grader/base/oops.c && make >/dev/null 2>&1
printf 'int oops(void) { int unused; return 0; }\n' >grader/base/oops.c
check "but stops with WERROR=1" fails make deepend WERROR=1
check "and with CI=true" fails env CI=true make deepend
rm grader/base/oops.c

check "make test builds and runs: unit, three variants, lesson" same "$(tested)" "5 passed, 0 failed"
check "T= picks by name" same "$(tested T=twice)" "3 passed, 0 failed"
check "T= that picks nothing is an error" fails make test T=no-such-test
echo bye >lessons/01-first/hello.out
check "a lesson's output is compared" same "$(tested T=hello)" "0 passed, 1 failed"
printf "$head"'static void one(void **s) { (void)s; syntax error }\n'"$table" >grader/test/test_broken.c
check "what does not compile is a failure, the rest is run" same "$(tested T=test_)" "4 passed, 2 failed"
check "and make test tells by its status" fails make test T=test_
rm grader/test/test_broken.c

printf "$head"'#include <pthread.h>\nstatic int n;\nstatic void *add(void *a) { n++; return a; }\nstatic void one(void **s) {
(void)s; pthread_t t; pthread_create(&t, 0, add, 0); n++; pthread_join(t, 0); }\n'"$table" >reference/core/test/test_race.c
printf "$head"'#include <stdlib.h>\nstatic void one(void **s) { (void)s; char *volatile p = malloc(9); p = 0; (void)p; }\n'"$table" \
    >reference/core/test/test_leak.c
check "a race fails, though only in the variant that sees it" same "$(tested T=test_race)" "3 passed, 1 failed"
check "so does a leak" same "$(tested T=test_leak)" "3 passed, 1 failed"

make compile_commands.json >/dev/null 2>&1
check "compile_commands.json has every source" same \
    "$(grep -oE '"file": "[^"]+"' compile_commands.json | cut -d'"' -f4 | sort | paste -sd' ')" \
    "$(find grader reference lessons -name '*.c' | sort | paste -sd' ')"
make install PREFIX="$tmp/prefix" >/dev/null
check "install makes a link that runs" "$tmp/prefix/bin/deepend"
make uninstall PREFIX="$tmp/prefix" >/dev/null
check "uninstall removes it" fails test -e "$tmp/prefix/bin/deepend" -o -L "$tmp/prefix/bin/deepend"
ln -s /bin/true "$tmp/prefix/bin/deepend" && make uninstall PREFIX="$tmp/prefix" >/dev/null
check "but no other's" test -L "$tmp/prefix/bin/deepend"
make clean >/dev/null
check "clean removes what was built" fails test -e deepend -o -e build/obj -o -e build/test
make distclean >/dev/null
check "distclean leaves the sources and work/" same "$(ls -A | paste -sd' ')" ".ci Makefile grader lessons reference work"
check "with what is in it" same "$(cat work/mine)" mine
documented=$(make help | sed -nE 's/^  make ([a-z-]+) .*/\1/p' | sort)
check "help tells of every public target" same "$documented" \
    "$(sed -n 's/^\.PHONY: //p' Makefile | tr ' ' '\n' | grep -vE '^(FORCE|build-tests)$' | sort)"
tap_end
