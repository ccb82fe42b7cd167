#!/usr/bin/env bash
# public-headers: the library's public headers, one path a line: those that do not call themselves private in their
# opening comment, and what they include, since that has to be installed too.
#
#   reference/whole/public-headers.sh [--documented]       without what is only included: that is nobody's to call
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3

# The opening comment of a file, on one line.
opening() { awk '{ printf "%s ", $0 } /\*\// { exit }' "$1"; }

documented() {
    for header in reference/*/*.h; do
        case $(opening "$header") in *'Private to'*) ;; *) echo "$header" ;; esac
    done
}

if [ "${1:-}" = --documented ]; then
    documented
    exit
fi
documented | awk '
    function look(path, line, name, folder) {
        if (path in seen) return
        seen[path]
        folder = path; sub(/[^\/]*$/, "", folder)
        while ((getline line <path) > 0)
            if (match(line, /^#include "[^"]+"/)) {
                name = substr(line, RSTART + 10, RLENGTH - 11)
                look(exists(folder name) ? folder name : "reference/core/" name)
            }
        close(path)
    }
    function exists(path, line, there) { there = (getline line <path) >= 0; close(path); return there }
    { look($0) }
    END { for (path in seen) print path }' | sort
