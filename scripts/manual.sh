#!/bin/sh
# Writes docs/man/chatelaine*.1 anew, as the program itself tells them: scripts/manual.sh [build/chatelaine]
set -eu
cd "$(dirname "$0")/.."
program=${1:-build/chatelaine}
"$program" manual >docs/man/chatelaine.1
"$program" complete -- '' | while read -r command; do
    "$program" manual "$command" >"docs/man/chatelaine-$command.1"
done
