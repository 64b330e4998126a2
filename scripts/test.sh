#!/usr/bin/env bash
# Runs every test and prints as its last line how many passed and failed. With arguments only these parts:
#   house  the rules of the house                 acme         the example app alone
#   web    the chat's unit tests, all types       integration  the real binary (ASan+UBSan) and its peers
#   dashboard  the dashboard's unit tests
#   unit   C unit tests                           fuzz         every parser: its corpus, then FUZZ_SECONDS=15 more
#   asan   C unit tests under ASan+UBSan          e2e          Acme in a real browser
#   tsan   C unit tests under ThreadSanitizer     clang        builds without a warning by clang
#   integration_postgres  the story, restarts and administration once more with everything in PostgreSQL
#   integration_tsan  the real binary under ThreadSanitizer
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
out=$root/build/test
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(house web dashboard acme unit clang asan tsan integration integration_postgres integration_tsan fuzz e2e)
mkdir -p "$out"

node=${NODE:-$root/scripts/node.sh}
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=0:strict_string_checks=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
export CMOCKA_MESSAGE_OUTPUT=TAP

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }

# configure NAME [meson options]: a build directory of its own for each kind of build; CC says which compiler. Warnings end the plain builds
# only: of what sanitizers add to the code, gcc warns where there is nothing.
configure() {
    local directory=$out/$1
    shift
    [ -e "$directory/build.ninja" ] ||
        meson setup "$directory" -Dtests=true "$@" >"$directory.setup.log" 2>&1 ||
        { cat "$directory.setup.log"; return 1; }
}

compile() {
    ninja -C "$out/$1" >"$out/$1.build.log" || { tail -n 60 "$out/$1.build.log"; return 1; }
}

build_pages() { make --no-print-directory build/web/assets.S; }

build_gcc() { build_pages && CC=gcc configure gcc -Dwerror=true && compile gcc; }
build_asan() { build_pages && CC=gcc configure asan -Db_sanitize=address,undefined && compile asan; }
build_tsan() { CC=gcc configure tsan -Db_sanitize=thread && compile tsan; }
build_clang() { CC=clang configure clang -Dwerror=true -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false && compile clang; }

# count KIND FILE: puts the numbers where the end of this script adds them up.
count() { "$node" scripts/count-results.mjs "$1" "$2" >"$out/$part.count" 2>>"$out/$part.failed"; }

install_js() { # DIRECTORY: what its lock file says, only where that has changed
    cmp -s "$1/package-lock.json" "$1/node_modules/.installed-from" && return
    (cd "$1" && "$node" --npm ci --no-audit --no-fund --loglevel=error)
    cp "$1/package-lock.json" "$1/node_modules/.installed-from"
}

prefix=() # what tests are started by
# units BUILD [meson test options]: the C unit tests of one build.
units() {
    local build=$1 status=0
    shift
    install_js tests # some have a peer that runs in Node
    rm -f "$out/$build/meson-logs/testlog.json"
    "${prefix[@]}" meson test -C "$out/$build" --no-rebuild --quiet --print-errorlogs "$@" >"$out/$build.test.log" 2>&1 || status=$?
    [ "$status" -eq 0 ] || cat "$out/$build.test.log"
    count meson "$out/$build/meson-logs/testlog.json"
}

# node_tests FILE-OR-DIRECTORY…: with a report for people and one for the count.
node_tests() {
    local tap=$out/$part.tap status=0
    "${prefix[@]}" "$node" --test --test-concurrency=2 --test-timeout=300000 --test-reporter=spec --test-reporter-destination=stdout \
        --test-reporter=tap --test-reporter-destination="$tap" "$@" || status=$?
    count node-tap "$tap"
    [ "$status" -eq 0 ] || return 1
}

part_house() { node_tests tests/unit/house/*.test.mjs; }
part_acme() {
    install_js examples/acme-bank
    node_tests examples/acme-bank/test/acme.test.mjs
}
part_web() {
    make --no-print-directory web/node_modules/.package-lock.json
    (cd web && "$node" --npm run --silent types && "$node" --npm exec -- vitest run --root widget --reporter=default --reporter=json --outputFile="$out/web.json")
    count vitest "$out/web.json"
}
part_dashboard() {
    make --no-print-directory web/node_modules/.package-lock.json
    (cd web && "$node" dashboard/generate.mjs && "$node" --npm exec -- vitest run --root dashboard --reporter=default --reporter=json --outputFile="$out/dashboard.json")
    count vitest "$out/dashboard.json"
}
part_unit() {
    build_gcc
    units gcc
}
part_asan() {
    build_asan
    units asan --timeout-multiplier=4
}
# ThreadSanitizer's own memory has a fixed place, which must not be taken by a random one of ours.
fix_addresses() {
    if setarch --addr-no-randomize true 2>/dev/null; then prefix=(setarch --addr-no-randomize); fi
}
part_tsan() {
    build_tsan
    fix_addresses
    units tsan --timeout-multiplier=6
}
part_clang() {
    build_clang
    echo '1 0' >"$out/clang.count"
}
part_integration() {
    build_gcc
    build_asan
    install_js tests
    install_js examples/acme-bank
    export CHATELAINE_BINARY=$out/asan/chatelaine CHATELAINE_PLAIN_BINARY=$out/gcc/chatelaine
    shopt -s nullglob
    node_tests tests/integration/*.test.mjs
}
part_integration_postgres() {
    build_asan
    install_js tests
    install_js examples/acme-bank
    export CHATELAINE_BINARY=$out/asan/chatelaine CHATELAINE_TEST_STORE=postgres
    node_tests tests/integration/{story,restart,verify,surface,statistics,admin-people,apply}.test.mjs
}
# The story, restarts and drains once more with the threads watched.
part_integration_tsan() {
    build_tsan
    build_gcc
    install_js tests
    install_js examples/acme-bank
    fix_addresses
    export CHATELAINE_BINARY=$out/tsan/chatelaine CHATELAINE_PLAIN_BINARY=$out/gcc/chatelaine
    node_tests tests/integration/{story,key-sets,restart,surface,hostile}.test.mjs
}
part_fuzz() {
    build_clang
    FUZZ_BUILD=$out/clang scripts/fuzz.sh "${FUZZ_SECONDS:-15}" "$out/fuzz.count" "$out/fuzz.failed"
}
part_e2e() {
    build_gcc
    install_js examples/acme-bank
    install_js web/e2e
    local status=0
    (cd web/e2e && CHATELAINE_BINARY=$out/gcc/chatelaine PLAYWRIGHT_JSON_OUTPUT_FILE=$out/e2e.json \
        "$node" node_modules/@playwright/test/cli.js test --reporter=list,json) || status=$?
    count playwright "$out/e2e.json"
    [ "$status" -eq 0 ] || return 1
}

passed=0 failed=0
for part in "${parts[@]}"; do
    declare -F "part_$part" >/dev/null || { echo "There is no part \"$part\"." >&2; exit 2; }
    say "$part …"
    rm -f "$out/$part.count" "$out/$part.failed" "$out/$part.tap" "$out/$part.json"
    begun=$SECONDS
    set +e # a part that fails must not end the others
    (set -e; "part_$part")
    status=$?
    set -e
    part_passed=0 part_failed=0
    [ ! -s "$out/$part.count" ] || read -r part_passed part_failed <"$out/$part.count"
    # What broke before or beside the tests counts too: a build, a runner that crashed.
    if [ "$part_passed" -eq 0 ] || { [ "$status" -ne 0 ] && [ "$part_failed" -eq 0 ]; }; then
        [ "$part_failed" -gt 0 ] || part_failed=1
        echo "  failed: $part did not end as it should (exit status $status)" >>"$out/$part.failed"
    fi
    [ ! -s "$out/$part.failed" ] || cat "$out/$part.failed"
    passed=$((passed + part_passed)) failed=$((failed + part_failed))
    say "$part: $part_passed passed, $part_failed failed, $((SECONDS - begun)) s"
done

# Once more at the end, where it is found in a log of which only the end was kept.
for part in "${parts[@]}"; do
    [ ! -s "$out/$part.failed" ] || { echo && echo "$part:" && cat "$out/$part.failed"; }
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
