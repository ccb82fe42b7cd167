#!/usr/bin/env bash
# manual: the reference as manual pages, made from the public headers: one page a module in section 3, and deepend(7),
# which lists them by room.
#
#   reference/whole/manual.sh FOLDER VERSION
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
[ $# = 2 ] || { echo "usage: manual.sh FOLDER VERSION" >&2; exit 2; }
folder=$1 version=$2
rooms='core coordination protection scaling observability'

# The page's "NAME" line: what the module is, as its own page says it.
about() { sed -n '/^\.SH NAME/,/^\.SH SYNOPSIS/p' "$1" | grep -v '^\.SH' | sed 's/^deepend_[a-z_]* \\- //'; }

overview() {
    printf '.TH DEEPEND 7 "" "deepend %s" "Deep End"\n.ad l\n.SH NAME\ndeepend \\- worker pools in C, and what stands around them\n' "$version"
    printf '.SH DESCRIPTION\nFive rooms of modules. Each header is one module; a program includes those it uses, and links by\n'
    printf '.EX\ncc ... $(pkg\\-config \\-\\-cflags \\-\\-libs deepend)\n.EE\n'
    printf 'Calls answer a code of deepend_status(3). No call prints, exits or sets errno. Objects share nothing, but for the one signal handler of deepend_dump(3), and no thread runs before something is created that says it makes one.\n'
    local room module
    for room in $rooms; do
        echo ".SS $room"
        for module in $(sed -nE "s,^reference/$room/(.*)\.h$,\1,p" <<<"$headers"); do
            printf '.TP\n.BR deepend_%s (3)\n' "$module"
            about "$folder/man3/deepend_$module.3"
        done
    done
}

headers=$(reference/whole/public-headers.sh --documented) && [ -n "$headers" ] || exit 1
rm -rf "$folder" && mkdir -p "$folder/man3" "$folder/man7" || exit 1
for header in $headers; do
    awk -v version="$version" -f reference/whole/manual.awk "$header" >"$folder/man3/deepend_$(basename "$header" .h).3" || exit 1
done
overview >"$folder/man7/deepend.7"
