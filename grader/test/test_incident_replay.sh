#!/usr/bin/env bash
# test_incident_replay: `deepend incident replay` as it is used: as text, as JSON, as a page, as evidence, in a terminal; and
# the same bytes each time, also while other programs want both cores. In a project of its own in a temporary folder, with the
# first incident of ours; at the end, the evidence of all incidents against what their services do now.
. "$(dirname "$0")/tap.sh"

deepend=${DEEPEND_PROGRAM:-$PWD/deepend} # another one, to see this test fail
project=$PWD
root=$tmp/root
first=$(basename "$(ls -d incidents/[0-9]* | head -1)")
folder=$root/incidents/$first
export NO_COLOR=1 COLUMNS=100 LC_ALL=C.UTF-8 DEEPEND_ROOT=$root
mkdir -p "$root/incidents" "$root/exercises" "$root/build" build/cache
ln -s "$PWD/grader" "$PWD/reference" "$PWD/lessons" "$root/"
ln -s "$PWD/build/cache" "$root/build/cache" # builds are found by their content
cp -r "incidents/$first" incidents/parts "$root/incidents/"
mine=$root/work/incidents/$first/policy.c
busy=()
trap 'kill "${busy[@]}" 2>/dev/null; rm -rf "$tmp"' EXIT

# Run deepend in $tmp: sets $out, $err and $code.
type_in() {
    out=$(cd "$tmp" && "$deepend" incident replay "$@" 2>"$tmp/stderr" </dev/null)
    code=$?
    err=$(<"$tmp/stderr")
}
lacks() { # TEXT PART
    [[ $1 != *"$2"* ]] || { printf 'found: %s\nin: %s\n' "$2" "$1" | cut -c1-300 | head -c 2000; false; }
}
contains() { # TEXT PART
    [[ $1 == *"$2"* ]] || { printf 'not found: %s\nin: %s\n' "$2" "$1" | cut -c1-300 | head -c 2000; false; }
}
matches() { # TEXT PATTERN: a line of it
    grep -qE -- "$2" <<<"$1" || { printf 'no line: %s\nin: %s\n' "$2" "$1" | cut -c1-300 | head -c 4000; false; }
}
series=$(grep -cE '^ *- \{name: .*label:' "incidents/$first/incident.yaml")

# --- text -----------------------------------------------------------------------------------------------

type_in 1
check "by itself it is the learner's own policy" test -f "$mine"
check "which says so as long as it is the shipped one" contains "$out" 'policy.c as shipped'
check "what was running does not hold" same "$code" 1
text=$out
type_in 1 --shipped
check "--shipped is the same, wherever the learner is by now" same "$out" "$text"
check "it is titled" matches "$out" '^I01: .*, 10:00 of virtual time, '
check "it has a row every ten seconds" matches "$out" '^ 0:50 '
check "and not more" fails matches "$out" '^ 0:5[1-9] '
check "but each second around the first wrong one" test "$(grep -cE '^ (1:5[89]|2:0[01]) ' <<<"$out")" = 4
check "which is named" matches "$out" '^ +! here it goes wrong first: '
check "events stand behind the row of their second" same "$(sed -nE '/^ 2:01 /,/^ 2:02 /s/^ +A 02:(01)\..* alert: .*/\1/p' <<<"$out")" 01
check "it says how it ended" matches "$out" '^The service was killed at 2:03: out of memory: 64\.0 MiB'
check "and each line of the objective" same "$(grep -cE '^  [✓✗] ' <<<"$out")" "$(($(grep -cE '^ *must: ' "$folder/incident.yaml") - 1))"
check "and what to type" contains "$out" 'incident answer 1'
check "counters are rates" matches "$out" ' 0:10 .* 30[0-9] '
check "no escape codes" fails grep -q $'\033' <<<"$out"
LC_ALL=C type_in 1 --shipped
check "without UTF-8 it is ASCII" fails grep -qP '[^\x00-\x7f]' <<<"$out"

type_in 1 --submission "$folder/fixed.c"
check "repaired, all lines hold" same "$code" 0
check "and it says so" matches "$out" '^The objective: ([0-9]+) of \1 lines hold'
check "it goes on to the end" matches "$out" '^ 9:59 '
check "a policy is called as it was typed" contains "$out" "$folder/fixed.c"

# --- what goes wrong ------------------------------------------------------------------------------------

broken=$tmp/broken.c
printf '#include "policy.h"\nvoid policy_configure(struct pool_options *options) { options->workers = }\n' >"$broken"
type_in 1 --submission "$broken"
check "a policy that does not compile is no error of the grader's" same "$code" 1
check "the compiler's first words are there, with the line" matches "$out" '^policy\.c:2: '
type_in 1 --submission "$broken" --json
check "also as JSON, with no values" contains "$out" '"values":[]'
type_in 1 --submission "$broken" --html page.html
check "also as a page, beside what was running" contains "$(<"$tmp/page.html")" 'policy.c:2: '

sed 's|return upload_age(upload) < upload_patience(upload);|int *volatile nowhere = 0; return upload_age(upload) < 0.9 \|\| *nowhere;|' "$folder/fixed.c" >"$tmp/crash.c"
type_in 1 --submission crash.c
check "a policy that crashes is shown as far as it came" matches "$out" '^ 1:50 '
check "and where" matches "$out" 'policy\.c:[0-9]+: '
type_in 1 --submission crash.c --json
check "JSON says that it was cut" contains "$out" '"end":{"how":"cut"'

refused() { # WORDS ARGUMENTS...
    local words=$1
    shift
    type_in "$@"
    check "refused: $*" same "$code" 2
    check "by name: $words" contains "$err" "$words"
}
refused "77" 77
refused "there is no file gone.c" 1 --submission gone.c
refused "cannot write nowhere/page.html" 1 --html nowhere/page.html
refused "might overwrite your work" 1 --html policy.c
refused "cannot write ." 1 --html .
refused "it is a file, and should be a folder" 1 --evidence crash.c
refused "--json and --html" 1 --json --html page.html
refused "--json and --evidence" 1 --json --evidence there
refused "--shipped and --submission" 1 --shipped --submission crash.c
refused "--speed fast" 1 --speed fast
refused "--speed 0" 1 --speed 0
refused "did you mean --speed" 1 --sped 3
refused "something is missing" --json
cp "$tmp/crash.c" "$tmp/kept.c"
type_in 1 --html kept.c
check "a source is not overwritten" cmp "$tmp/crash.c" "$tmp/kept.c"
type_in 77 --json
check "as JSON, a refusal is JSON too" contains "$out" '"error":'
type_in --help
check "help teaches the keys" contains "$out" 'Keys: space'

# --- JSON -----------------------------------------------------------------------------------------------

type_in 1 --shipped --json
check "JSON has a schema" contains "$out" '{"schema":"deepend/timeline/1","id":"incidents/'
check "each series of the manifest" same "$(grep -o '"values":\[' <<<"$out" | wc -l)" "$series"
check "one value a row" same "$(grep -oE '"name":"depth"[^]]*\]' <<<"$out" | tr -cd , | wc -c)" $((4 + 122))
check "events" contains "$out" '"kind":"kill"'
check "the ledger" matches "$out" '"ledger":\{"submitted":3[0-9]+,"completed":[0-9]+,.*"unanswered":1[0-9]+\}'
check "and the end" matches "$out" '"end":\{"how":"killed","second":124?'

# --- the page -------------------------------------------------------------------------------------------

# Each element is closed, in the order in which it was opened.
well_formed() { # FILE
    awk '{ all = all $0 "\n" }
        END {
            while ((at = index(all, "<script")) > 0) { rest = substr(all, at); all = substr(all, 1, at - 1) substr(rest, index(rest, "</script>") + 9) }
            while ((at = index(all, "<style")) > 0) { rest = substr(all, at); all = substr(all, 1, at - 1) substr(rest, index(rest, "</style>") + 8) }
            sub(/^<!doctype html>/, "", all)
            while (match(all, /<[^>]*>/)) {
                tag = substr(all, RSTART + 1, RLENGTH - 2); all = substr(all, RSTART + RLENGTH)
                name = tag; sub(/[ \n].*/, "", name)
                if (name ~ /^(meta|input|br)$/ || tag ~ /\/$/) continue
                if (name !~ /^\//) { open[++depth] = name; continue }
                if (open[depth] != substr(name, 2)) { print "</" open[depth] "> is missing before <" name ">"; exit 1 }
                depth--
            }
            if (depth > 0) { print open[depth] " is never closed"; exit 1 }
        }' "$1"
}
count() { grep -oF -- "$1" "$2" | wc -l; }

type_in 1 --submission "$folder/fixed.c" --html page.html
check "the page is written" same "$code:$out" "0:page.html is written: open it in a browser."
page=$tmp/page.html
check "it is well formed" well_formed "$page"
check "it needs nothing else" fails grep -qE 'https?:|src=|@import|url\(|<link' "$page"
check "it weighs less than a megabyte" test "$(stat -c %s "$page")" -lt 1000000
check "it shows what was running" contains "$(<"$page")" '<b>Before: policy.c as shipped</b>'
check "and what was asked for" contains "$(<"$page")" "<b>After: $folder/fixed.c</b>"
check "a curve for each series and run, whole and close" same "$(count 'class="curve"' "$page")" $((4 * series))
check "each picture is described" same "$(count '<desc id=' "$page")" $((4 * series))
check "what the objective asks is dashed where it counts" contains "$(<"$page")" 'at most 50 from 2:13 until 6:00'
check "events have their words" contains "$(<"$page")" '02:03.971 kill: out of memory'
check "the objective stands in words" contains "$(<"$page")" '✗ fails'
cp "$page" "$tmp/again.html"
type_in 1 --submission "$folder/fixed.c" --html page.html
check "the same bytes each time" cmp "$page" "$tmp/again.html"
type_in 1 --shipped --html page.html
check "what was running alone has one column" lacks "$(<"$page")" 'Before'
check "and a curve for each series, whole and close" same "$(count 'class="curve"' "$page")" $((2 * series))
cp "$folder/fixed.c" "$tmp/<b>&.c"
type_in 1 --submission '<b>&.c' --html page.html
check "a name is no markup" contains "$(<"$page")" 'After: &lt;b&gt;&amp;.c'

# --- evidence -------------------------------------------------------------------------------------------

type_in 1 --shipped --evidence there/new
check "evidence is written, and named" contains "$out" 'there/new/metrics.txt'
metrics=$tmp/there/new/metrics.txt
check "a header, and a line a second" same "$(wc -l <"$metrics")" 124
check "so that the line is the second and two" same "$(sed -n '122s/^ *\([0-9:]*\) .*/\1/p' "$metrics")" 2:00
check "all lines are as wide" same "$(awk '{ print length }' "$metrics" | sort -u | wc -l)" 1
check "the log has the events in it" matches "$(<"$tmp/there/new/log.txt")" '^02:03\.971 \[kill\] out of memory'
check "in the order of time" sort -C -s -k1,1 "$tmp/there/new/log.txt"

# --- the same bytes -------------------------------------------------------------------------------------

# Each kind of them is compared with one that was made before.
replay_json() { (cd "$tmp" && "$deepend" incident replay 1 --shipped --json </dev/null >"$1"); }
replay_text() { (cd "$tmp" && "$deepend" incident replay 1 --submission "$folder/fixed.c" </dev/null >"$1"); }
replays_alike() { # HOW TIMES
    local i
    for ((i = 0; i < $2; i++)); do
        "replay_$1" now
        [ -s "$tmp/now" ] && cmp "$tmp/now" "$tmp/first.$1" || return 1
    done
}
replay_json first.json
replay_text first.text
check "ten replays of what was running are the same" replays_alike json 10
check "and three of ten whole minutes" replays_alike text 3
for _ in 1 2; do
    (while :; do :; done) &
    busy+=($!)
done
check "five are, while both cores are busy" replays_alike json 5
check "and one of ten whole minutes" replays_alike text 1
kill "${busy[@]}" && wait "${busy[@]}" 2>/dev/null
busy=()

# --- in a terminal --------------------------------------------------------------------------------------

if command -v script >/dev/null; then
    in_terminal() { # KEYS ARGUMENTS...: what is typed is there from the start
        local keys=$1
        shift
        printf '%b' "$keys" | (cd "$tmp" && TERM=xterm timeout 120 script -qec "stty rows 40 cols 100; '$deepend' incident replay $*; echo code \$?" /dev/null)
    }
    screen=$(in_terminal '\033[Fq' 1 --shipped | tr -d '\r')
    check "in a terminal it has the second screen" contains "$screen" $'\033[?1049h'
    check "and gives it back" contains "$screen" $'\033[?7h\033[?25h\033[?1049l'
    check "the end shows the objective" contains "${screen##*[?1049l}" 'The objective: '
    check "and the exit status is that of the objective" contains "${screen##*[?1049l}" 'code 1'
    screen=$(in_terminal q 1 --shipped --plain)
    check "--plain is text also there" lacks "$screen" $'\033[?1049h'
    screen=$(in_terminal q 1 --submission "$broken")
    check "what was never run has no time-lapse" lacks "$screen" $'\033[?1049h'

    appears() { # PART
        local i
        for ((i = 0; i < 600; i++)); do
            grep -qaF -- "$1" "$tmp/typescript" && return 0
            sleep 0.1
        done
        return 1
    }
    : >"$tmp/typescript"
    mkfifo "$tmp/keys"
    (cd "$tmp" && TERM=xterm exec script -qefc "(echo player \$(exec sh -c 'echo \$PPID'); exec '$deepend' incident replay 1 --shipped --speed 1); stty -a" "$tmp/typescript" <"$tmp/keys" >/dev/null) &
    terminal=$!
    exec 9>"$tmp/keys"
    check "it runs until it is left" appears $'\033[?1049h'
    printf '\033[F' >&9
    check "a key brings the end, with all that is known then" appears '▂▂▂▂'
    player=$(sed -n 's/^player \([0-9]*\).*/\1/p' "$tmp/typescript" | head -1)
    check "SIGTERM ends it" kill -TERM "$player"
    check "the terminal is put back" appears $'\033[?1049l'
    check "as it was" appears ' icanon'
    exec 9>&-
    wait $terminal 2>/dev/null
else
    skip "the time-lapse in a terminal" "script(1) is not here"
fi

# --- in a browser ---------------------------------------------------------------------------------------

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -n "$browser" ]; then
    type_in 1 --submission "$folder/fixed.c" --html page.html
    # What the script has put there: the second in which it went wrong first, and the values of it.
    dom=$(HOME=$tmp timeout 120 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$tmp/browser" --dump-dom "file://$page" 2>/dev/null)
    check "a browser opens it without a network, and its script runs" contains "$dom" '2:01  505 pictures'
    HOME=$tmp timeout 120 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$tmp/browser" --window-size=1600,1200 \
        --screenshot="$tmp/page.png" "file://$page" >/dev/null 2>&1
    check "and draws it" test "$(stat -c %s "$tmp/page.png" 2>/dev/null || echo 0)" -gt 40000
else
    skip "the page in a browser" "no Chromium is here"
fi

# --- all incidents --------------------------------------------------------------------------------------

unset DEEPEND_ROOT
for incident in "$project"/incidents/[0-9]*; do
    id=$(basename "$incident")
    rm -rf "$tmp/evidence"
    type_in "$id" --shipped --evidence evidence
    rm -f "$tmp/evidence/.keep"
    check "$id: its evidence is what its service does now" diff -r "$tmp/evidence" "$incident/evidence"
done
tap_end
