#!/usr/bin/env bash
# Runs clang-tidy on one C file, unless the file as the compiler sees it, headers and comments included, was found clean
# before. usage: scripts/tidy.sh FILE BUILD-DIRECTORY
set -euo pipefail
file=$1 build=$2
stamp=$build/tidy/${file//\//-}

# The file's own compile command, taken apart by Python's shlex as a shell would, with -E -C in place of -c -o.
preprocessed() {
    python3 - "$file" "$build" <<'PYTHON'
import json, os, shlex, subprocess, sys
file, build = sys.argv[1:]
for entry in json.load(open(os.path.join(build, 'compile_commands.json'))):
    if os.path.realpath(os.path.join(entry['directory'], entry['file'])) == os.path.realpath(file):
        words = shlex.split(entry['command'])
        output = words.index('-o')
        del words[output:output + 2]
        words[words.index('-c')] = '-E'
        sys.exit(subprocess.call(words + ['-C', '-w'], cwd=entry['directory']))
sys.exit(3)
PYTHON
}

status=0
text=$(preprocessed | sha256sum; exit "${PIPESTATUS[0]}") || status=$?
if [ "$status" -eq 3 ]; then
    echo "  $file is in no build: not checked"
    exit 0
fi
seen=$(printf '%s %s' "$text" "$(sha256sum <.clang-tidy)")
[ "$(cat "$stamp" 2>/dev/null)" != "$seen" ] || exit 0
echo "  clang-tidy $file"
clang-tidy --quiet -p "$build" "$file" 2> >(grep -vE '^[0-9]+ warnings? (generated|and)|^Suppressed|^Use -header-filter' >&2)
mkdir -p "$build/tidy"
echo "$seen" >"$stamp"
