# shellcheck shell=bash
# house.sh - the rules of the house that a machine can check. Source it; each house_NAME looks at the tree in the current
# directory and prints one line "FILE:LINE: what is wrong" for each breach, nothing when all is well.
#
# Manifests are not looked at here: the catalog refuses bad ones itself, with file and line. test_house.sh runs these
# on the project, and shows for each that it bites.

# The names of all files of the project that match any of the patterns (grep -E; none: all files).
house_files() {
    { git ls-files -co --exclude-standard 2>/dev/null || true; } | while read -r f; do [ ! -f "$f" ] || echo "$f"; done |
        grep . || find . \( -path ./build -o -path ./work -o -path ./.git -o -path ./deepend -o -path ./compile_commands.json \) \
        -prune -o -type f -print | sed 's|^\./||'
}
house_some() { house_files | grep -E "$1"; }

# C files as lines "FILE:LINE:code" without comments. STRINGS=no empties string and character literals as well.
house_code() { # STRINGS FILES...
    local strings=$1
    shift
    [ $# = 0 ] || awk -v strings="$strings" '
        FNR == 1 { comment = 0 }
        {
            line = $0; code = ""
            while (line != "") {
                if (comment) {
                    if (!(end = index(line, "*/"))) break
                    line = substr(line, end + 2); comment = 0
                } else if (match(line, /"([^"\\]|\\.)*"|'\''([^'\''\\]|\\.)*'\''|\/\*|\/\//)) {
                    token = substr(line, RSTART, RLENGTH)
                    code = code substr(line, 1, RSTART - 1)
                    line = substr(line, RSTART + RLENGTH)
                    if (token == "/*") { comment = 1; code = code " " }
                    else if (token == "//") line = ""
                    else code = code (strings == "no" ? substr(token, 1, 1) substr(token, 1, 1) : token)
                } else { code = code line; line = "" }
            }
            print FILENAME ":" FNR ":" code
        }' "$@"
}

# --- who may include whom -------------------------------------------------------------------------------

# Each include of a project file is looked up as the compilers do, then judged by where includer and included lie.
house_includes() {
    local files
    mapfile -t files < <(house_some '\.[ch]$')
    {
        printf 'file %s\n' "${files[@]}"
        house_code yes "${files[@]}" | grep -E ':[0-9]+: *# *include *"' |
            sed -E 's/^([^:]+):([0-9]+): *# *include *"([^"]+)".*/include \1 \2 \3/'
    } | awk '
        BEGIN {
            stages = split("catalog build run observe judge report", stage, " ")
            for (i = 2; i <= stages; i++) before[stage[i]] = stage[i - 1] "/" stage[i - 1] ".h"
        }
        function folder(path) { return match(path, /.*\//) ? substr(path, 1, RLENGTH) : "" }
        function tidy(path) {
            while (match(path, /[^\/]+\/\.\.\//)) path = substr(path, 1, RSTART - 1) substr(path, RSTART + RLENGTH)
            return path
        }
        # The folder that is one lesson, exercise or incident.
        function unit(path, part, n) {
            n = split(path, part, "/")
            return part[1] == "exercises" ? part[1] "/" part[2] "/" part[3] "/" : part[1] "/" part[2] "/"
        }
        function find(from, name, top, room) {
            if ((tidy(folder(from) name)) in file) return tidy(folder(from) name)
            split(from, top, "/")
            if (top[1] == "grader") return ("grader/" name) in file ? "grader/" name : ""
            if ((unit(from) name) in file) return unit(from) name
            if (("reference/" name) in file) return "reference/" name
            for (room in rooms) if ((room name) in file) return room name
            return ("grader/check/" name) in file ? "grader/check/" name : (name in file ? name : "")
        }
        function allowed(from, to, part) {
            split(from, part, "/")
            if (part[1] == "reference") return to ~ /^reference\//
            if (part[1] == "incidents" && to ~ /^incidents\/parts\//) return 1 # what several services share
            if (part[1] != "grader") return index(to, unit(from)) == 1 || to ~ /^(reference|grader\/check)\//
            if (part[2] ~ /^(cmd|main\.c)$/) return 1
            if (index(to, "grader/" part[2] "/") == 1) return 1
            if (part[2] == "base" || part[2] == "check") return 0
            if (to == "grader/check/class.h" || to == "grader/check/protocol.h") return 1
            if (from ~ /^grader\/explore\/rt\//) return to == "grader/check/explored.h" # linked into the programs under test
            if (part[2] ~ /^(build|run)$/ && to == "grader/explore/explore.h") return 1 # the explorer stands beside the stages
            return to ~ /^grader\/base\// || (part[2] in before && to == "grader/" before[part[2]])
        }
        $1 == "file" { file[$2]; if ($2 ~ /^reference\/[^\/]+\/[^\/]+\.h$/) rooms[folder($2)]; next }
        $2 !~ /^grader\/test\// { # tests may include anything
            to = find($2, $4)
            if (to == "") print $2 ":" $3 ": \"" $4 "\" is no file of the project (system headers stand in <>)"
            else if (!allowed($2, to)) print $2 ":" $3 ": must not include " to
        }'
}

# The grader reads exercises, lessons and incidents as data: no name of one stands in its code.
house_grader_names_nothing() {
    local files names
    names=$(house_files | sed -nE 's,^(exercises/[a-z]+|lessons|incidents)/([0-9]+-[^/]+)/.*,\2,p' | sort -u | paste -sd'|')
    mapfile -t files < <(house_some '^grader/.*\.[ch]$' | grep -v '^grader/test/')
    [ -n "$names" ] || return 0
    house_code yes "${files[@]}" | grep -E "\"[^\"]*($names)" |
        sed -E 's/^([^:]+:[0-9]+):.*/\1: names an exercise, a lesson or an incident/'
}

# --- words that code does without -----------------------------------------------------------------------

# pattern ; in which files ; but not in ; why
house_banned_table='
volatile                     ; ^                            ; /mutants/|/starter[.]c$|^grader/test/[a-z]+/ ; volatile orders nothing: use an atomic or a lock
(u|nano|clock_nano)?sleep    ; ^reference/                ; /bench/                  ; a sleep synchronises nothing: wait for a predicate
atomic_thread_fence          ; ^(reference|lessons)/        ; ^$                       ; the sanitizer does not see a fence that stands alone
typedef +(struct|union|enum)[^(]*$ ; ^(grader|reference|lessons)/ ; ^grader/test/[a-z]+/ ; write struct or enum, without a typedef
<threads[.]h>                ; ^                            ; ^grader/test/[a-z]+/    ; the sanitizer cannot follow <threads.h>: use pthreads
<(talloc|jansson|cyaml.*|sqlite3|cmark-gfm.*|expat|seccomp|sha2|gelf|libelf|elfutils/.*)[.]h> ; ^reference/ ; ^$ ; the library stands on libc and pthreads alone
'
house_banned() {
    local files words where except why code
    mapfile -t files < <(house_some '\.[ch]$')
    code=$(house_code no "${files[@]}")
    sed -E 's/ +; +/;/g; /^$/d' <<<"$house_banned_table" | while IFS=';' read -r words where except why; do
        grep -E ":[0-9]+:(.*[^A-Za-z0-9_])?$words([^A-Za-z0-9_]|$)" <<<"$code" | cut -d: -f1,2 |
            awk -F: -v where="$where" -v except="$except" -v why="$why" '$1 ~ where && $1 !~ except { print $0 ": " why }'
    done
}

# Nothing of one machine, and no host, registries' least of all: those are the user's to choose. /home/me is nobody's, and
# the namespaces of a picture are names that nobody fetches.
house_places() {
    local files
    mapfile -t files < <(house_files)
    grep -nIE '(^|[^A-Za-z0-9_./$}~*-])/(work|root|workspace|home/[a-z]+|Users/[A-Za-z]+)/[A-Za-z]' /dev/null "${files[@]}" | grep -v '[^a-z]/home/me/' |
        sed -E 's/^([^:]+:[0-9]+):.*/\1: a path of one machine/'
    grep -nIE '(https?|ftp)://[A-Za-z0-9]' /dev/null "${files[@]}" | grep -vE '://(example[.](org|com)|x[.]org|localhost|127[.]|www[.]w3[.]org/(2000/svg|1999/xlink)")' |
        sed -E 's/^([^:]+:[0-9]+):.*/\1: the address of a host: what a machine fetches from is its own business/'
}

# --- the shape of files ---------------------------------------------------------------------------------

house_opening_comment() {
    local files
    mapfile -t files < <(house_some '\.[ch]$')
    awk 'FNR == 1 && !/^(\/\*|\/\/)/ { print FILENAME ":1: does not open with a comment that says what it is for" }' /dev/null "${files[@]}"
    for file in "${files[@]}"; do [ -s "$file" ] || echo "$file:1: is empty"; done
}

# FILE why it may be longer than the rest; one a line.
house_long=''
house_length() {
    local files
    mapfile -t files < <(house_some '\.([ch]|sh)$|(^|/)Makefile$|^grader/test/run-[^/]*$|^\.ci/')
    awk -v allowed="$house_long" '
        BEGIN { n = split(allowed, line, "\n"); for (i = 1; i <= n; i++) { split(line[i], word, " "); exempt[word[1]] } }
        FNR == 451 && !(FILENAME in exempt) { print FILENAME ":451: more than 450 lines: it is probably two files" }' /dev/null "${files[@]}"
}

# Formatting differs between versions of clang-format; the house uses that of Debian 12. Prints "skip: WHY" without it.
house_format() {
    local files version
    version=$(clang-format --version 2>/dev/null | sed -nE 's/.*version ([0-9]+)\..*/\1/p')
    [ "$version" = 14 ] || { echo "skip: clang-format 14 is not here"; return; }
    mapfile -t files < <(house_some '^(grader|reference|lessons|exercises|incidents)/.*\.[ch]$')
    [ "${#files[@]}" = 0 ] || clang-format --dry-run "${files[@]}" 2>&1 | sed -nE 's/^([^: ]+:[0-9]+):.*clang-format-violations.*/\1/p' |
        awk -F: '!seen[$1]++ { print $0 ": not formatted (make format)" }'
}

# --- texts and folders ----------------------------------------------------------------------------------

# Links in Markdown to files of the project lead to files that exist. Code is no link.
house_links() {
    local files file line target
    mapfile -t files < <(house_some '\.md$')
    [ "${#files[@]}" = 0 ] || awk '
        FNR == 1 { code = 0 }
        /^ *(```|~~~)/ { code = !code; next }
        code { next }
        {
            text = $0
            gsub(/`[^`]*`/, "", text)
            while (match(text, /\]\([^)]*\)/)) {
                target = substr(text, RSTART + 2, RLENGTH - 3)
                text = substr(text, RSTART + RLENGTH)
                sub(/ +".*/, "", target); sub(/#.*/, "", target); gsub(/^<|>$/, "", target)
                if (target != "" && target !~ /^[a-z]+:/) print FILENAME "\t" FNR "\t" target
            }
        }' "${files[@]}" | while IFS=$'\t' read -r file line target; do
        [ -e "$(dirname "$file")/$target" ] || echo "$file:$line: leads to $target, which is not there"
    done
}

# An exercise folder has all that one needs, and its lesson a text and a program. (What the manifest names, the catalog checks.)
house_exercises() {
    local folder part parts ending lesson
    house_files | sed -nE 's,^(exercises/[a-z]+/[0-9]+-[^/]+)/.*,\1,p' | sort -u | while read -r folder; do
        parts='starter.c solution.c check.c' ending=c
        if grep -qs '^kind: *predict' "$folder/exercise.yaml"; then parts='starter.txt solution.txt program.c' ending=txt; fi
        for part in task.md exercise.yaml $parts hints.md; do
            [ -s "$folder/$part" ] || echo "$folder/$part:1: is missing"
        done
        [ "$(find "$folder/mutants" -name "*.$ending" 2>/dev/null | wc -l)" -ge 4 ] || echo "$folder/mutants:1: fewer than four known-wrong answers"
        [ "$(grep -c '^## ' "$folder/hints.md" 2>/dev/null)" -ge 3 ] 2>/dev/null || echo "$folder/hints.md:1: fewer than three hints"
        lesson=lessons/$(sed -n 's/^lesson: *//p' "$folder/exercise.yaml" 2>/dev/null)
        [ -s "$lesson/README.md" ] || echo "$lesson/README.md:1: is missing, though $folder refers to it"
        compgen -G "$lesson/*.c" >/dev/null || echo "$lesson:1: has no program that runs"
    done
}

# name of the check ; what it keeps, for people
house_checks='
includes              ; each part includes only what it may
grader_names_nothing  ; the grader names no exercise
banned                ; code does without what the house does without
places                ; no path of one machine, no host of a registry
opening_comment       ; every C file says what it is for
length                ; no file is too long for one subject
format                ; every C file is formatted
links                 ; no link leads nowhere
exercises             ; every exercise is complete
'
