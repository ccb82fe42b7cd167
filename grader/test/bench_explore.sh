#!/usr/bin/env bash
# bench_explore: schedules until the fault is found, for each faulty kernel and each strategy; the median of some seeds,
# beside the published figures.
#
#   grader/test/bench_explore.sh [KERNEL...]      BENCH_SEEDS=20 seeds each; kernels by name, all of them else
#
# A cell "17" is the median of all seeds; "17 (12/20)" that of the 12 of 20 which found it within 10,000 schedules; "never"
# none did. Races are not looked for, or they would come first. The published figures (SURW, ASPLOS 2025, on the programs of
# SCTBench) are of other implementations of these kernels, with other scheduling points: compare orders of magnitude.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
seeds=${BENCH_SEEDS:-20} most=10000
strategies=(portfolio surw random pct pos)
declare -A published=(
    [reorder_10]='surw 17, pct 3225, random never' [twostage_20]='surw 454 with 100 threads'
    [deadlock_order]='surw 2' [account]='surw 6'
)

# The number of the first failing schedule of each seed, one a line; nothing for a seed that finds none.
firsts() { # FILE LEVEL STRATEGY
    local seed points=off
    [ "$2" = 1 ] && points=on
    for ((seed = 1; seed <= seeds; seed++)); do
        nice ./deepend explore "$1" --strategy "$3" --seed $((seed * 1000000)) --schedules $most --memory-points $points \
            --races off --minimise off --json | awk '/^ *"first": / && $2 + 0 > 0 { print $2 + 0 }'
    done
}

cell() { # FILE LEVEL STRATEGY
    firsts "$@" | sort -n | awk -v seeds="$seeds" '{ first[NR] = $1 } END {
        if (NR == 0) print "never"
        else printf NR == seeds ? "%d\n" : "%d (%d/%d)\n", first[int((NR + 1) / 2)], NR, seeds }'
}

printf '%-20s' kernel
printf '%-14s' "${strategies[@]}"
printf '%s\n' published
for file in grader/test/explore/kernels/*.c; do
    name=${file##*/} name=${name%.c}
    [ $# = 0 ] || [[ " $* " = *" $name "* ]] || continue
    read -r _ _ class level _ <"$file"
    [[ $class != class=ok && $class != class=race ]] || continue
    printf '%-20s' "$name"
    for strategy in "${strategies[@]}"; do
        printf '%-14s' "$(cell "$file" "${level#level=}" "$strategy")"
    done
    printf '%s\n' "${published[$name]:--}"
done
