#!/usr/bin/env bash
# test_incident_live: incident 1 in real time, with a real Prometheus that looks at it. As shipped it runs out of memory,
# and the account of its allocations agrees with what was resident; repaired it lives through the same moment.
#
# Those two run side by side, each from ten seconds before the resizer gets slow. Whatever is waited for is asked for a
# bounded number of times; nothing depends on how long it takes.
. "$(dirname "$0")/tap.sh"

attempts=120 # of a half second each
incident=incidents/01-unbounded-backlog
own=(pool_running pool_capacity pool_waiting pool_submitted_total pool_completed_total pool_dropped_total
    pool_panicked_total pool_task_duration_seconds_bucket pool_submit_duration_seconds_bucket # set 1 of the catalogue's M28
    pool_size pool_busy pool_queue_depth pool_wait_seconds_bucket pool_process_seconds_bucket pool_resizes_total # set 2
    process_resident_memory_bytes process_threads
    incident_depth incident_memory_mb incident_submitted_total incident_dwell_p99_ms)

# --- processes, none of which may be left behind ------------------------------------------------------------------

processes=()
clean() {
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null; done
    for process in "${processes[@]}"; do wait "$process" 2>/dev/null; done
    rm -rf "$tmp" "${folder:-$tmp}"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP

# Run COMMAND with its words in FILE, so that it goes with us even if we are killed; $started is its number.
run() { # FILE COMMAND...
    local words=$1
    shift
    setpriv --pdeathsig KILL "$@" >"$words" 2>&1 </dev/null &
    started=$!
    processes+=("$started")
}
live() { # NAME ARGUMENTS...; the words go to $folder/NAME
    local name=$1
    shift
    run "$folder/$name" ./deepend incident replay 1 --live "$@"
}
runs() { kill -0 "$1" 2>/dev/null; }

eventually() { # COMMAND...
    local i
    for ((i = 0; i < attempts; i++)); do
        if "$@"; then return 0; fi
        sleep 0.5 # between two questions; what is decided is decided by the answer
    done
    echo "not so after $attempts attempts: $*"
    return 1
}

# --- Prometheus ----------------------------------------------------------------------------------------------------

start_prometheus() {
    mkdir "$folder/targets"
    cat >"$folder/prometheus.yml" <<END
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: incident
    file_sd_configs: [{files: ['$PWD/$folder/targets/*.json'], refresh_interval: 1s}]
END
    run "$folder/prometheus.log" "$programs/prometheus" --config.file="$folder/prometheus.yml" \
        --storage.tsdb.path="$folder/data" --web.listen-address=127.0.0.1:0
}
is_ready() {
    grep -q 'ready to receive web requests' "$folder/prometheus.log"
}
scrape() { # NAME: the endpoint that the run NAME has told
    local address
    address=$(sed -n 's|^ *metrics: http://\(.*\)/metrics$|\1|p' "$folder/$1")
    [ -n "$address" ] &&
        echo "[{\"targets\": [\"$address\"], \"labels\": {\"policy\": \"$1\"}}]" >"$folder/targets/$1.new" &&
        mv "$folder/targets/$1.new" "$folder/targets/$1.json"
}
# The number that EXPRESSION has now, "" for none.
value() { # EXPRESSION
    "$programs/promtool" query instant "$server" "$1" 2>/dev/null | sed -n '1s/.*=> \([^ ]*\) @.*/\1/p'
}
is() { # EXPRESSION: true of something
    [ -n "$(value "$1")" ]
}
lacking() { # NAMES that it has never scraped
    local have name
    have=$("$programs/promtool" query series --match="{policy=\"shipped\"}" "$server" 2>/dev/null)
    for name in "${own[@]}"; do
        grep -q "__name__=\"$name\"" <<<"$have" || echo "$name"
    done
}

# --- what the runner tells -----------------------------------------------------------------------------------------

# The pair with the largest account of the rows in FILE: "accounted resident".
largest_pair() { # FILE
    sed -n 's/.* accounted \([0-9.]*\) MiB  resident +\([0-9.]*\) MiB$/\1 \2/p' "$1" | sort -n | tail -1
}
agree() { # FILE: both numbers of that pair, within 20 percent; at least 40 MiB of the 64 were seen
    local accounted resident
    read -r accounted resident <<<"$(largest_pair "$1")"
    echo "accounted $accounted MiB, resident $resident MiB"
    awk -v a="$accounted" -v r="$resident" 'BEGIN { exit !(a >= 40 && r / a > 0.8 && r / a < 1.2) }'
}
has_reached() { # NAME MINUTE:SECOND
    grep -q "^ *$2  depth " "$folder/$1"
}

# --- the account, without anybody who looks --------------------------------------------------------------------------

folder=$(mktemp -d build/live-XXXXXX) || exit 3
live alone --shipped --from 118 --seconds 15
wait "$started"
check "killed for its memory: status 1" same "$?" 1
check "its status was that of a kill" grep -q 'out of memory: .* (status 137)$' "$folder/alone"
check "the limit is told" grep -qE '^  memory:  64 MiB beyond its beginning, (watched|kept)' "$folder/alone"
check "accounted and resident agree within 20 percent" agree "$folder/alone"

# --- the runner's own end --------------------------------------------------------------------------------------------

children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }
is_gone() { # PID, or waits only to be reaped
    [ ! -e "/proc/$1" ] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}
live orphan --shipped
eventually grep -qs metrics: "$folder/orphan"
service=$(children "$started")
kill -KILL "$started"
wait "$started" 2>/dev/null
check "the service goes with its runner, even if that is killed" eventually is_gone "${service:-1}"
check "a time without --live is refused" same "$(./deepend incident replay 1 --from 1:50 >/dev/null 2>&1; echo $?)" 2

# --- with a Prometheus -----------------------------------------------------------------------------------------------

if ! programs=$(.ci/prometheus --here 2>/dev/null); then
    skip "a real Prometheus looks at it" "there is none, and .ci/prometheus could not fetch one"
    tap_end
fi

start_prometheus
check "Prometheus starts" eventually is_ready
server=http://$(sed -n 's/.*msg="Listening on" address=//p' "$folder/prometheus.log")

# One who is slow to look may miss the ten seconds before: then from earlier.
for from in 1:50 1:30 0:30; do
    live fixed --submission $incident/fixed.c --from $from --seconds 600
    fixed=$started
    live shipped --shipped --from $from --seconds 600
    shipped=$started
    eventually scrape fixed && eventually scrape shipped || break
    seen='count(pool_queue_depth{policy="shipped"}) and count(incident_memory_mb{policy="shipped"})'
    while runs "$shipped" && ! is "$seen"; do sleep 0.5; done
    ! is "$seen" || break
    kill "$fixed" && wait "$fixed"
done
check "depth and memory are scraped" is "count_over_time(pool_queue_depth{policy=\"shipped\"}[10m]) > 0 and
    on() count(count_over_time(incident_memory_mb{policy=\"shipped\"}[10m])) > 0"
check "under the names of the field" same "$(lacking)" ""
check "while it lives it is up" is 'max_over_time(up{policy="shipped"}[10m]) == 1'
wait "$shipped"
check "as shipped it runs out of memory" grep -q 'out of memory: .* (status 137)$' "$folder/shipped"
check "and Prometheus sees it go down" eventually is 'up{policy="shipped"} == 0'

check "repaired it gets beyond that moment" eventually has_reached fixed 2:08
check "Prometheus sees it refuse callers and live" eventually is \
    'up{policy="fixed"} == 1 and on() incident_rejected_total{policy="fixed"} > 100 and on() pool_queue_depth{policy="fixed"} <= 300'
kill -INT "$fixed"
wait "$fixed"
check "Ctrl-C ends it: status 0" same "$?" 0
check "and it says so" grep -q 'it was stopped by you' "$folder/fixed"
check "and Prometheus sees that nothing of it is left" eventually is 'up{policy="fixed"} == 0'
check "nobody was told of anything odd" same "$(grep -h '^ *|' "$folder/shipped" "$folder/fixed")" ""
tap_end
