#!/usr/bin/env bash
# test_replay: from a failed check to its interleaving: `deepend check` names a token, `deepend replay` shows it. In a
# project of its own in a temporary folder, with one exercise of ours.
. "$(dirname "$0")/tap.sh"

deepend=${DEEPEND_PROGRAM:-$PWD/deepend} # another one, to see this test fail
export NO_COLOR=1 COLUMNS=120 LC_ALL=C.UTF-8 DEEPEND_ROOT=$tmp/root
mkdir -p "$DEEPEND_ROOT/exercises/middle" "$DEEPEND_ROOT/build" build/cache
ln -s "$PWD/grader" "$PWD/reference" "$PWD/lessons" "$DEEPEND_ROOT/"
ln -s "$PWD/build/cache" "$DEEPEND_ROOT/build/cache" # builds are found by their content
cp -r exercises/middle/02-* "$DEEPEND_ROOT/exercises/middle/"
mutants=$(echo "$DEEPEND_ROOT"/exercises/middle/02-*/mutants)
mine=$tmp/queue.c

# Run deepend: sets $out, $err and $code.
type_in() {
    out=$(cd "$tmp" && "$deepend" "$@" 2>"$tmp/stderr" </dev/null)
    code=$?
    err=$(<"$tmp/stderr")
}
token_in() { grep -o '1-[0-9a-f]\{8\}-[A-Za-z0-9_-]*' <<<"$1" | head -1; }

cp "$mutants/one-condvar.c" "$mine"
type_in check middle/2 --submission "$mine"
check "a mistake that only some orders show is found" same "$code" 1
check "the screen says how to see it again" contains "$out" 'Replay: '
token=$(token_in "$out")
type_in check middle/2 --submission "$mine" --json
check "JSON counts the schedules" contains "$out" '"schedules": {'
check "it has the same token, for the verdict does not depend on luck" same "$(token_in "$out")" "$token"

type_in replay "$token"
check "the replay fails as the check did" same "$code" 1
check "it names the learner's line and what stands there" contains "$out" '52: pthread_cond_wait'
check "lines of other files have their names" contains "$out" 'calls.c:'
check "nothing is said of changes" same "$err" ''
type_in replay "$token" --json
check "JSON names the class" contains "$out" '"outcome": "lost-wakeup"'
type_in replay "$token" --html "$tmp/page.html"
check "it can be a page" contains "$(<"$tmp/page.html")" 'pthread_cond_wait(&amp;queue-&gt;changed'

echo '/* better? */' >>"$mine"
type_in replay "$token"
check "the file may change: the replay is of what was graded" same "$code" 1
check "and says so" contains "$err" 'The file has changed since'
rm "$mine"
type_in replay "$token"
check "it may even be gone" same "$code" 1

type_in check middle/2 --submission "$mutants/unlocked-length.c"
check "above ThreadSanitizer a race has a token, too" contains "$out" 'Replay: '
type_in replay "$(token_in "$out")" --json
check "which leads to the race" contains "$out" '"outcome": "race"'

for kept in "$DEEPEND_ROOT/work/replays/"*-check/queue.c; do
    sed -i 's/count == 0/count < 1/' "$kept"
done
type_in replay "$token"
check "a kept file that is no longer the one is not judged" same "$code" 2
check "and it is said why" contains "$err" 'of another program, or the program has changed since'
rm -r "$DEEPEND_ROOT/work/replays"
type_in replay "$token"
check "a token whose program is gone is told" same "$code" 2

type_in check middle/2 --submission "$mutants/../solution.c"
check "what passes has no token" same "$code$(token_in "$out")" 0
tap_end
