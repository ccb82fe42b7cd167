#!/usr/bin/env bash
# test_watch: `watch` as it is used: through a pipe, in a terminal (script(1) gives one), and on every way out.
#
# Each case waits for what must appear and gives up after two minutes; none depends on how fast the machine is.
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/small_project.sh"
small_project
log=$tmp/log

appears() { # PART [FROM]: PART appears in the log, behind its first FROM bytes
    local i
    for ((i = 0; i < 1200; i++)); do
        grep -qaF -- "$1" <(tail -c "+$((${2:-0} + 1))" "$log") && return 0
        sleep 0.1
    done
    printf 'never appeared: %s\nin:\n' "$1"
    cat -v "$log"
    return 1
}
length() { stat -c %s "$log"; }

begin_watch() { # ID: through a pipe, in the background
    : >"$log"
    (trap - INT && exec "$deepend" watch "$@" >"$log" 2>&1 </dev/null) &
    watcher=$!
}
end_watch() { # SIGNAL: sets $code
    kill "-$1" $watcher
    wait $watcher 2>/dev/null
    code=$?
}
program_runs() { grep -qsaF "$root/build/cache" /proc/[0-9]*/cmdline; }
stops_running() {
    local i
    for ((i = 0; i < 1200; i++)); do program_runs || return 0 && sleep 0.1; done
    echo "still running" && return 1
}

save_by_rename() { cat >"$1.new" && mv "$1.new" "$1"; }
save_by_truncation() { cat >"$1"; }
save_with_backup() { mv "$1" "$1~" && cat >"$1" && : >"$(dirname "$1")/.sum.c.swp"; }
save_in_pieces() { local all && all=$(cat) && { printf %s "${all:0:20}" && sleep 0.3 && printf '%s\n' "${all:20}"; } >"$1"; }
save_in_a_new_folder() { rm -r "${1%/*}" && sleep 0.3 && mkdir "${1%/*}" && cat >"$1"; }

# --- through a pipe -------------------------------------------------------------------------------------------------

through_a_pipe() { # HOW: every way of saving, noticed as HOW says
    local way at
    rm -rf "$root/work"
    begin_watch junior/1
    check "$1: what stands there is graded first" appears "wrong-result: "
    for way in rename truncation backup pieces a_new_folder; do
        case $way in backup) save=save_with_$way ;; pieces | a_new_folder) save=save_in_$way ;; *) save=save_by_$way ;; esac
        at=$(length)
        answer noisy "this is $way" | $save "$mine"
        check "$1: saved by $way" appears "this is $way" "$at"
    done
    check "$1: it goes on" kill -0 $watcher
    check "$1: no escape codes" fails grep -q $'\033' "$log"
}
through_a_pipe "told"
at=$(length)
: >"$mine"
check "an empty file is told" appears "is empty" "$at"
answer broken >"$mine"
check "a file that does not compile is told" appears "does not compile" "$at"
at=$(length)
answer sleeper "the old one" >"$mine"
until program_runs; do sleep 0.05; done
answer noisy "the new one" >"$mine"
check "a save drops the grading under way" appears "the new one" "$at"
check "and its verdict is never shown" lacks "$(tail -c "+$at" "$log")" "the old one"
check "nothing of it is left running" stops_running
check "attempts were counted" same "$(state_of junior/01-first-sum)" started
at=$(length)
answer good >"$mine"
check "a pass is told" appears "The first sum: passed" "$at"
check "what is next is told" appears "Well done. Next: senior/01-last-sum, The last sum" "$at"
check "its task is shown" appears "Write \`sum\`." "$at"
check "its file is watched" appears "Watching $next" "$at"
check "the pass is remembered" same "$(state_of junior/01-first-sum)" passed
check "the next was not graded yet" same "$(state_of senior/01-last-sum)" new
answer good >"$next"
check "the last one passes" appears "every exercise is passed" "$at"
check "it goes on" kill -0 $watcher
end_watch INT
check "an interrupt ends it as interrupts do" same "$code" 130

DEEPEND_POLL=1 through_a_pipe "polled"
end_watch TERM
check "termination ends it as usual" same "$code" 143

begin_watch
check "without ID it begins with what is next" appears "Watching $mine"
end_watch TERM
check "then it is ended" same "$code" 143
run_deepend watch junior/9
check "an unknown exercise: 2" same "$code" 2
answer sleeper long >"$mine"
begin_watch junior/1
until program_runs; do sleep 0.05; done
end_watch INT
check "interrupted while it grades" same "$code" 130
check "nothing is left running" stops_running
begin_watch junior/1
until program_runs; do sleep 0.05; done
end_watch KILL
check "killed while it grades: nothing is left running" stops_running

# --- in a terminal --------------------------------------------------------------------------------------------------

begin_screen() { # WORDS...: `deepend WORDS` in a terminal, then what the terminal is like
    : >"$log"
    [ -p "$tmp/keys" ] || mkfifo "$tmp/keys"
    (env -u NO_COLOR TERM=xterm script -qefc \
        "trap : INT; stty cols 90 rows 30; $deepend $*; echo status=\$?; stty -a | grep -o -e '-*icanon' -e '-*echo '; echo over" \
        /dev/null <"$tmp/keys" >"$log" 2>&1) &
    screen=$!
    exec 9>"$tmp/keys"
}
end_screen() {
    appears over
    exec 9>&-
    wait $screen
}
press() { printf %s "$1" >&9; }
restored() { tail -n 6 "$log" | tr -d '\r' >"$tmp/end" && contains "$(<"$tmp/end")" "$(printf '%s\nicanon\necho ' "$1")"; }
command_of() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline"; }
watching_process() { # the parent: the child that grades looks alike
    local pid above
    for pid in /proc/[0-9]*; do
        pid=${pid#/proc/}
        above=$(awk '/^PPid/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
        [[ $(command_of "$pid") == "$deepend watch $1"* && $(command_of "${above:-0}") != "$deepend watch $1"* ]] && echo "$pid"
    done 2>/dev/null
}

if command -v script >/dev/null; then
    rm -rf "$root/work"
    begin_screen watch junior/1
    check "the verdict is on the screen" appears "wrong-result"
    check "in colour" appears $'\033[1;31mwrong-result'
    check "the status line says what it waits for" appears "waiting for a save of "
    check "and the keys" appears "(h hint, n next, q quit)"
    press h
    check "h shows a hint" appears "First nudge."
    at=$(length)
    press $'\n'
    check "Enter grades again" appears $'\033[2J' "$at"
    at=$(length)
    answer sleeper "slow" | save_by_rename "$mine"
    check "what it does is told" appears "running 1 of 2: adds (native)..." "$at"
    check "the last verdict stays meanwhile" lacks "$(tail -c "+$at" "$log")" $'\033[2J'
    at=$(length)
    press n
    check "n goes on, also while it grades" appears "The last sum" "$at"
    check "and waits for that file" appears "sum.c (h hint" "$at"
    check "nothing of the dropped grading is left" stops_running
    press q
    end_screen
    check "q ends it, and the terminal is as it was" restored status=0

    begin_screen watch senior/1
    check "it waits" appears "waiting for a save"
    press $'\003'
    end_screen
    check "Ctrl-C ends it, and the terminal is as it was" restored status=130

    begin_screen watch senior/1
    check "it waits once more" appears "waiting for a save"
    kill -TERM "$(watching_process senior/1)"
    end_screen
    check "termination ends it, and the terminal is as it was" restored status=143
else
    skip "watch in a terminal" "script(1) is not here"
fi
tap_end
