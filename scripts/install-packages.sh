#!/usr/bin/env bash
# Installs the Debian packages that packages.txt lists and that are missing: with no argument those of the first section
# (build and run), with `all` every one. Where nothing is missing it asks for no rights and touches no network.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted() {
    awk -v all="${1:-}" '/^# ---/ { section++ } section > 1 && all != "all" { exit } !/^#/ && NF { print $1 }' packages.txt
}

# Some packages are as good from elsewhere (a newer Node.js brings its own npm): then their command is there.
is_there() {
    case $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) in installed) return 0 ;; esac
    case $1 in
    nodejs) command -v node >/dev/null ;;
    npm) command -v npm >/dev/null ;;
    *) return 1 ;;
    esac
}

missing=()
for package in $(wanted "${1:-}"); do
    is_there "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "Debian packages to install: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
    echo "This is not Debian (no apt-get): install what corresponds to these by hand, then run this again." >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Installing them needs root, and there is no sudo here. As root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
# The servers among them are for tests, which start their own: none is to begin serving here. This file is how Debian
# is told so; where the machine has one already, that holds.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
fi
# A fresh machine has no package lists yet, an old one has lists whose files are gone: then they are fetched, once.
install_missing() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
}
install_missing || {
    "${as_root[@]}" apt-get update
    install_missing
}
