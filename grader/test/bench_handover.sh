#!/usr/bin/env bash
# bench_handover: what the explorer's machinery costs, each figure beside what it is to be compared with, in one run.
#
#   grader/test/bench_handover.sh      BENCH_RUNS=5 runs of each, in turn; the median counts
#
# A hand-over of the turn against a raw futex hand-over on one processor, the least there is. Schedules a second of small
# programs: at synchronisation alone; as it is when nothing is said, with memory points and races watched; and the same
# over ThreadSanitizer, which is started anew, by a fork, for each schedule. Where the program is compiled is not counted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
runs=${BENCH_RUNS:-5}
source=grader/test/explore/bench/pingpong.c
kernels=grader/test/explore/kernels
programs=(account_ok deadlock_order_ok wait_if_ok)
hand_overs=40000 # 2 * ROUNDS of the program

median() { sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
field() { sed -n "s/^ *\"$1\": \([0-9.]*\).*/\1/p"; }
explore() { ./deepend explore "$@" --json; }
rate() { explore "$@" | awk '/^ *"schedules":/ { n = $2 + 0 } /^ *"seconds":/ { s = $2 + 0 } END { printf "%.0f\n", n / s }'; }
once() { explore "$@" --strategy dfs --bound 0 --schedules 1 --races off --memory-points off --steps 1000000 | field seconds; }

clang -D_GNU_SOURCE -DRAW -O2 -pthread "$source" -o "$tmp/raw"
for ((i = 0; i < runs; i++)); do
    "$tmp/raw" >>"$tmp/raw.ns"
    once "$source" >>"$tmp/explore.s"
    once "$source" --cflags -DROUNDS=1 >>"$tmp/start.s"
    for program in "${programs[@]}"; do
        rate "$kernels/$program.c" --schedules 2000 --races off --memory-points off >>"$tmp/$program.coarse"
        rate "$kernels/$program.c" --schedules 2000 >>"$tmp/$program.usual"
        rate "$kernels/$program.c" --schedules 400 --tsan >>"$tmp/$program.tsan"
    done
done

# Ratios are of what was measured side by side: the load of the machine changes meanwhile.
paste "$tmp/raw.ns" "$tmp/explore.s" "$tmp/start.s" |
    awk -v n=$hand_overs '{ ours = ($2 - $3) * 1e9 / n; print ours >ns; print ours / $1 }' ns="$tmp/ours.ns" >"$tmp/ratio"
printf 'The explorer on %s cores, load %s\n\n' "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)"
printf 'hand-over: raw futex %.0f ns, explorer %.0f ns (its start taken off), ratio %.2f; aim: 2\n\n' \
    "$(median <"$tmp/raw.ns")" "$(median <"$tmp/ours.ns")" "$(median <"$tmp/ratio")"
printf '%-20s %20s %20s %20s %8s\n' 'schedules a second' 'synchronisation' 'nothing said' 'ThreadSanitizer' ratio
for program in "${programs[@]}"; do
    usual=$(median <"$tmp/$program.usual") tsan=$(median <"$tmp/$program.tsan")
    printf '%-20s %20s %20s %20s %8s\n' "$program" "$(median <"$tmp/$program.coarse")" "$usual" "$tsan" \
        "$(awk -v a="$usual" -v b="$tsan" 'BEGIN { printf "%.1f", a / b }')"
done
printf '\nAim: 2000 for small programs natively on 2 cores. The ratio is that of the two columns before it.\n'
