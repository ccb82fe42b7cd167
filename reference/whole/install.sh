#!/usr/bin/env bash
# install: put the library where other programs find it, or take it away again: headers, static and shared library,
# pkg-config file, manual pages.
#
#   reference/whole/install.sh install|uninstall PREFIX VERSION BUILD        DESTDIR=DIR in front of PREFIX
#
# BUILD is the folder with libdeepend.a and libdeepend.so.VERSION, and the same of libdeepend-http, which holds the one
# module that needs libmicrohttpd. Uninstalling removes the files of the same names, and nothing else.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
[ $# = 4 ] || { echo "usage: install.sh install|uninstall PREFIX VERSION BUILD" >&2; exit 2; }
what=$1 prefix=$2 version=$3 build=$4
case $prefix in /*) ;; *) echo "install: PREFIX must be absolute, not '$prefix'" >&2; exit 2 ;; esac
root=${DESTDIR:-}$prefix
soname=${version%.*} # below 1.0 a minor version may change the ABI

# Everything that is installed: lines "MODE SOURCE TARGET", "link NAME TARGET".
plan() {
    local header page name
    for header in $(reference/whole/public-headers.sh); do
        name=$(basename "$header")
        echo "644 $header include/deepend/$name"
    done
    for name in deepend deepend-http; do
        echo "644 $build/lib$name.a lib/lib$name.a"
        echo "755 $build/lib$name.so.$version lib/lib$name.so.$version"
        echo "link lib$name.so.$version lib/lib$name.so.$soname"
        echo "link lib$name.so.$soname lib/lib$name.so"
        echo "644 $build/$name.pc lib/pkgconfig/$name.pc"
    done
    for page in "$build"/man/man[37]/*; do echo "644 $page share/man/${page#"$build/man/"}"; done
}

put() { # MODE-or-link SOURCE TARGET
    mkdir -p "$root/$(dirname "$3")" || return 1
    if [ "$1" = link ]; then ln -sf "$2" "$root/$3"; else install -m "$1" "$2" "$root/$3"; fi
}

reference/whole/manual.sh "$build/man" "$version" || exit 1
for name in deepend deepend-http; do
    sed "s|@PREFIX@|$prefix|; s|@VERSION@|$version|" "reference/whole/$name.pc.in" >"$build/$name.pc" || exit 1
done
list=$(plan) && [ -n "$list" ] || exit 1
while read -r mode source target; do
    case $what in
        install) put "$mode" "$source" "$target" || exit 1 ;;
        uninstall) rm -f "$root/$target" ;;
        *) echo "install: '$what' is neither install nor uninstall" >&2; exit 2 ;;
    esac
done <<<"$list"
if [ "$what" = uninstall ]; then
    rmdir "$root/include/deepend" 2>/dev/null
    echo "removed the library from $root"
else
    echo "installed the library in $root (pkg-config: $prefix/lib/pkgconfig)"
fi
