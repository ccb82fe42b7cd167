#!/usr/bin/env bash
# test_house: the project keeps the rules of the house (house.sh), and every rule bites: on a small tree that is as it
# should be each check is silent, and after one wrong line it names the file.
. "$(dirname "$0")/tap.sh"
. grader/test/house.sh
project=$PWD

# --- the project ----------------------------------------------------------------------------------------

silent() { # CHECK: no breach
    local found
    found=$("house_$1" 2>&1)
    [ -z "$found" ] || { echo "$found"; false; }
}
while IFS=';' read -r name what; do
    read -r name <<<"$name" && read -r what <<<"$what"
    [ -n "$name" ] || continue
    found=$("house_$name" 2>&1)
    case $found in
        'skip: '*) skip "$what" "${found#skip: }" ;;
        *) check "$what" silent "$name" ;;
    esac
done <<<"$house_checks"

# --- a tree as it should be -----------------------------------------------------------------------------

good=$tmp/good
put() { # FILE TEXT
    mkdir -p "$(dirname "$1")"
    printf '%b\n' "$2" >"$1"
}
mkdir -p "$good" && cd "$good" || exit 3
put grader/base/error.h '/* error.h */'
put grader/check/class.h '/* class.h */'
put grader/check/check.h '/* check.h */\n#include "class.h"'
put grader/catalog/catalog.h '/* catalog.h - as "junior/01-first" in a comment may be. */\n#include "base/error.h"\n#include "check/class.h"'
put grader/catalog/inside.h '/* inside.h */'
put grader/build/build.h '/* build.h - nothing here is volatile */\n#include "catalog/catalog.h"\n#include "build/inside.h"\n#include <stdio.h>'
put grader/build/inside.h '/* inside.h */'
put grader/run/run.h '/* run.h */\n#include "build/build.h"'
put grader/store/store.h '/* store.h */\n#include "base/error.h"'
put grader/explore/explore.c '/* explore.c */\n#include "check/class.h"\n#include "base/error.h"'
put grader/cmd/cmd.c '/* cmd.c */\n#include "run/run.h"\n#include "store/store.h"\nstatic const char *word = "volatile";'
put reference/core/pool.h '/* pool.h */'
put reference/core/pool.c '// pool.c - usleep() is not for us.\n#include "pool.h"\nstatic const char *quote = "\\"usleep(1) /* \\"";'
put reference/core/test/test_pool.c '/* test_pool.c */\n#include "../pool.h"\ntypedef enum x call(void);'
put reference/scaling/scale.c '/* scale.c */\n#include "core/pool.h"'
put lessons/01-first/README.md '# First\n[pool](../../reference/core/pool.h#L3) [web](https://example.org/x) [here](#first)\n```\n[no](link.md)\n```\nAnd `[no](link.md)`.'
put lessons/01-first/hello.c '/* hello.c */\n#include "pool.h"\n#include "check.h"'
put lessons/02-second/second.h '/* second.h */'
e=exercises/junior/01-first
for part in starter solution check mutants/a mutants/b mutants/c mutants/d; do put "$e/$part.c" '/* x */\n#include "first.h"'; done
put "$e/first.h" '/* first.h */'
put "$e/task.md" '# Task'
put "$e/exercise.yaml" 'id: x\nlesson: 01-first'
put "$e/hints.md" '## a\n\n## b\n\n## c'
put docs/plot.svg "<svg xmlns=\"http:""//www.w3.org/2000/svg\"\nxmlns:xlink=\"http:""//www.w3.org/1999/xlink\"/>"
put README.md '[lesson](lessons/01-first/README.md) and /usr/bin, grader/work/x, $HOME/work/y, "/home/me/x"'

while IFS=';' read -r name _; do
    read -r name <<<"$name"
    [ -z "$name" ] || [ "$name" = format ] || check "$name finds nothing in a good tree" silent "$name"
done <<<"$house_checks"

# --- and one breach at a time ---------------------------------------------------------------------------

bites() { # CHECK WHAT FILE TEXT [WORDS]: CHECK must name FILE with TEXT added to it, with WORDS
    rm -rf "$tmp/bad" && cp -r "$good" "$tmp/bad" && cd "$tmp/bad" || exit 3
    mkdir -p "$(dirname "$3")"
    printf '%b\n' "$4" >>"$3"
    check "$1 finds $2" told "$("house_$1" 2>&1)" "^$3:[0-9]+: .*${5:-}"
}
told() { # TEXT PATTERN
    grep -qE "$2" <<<"$1" || { printf 'not told: %s\nin: %s\n' "$2" "$1"; false; }
}
removed() { # CHECK FILE: its absence must be told
    rm -rf "$tmp/bad" && cp -r "$good" "$tmp/bad" && cd "$tmp/bad" && rm -r "$2" || exit 3
    check "$1 misses ${2##*/}" contains "$("house_$1" 2>&1)" "${2%/*}"
}

bites includes "the library standing on the grader" reference/core/pool.c '#include "../../grader/check/check.h"' 'must not'
bites includes "the library's tests standing on the grader" reference/core/test/test_pool.c '#include "../../../grader/check/class.h"' 'must not'
bites includes "an exercise that looks into the grader" $e/check.c '#include "../../../grader/build/build.h"' 'must not'
bites includes "a lesson that looks into another" lessons/01-first/hello.c '#include "../02-second/second.h"' 'must not'
bites includes "a lesson that looks into an exercise" lessons/01-first/hello.c '#include "../../exercises/junior/01-first/first.h"' 'must not'
bites includes "a stage that looks past the one before it" grader/run/run.h '#include "catalog/catalog.h"' 'must not'
bites includes "a stage that looks forward" grader/catalog/catalog.h '#include "run/run.h"' 'must not'
bites includes "a stage that looks into another's inside" grader/build/build.h '#include "catalog/inside.h"' 'must not'
bites includes "a stage that uses the checks' header" grader/build/build.h '#include "check/check.h"' 'must not'
bites includes "a stage that uses the library" grader/build/build.h '#include "../../reference/core/pool.h"' 'must not'
bites includes "a base that stands on a stage" grader/base/error.h '#include "catalog/catalog.h"' 'must not'
bites includes "a check runtime that stands on the base" grader/check/check.h '#include "base/error.h"' 'must not'
bites includes "an explorer that needs the grader" grader/explore/explore.c '#include "run/run.h"' 'must not'
bites includes "an explorer's runtime that needs the base" grader/explore/rt/rt.c '/* rt.c */\n#include "base/error.h"' 'must not'
bites includes "a store that knows exercises" grader/store/store.h '#include "catalog/catalog.h"' 'must not'
bites includes "a header that is not there" grader/store/store.h '#  include "nowhere.h"'
bites includes "an include behind a comment" grader/store/store.h '/* */ #include "run/run.h"' 'must not'
bites grader_names_nothing "an exercise by its folder" grader/cmd/cmd.c 'const char *id = "junior/01-first";'
bites grader_names_nothing "a lesson by its folder" grader/cmd/cmd.c 'const char *id = "see lessons/01-first";'
bites banned "volatile" grader/cmd/cmd.c 'static volatile int stop;'
bites banned "volatile in a solution" $e/solution.c 'volatile int stop;'
bites banned "a sleep in the library" reference/core/pool.c 'void f(void) { usleep (10); }'
bites banned "nanosleep in its tests" reference/core/test/test_pool.c 'x = nanosleep(&t, 0);'
bites banned "a fence" reference/core/pool.c 'atomic_thread_fence(memory_order_seq_cst);'
bites banned "a typedef'd struct" grader/cmd/cmd.c 'typedef struct pool pool;'
bites banned "a typedef'd struct with a body" grader/cmd/cmd.c 'typedef struct {'
bites banned "<threads.h>" lessons/01-first/hello.c '#include <threads.h>'
bites banned "a library that stands on talloc" reference/core/pool.c '#include <talloc.h>'
bites places "a home folder" README.md "cd /home""/anna/deepend"
bites places "a folder of one machine" Makefile "X = /work""/main"
bites places "a folder of root's" grader/cmd/cmd.c "\"/root""/x\""
bites places "a mirror" .ci/setup "deb http:""//mirror.host/debian bookworm"
bites places "a picture's host" docs/plot.svg "<image href=\"http:""//www.w3.org/2000/svg.png\"/>"
bites places "a registry" README.md "https:""//registry.host/x"
bites opening_comment "code before a comment" grader/run/late.c '#include <stdio.h>\n/* late.c */'
bites opening_comment "a blank line before it" grader/run/late.c '\n/* late.c */'
bites length "450 lines and one" grader/run/long.c "$(yes '/* x */' | head -n 451)"
bites length "a long script" grader/test/long.sh "$(yes '# x' | head -n 451)"
bites links "a file that is not there" README.md '[gone](lessons/99/README.md)'
bites links "one in a lesson, after code" lessons/01-first/README.md 'a `b` [gone](gone.c "title")'
bites links "a picture that is not there" README.md '![a picture](missing.png)'
for part in task.md starter.c solution.c check.c hints.md exercise.yaml mutants/a.c; do removed exercises "$e/$part"; done
removed exercises lessons/01-first/README.md
removed exercises lessons/01-first/hello.c
bites exercises "too few hints" exercises/junior/02-second/hints.md '## a\n\n## b'

if [[ $(house_format) != skip:* ]]; then
    cp "$project/.clang-format" "$good/"
    cd "$good" && find . -name '*.[ch]' -exec clang-format -i {} +
    check "format finds nothing in a formatted tree" silent format
    bites format "a line that is not formatted" grader/cmd/cmd.c 'int  f( void ){return 1 ;}'
fi

# The exceptions that stand in the tables are exceptions indeed, and no wider.
rm -rf "$tmp/bad" && cp -r "$good" "$tmp/bad" && cd "$tmp/bad" || exit 3
put grader/test/attacks/a.c '/* a program under test */\nint volatile stop;'
put $e/mutants/a.c '/* a wrong answer */\nvolatile int stop;'
put reference/core/bench/bench.c '/* bench.c */\nvoid f(void) { usleep(1); }'
put grader/test/test_x.c '/* tests may */\n#include "catalog/inside.h"'
check "what the tables allow is allowed" same "$(house_banned; house_includes)" ""
house_long='grader/run/long.c it is a table'
put grader/run/long.c "$(yes '/* x */' | head -n 451)"
check "a listed file may be long" same "$(house_length)" ""
put grader/run/other.c "$(yes '/* x */' | head -n 451)"
check "another may not" contains "$(house_length)" grader/run/other.c
tap_end
