#!/usr/bin/env bash
# Fuzzes every parser: first its corpus, which must pass, then new input for so many seconds each.
# usage: scripts/fuzz.sh SECONDS [FILE for "<passed> <failed>"]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10}
count=${2:-}
build=${FUZZ_BUILD:-build/fuzz}

if [ ! -e "$build/build.ninja" ]; then
    CC=clang meson setup "$build" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
fi
ninja -C "$build"
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export ASAN_OPTIONS=detect_leaks=1

passed=0 failed=0
for target in "$build"/fuzz/fuzz_*; do
    if [ ! -f "$target" ] || [ ! -x "$target" ]; then continue; fi
    name=${target##*/fuzz_}
    work=$build/fuzz-work/$name
    mkdir -p "$work/found"
    corpus=()
    [ ! -d "fuzz/corpus/$name" ] || corpus=("fuzz/corpus/$name")
    [ ! -f "fuzz/$name.dict" ] || corpus+=("-dict=fuzz/$name.dict")
    # What is found is kept in the build directory; a finding worth keeping goes into fuzz/corpus by hand.
    if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$work/" "$work/found" "${corpus[@]}" >"$work/log" 2>&1; then
        passed=$((passed + 1))
        echo "  $name: $(awk '/number_of_executed_units/ { print $2 }' "$work/log") inputs, nothing found"
    else
        failed=$((failed + 1))
        echo "  failed: $name, see $work/log"
        tail -n 30 "$work/log"
    fi
done
[ -z "$count" ] || echo "$passed $failed" >"$count"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
