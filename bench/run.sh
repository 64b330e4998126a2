#!/usr/bin/env bash
# Measures the server beside others; bench/README.md says how to read it. usage: bench/run.sh [--help]
set -euo pipefail
cd "$(dirname "$0")/.."
node=${NODE:-$PWD/scripts/node.sh}
out=build/bench
mkdir -p "$out"
exec 9>"$out/lock" # two runs at once would write each other's tokens, and measure each other
flock --nonblock 9 || { echo "Another bench is running." >&2; exit 1; }

cmp -s bench/package-lock.json bench/node_modules/.installed-from || {
    (cd bench && "$node" --npm ci --no-audit --no-fund --loglevel=error)
    cp bench/package-lock.json bench/node_modules/.installed-from
}
flags=(-O2 -std=gnu17 -D_GNU_SOURCE -Wall -Wextra)
{ [ "$out/floor" -nt bench/floor.c ] && [ "$out/floor" -nt bench/bare_verify.c ]; } ||
    gcc "${flags[@]}" -o "$out/floor" bench/floor.c bench/bare_verify.c -lcrypto -lsodium
[ "$out/sodium_rate" -nt bench/sodium_rate.c ] || gcc "${flags[@]}" -o "$out/sodium_rate" bench/sodium_rate.c -lsodium
[ "$out/library_rate" -nt bench/library_rate.c ] || gcc "${flags[@]}" -Iinclude -o "$out/library_rate" bench/library_rate.c -Lbuild/src/library \
    -Wl,-rpath,"$PWD/build/src/library" -lchatelaine -ljwt -lcjose -ljansson -lcrypto -lsodium
[ "$out/chat_load" -nt bench/chat_load.c ] || gcc "${flags[@]}" -o "$out/chat_load" bench/chat_load.c -lm
[ "$out/store_load" -nt bench/store_load.c ] || gcc "${flags[@]}" -Isrc -o "$out/store_load" bench/store_load.c build/src/store/libstore.a build/src/base/libbase.a \
    -lsqlite3 -lpq -lunistring -lev -lcrypto -lsodium -ljansson -lpthread -lm

exec "$node" bench/bench.mjs "$@"
