#!/usr/bin/env bash
# test_reference_peers: `make bench-peers` measures the library's own pool on every load, leaves out what is not here and
# says so, and counts a program that fails as a failure. Only that there are numbers is looked at, not which.
. "$(dirname "$0")/tap.sh"

cc=$(command -v clang || command -v gcc)
mkdir -p "$tmp/obj"
for source in reference/core/*.c; do
    "$cc" -std=gnu11 -D_GNU_SOURCE -O1 -pthread -Ireference/core -c -o "$tmp/obj/$(basename "$source").o" "$source" || exit 1
done
ar rcs "$tmp/core.a" "$tmp"/obj/*.o
run() { CC=$cc BENCH_LIBRARY=$tmp/core.a BENCH_ROUNDS=1 PKG_CONFIG_LIBDIR=$tmp/none reference/core/bench/peers/run.sh "$@"; }

said=$(BENCH_PEERS='deepend glib libuv tbb' run "$tmp/out" 2>&1)
check "it ends well" same $? 0
check "a peer that is not here is left out, and told" same "$(grep -c '^left out: \(glib\|libuv\|tbb\) (.*pkg-config' <<<"$said")" 3
check "a row for the pool itself" same "$(grep -c '^| deepend |' "$tmp/out/table.md")" 1
check "with a number for each of nine columns" same \
    "$(grep '^| deepend |' "$tmp/out/table.md" | grep -oE '\| [0-9.]+ \([0-9.]+–[0-9.]+\)' | wc -l)" 9
check "and the machine is named" contains "$said" "$(nproc) CPUs"

if command -v gcc >/dev/null && echo 'int main(void) { return 0; }' | gcc -x c -fopenmp -o "$tmp/omp" - 2>/dev/null; then
    BENCH_PEERS=libgomp BENCH_LOADS='w5 w6' run "$tmp/gomp" >/dev/null 2>&1
    check "what a peer does not offer is a dash" same "$(grep -c '^| libgomp | – .* | –.* | [0-9.]* ([0-9.–]*) | – | – | – |$' "$tmp/gomp/table.md")" 1
else
    skip "what a peer does not offer is a dash" "there is no gcc with OpenMP"
fi

printf '#include "peer.h"\n#include <stdlib.h>\nstatic void *die(unsigned w, size_t r) { (void)w; (void)r; abort(); }\nconst struct peer peer = {.create = die};\n' >"$tmp/die.c"
"$cc" -std=gnu11 -D_GNU_SOURCE -pthread -Ireference/core/bench/peers -o "$tmp/die" reference/core/bench/peers/workloads.c "$tmp/die.c"
mkdir -p "$tmp/bin" && printf '#!/bin/sh\nfor last; do :; done\nwhile [ "$1" != -o ]; do shift; done\ncp "%s" "$2"\n' "$tmp/die" >"$tmp/bin/broken" && chmod +x "$tmp/bin/broken"
broken() { BENCH_PEERS=deepend BENCH_LOADS=w1 CC=$tmp/bin/broken BENCH_LIBRARY=$tmp/core.a BENCH_ROUNDS=1 reference/core/bench/peers/run.sh "$tmp/broken" 2>&1; }
said=$(broken)
check "a program that fails is a failure" fails test $? = 0
check "and stands in the table" contains "$said" "| failed |"
tap_end
