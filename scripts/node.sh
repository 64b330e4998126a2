#!/usr/bin/env bash
# Runs Node.js 20.19 or later: the system's where it is new enough, else one from the npm registry, installed once into
# .cache/node (Debian 12 has 18, for which today's build tools are not made any more).
# usage: scripts/node.sh FILE|OPTIONS…        node
#        scripts/node.sh --npm ARGUMENTS…     npm, run by that node
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
own=$root/.cache/node

is_new_enough() { "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; }

npm=(npm)
if ! is_new_enough node; then
    if ! cmp -s "$root/scripts/node/package-lock.json" "$own/installed-from"; then
        echo "Node.js here is older than 20.19: fetching a newer one, and its npm, into .cache/node" >&2
        mkdir -p "$own"
        cp "$root"/scripts/node/package*.json "$own/"
        (cd "$own" && npm ci --no-audit --no-fund --loglevel=error >&2)
        cp "$own/package-lock.json" "$own/installed-from"
    fi
    PATH=$(echo "$own"/node_modules/node-linux-*/bin):$PATH
    npm=(node "$own/node_modules/npm/bin/npm-cli.js")
    if ! is_new_enough node; then
        echo "No Node.js of 20.19 or later is to be had for this machine ($(uname -m)). Install one by hand." >&2
        exit 1
    fi
fi
if [ "${1:-}" = --npm ]; then
    shift
    exec "${npm[@]}" "$@"
fi
exec node "$@"
