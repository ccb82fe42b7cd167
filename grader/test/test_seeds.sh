#!/usr/bin/env bash
# test_seeds: `deepend selftest --seeds N` counts with how many seeds of the schedule explorer a fault is found, and its
# token leads back to it. In a small project of our own.
. "$(dirname "$0")/tap.sh"
. "$PWD/grader/test/small_project.sh"

small_project
mkdir -p "$root/build" build/cache
ln -s "$PWD/build/cache" "$root/build/cache" # builds are found by their content
folder=$root/exercises/junior/01-first-sum
rm -r "$root/exercises/senior"
sed -i 's/variants: \[native\]/variants: [explore]/' "$folder/exercise.yaml"

# An answer that is wrong only when the second thread comes first.
cat >"$folder/mutants/d.c" <<'END'
#include <pthread.h>
static int two;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *forget(void *unused) { pthread_mutex_lock(&lock); two = 97; pthread_mutex_unlock(&lock); return unused; }
int sum(int a, int b)
{
    pthread_t thread;
    two = 0;
    pthread_create(&thread, 0, forget, 0);
    pthread_mutex_lock(&lock);
    int more = a == 2 ? two : 0;
    pthread_mutex_unlock(&lock);
    pthread_join(thread, 0);
    return a + b + more;
}
END

run_deepend selftest --seeds 3
check "all as declared" same "$code" 0
check "the solution passes with each seed" contains "$out" 'solution.c                           passes with 3 of 3 seeds'
check "what is wrong in every order is found with each" contains "$out" 'a.c                                  found with 3 of 3 seeds, 3 tokens replay'
check "so is what is wrong in some orders" contains "$out" 'd.c                                  found with 3 of 3 seeds, 3 tokens replay'
check "classes that are no matter of order are left out" lacks "$out" 'b.c '
check "the end counts" contains "$out" '0 files not as expected'

cp "$folder/mutants/d.c" "$folder/solution.c"
run_deepend selftest --seeds 3
check "a solution that fails with some seed is told" same "$code" 1
check "and with how many it passes" contains "$out" 'passes with 0 of 3 seeds'
check "the others hold" contains "$out" '1 file not as expected'

answer good >"$folder/solution.c"
answer good >"$folder/mutants/d.c"
run_deepend selftest junior/1 --seeds 2
check "a fault that no seed finds is told" same "$code" 1
check "with how many found it" contains "$out" 'found with 0 of 2 seeds, 0 tokens replay'

for number in 0 -1 x 1.5 ''; do
    run_deepend selftest "--seeds=$number"
    check "--seeds=$number is refused" same "$code" 2
done
check "and says what it takes" contains "$err" '--seeds takes a number'
tap_end
