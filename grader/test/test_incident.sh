#!/usr/bin/env bash
# test_incident: the verbs of an incident as people and programs meet them (list, show, answer, check, postmortem), on a
# small one of three virtual seconds; and that the evidence of those that are shipped is what their replay writes.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/small_project.sh"
deepend=${DEEPEND_PROGRAM:-$deepend} # another one, to see this test fail
project=$PWD
small_project
mkdir -p "$root/build"
mkdir -p build/cache && ln -s "$PWD/build/cache" "$root/build/cache"

# A lock on a river: the policy says how high the water may stand; the objective is 3.
flood() { # FOLDER
    local i=$root/incidents/$1
    mkdir -p "$i/wrong" "$i/evidence"
    cat >"$i/incident.yaml" <<-END
	id: incidents/$1
	incident: I01
	title: The flood
	level: middle
	minutes: 5
	covers: [I01, P16]
	lessons: [01-lesson]
	file: policy.c
	seconds: 3
	race_seconds: 1
	series:
	  - {name: depth, label: water, unit: m}
	slo:
	  - {name: survives, title: it ends by itself, must: ends, points: 1, class: overload}
	  - {name: dry, title: the water stays low, must: most(depth) <= 3, points: 2, class: overload}
	shipped: {class: overload, fails: [dry], why: Nine is too high.}
	wrong:
	  - {file: wrong/four.c, class: overload, fails: [dry], why: "Four is less, and still too high."}
	END
    cat >"$i/service.c" <<-'END'
	/* service.c */
	#include "incident.h"
	#include "policy.h"
	static double latency(unsigned in_flight, double second) { return second < 0 ? 0 : 0.01 * in_flight; }
	static struct incident_downstream sea = {.latency = latency};
	static void arrive(struct request *request, void *depth)
	{
	    request_begins(request);
	    incident_tell(depth, policy_depth());
	    request_ends(request, incident_call(&sea, request) == 0 ? REQUEST_COMPLETED : REQUEST_FAILED);
	}
	static double rate(double second, void *depth) { return second < 0 || !depth ? 0 : 10; }
	static void serve(void)
	{
	    static struct incident_load river = {.name = "river", .rate = rate, .arrive = arrive, .context = "depth"};
	    incident_load_start(&river);
	    incident_wait();
	}
	const struct incident_plan incident_plan = {.serve = serve, .series = {{"depth", SERIES_MOST}}};
	END
    printf '/* policy.h */\nint policy_depth(void);\n' >"$i/policy.h"
    printf '/* as it was */\n#include "policy.h"\nint policy_depth(void) { return 9; }\n' >"$i/policy.c"
    printf '/* repaired */\n#include "policy.h"\nint policy_depth(void) { return 3; }\n' >"$i/fixed.c"
    sed 's/9/4/' "$i/policy.c" >"$i/wrong/four.c"
    printf '# The flood\n\nYour feet are wet.\n' >"$i/page.md"
    printf '# Postmortem\n\nIt was the water.\n' >"$i/postmortem.md"
    seq 20 >"$i/evidence/log.txt"
    seq 9 >"$i/evidence/metrics.txt"
    cat >"$i/questions.yaml" <<-'END'
	cause:
	  question: What was it?
	  options:
	    - {id: water, right: true, text: The water., why: It rose.}
	    - {id: fire, text: The fire., why: Nothing burnt.}
	evidence:
	  question: What shows it?
	  needed: 2
	  shows:
	    - {file: log.txt, from: 3, to: 5, why: The gauge.}
	    - {file: metrics.txt, from: 7, to: 7, why: The cellar.}
	action:
	  question: What now?
	  options:
	    - {id: close, right: true, text: Close the lock., why: Less water.}
	    - {id: run, text: Run., why: Nobody is saved by that.}
	END
}
flood 01-flood
i=$root/incidents/01-flood
policy=$root/work/incidents/01-flood/policy.c
flat() { tr -d '\n' <<<"$out" | sed 's/  */ /g'; }
json_has() { contains "$(flat)" "$1"; }
complains() { # NAME STATUS WORDS ARGUMENT...
    local name=$1 wanted=$2 words=$3
    shift 3
    run_deepend incident "$@"
    check "$name: $wanted" same "$code" "$wanted"
    check "$name: told" contains "$err" "$words"
    check "$name: nothing else" same "$out" ""
}

# --- what stands beside them ----------------------------------------------------------------------------------------

run_deepend show senior/1
run_deepend check senior/1
run_deepend incident answer 1 --cause fire --evidence log.txt:9 --action run
run_deepend
check "an incident does not push aside the exercise that was begun" contains "$out" 'Go on with: The last sum'
rm -r "$root/work"

# --- help and mistakes ----------------------------------------------------------------------------------------------

run_deepend incident --help
check "the overview: 0" same "$code" 0
for verb in list show replay answer check postmortem reset; do
    check "it has $verb" contains "$out" "  $verb "
    run_deepend incident $verb --help
    check "$verb --help: 0" same "$code" 0
    check "$verb --help teaches with an example" contains "$out" "Example:"
    complains "$verb with an option that is none" 2 "has no option --frob" $verb 1 --frob
    run_deepend incident --help
done
complains "a mistyped verb" 2 'did you mean `answer`?' anwser
for verb in show answer check postmortem reset; do
    complains "$verb without an ID" 2 "something is missing" $verb
    complains "$verb of an incident that is not there" 2 "there is no incident '7'" $verb 7
done

# --- list -----------------------------------------------------------------------------------------------------------

run_deepend list
check "list: the incidents stand below the ladder" contains "${out#*senior}" $'\nincidents\n  [ ]   1  middle    5 min          The flood\n'
run_deepend list --json
check "list --json: id, title, state, covers" json_has '"incidents": [ { "id": "incidents/01-flood", "title": "The flood", "level": "middle", "incident": "I01", "state": "new", "covers": [ "I01", "P16" ]'
check "list --json: the exercises as before" json_has '"exercises": [ { "id": "junior/01-first-sum"'
run_deepend incident list --json
check "incident list --json: the second half" json_has '{ "incidents": [ { "id": "incidents/01-flood"'
run_deepend
check "the first screen counts them" contains "$out" '  incidents ....................  0 of 1 passed'

# --- show -----------------------------------------------------------------------------------------------------------

run_deepend incident show 1
check "show: 0" same "$code" 0
check "show: the page" contains "$out" 'Your feet are wet.'
check "show: your file" contains "$out" 'work/incidents/01-flood/policy.c'
check "show: it is there, as shipped" cmp "$policy" "$i/policy.c"
check "show: the header" contains "$out" '/incidents/01-flood/policy.h'
check "show: the evidence" contains "$out" '/evidence/log.txt, 20 lines'
check "show: the objective" contains "$out" 'dry       the water stays low (2)'
check "show: what to type" contains "$out" 'incident answer 1'
check "show: the lesson is not told" lacks "$out" '01-lesson'
echo '/* mine */' >"$policy"
run_deepend incident show flood --json
check "show --json: 0" same "$code" 0
check "show: your file stays yours" same "$(<"$policy")" '/* mine */'
check "show --json: the objective" json_has '{ "name": "dry", "title": "the water stays low", "must": "most(depth) <= 3", "from": 0, "to": 0, "points": 2 }'
check "show --json: the evidence" json_has '"file": "metrics.txt"'
check "show --json: the questions" json_has '"options": [ { "id": "fire", "text": "The fire." }, { "id": "water", "text": "The water." } ]'
check "show --json: not their answers" lacks "$out" 'It rose'
check "show --json: nor which is right" lacks "$out" '"right"'
mv "$i/evidence" "$i/away" && mkdir "$i/evidence"
run_deepend incident show 1
check "show without evidence yet: 0" same "$code" 0
check "show without evidence yet: none is named" lacks "$out" 'evidence:'
rmdir "$i/evidence" && mv "$i/away" "$i/evidence"

# --- answer ---------------------------------------------------------------------------------------------------------

answered() { # NAME STATUS SCORE CAUSE EVIDENCE ACTION
    run_deepend incident answer 1 --json --cause "$4" --evidence "$5" --action "$6"
    check "$1: $2" same "$code" "$2"
    check "$1: $3 points" json_has "\"score\": $3, \"max_score\": 10"
}
run_deepend incident answer 1 --no-store --cause water --evidence log.txt:3,metrics.txt:7 --action close
check "--no-store: graded" same "$code" 0
run_deepend incident list --json
check "and not kept" json_has '"diagnosis": { "state": "new", "best_score": 0 }'
answered "the wrong cause and action" 1 4 fire log.txt:3,metrics.txt:7 run
run_deepend incident list --json
check "it is begun now" json_has '"state": "started", "covers": [ "I01", "P16" ], "diagnosis": { "state": "started", "best_score": 4 }'
answered "a right cause, wrong lines" 1 0 water log.txt:2,log.txt:6 close
check "JSON: it does not count" json_has '"counts": false, "why": "none of these lines shows what happened"'
answered "a right cause, a whole file" 1 0 water log.txt close
check "JSON: too many lines" json_has '"lines": 20, "shown": 1, "needed": 2, "counts": false'
answered "a right cause, one line too many" 1 0 water log.txt:3-6,metrics.txt:7 close
answered "as many as there may be" 0 10 water log.txt:3-5,metrics.txt:7 close
answered "a line twice is one" 0 10 water log.txt:3-5,log.txt:3-5,log.txt:4,metrics.txt:7 close
answered "half of the evidence" 1 8 water log.txt:5 close
answered "one place twice is one place" 1 8 water log.txt:3,log.txt:5 close
answered "the first line that is none of it" 1 0 water log.txt:2,metrics.txt:6 close
answered "a right cause, a wrong action" 1 7 water log.txt:3,metrics.txt:7 run
run_deepend incident answer 1 --cause fire --evidence 'incidents/01-flood/evidence/log.txt:3  metrics.txt:7' --action close
check "blanks and folders are understood: 1" same "$code" 1
check "the chosen one's why" contains "$out" 'Nothing burnt.'
check "the right one's" contains "$out" 'It is this: The water.'
check "what the lines show" contains "$out" 'log.txt:3-5: The gauge.'
check "where to go" contains "$out" 'incident check 1'
check "not why the others are wrong" lacks "$out" 'Nobody is saved by that.'
run_deepend incident answer 1 --cause fire --evidence log.txt:9 --action close
check "a guess is told as one" contains "$out" 'without evidence is a guess, and a guess has no points.'
check "and does not learn what is right" lacks "$out" 'It rose.'
run_deepend incident list
check "the best diagnosis stands in the list" contains "$out" 'The flood (diagnosis 10/10)'

given() { # NAME WORDS OPTION...: one option is wrong, the others are right
    local name=$1 words=$2
    shift 2
    complains "$name" 2 "$words" answer 1 --cause water --evidence log.txt:3 --action close "$@"
}
given "an unknown cause" "'stone' is none of the answers; known are fire, water" --cause stone
given "one that is near" "did you mean water?" --cause watre
given "an unknown action" "known are close, run" --action stay
given "a file that is not there" "there is no evidence 'trace.txt'; there is log.txt (20 lines), metrics.txt (9 lines)" --evidence trace.txt:1
given "a file elsewhere" "there is no evidence 'page.md'" --evidence ../page.md:1
given "a line behind the end" "metrics.txt has 9 lines, there is no line 10" --evidence log.txt:3,metrics.txt:9-10
given "line nought" "names no lines" --evidence log.txt:0
given "no number" "names no lines; write log.txt:14 or log.txt:14-16" --evidence log.txt:
given "a number and more" "names no lines" --evidence log.txt:3x
given "a huge number" "there is no line 1000000000" --evidence log.txt:99999999999999999999
given "a negative one" "names no lines" --evidence log.txt:-3
given "an open span" "names no lines" --evidence log.txt:3-
given "a span that goes back" "begins behind its end" --evidence log.txt:5-3
given "nothing" "no evidence is named" --evidence ' , '
run_deepend incident answer 1 --cause water --json </dev/null
check "part of an answer, and nobody to ask: 2" same "$code" 2
check "what is missing is told" contains "$err" "an answer needs --cause, --evidence and --action"
check "with the answers to choose from" contains "$err" "--cause fire: The fire."
check "and the files" contains "$err" "evidence/log.txt, 20 lines"
check "and how many lines" contains "$err" "at most 4 lines"
check "not with what is right" lacks "$err" "It rose"

# On a terminal. script ends the input when its own ends, so that is held open until the answer has been graded.
asked() { # KEYS [ARGUMENT...]
    rm -f "$tmp/typed" && mkfifo "$tmp/typed"
    (exec script -qefc "'$deepend' incident answer 1 ${*:2}" "$tmp/screen" <"$tmp/typed" >/dev/null) &
    local terminal=$!
    exec 7>"$tmp/typed"
    printf '%b\004' "$1" >&7 # and no more: who asks once more than that hears the end
    wait $terminal
    code=$?
    exec 7>&-
    screen=$(tr -d '\r' <"$tmp/screen")
}
if command -v script >/dev/null; then
    asked '2\nlog.txt:3, metrics.txt:7\nclose\n'
    check "asked on a terminal: 0" same "$code" 0
    check "the first question" contains "$screen" $'What was it?\n\n  1  The fire.\n  2  The water.\n'
    check "the second" contains "$screen" 'What shows it?'
    check "the third" contains "$screen" 'What now?'
    check "all right" contains "$screen" '10 of 10 points'
    asked '3\n0\nno\n\nwater\nlog.txt:99\nlog.txt:3\n1\n'
    check "what is not understood is asked again: 1" same "$code" 1
    check "a number out of range" contains "$screen" 'a number from 1 to 2'
    check "a word" contains "$screen" "'no' is none of the answers"
    check "a line that is not there" contains "$screen" 'log.txt has 20 lines'
    asked 'log.txt:3 metrics.txt:7\n' --cause water --action close
    check "only what is missing is asked: 0" same "$code" 0
    check "not the cause" lacks "$screen" 'What was it?'
    asked '2\n\004'
    check "the end of the input: 2" same "$code" 2
    check "nothing was graded" contains "$screen" 'the answer is not complete; nothing was graded'
else
    skip "asked on a terminal" "script is not here"
fi

sed -i 's/needed: 2/needed: 3/' "$i/questions.yaml"
complains "questions that cannot be asked" 3 'incidents/01-flood/questions.yaml:8: needed: 3' answer 1
run_deepend incident show 1 --json
check "the rest goes on: 0" same "$code" 0
check "without them" json_has '"questions": null'
sed -i 's/needed: 3/needed: 2/' "$i/questions.yaml"

# --- check and postmortem -------------------------------------------------------------------------------------------

run_deepend incident check 1 --no-store --submission "$i/policy.c"
check "check as shipped: 1" same "$code" 1
check "who has a diagnosis is not asked for one" lacks "$err" 'no diagnosis yet'
flood 02-flood
run_deepend incident check 2 --no-store --submission "$i/policy.c" --json
check "without one: graded all the same" json_has '"status": "fail"'
check "one line says what comes first" contains "$err" 'no diagnosis yet: `'
check "and what to type" contains "$err" 'incident answer 2` asks for cause and evidence first'
check "one check for each line of the objective" json_has '"name": "dry"'
complains "postmortem before a pass" 2 'incidents/02-flood is not passed yet: `' postmortem 2
run_deepend incident postmortem 2 --give-up
check "postmortem --give-up: 0" same "$code" 0
check "what it was" contains "$out" 'It was the water.'
check "what was taken away" contains "$out" '  - int policy_depth(void) { return 9; }'
check "what came" contains "$out" '  + int policy_depth(void) { return 3; }'
check "what stayed" contains "$out" '    #include "policy.h"'
check "the wrong fix, with what it did" contains "$out" '  - four: Four is less, and still too high. It fails dry (overload).'
check "not what was shipped among them" lacks "$out" 'Nine is too high'
run_deepend incident list
check "the look is noted" contains "$out" '[~]   2  middle    5 min          The flood (postmortem seen)'
run_deepend incident check 2 --no-store --submission "$i/fixed.c"
check "who has read it is not asked any more" same "$code $err" "0 "
cp "$i/fixed.c" "$policy"
run_deepend incident check 1
check "the repair passes: 0" same "$code" 0
check "and leads to the story" contains "$out" 'incident postmortem 1'
run_deepend incident postmortem 1 --json
check "after a pass it opens by itself: 0" same "$code" 0
check "as JSON: the fixes" json_has '"wrong": [ { "name": "four", "class": "overload", "fails": [ "dry" ]'
check "as JSON: both files" json_has 'return 3; }\n"'
run_deepend list --json
check "passed" json_has '"id": "incidents/01-flood", "title": "The flood", "level": "middle", "incident": "I01", "state": "passed"'
run_deepend
check "the first screen has it" contains "$out" '1 of 2 passed'
run_deepend incident reset 1
check "reset: the shipped one again" cmp "$policy" "$i/policy.c"
check "reset: the old one is kept" cmp "$policy.1.bak" "$i/fixed.c"

# --- a faulty one ---------------------------------------------------------------------------------------------------

sed -i 's/most(depth)/highest(depth)/' "$root/incidents/02-flood/incident.yaml"
run_deepend list --json
check "a faulty incident keeps only itself out: 0" same "$code" 0
check "it is told, with file and line" contains "$err" "left out: incidents/02-flood/incident.yaml:15: dry: 'highest(depth) <= 3'"
check "the other is there" json_has '"id": "incidents/01-flood"'
check "it is not" lacks "$out" '02-flood'
run_deepend incident show 2
check "asked for, it says what is wrong: 3" same "$code" 3
run_deepend check junior/1 --submission "$root/exercises/junior/01-first-sum/solution.c"
check "an exercise goes on as ever: 0" same "$code" 0
run_deepend incident show 1
check "so does the other incident: 0" same "$code" 0
rm -r "$root/incidents"
run_deepend list --json
check "no incidents at all: an empty list" json_has '"incidents": []'
run_deepend incident show 1
check "no incidents: 2" same "$code" 2

# --- the evidence that is shipped -----------------------------------------------------------------------------------

rm -r "$root/lessons"
ln -s "$project/incidents" "$project/lessons" "$root/"
for folder in incidents/[0-9]*/; do
    name=$(basename "$folder")
    run_deepend incident replay "${name%%-*}" --shipped --evidence "$tmp/evidence/$name"
    check "the evidence of $name is what its replay writes" diff -r -x .keep "$folder/evidence" "$tmp/evidence/$name"
done
tap_end
