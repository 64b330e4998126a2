#!/usr/bin/env bash
# Fuzzes every parser, as many at a time as there are cores: first its corpus, which must pass, then new input for so many
# seconds each. usage: scripts/fuzz.sh SECONDS [FILE for "<passed> <failed>" [FILE for what failed]]
#   FUZZ_ONLY="token base_json"   these targets alone
#   FUZZ_JOBS=1                   so many at a time
#   FUZZ_BUILD=DIRECTORY          built there (build/fuzz)
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10}
count=${2:-}
failures=${3:-/dev/null}
build=${FUZZ_BUILD:-build/fuzz}
jobs=${FUZZ_JOBS:-$(nproc)}

if [ ! -e "$build/build.ninja" ]; then
    CC=clang meson setup "$build" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
fi
ninja -C "$build" --quiet
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export ASAN_OPTIONS=detect_leaks=1

# final NAME: a number that libFuzzer printed at the end, from standard input.
final() { awk -v name="stat::$1:" '$1 == name { print $2 }'; }

# fuzz NAME: its status is what was found. What it finds is kept in the build directory; a finding worth keeping goes into
# fuzz/corpus by hand.
fuzz() {
    local name=$1 work=$build/fuzz-work/$1 inputs=()
    mkdir -p "$work/found"
    [ ! -d "fuzz/corpus/$name" ] || inputs=("fuzz/corpus/$name")
    [ ! -f "fuzz/$name.dict" ] || inputs+=("-dict=fuzz/$name.dict")
    "$build/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$work/" "$work/found" "${inputs[@]}" >"$work/log" 2>&1
}

names=()
for target in "$build"/fuzz/fuzz_*; do
    name=${target##*/fuzz_}
    if [ ! -f "$target" ] || [ ! -x "$target" ]; then continue; fi
    if [ -n "${FUZZ_ONLY:-}" ] && [[ " $FUZZ_ONLY " != *" $name "* ]]; then continue; fi
    names+=("$name")
done
echo "${#names[@]} targets, $seconds s each, $jobs at a time: some $(((${#names[@]} * seconds + jobs - 1) / jobs)) s"

passed=0 failed=0 executed=0
declare -A running=()
# await: until one of those that run has ended, and what came of it.
await() {
    local pid status=0 name log inputs
    wait -n -p pid || status=$?
    name=${running[$pid]} log=$build/fuzz-work/${running[$pid]}/log
    unset "running[$pid]"
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        inputs=$(final number_of_executed_units <"$log")
        executed=$((executed + ${inputs:-0}))
        printf '  %2d of %d  %-20s %12d inputs, nothing found\n' $((passed + failed)) "${#names[@]}" "$name" "${inputs:-0}"
    else
        failed=$((failed + 1))
        { echo "  failed: $name, see $log" && tail -n 30 "$log"; } | tee -a "$failures"
    fi
}
for name in "${names[@]}"; do
    [ ${#running[@]} -lt "$jobs" ] || await
    fuzz "$name" &
    running[$!]=$name
done
while [ ${#running[@]} -gt 0 ]; do await; done

echo "$executed inputs in all; $passed targets found nothing, $failed did"
[ -z "$count" ] || echo "$passed $failed" >"$count"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
