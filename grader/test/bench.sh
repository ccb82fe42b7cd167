#!/usr/bin/env bash
# bench: from save to verdict, for each exercise, and where the time goes; then the reference library's own benches.
#
#   grader/test/bench.sh [BENCH-PROGRAM...]      BENCH_RUNS=5 runs each; BENCH_ONLY=junior picks exercises by name
#
# Each run grades a file that was never seen before (a comment makes it new), as after a save: what is cached is all but the
# learner's part. The wall time is that of the whole command. Numbers are for this machine, as it is now.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
runs=${BENCH_RUNS:-5}
stages='screen build run observe judge report'
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

exercises() {
    ./deepend list --json | sed -nE 's/^ *"id": "((junior|middle|senior|staff)\/[^"]+)".*/\1/p' | grep -F -- "${BENCH_ONLY:-/}"
}

# Grade a new variation of FILE; its line "WALL STATUS SCREEN BUILD ..." goes to stdout. Times are seconds.
grade() { # ID FILE NUMBER
    local began status comment='\n/* %s %s %s */\n'
    [ "${2##*.}" = c ] || comment='\n# %s %s %s\n'
    # shellcheck disable=SC2059
    { cat "$2"; printf "$comment" "$3" "$EPOCHREALTIME" "$RANDOM"; } >"$tmp/submission.c"
    began=${EPOCHREALTIME/./}
    ./deepend check "$1" --submission "$tmp/submission.c" --json --timings >"$tmp/result.json" 2>"$tmp/words"
    status=$?
    awk -v wall=$((${EPOCHREALTIME/./} - began)) -v status=$status -v names="$stages" '
        /"stages": *\{/ { inside = 1 }
        inside && match($0, /"[a-z]+": *[0-9.e-]+/) {
            split(substr($0, RSTART, RLENGTH), pair, /"|: */)
            value[pair[2]] = pair[4]
        }
        inside && /\}/ { inside = 0 }
        END {
            printf "%f %d", wall / 1e6, status
            n = split(names, name, " ")
            for (i = 1; i <= n; i++) printf " %f", value[name[i]]
            print ""
        }' "$tmp/result.json"
}

# One row of the table from the lines of all runs: median and worst wall time, then the share of each stage in the sum.
row() { # ID WHAT WANTED-STATUS
    sort -n | awk -v id="$1" -v what="$2" -v wanted="$3" '
        { wall[NR] = $1; sum += $1; for (i = 3; i <= NF; i++) { part[i] += $i; known += $i } if ($2 != wanted) odd = $2 }
        END {
            median = NR % 2 ? wall[(NR + 1) / 2] : (wall[NR / 2] + wall[NR / 2 + 1]) / 2
            printf "%-30s %-8s %6.2f s %6.2f s ", id, what, median, wall[NR]
            for (i = 3; i <= NF; i++) printf " %6.0f%%", 100 * part[i] / sum
            printf " %6.0f%%%s%s\n", 100 * (sum - known) / sum, odd == "" ? "" : "   exit status " odd "!",
                (median > (id ~ /^(junior|middle)/ ? 2 : 4)) ? "   over the aim" : ""
        }'
}

measure() { # ID FILE WANTED-STATUS
    local i
    for ((i = 1; i <= runs; i++)); do grade "$1" "$2" "$i"; done | row "$1" "$(basename "${2%.*}")" "$3"
}

echo "From save to verdict, $runs runs each, on $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $(clang --version | head -n 1)"
# shellcheck disable=SC2086
printf '\n%-30s %-8s %8s %8s ' exercise file median worst && printf ' %7s' $stages rest && echo
ids=$(exercises)
[ -n "$ids" ] || { echo "there is no exercise to measure" >&2; exit 1; }
for id in $ids; do
    ending=$(cd "exercises/$id" && echo solution.*) && ending=${ending##*.}
    grade "$id" "exercises/$id/solution.$ending" 0 >/dev/null # fills the cache with what is not the learner's
    measure "$id" "exercises/$id/solution.$ending" 0
    measure "$id" "exercises/$id/starter.$ending" 1
done
echo
echo "Shares are of the wall time; rest is the program's start and end. Aim: junior and middle 2 s, senior and staff 4 s (median)."

for program in "$@"; do
    printf '\n%s\n\n' "${program#build/bench/}"
    "$program"
done
