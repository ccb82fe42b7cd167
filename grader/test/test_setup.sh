#!/usr/bin/env bash
# test_setup: .ci/setup installs what is missing when it may, else tells the exact line and ends with 3; and leaves
# the network alone when nothing is missing. apt, dpkg and sudo are stand-ins that write down how they were called.
. "$(dirname "$0")/tap.sh"

tree=$tmp/tree bin=$tmp/bin calls=$tmp/calls
mkdir -p "$tree" "$bin"
cp -r .ci "$tree/"
list=$tmp/packages
cat >"$list" <<'END'
# a comment
here-dev    | command no-such-command-1 | dpkg has it
bash-thing  | command bash              | the probe finds it
absent-dev  | pkg no-such-module        | an absent library
absent-tool | command no-such-command-2 | an absent tool
END

# A machine: commands found before the real ones.
stand_in() { # NAME BODY
    printf '#!/bin/bash\necho "%s $*" >>"%s"\n%s\n' "$1" "$calls" "$2" >"$bin/$1"
    chmod +x "$bin/$1"
}
machine() { # UID SUDO-STATUS
    rm -f "$bin"/* "$calls" "$tmp/installed"
    : >"$calls"
    echo "installed here-dev" >"$tmp/installed"
    stand_in dpkg-query "cat '$tmp/installed'; exit 1"
    stand_in apt-get "case \"\$*\" in *' install '*) printf 'installed absent-dev\ninstalled absent-tool\n' >>'$tmp/installed' ;; esac"
    stand_in sudo "[ $2 = 0 ] || exit $2; [ \"\$2\" = true ] || exec \"\${@:2}\""
    stand_in id "echo $1"
}
setup() { # ARGUMENTS...; sets $out and $status
    out=$(PATH=$bin:$PATH DEEPEND_PACKAGES=${packages:-$list} "$tree/.ci/setup" "$@" 2>&1)
    status=$?
}
never() { ! grep -q "^$1 " "$calls" || { cat "$calls"; false; }; }
called() { grep -qE "^$1" "$calls" || { cat "$calls"; false; }; }
line="sudo apt-get update && sudo apt-get install --no-install-recommends -y absent-dev absent-tool"

machine 0 1
printf 'installed absent-dev\ninstalled absent-tool\n' >>"$tmp/installed"
setup
check "nothing missing: status 0, not a word" same "$status:$out" "0:"
check "and apt is not called" never apt-get
check "dpkg is asked once" same "$(grep -c ^dpkg-query "$calls")" 1

machine 0 1
setup
check "root: installs and ends with 0" same "$status" 0
check "the lists are refreshed" called 'apt-get .* ?update$'
check "without recommended packages, and only what is missing" \
    called 'apt-get .*install --no-install-recommends absent-dev absent-tool$'
check "sudo is not needed" never sudo

machine 1000 0
setup
check "sudo without a password: installs through it" same "$status" 0
check "and never lets it ask" fails grep -qE '^sudo ([^-]|-[^n])' "$calls"

machine 1000 1
setup
check "sudo would ask: status 3" same "$status" 3
check "the last line is the one to type" same "${out##*$'\n'}" "$line"
check "and nothing was tried" never apt-get

machine 0 1
setup --check
check "--check as root: status 3" same "$status" 3
check "installs nothing" never apt-get
check "tells the line" same "${out##*$'\n'}" "$line"

machine 0 1
stand_in apt-get "echo 'E: no space left'; exit 100"
setup
check "apt fails: status 3" same "$status" 3
check "apt's own words are shown" contains "$out" "E: no space left"
check "the line is told all the same" same "${out##*$'\n'}" "$line"

machine 0 1
stand_in apt-get true
setup
check "apt succeeds and the packages are still not there: status 3" same "$status" 3

# No apt at all: PATH holds only what the script itself needs.
bare() {
    machine 1000 1
    rm "$bin/apt-get" "$bin/dpkg-query"
    for tool in bash sed cut readlink dirname id cat grep sort head; do ln -sf "$(command -v $tool)" "$bin/$tool"; done
    out=$(PATH=$bin DEEPEND_PACKAGES=$list "$tree/.ci/setup" 2>&1)
    status=$?
}
bare
check "another distribution: status 3" same "$status" 3
check "what is needed is told by name" contains "$out" "absent-dev: an absent library"
check "what the probes find is not asked for" fails contains "$out" "bash-thing"

# The runtime's package is named after the clang that is there.
echo 'libclang-rt-NN-dev | command no-such-command-3 | the runtimes' >"$list.rt"
machine 1000 1
stand_in clang 'echo 17.0.6'
packages=$list.rt setup
check "the runtime of the clang that is there" contains "$out" " libclang-rt-17-dev"

check "every line of .ci/packages has a name, a probe and a purpose" \
    same "$(grep -vE '^(#|[a-zA-Z0-9.+-]+ +\| (command|pkg|header) [^ ]+ +\| .|[a-zA-Z0-9-]+ +\| (runtime|symbols) +\| .)' .ci/packages)" ""
check "every probe of .ci/packages succeeds here" bash -c "
    sed 's/^[a-z]/no-such-package-&/' .ci/packages >'$tmp/probes'; DEEPEND_PACKAGES='$tmp/probes' .ci/setup --check"
tap_end
