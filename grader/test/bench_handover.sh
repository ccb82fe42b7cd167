#!/usr/bin/env bash
# bench_handover: what the explorer's machinery costs, each figure beside what it is to be compared with, in one run.
#
#   grader/test/bench_handover.sh
#
# A hand-over of the turn against a raw futex hand-over on one processor (the least there is), and schedules a second of a small program. Medians of five.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
source=grader/test/explore/bench/pingpong.c
hand_overs=40000 # 2 * ROUNDS of the program

median() { sort -g | sed -n 3p; }
field() { sed -n "s/^ *\"$1\": \([0-9.]*\).*/\1/p"; }
explore() { ./deepend explore "$@" --races off --memory-points off --steps 1000000 --json; }

clang -D_GNU_SOURCE -DRAW -O2 -pthread "$source" -o "$tmp/raw"
for _ in 1 2 3 4 5; do
    "$tmp/raw" >>"$tmp/raw.ns"
    explore "$source" --strategy dfs --bound 0 --schedules 1 | field seconds >>"$tmp/explore.s"
    explore grader/test/explore/kernels/account_ok.c --schedules 4000 | field seconds >>"$tmp/schedules.s" || true
done
raw=$(median <"$tmp/raw.ns")
ours=$(median <"$tmp/explore.s" | awk -v n=$hand_overs '{ printf "%.0f", $1 * 1e9 / n }')
rate=$(median <"$tmp/schedules.s" | awk '{ printf "%.0f", 4000 / $1 }')
printf 'hand-over: raw futex %s ns, explorer %s ns (its start included), ratio %s\n' "$raw" "$ours" \
    "$(awk -v a="$ours" -v b="$raw" 'BEGIN { printf "%.2f", a / b }')"
printf 'small program: %s schedules a second\n' "$rate"
