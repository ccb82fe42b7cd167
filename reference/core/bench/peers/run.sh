#!/usr/bin/env bash
# run: the library's pool beside others, on the seven loads of workloads.c: medians and spread as a table, and a plot.
#
#   reference/core/bench/peers/run.sh [FOLDER]     BENCH_ROUNDS=5 rounds, BENCH_LOADS="w1 w4", BENCH_PEERS="deepend glib"
#
# Needs build/plain/reference.a (`make bench-peers` sees to that) or another BENCH_LIBRARY. A peer is built when its package is here, and told when
# it is left out; none is a dependency of the project. In each round the peers take turns at every load, one process a
# measurement. FOLDER (build/peers) gets results.tsv, table.md, and plot.svg if gnuplot is here; BENCH_PAGE=FOLDER writes them as peers.md and
# peers.svg there too, with page.md around.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." || exit 3
here=reference/core/bench/peers
out=${1:-build/peers}
library=${BENCH_LIBRARY:-build/plain/reference.a}
rounds=${BENCH_ROUNDS:-5} loads=${BENCH_LOADS:-w1 w2 w3 w4 w5 w6 w7}
mkdir -p "$out" || exit 3
cc=${CC:-cc}
built=()

# --- build ----------------------------------------------------------------------------------------------

left_out() { echo "left out: $1 ($2)"; }
wanted() { [ -z "${BENCH_PEERS:-}" ] || [[ " $BENCH_PEERS " == *" $1 "* ]]; }
built() { # NAME COMMAND...
    if "${@:2}" 2>"$out/$1.log"; then built+=("$1"); else left_out "$1" "it does not build: $out/$1.log"; fi
}
compile() { # COMPILER NAME SOURCE FLAGS...
    local compiler=$1 name=$2 source=$3
    shift 3
    "$compiler" -std=gnu11 -O2 -D_GNU_SOURCE -pthread -I"$here" -o "$out/peer-$name" "$here/workloads.c" "$here/$source" "$@"
}
with_package() { # NAME SOURCE PKG-CONFIG-MODULE
    wanted "$1" || return 0
    if ! pkg-config --exists "$3"; then left_out "$1" "pkg-config does not know $3"; return; fi
    # shellcheck disable=SC2046
    built "$1" compile "$cc" "$1" "$2" $(pkg-config --cflags --libs "$3")
}
with_openmp() { # NAME COMPILER FLAG
    wanted "$1" || return 0
    if ! command -v "$2" >/dev/null; then left_out "$1" "there is no $2"; return; fi
    built "$1" compile "$2" "$1" peer_openmp.c "$3" -DPEER_NAME="\"$1\""
}
build_tbb() {
    "$cc" -std=gnu11 -O2 -D_GNU_SOURCE -pthread -I"$here" -c -o "$out/workloads.o" "$here/workloads.c" &&
        "$cxx" -std=c++17 -O2 -pthread -I"$here" -o "$out/peer-tbb" "$here/peer_tbb.cc" "$out/workloads.o" -ltbb
}
build_all() {
    wanted deepend && built deepend compile "$cc" deepend peer_deepend.c -Ireference/core "$library" -lm
    wanted deepend-plain && built deepend-plain compile "$cc" deepend-plain peer_deepend.c -DPLAIN -Ireference/core "$library" -lm
    with_package glib peer_glib.c glib-2.0
    with_package libuv peer_libuv.c libuv
    cxx=$(command -v g++ || command -v clang++)
    if ! wanted tbb; then :
    elif [ -z "$cxx" ] || ! pkg-config --exists tbb; then left_out tbb "there is no C++ compiler, or pkg-config does not know tbb"
    else built tbb build_tbb; fi
    wanted threads && built threads compile "$cc" threads peer_threads.c
    with_openmp libgomp gcc -fopenmp
    with_openmp libomp clang -fopenmp=libomp
    if ! wanted go; then :
    elif ! command -v go >/dev/null; then left_out go "there is no go"
    else built go env GO111MODULE=off GOCACHE="$PWD/$out/go-cache" go build -o "$out/peer-go" "$here/peer_go.go"; fi
}

# --- measure --------------------------------------------------------------------------------------------

measure() { # ROUND LOAD PEER: lines "round load peer value", two values for w1 and w4
    local result
    result=$(BENCH_SPIN=${spin[$3]} timeout 120 "$out/peer-$3" "$2" 2>/dev/null) || result=failed
    # shellcheck disable=SC2086
    set -- "$1" "$2" "$3" $result
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4"
    [ -z "${5:-}" ] || printf '%s\t%s-second\t%s\t%s\n' "$1" "$2" "$3" "$5"
}
load() { cut -d' ' -f1 /proc/loadavg; }

# --- tell -----------------------------------------------------------------------------------------------

machine() {
    local busy=
    awk -v load="$began" 'BEGIN { exit load <= 0.5 }' && busy=' Others were at work on it: what is near to something else is equal to it.'
    echo "$(nproc) CPUs ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), Linux $(uname -r), $("$cc" --version | head -n 1), -O2; $rounds rounds; load $began at the beginning, $(load) at the end.$busy"
}
table() {
    awk -F'\t' -v peers="${built[*]}" '
        function value(text) { return text == "" ? "–" : text }
        function short(x) { return x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x) }
        function summary(key, i, j, n, v, t) {
            n = split(all[key], v, " ")
            for (i = 2; i <= n; i++) for (j = i; j > 1 && v[j] + 0 < v[j - 1] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
            if (n == 0) return (key in odd) ? odd[key] : "–"
            return short(n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2) " (" short(v[1]) "–" short(v[n]) ")"
        }
        $4 == "-" { next }
        $4 == "failed" { odd[$2, $3] = "failed"; next }
        { all[$2, $3] = all[$2, $3] " " $4 }
        END {
            n = split("w1 w2 w3 w4 w4-second w5 w6 w7 w1-second", load, " ")
            print "| peer | w1 M/s | w2 M/s | w3 M/s | w4 p50 us | w4 p99 us | w5 M/s | w6 B | w7 us | w1 switches |"
            print "|---|---|---|---|---|---|---|---|---|---|"
            m = split(peers, peer, " ")
            for (i = 1; i <= m; i++) {
                row = "| " peer[i]
                for (j = 1; j <= n; j++) row = row " | " summary(load[j] SUBSEP peer[i])
                print row " |"
            }
        }' "$out/results.tsv"
}
plot() {
    command -v gnuplot >/dev/null || { echo "no plot: there is no gnuplot"; return; }
    awk -F'|' 'NR > 2 { line = $2; for (i = 3; i <= 10; i++) { v = $i; sub(/\(.*/, "", v); gsub(/ /, "", v); line = line " " (v ~ /^[0-9.]+$/ ? v : "?") } print line }' \
        "$out/table.md" >"$out/plot.dat"
    if gnuplot -e "data='$out/plot.dat'; output='$out/plot.svg'" "$here/plot.gp" 2>"$out/plot.log"; then echo "$out/plot.svg"
    else echo "no plot: not every load has numbers"; rm -f "$out/plot.svg"; fi
}

# The page of the repository: page.md, then what was measured.
page() {
    mkdir -p "$BENCH_PAGE" || return
    { cat "$here/page.md"; echo; cat "$out/table.md"; echo; cat "$out/machine.txt"
      if [ -s "$out/plot.svg" ]; then cp "$out/plot.svg" "$BENCH_PAGE/peers.svg"; printf '\n![the same as bars](peers.svg)\n'; fi
      printf "\nWhat to read in it: [the core's README](../README.md#tests-and-measurements).\n"
    } >"$BENCH_PAGE/peers.md"
    echo "$BENCH_PAGE/peers.md"
}

build_all
[ ${#built[@]} -gt 0 ] || { echo "there is nothing to measure" >&2; exit 1; }
began=$(load)
declare -A spin # turns of the loop in 1 us: each peer's own, since each may have another compiler
for name in "${built[@]}"; do spin[$name]=$("$out/peer-$name" spin) || spin[$name]=700; done
echo "${#built[@]} peers, $rounds rounds"
: >"$out/results.tsv"
for ((round = 1; round <= rounds; round++)); do
    for load in $loads; do
        for name in "${built[@]}"; do measure "$round" "$load" "$name" >>"$out/results.tsv"; done
    done
done
table >"$out/table.md"
echo && cat "$out/table.md" && echo && machine | tee "$out/machine.txt" && echo
plot
[ -z "${BENCH_PAGE:-}" ] || page
! grep -q "failed$" "$out/results.tsv"
