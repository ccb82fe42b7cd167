#!/usr/bin/env bash
# test_reference_valgrind: what `make check-valgrind` makes of programs that are known: a leak, an uninitialised value, a
# race and a hand-over with the wrong memory order are told, a right one is not, and a test that fails counts.
. "$(dirname "$0")/tap.sh"

command -v valgrind >/dev/null && command -v clang >/dev/null || {
    skip "the tests under Valgrind" "there is no valgrind, or no clang"
    tap_end
    exit
}
flags=$(make -n CC=clang build/valgrind/reference/core/latch.o V=1 2>/dev/null | grep -oE ' -O1 -gdwarf-4 .*atomics\.h')
check "the variant has its flags" contains "$flags" atomics.h

cat >"$tmp/case.c" <<'C'
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#ifndef ORDER
#define ORDER memory_order_release
#endif
static int news;
static int *volatile kept;
static atomic_int told;
static void *tell(void *unused)
{
    news = 1;
    atomic_store_explicit(&told, 1, ORDER);
    return unused;
}
static void *listen(void *unused)
{
#ifdef RACE
    return news ? unused : NULL;
#endif
    while (!atomic_load_explicit(&told, memory_order_acquire)) {}
    return news ? unused : NULL;
}
int main(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, tell, NULL);
    pthread_create(&threads[1], NULL, listen, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    kept = malloc(sizeof *kept);
#ifdef UNSET
    if (*kept == 7)
        puts("# seven");
#endif
#ifdef LEAK
    kept = NULL;
#endif
    free(kept);
#ifdef FAIL
    puts("not ok 1 - it");
    return 1;
#endif
    puts("ok 1 - it\n1..1");
    return 0;
}
C
says() { # TOOL FLAG: how that tool judges the program built so, and the last line
    # shellcheck disable=SC2086
    clang -std=gnu11 -D_GNU_SOURCE -pthread $flags $2 -o "$tmp/case" "$tmp/case.c" || return 1
    TOOLS=$1 DEEPEND_VALGRIND_LOGS=$tmp/log reference/whole/valgrind/run.sh "$tmp/case" >"$tmp/said" 2>&1
    echo "$? $(grep -oE 'FAIL: [^(]*[a-z0-9]|ok, 1 cases' "$tmp/said") $(tail -n 1 "$tmp/said")"
}
told="1 FAIL: the tool reports errors 0 passed, 1 failed"
check "a right hand-over by an atomic is nothing to Helgrind" same "$(says helgrind '')" "0 ok, 1 cases 1 passed, 0 failed"
check "one that is relaxed is a race" same "$(says helgrind -DORDER=memory_order_relaxed)" "$told"
check "and so is one without" same "$(says helgrind -DRACE)" "$told"
check "a program without faults is nothing to Memcheck" same "$(says memcheck '')" "0 ok, 1 cases 1 passed, 0 failed"
check "a leak is told" same "$(says memcheck -DLEAK)" "$told"
check "an uninitialised value is told" same "$(says memcheck -DUNSET)" "$told"
check "a test that fails is told" same "$(says memcheck -DFAIL)" "1 FAIL: ended with status 1 0 passed, 1 failed"
check "no test is no success" fails reference/whole/valgrind/run.sh

# A suppression names a function, or a library that has none to name; none answers everything of a kind.
wide() { awk '/^{/ { fun = 0 } /^ *fun:[^*]/ { fun = 1 } /^}/ && !fun' reference/whole/valgrind/*.supp; }
check "no suppression is without a function" same "$(wide)" ""
check "each has its reason above it" same "$(awk '/^#/ { why = 1 } /^{/ { if (!why) print FILENAME ": " FNR } /^$/ { why = 0 }' reference/whole/valgrind/*.supp)" ""
tap_end
