#!/usr/bin/env bash
# Makes a static library that clashes with nobody: all objects linked into one, in which only chatelaine_* is to be seen.
# usage: prelink.sh OUTPUT.a OBJECTS.a [LIBRARY.a…]     OBJECTS wholly, of the others what they need
set -euo pipefail
output=$1 objects=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
object=$work/$(basename "$output" .a).o
"${LD:-ld}" -r -o "$object" --whole-archive "$objects" --no-whole-archive --start-group "$@" --end-group
"${OBJCOPY:-objcopy}" --wildcard --keep-global-symbol='chatelaine_*' "$object"
rm -f "$output"
"${AR:-ar}" rcsD "$output" "$object"
