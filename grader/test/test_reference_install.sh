#!/usr/bin/env bash
# test_reference_install: the reference library as another program meets it. It is built and installed from a copy of its
# tree, and then: it has no name without its prefix, no state of its own but what is listed here, nothing that runs before
# main; the shared one exports the documented functions alone; each header stands alone, in C and in C++; README.md's
# program builds by pkg-config and runs, shared and static, and so does one that needs libm; every function has its place
# in the manual; uninstalling leaves nothing.
. "$(dirname "$0")/tap.sh"

# The file-scope data that the library may have, by file: signal handlers belong to the process (dump_signal.c says why).
justified='dump_signal.o triggered
dump_signal.o triggers_inside
dump_signal.o under_way'

tree=$tmp/tree root=$tmp/root prefix=/opt/deepend
mkdir -p "$tree"
cp -r Makefile .ci reference "$tree/"
in_tree() { (cd "$tree" && make -s CC="$cc" CFLAGS=-O0 DESTDIR="$root" PREFIX="$prefix" "$@"); }
cc=$(command -v clang || command -v gcc)
cxx=$(command -v clang++ || command -v g++)
lib=$root$prefix/lib include=$root$prefix/include
export PKG_CONFIG_PATH=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root LD_LIBRARY_PATH=$lib

check "the library can be installed" in_tree install-library
archives=("$lib/libdeepend.a" "$lib/libdeepend-http.a")

# --- what is in the archives ----------------------------------------------------------------------------

exported() { nm --defined-only "$@" | awk '$2 ~ /^[A-Z]$/ { print $3 }' | sort -u; }

# Symbols in sections that can be written to and that threads share, as "OBJECT NAME".
mutable_data() {
    objdump -t "$@" | awk '
        /file format/ { sub(/:.*/, ""); object = $0 }
        {
            for (i = 2; i < NF; i++)
                if ($i == "*COM*" || ($i ~ /^\.(data|bss)/ && $i !~ /^\.data\.rel\.ro/))
                    if ($NF !~ /^\./) print object, $NF
        }' | sort
}
constructors() {
    objdump -h "$@" | awk '/file format/ { object = $1 } $2 ~ /^\.(init_array|preinit_array|ctors|init)/ { print object, $2 }'
}

check "there are symbols to look at" fails same "$(exported "${archives[@]}" | wc -l)" 0
check "every exported symbol begins with pool_" same "$(exported "${archives[@]}" | grep -v '^pool_')" ""
check "no file-scope data but what has its reason" same "$(mutable_data "${archives[@]}")" "$justified"
check "nothing runs before main" same "$(constructors "${archives[@]}")" ""

cat >"$tmp/odd.c" <<'C'
static int count;
int *stray(void);
int *stray(void) { return &count; }
__attribute__((constructor)) static void early(void) { count = 1; }
C
"$cc" -c -o "$tmp/odd.o" "$tmp/odd.c" && ar rcs "$tmp/odd.a" "$tmp/odd.o"
check "such a look finds a stray name" same "$(exported "$tmp/odd.a")" stray
check "and data" same "$(mutable_data "$tmp/odd.a")" "odd.o count"
check "and a constructor" contains "$(constructors "$tmp/odd.a")" odd.o

# --- what the shared libraries show -----------------------------------------------------------------------

shown() { nm -D --defined-only "$@" | awk 'NF == 3 { print $3 }' | sort -u; }
shared=("$lib/libdeepend.so" "$lib/libdeepend-http.so")

# What the headers declare, found without the script that made the export list: the preprocessor takes the comments and a
# function's name stands before the first parenthesis of its declaration, which ends in a semicolon.
declared() {
    local header
    for header in "$include"/deepend/*.h; do
        case $(awk '{ print } /\*\// { exit }' "$header") in *'Private to'*) continue ;; esac
        grep -v '^#include' "$header" | "$cc" -E -P -x c - | tr '\n' ' ' | sed 's/[{};]/&\n/g' |
            sed -nE '/static|typedef|=/d; s/^[^()]*\b(pool_[a-z0-9_]+)\(.*;$/\1/p'
    done | sort -u
}
check "they show what the headers declare, and nothing else" same "$(shown "${shared[@]}")" "$(declared)"
check "that is a good part of a library" test "$(declared | wc -l)" -gt 250
check "what its files share stays inside" same "$(shown "${shared[@]}" | grep -E '^(pool_run_job|pool_waitpoint_lock|pool_scope_enter|pool_tally_add)$')" ""
check "and is there, or this would say nothing" contains "$(exported "${archives[@]}")" pool_run_job

# --- the headers ----------------------------------------------------------------------------------------

# Each header alone: COMPILER LANGUAGE FLAGS...
each_header() {
    local compiler=$1 language=$2 header failed=0
    shift 2
    for header in "$include"/deepend/*.h; do
        printf '#include <deepend/%s>\n' "${header##*/}" >"$tmp/alone"
        "$compiler" -x "$language" -fsyntax-only -Wall -Wextra -Werror "$@" -I"$include" "$tmp/alone" || { echo "$header"; failed=1; }
    done
    return $failed
}
# A C++ program that asks for every exported function that a header declares: it links only if all are extern "C".
every_function() {
    local names
    names=$(cat "$include"/deepend/*.h | grep -oE '\bpool_[a-z0-9_]+\(' | tr -d '(' | sort -u | comm -12 - <(shown "${shared[@]}"))
    [ "$(wc -l <<<"$names")" -gt 100 ] || { echo "only these were found: $names"; return 1; }
    for header in "$include"/deepend/*.h; do echo "#include <deepend/${header##*/}>"; done
    echo 'typedef void (*function)();'
    echo 'int main() { function all[] = {'
    sed 's/.*/reinterpret_cast<function>(\&&),/' <<<"$names"
    echo '}; return all[0] == nullptr; }'
}
linked_from_cxx() {
    every_function >"$tmp/all.cc" || { cat "$tmp/all.cc"; return 1; }
    # shellcheck disable=SC2046
    "$cxx" -std=c++11 -o "$tmp/all" "$tmp/all.cc" $(pkg-config --cflags --libs deepend-http) && "$tmp/all"
}

check "each header stands alone in C" each_header "$cc" c -std=gnu11
if [ -n "$cxx" ]; then
    check "each header stands alone in C++" each_header "$cxx" c++ -std=c++11
    check "every function can be called from C++" linked_from_cxx
else
    skip "each header stands alone in C++" "there is no C++ compiler"
    skip "every function can be called from C++" "there is no C++ compiler"
fi

# --- a program ------------------------------------------------------------------------------------------

awk '/^```/ { inside = /^```c$/ && !done; if (!inside) done = done || seen; next } inside { seen = 1; print }' reference/README.md >"$tmp/ten.c"
runs() { # SAYS FLAGS...: the README's program, built so, says so
    local says=$1
    shift
    "$cc" -std=gnu11 -Wall -Wextra -Werror -o "$tmp/ten" "$tmp/ten.c" "$@" && same "$("$tmp/ten")" "$says"
}
# shellcheck disable=SC2046
{
    check "README.md's program builds by pkg-config and runs" runs "hello, worker" $(pkg-config --cflags --libs deepend)
    check "it uses the shared library" contains "$(ldd "$tmp/ten")" "$lib/libdeepend.so.$(sed -n 's/^VERSION := \([0-9]*\.[0-9]*\).*/\1/p' Makefile)"
    check "and builds with the static one" runs "hello, worker" $(pkg-config --cflags deepend) "$lib/libdeepend.a" -lm
    check "which it then carries inside" fails contains "$(ldd "$tmp/ten")" libdeepend
}
# What lies behind a static library has to be named, and pkg-config does: libm for the sizing, threads for all.
cat >"$tmp/size.c" <<'C'
#include <deepend/pool.h>
#include <deepend/sizing.h>
#include <stdio.h>
static double share;
static void compute(void *load) { share = pool_erlang_c(2, *(double *)load); }
int main(void)
{
    struct pool *pool;
    double load = 1.0;
    if (pool_create(&pool, &(struct pool_options){.workers = 1, .capacity = 1}) != POOL_OK ||
        pool_submit(pool, compute, &load) != POOL_OK)
        return 1;
    pool_drain(pool);
    pool_destroy(pool);
    printf("%.4f\n", share);
}
C
sized() { # FLAGS...: it builds so and knows Erlang's C(2, 1) = 1/3
    "$cc" -std=gnu11 -o "$tmp/size" "$tmp/size.c" "$@" && same "$("$tmp/size")" 0.3333
}
# The archives of ours by name, the rest as it comes: what a distribution without static libraries can do.
archived() { pkg-config --static --cflags --libs "$1" | sed 's/-l\(deepend[a-z-]*\)/-l:lib\1.a/g'; }
# shellcheck disable=SC2046
{
    check "the sizing links shared" sized $(pkg-config --cflags --libs deepend)
    check "and with the archive and what pkg-config names behind it" sized $(archived deepend)
    check "none of ours is then asked for at its start" fails contains "$(ldd "$tmp/size")" libdeepend
    if echo 'int main(void) { return 0; }' | "$cc" -x c -static -o "$tmp/static" - 2>/dev/null; then
        check "and all static" sized -static $(pkg-config --static --cflags --libs deepend)
        check "then without any library at its start" contains "$(ldd "$tmp/size" 2>&1)" "not a dynamic executable"
    else
        skip "and all static" "there is no static libc"
        skip "then without any library at its start" "there is no static libc"
    fi
    printf '#include <deepend/http.h>\nint main(void) { pool_http_destroy(0); return 0; }\n' >"$tmp/http.c"
    check "the endpoint links with both archives" "$cc" -o "$tmp/http" "$tmp/http.c" -L"$lib" -l:libdeepend-http.a \
        $(archived deepend) $(pkg-config --libs libmicrohttpd)
    check "and asks for libmicrohttpd alone at its start" same "$(ldd "$tmp/http" | grep -oE 'lib(deepend|microhttpd)' | sort -u)" libmicrohttpd
}
check "pkg-config knows the version" same "$(pkg-config --modversion deepend deepend-http | paste -sd' ')" \
    "$(sed -n 's/^VERSION := //p' Makefile | awk '{ print $1, $1 }')"
check "libdeepend does without libmicrohttpd" fails contains "$(ldd "$lib/libdeepend.so")" microhttpd

# --- README.md ------------------------------------------------------------------------------------------

# What README.md names is there: calls and types in the headers, headers, targets of make.
named() { grep -oE "$1" reference/README.md | sort -u; }
names_are_there() {
    local name missing=0
    for name in $(named '\bpool_[a-z0-9_]*[a-z0-9]\b' | grep -v '_$') $(named '\bPOOL_[A-Z_]*[A-Z]\b'); do
        [ -f "reference/core/$name.h" ] || [ -n "$(find reference -name "$name.[ch]")" ] ||
            grep -qwF "$name" "$include"/deepend/*.h || { echo "no header has $name"; missing=1; }
    done
    for name in $(named '`[a-z_]+\.[hc]`' | tr -d '`'); do
        [ -n "$(find reference -name "$name")" ] || { echo "there is no $name"; missing=1; }
    done
    for name in $(named '`make [a-z-]+' | cut -d' ' -f2); do
        grep -q "^$name:.*##" Makefile || { echo "there is no make $name"; missing=1; }
    done
    return $missing
}
check "README.md names what there is" names_are_there

# --- the manual -----------------------------------------------------------------------------------------

man=$root$prefix/share/man
# Every exported function that a header declares stands in that header's page.
told_by_the_manual() {
    local header name page missing=0
    for header in "$include"/deepend/*.h; do
        [ "${header##*/}" != waitpoint.h ] || continue # others include it; it is private
        page=$man/man3/deepend_$(basename "$header" .h).3
        [ -s "$page" ] || { echo "no page for $header"; return 1; }
        for name in $(grep -oE '\bpool_[a-z0-9_]+\(' "$header" | tr -d '(' | sort -u | comm -12 - <(shown "${shared[@]}")); do
            grep -q "$name" "$page" || { echo "$page does not have $name"; missing=1; }
        done
        grep -q "deepend_$(basename "$header" .h) (3)" "$man/man7/deepend.7" || { echo "deepend(7) lacks $header"; missing=1; }
    done
    return $missing
}
check "every function has its place in the manual" told_by_the_manual
if command -v groff >/dev/null && groff -man -Tutf8 -z /dev/null 2>/dev/null; then
    check "groff has nothing to say about the pages" same "$(groff -man -Tutf8 -ww -z "$man"/man*/* 2>&1)" ""
else
    skip "groff has nothing to say about the pages" "there is no groff"
fi

check "a second install is fine" in_tree install-library
check "it can be removed" in_tree uninstall-library
check "and then nothing is left" same "$(find "$root" ! -type d)" ""
tap_end
