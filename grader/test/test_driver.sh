#!/usr/bin/env bash
# test_driver: run-tests must count right, and must not be fooled by a program that crashes, hangs or falls silent.
. "$(dirname "$0")/tap.sh"

# A test program of the given body, run by the driver; sets $out (stdout) and $status.
drive() { # BODY...
    local body programs=() i=0
    for body in "$@"; do
        i=$((i + 1))
        printf '#!/bin/bash\n%s\n' "$body" >"$tmp/t$i"
        chmod +x "$tmp/t$i"
        programs+=("$tmp/t$i")
    done
    out=$(DEEPEND_TEST_LIMIT=${limit:-100} DEEPEND_TEST_LOGS=$tmp/log grader/test/run-tests ${flag:-} "${programs[@]}" 2>&1)
    status=$?
    last=${out##*$'\n'}
}

says() { # NAME LAST-LINE STATUS BODY...: one case
    local name=$1 line=$2 code=$3
    shift 3
    drive "$@"
    check "$name" same "$last, status $status" "$line, status $code"
}

# A killed process may take a moment to go, and stays a zombie when nobody reaps it.
gone() { # PID
    local patience state
    for ((patience = 0; patience < 200; patience++)); do
        state=$(awk '/^State:/ { print $2 }' "/proc/$1/status" 2>/dev/null)
        [[ $state != [RSDTt] ]] && return 0
        sleep 0.05
    done
    echo "process $1 is still there"
    return 1
}

good='echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"'
says "passes are counted over all programs" "4 passed, 0 failed" 0 "$good" "$good"
says "a failed case fails the whole" "3 passed, 1 failed" 1 "$good" 'echo 1..2; echo ok 1; echo "not ok 2 - x"; exit 1'
says "a failed case fails the whole, whatever the exit status" "0 passed, 1 failed" 1 'echo 1..1; echo "not ok 1"'
says "a plan at the end is fine" "1 passed, 0 failed" 0 'echo ok 1; echo 1..1'
says "several plans, one for each group" "2 passed, 0 failed" 0 'echo 1..1; echo ok 1; echo 1..1; echo ok 1'
says "a crash is a failure" "2 passed, 1 failed" 1 "$good; kill -SEGV \$\$"
check "and its signal is told" contains "$out" "signal 11"
says "an exit status without a failed case is a failure" "2 passed, 1 failed" 1 "$good; exit 4"
says "silence is a failure" "0 passed, 1 failed" 1 'exit 0'
says "an early exit with 0 is a failure" "1 passed, 1 failed" 1 'echo 1..2; echo ok 1; exit 0'
says "more cases than planned are a failure" "2 passed, 1 failed" 1 'echo 1..1; echo ok 1; echo ok 2'
says "cmocka's skip is neither passed nor failed" "0 passed, 0 failed" 0 'echo 1..1; echo "not ok 1 # SKIP c"'
limit=1 says "a program that hangs is ended, with its children" "0 passed, 1 failed" 1 \
    "sleep 1000 & echo \$! >$tmp/child; wait"
check "none of them is left" gone "$(cat "$tmp/child")"
says "what a program leaves behind is ended" "2 passed, 0 failed" 0 "sleep 1000 & echo \$! >$tmp/child; $good"
check "and is gone" gone "$(cat "$tmp/child")"
flag=--build-failed says "what could not be built is a failure" "2 passed, 1 failed" 1 "$good"
says "a program that is not there is a failure" "0 passed, 1 failed" 1 "rm \$0; exec \$0"
says "a failing program's words are shown" "0 passed, 1 failed" 1 'echo 1..1; echo "not ok 1 - x"; echo "# got 4"; exit 1'
check "below its line" contains "$out" "| # got 4"

# None ends unless all three run at once: the first waits for the second, that for the third, and that for the first.
mkfifo "$tmp"/to_{1,2,3}
limit=30 says "three run side by side" "6 passed, 0 failed" 0 "read -r _ <$tmp/to_1; echo go >$tmp/to_3; $good" \
    "read -r _ <$tmp/to_2; echo go >$tmp/to_1; $good" "echo go >$tmp/to_2; read -r _ <$tmp/to_3; $good"
check "and are told in order" same "$(grep -oE '^\[ *[0-9]' <<<"$out" | tr -d '[ \n')" 123
limit=30 says "the last, which is the longest, is not left to the end" "8 passed, 0 failed" 0 "read -r _ <$tmp/to_1; $good" \
    "read -r _ <$tmp/to_2; $good" "read -r _ <$tmp/to_3; $good" "for i in 1 2 3; do echo go >$tmp/to_\$i; done; $good"

printf '#!/bin/bash\necho hello\n' >"$tmp/lesson"
chmod +x "$tmp/lesson"
lesson() { grader/test/run-lesson "$tmp/lesson"; }
check "a lesson's program that ends well passes" lesson
echo hello >"$tmp/lesson.out"
check "with the output that is expected" lesson
echo goodbye >"$tmp/lesson.out"
check "and fails with another" fails lesson
rm "$tmp/lesson.out"
printf '#!/bin/bash\nexit 1\n' >"$tmp/lesson"
check "or with another status" fails lesson

# selftest's table as TAP, from a stand-in for deepend.
selftest() { # NAME LAST-LINE ROWS SUMMARY STATUS
    printf '#!/bin/bash\ncat <<END\n      exercise  file  expected\n%b\n\n%s\nEND\nexit %s\n' "$3" "$4" "$5" >"$tmp/deepend"
    chmod +x "$tmp/deepend"
    last=$(DEEPEND=$tmp/deepend DEEPEND_TEST_LOGS=$tmp/log grader/test/run-tests grader/test/test_selftest.sh | tail -n 1)
    check "$1" same "$last" "$2"
}
rows='ok    junior/01-a   starter.c  fail, got race in x\nok    junior/01-a   solution.c  pass 4/4'
whole='2 of 2 as expected, 0 wrong, 0 could not be judged'
selftest "a row of selftest is a case, and the table one more" "3 passed, 0 failed" "$rows" "$whole" 0
selftest "a wrong row fails" "3 passed, 1 failed" "$rows\nWRONG junior/01-a  mutants/b.c  race in x, got pass 4/4" \
    '2 of 3 as expected, 1 wrong, 0 could not be judged' 1
selftest "a row that could not be judged fails" "3 passed, 1 failed" "$rows\n?     junior/01-a  mutants/b.c  race in x" \
    '2 of 3 as expected, 0 wrong, 1 could not be judged' 3
selftest "a row that is missing fails" "2 passed, 1 failed" "$rows" '3 of 3 as expected, 0 wrong, 0 could not be judged' 0
selftest "a table that breaks off fails, and so does the crash" "2 passed, 2 failed" "$rows" '' 139
selftest "a status that the rows do not explain fails" "3 passed, 1 failed" "$rows" "$whole" 1
selftest "an empty table fails" "0 passed, 1 failed" '' '0 of 0 as expected, 0 wrong, 0 could not be judged' 3
tap_end
