#!/usr/bin/env bash
# test_explore_verbs: `deepend explore` and `deepend replay` as people type them, on the programs of explore/tiny, in a
# project of its own in a temporary folder.
. "$(dirname "$0")/tap.sh"

deepend=${DEEPEND_PROGRAM:-$PWD/deepend} # another one, to see this test fail
tiny=$PWD/grader/test/explore/tiny
export NO_COLOR=1 COLUMNS=120 LC_ALL=C.UTF-8 DEEPEND_ROOT=$tmp/root
mkdir -p "$DEEPEND_ROOT/exercises" "$DEEPEND_ROOT/build/cache" "$tmp/mine"
ln -s "$PWD/grader" "$PWD/reference" "$DEEPEND_ROOT/"
for runtime in build/cache/runtime-*; do [ ! -d "$runtime" ] || ln -s "$PWD/$runtime" "$DEEPEND_ROOT/build/cache/"; done
cp "$tiny"/*.c "$tmp/mine/"

# Run deepend where the programs are: sets $out, $err and $code.
type_in() {
    out=$(cd "$tmp/mine" && "$deepend" "$@" 2>"$tmp/stderr" </dev/null)
    code=$?
    err=$(<"$tmp/stderr")
}
# A value of the outermost JSON object; the members of an inner one as lines `"name": value`.
field() { sed -n "s/^  \"$1\": \"\{0,1\}\([^\"]*[^\",]\)\"\{0,1\},\{0,1\}\$/\1/p" <<<"$out"; }
members() { sed -n "/^  \"$1\": [{]/,/^  }/s/^    //p" <<<"$out"; }

# --- explore ----------------------------------------------------------------------------------------------------------

type_in explore lock_order.c
check "a deadlock ends with 1" same $code 1
check "it is told who holds what since when" contains "$out" 'held by thread 2 since line 11'
check "the interleaving has a column for each thread" contains "$out" 'main                           thread 1'
check "the decisive switch is marked" contains "$out" 'thread 1 is stopped here, at line 12; this made the difference'
check "it ends with how to replay it" contains "$(tail -1 <<<"$out")" ' replay 1-'
token=$(grep -o '1-[0-9a-f]\{8\}-[A-Za-z0-9_-]*' <<<"$out" | tail -1)

type_in explore lock_order.c --json
check "JSON has its schema" same "$(field schema)" deepend/explore/1
check "JSON names the class" same "$(field outcome)" deadlock
check "JSON says where" contains "$out" '"file": "lock_order.c",
      "line": 12,'
check "JSON carries the same token" same "$(field token)" "$token"
check "JSON counts" [ "$(field failed)" -gt 0 -a "$(field first)" -ge 1 -a "$(field first)" -le "$(field schedules)" ]
check "JSON says that there may be more" same "$(field exhausted)" false

type_in explore letters.c --schedules 50
check "a right program ends with 0" same $code 0
check "and says how many were run, and that it is no proof" contains "$out" 'none of 50 schedules failed'

type_in explore letters.c --strategy dfs --memory-points off
check "depth first search ends" contains "$out" 'All with at most 3 preemptions were run'

type_in explore letters.c --strategy dfs --memory-points off --outputs --json --cflags -DEXTRA -- one two
check "outputs: both orders, with arguments and flags" same "$(members outputs | cut -d: -f1 | sort | tr '\n' ,)" '"ab one two extra","ba one two extra",'
check "outputs: each schedule is counted once" same "$(members outputs | awk '{ sum += $NF } END { print sum }')" "$(field schedules)"
check "outputs: they are all there are" same "$(field exhausted)" true
tokens=$(members output_tokens | tr -d '",')
check "outputs: each has a token" same "$(wc -l <<<"$tokens")" 2
while IFS=: read -r text one; do
    type_in replay $one --json # it has a blank before it
    check "outputs: the schedule of '$text' prints that and ends well" same "$code $(members outputs)" "0 \"$text\": 1"
done <<<"$tokens"

type_in explore real_clock.c --schedules 5
check "a program that is not deterministic is told so" contains "$out" 'not deterministic in itself'

type_in explore unlocked.c --tsan
check "over ThreadSanitizer a race is one" contains "$code $out" '1 race'
check "it is told who writes and who reads" contains "$out" 'writes `counter` and thread'
check "with both lines" same "$(grep -o 'unlocked.c:[0-9]*' <<<"$out" | tr '\n' ' ')" 'unlocked.c:12 unlocked.c:22 '
type_in replay "$(tail -1 <<<"$out" | grep -o '1-[^ ]*$')" --json
check "its token replays" same "$code $(field outcome)" '1 race'
type_in explore unlocked.c --tsan --cflags -DLOCKED --schedules 50
check "with the lock there is no race" same $code 0

type_in explore freed.c --schedules 200 --tsan
check "a use of freed memory is told" contains "$out" 'thread 1 reads it'
check "and where the memory was freed" contains "$out" 'freed.c:26  it was freed here before'
freed=$(tail -1 <<<"$out" | grep -o '1-[^ ]*$')
type_in replay "$freed" --json
check "the replay has ThreadSanitizer beneath it again" same "$code $(field outcome)" '1 invalid-memory'
program=$(echo "$DEEPEND_ROOT/work/replays/$(cut -d- -f2 <<<"$freed")"*/program)
check "as the program has that is kept" contains "$(nm "$program")" ' __tsan_on_report'
mv "$DEEPEND_ROOT/work/replays" "$tmp/replays"
type_in replay "$freed" freed.c --json
check "also when the program is known by its file alone" same "$code $(field outcome)" '1 invalid-memory'
rm -r "$DEEPEND_ROOT/work/replays" && mv "$tmp/replays" "$DEEPEND_ROOT/work/"
type_in explore unlocked.c --tsan --races off
check "to look for races and not to is a contradiction" contains "$code $err" '2 deepend: --tsan is there to look for races'

type_in explore spins.c --schedules 1
check "a loop is told once" contains "$out" 'this step comes'
check "and not by the hundred" [ "$(wc -l <<<"$out")" -lt 60 ]
type_in explore "${tiny%/*}/kernels/rw_upgrade_in_place.c"
words=$(tr -s ' \n' ' ' <<<"$out")
check "who reads under a lock is told" contains "$words" 'waits for `lock` (line 14), held by thread 2 since line 23'
check "also that the thread itself does" contains "$words" 'for itself: it reads under it'

type_in explore forks.c
check "what is not modelled ends with 3" same $code 3
check "and is named, with its line" contains "$err" 'fork (forks.c:6)'
check "with what to do about it" contains "$err" 'leave the other one out'
type_in explore forks.c --json
check "in JSON too" same "$(field outcome) $(field message)" 'unsupported fork'

type_in explore three_switches.c --strategy dfs --bound 2 --memory-points off --json
check "two preemptions are not enough for a fault that takes three" same "$(field outcome) $(field exhausted)" 'ok true'
type_in explore three_switches.c --strategy dfs --bound 3 --memory-points off --json
check "three are" same "$(field outcome)" wrong-result

type_in explore refused.c --schedules 200
check "no call fails unless it is asked for" same $code 0
type_in explore refused.c --schedules 200 --fail-create 300
check "a call can be made to fail" contains "$out" 'a call is made to fail; this made the difference'
type_in replay "$(tail -1 <<<"$out" | grep -o '1-[^ ]*$')" --json
check "and fails again in the replay" same "$(field outcome) $(grep -c 'a call is made to fail' <<<"$out")" 'wrong-result 2'

type_in explore spurious.c --schedules 300
check "no wait ends by itself unless it is asked for" same $code 0
type_in explore spurious.c --schedules 300 --spurious 200
check "a wait can end by itself" contains "$out" 'a wait ends though nobody has signalled; this made the difference'
type_in explore spurious.c --schedules 300 --early 200
check "a deadline can pass first" contains "$out" 'a deadline passes while others could go on; this made the difference'

# --- mistakes ---------------------------------------------------------------------------------------------------------

echo 'int main(void) { return x; }' >"$tmp/mine/broken.c"
type_in explore broken.c
check "what does not compile ends with 2" same $code 2
check "with the compiler's words" contains "$err" "undeclared identifier 'x'"
echo 'void work(void) {}' >"$tmp/mine/helper.c"
type_in explore helper.c
check "a program without main is told so" contains "$code $err" '2 deepend: there is no main in '
type_in explore missing.c
check "a missing file ends with 2" same "$code $err" '2 deepend: missing.c: No such file or directory'
type_in explore lock_order.c --strategy fastest
check "strategies are listed when one is wrong" contains "$code $err" 'there are random, pct, pos, surw, portfolio, dfs'
type_in explore lock_order.c --schedules many
check "a number has to be one" same $code 2
type_in explore
check "without files it is usage" same $code 2
type_in explore --help
check "help ends with 0" same $code 0

# --- Ctrl-C -----------------------------------------------------------------------------------------------------------

# Explore in a terminal, and type KEYS as soon as the line tells how far it is.
interrupt() { # KEYS ARGUMENT...
    local typed=$1
    rm -f "$tmp/screen" && mkfifo "$tmp/typed"
    (cd "$tmp/mine" && exec script -qefc "exec '$deepend' explore ${*:2}" "$tmp/screen" <"$tmp/typed" >/dev/null) &
    local terminal=$!
    exec 7>"$tmp/typed"
    while kill -0 $terminal 2>/dev/null && ! grep -q ' a second' "$tmp/screen" 2>/dev/null; do sleep 0.05; done
    printf '%b' "$typed" >&7
    wait $terminal
    code=$?
    exec 7>&-
    rm "$tmp/typed"
    screen=$(<"$tmp/screen")
}
interrupt '\003' letters.c --schedules 1000000000
check "in a terminal it is told how far it is" contains "$screen" ' schedules, '
check "Ctrl-C ends it with what it has seen" contains "$screen" 'schedules until then failed'
check "and with 3, as not all was run" same $code 3
interrupt '\003' letters.c --schedules 1000000000 --json
check "in JSON too" contains "$screen" '"interrupted": true'
type_in explore letters.c --schedules 3000
check "no line is drawn where there is no terminal" same "$err" ''

# --- replay -----------------------------------------------------------------------------------------------------------

type_in replay "$token"
check "the token is enough" contains "$out" 'held by thread 2 since line 11'
check "a replayed fault ends with 1" same $code 1
first=$out
type_in replay "$token"
check "twice the same" same "$out" "$first"
type_in replay "$token" --json
check "JSON has every step" same "$(grep -c '"preempts": true' <<<"$out")" 1
type_in replay "$token" --html "$tmp/page.html"
check "it says where a thread is stopped" contains "$(<"$tmp/page.html")" 'thread 1 is stopped here, at line 12'
check "a page is written" contains "$(<"$tmp/page.html")" 'pthread_mutex_lock(&amp;to-&gt;lock);'
check "that needs nothing from elsewhere" fails grep -qE 'https?:|src=|href=|@import' "$tmp/page.html"
type_in replay "$token" --html "$tmp/no/such/page.html"
check "a page that cannot be written ends with 2" same $code 2

# Replay in a terminal, where all keys have been typed when it starts. script ends the input only when its own
# does, and would give up on the terminal then; so that is held open until the replay has come to its end.
keys() { # KEYS
    mkfifo "$tmp/keys.$1"
    script -qec "'$deepend' replay $token" /dev/null <"$tmp/keys.$1" &
    exec 7>"$tmp/keys.$1"
    printf '%sq' "$1" >&7
    wait $!
    exec 7>&-
}
screen=$(keys G)
check "in a terminal it starts with the first step" contains "$screen" '[1 of 7]'
check "G goes to the end" contains "$screen" '[7 of 7]'
check "where it says what happened" contains "$screen" 'deadlock: Threads wait for each other'

moved=$tmp/moved
mkdir "$moved" && mv "$tmp/mine/lock_order.c" "$moved/"
type_in replay "$token"
check "a file that has gone is told" contains "$code $err" 'lock_order.c cannot be read any more'
type_in replay "$token" "$moved/lock_order.c"
check "it may be named in another place" same $code 1
sed -i 's/money += amount/money = to->money + amount/' "$moved/lock_order.c"
type_in replay "$token" "$moved/lock_order.c"
check "a changed program is refused with 2" contains "$code $err" '2 deepend: the token is of another program, or the program has changed since'
cp "$moved/lock_order.c" "$tmp/mine/"
type_in replay "$token"
check "and the file that changed is named" contains "$code $err" 'lock_order.c has changed since'

type_in replay "${token%?}"
check "a token with a letter missing is refused" contains "$code $err" 'is no token'
type_in replay hello
check "nonsense is refused" contains "$code $err" '2 deepend: '
rm -r "$DEEPEND_ROOT/work/replays"
type_in replay "$token"
check "a program that is not kept any more is told" contains "$code $err" '2 deepend: the program of this token is not known here'

tap_end
