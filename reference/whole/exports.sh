#!/usr/bin/env bash
# exports: what a shared library shows of itself, as a version script for the linker: the functions that documented
# headers declare and OBJECTS define. What the library's files share among each other stays inside.
#
#   reference/whole/exports.sh OBJECT... >libdeepend.map
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
[ $# -gt 0 ] || { echo "usage: exports.sh OBJECT..." >&2; exit 2; }

without_comments() { awk '{ text = text $0 "\n" } END { while (i = index(text, "/*")) { rest = substr(text, i + 2)
    text = substr(text, 1, i - 1) substr(rest, index(rest, "*/") + 2) } printf "%s", text }'; }

headers=$(reference/whole/public-headers.sh --documented) && [ -n "$headers" ] || exit 1
# shellcheck disable=SC2086
declared=$(cat $headers | without_comments | grep -oE '\bpool_[a-z0-9_]+\(' | tr -d '(' | sort -u)
defined=$(nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }' | sort -u)
names=$(comm -12 <(echo "$declared") <(echo "$defined"))
[ -n "$names" ] || { echo "exports: no declared function is defined" >&2; exit 1; }
printf '{\n    global:\n'
sed 's/.*/        &;/' <<<"$names"
printf '    local: *;\n};\n'
