#!/usr/bin/env bash
# A PostgreSQL server of a test's own: a fresh cluster in DIRECTORY, reachable by a Unix socket there and by nothing else.
#   postgres.sh start DIRECTORY PID   makes and starts it; it is stopped when process PID has gone. Prints its URL
#   postgres.sh stop DIRECTORY        postgres.sh again DIRECTORY      stops it; starts it again
#   postgres.sh kill DIRECTORY        as a power cut ends it
#   postgres.sh pause DIRECTORY       postgres.sh continue DIRECTORY   all of its processes hang; go on
#   postgres.sh sql DIRECTORY TEXT    postgres.sh bin                  runs SQL; says where the programs are
# Its user is `chatelaine`, the password `a pass/word`, asked for as anywhere.
set -euo pipefail

password='a pass/word'
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "There is no PostgreSQL here (Debian package: postgresql)." >&2; exit 1; }

# It refuses to be root.
as_owner() {
    if [ "$(id -u)" -ne 0 ]; then "$@"; else
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups env -i PATH="$PATH" LC_ALL=C.UTF-8 "$@"
    fi
}
owner=$(id -un)
[ "$(id -u)" -ne 0 ] || owner=$(id -un postgres 2>/dev/null || echo nobody)

launch() {
    as_owner "$bin/pg_ctl" -D "$1/data" -w -s -t 60 -l "$1/log" \
        -o "-c listen_addresses='' -c unix_socket_directories='$1' -c shared_buffers=32MB -c max_connections=60" start </dev/null >/dev/null
}

# The postmaster and all that it has started.
processes() {
    local main
    main=$(head -n 1 "$1/data/postmaster.pid")
    echo "$main"
    cat "/proc/$main/task/$main/children"
}

start() {
    local directory=$1
    mkdir -p "$directory"
    [ "$(id -u)" -ne 0 ] || chown "$owner" "$directory"
    chmod 0755 "$directory"
    printf '%s\n' "$password" >"$directory/password"
    as_owner "$bin/initdb" --no-sync --username=chatelaine --auth=scram-sha-256 --pwfile="$directory/password" --encoding=UTF8 \
        --locale=C.UTF-8 --pgdata="$directory/data" >"$directory/initdb.log" 2>&1 || { cat "$directory/initdb.log" >&2; exit 1; }
    launch "$directory"
    setsid "$0" watch "$directory" "$2" </dev/null >/dev/null 2>&1 & # outlives a signal to the test's whole group
    echo "postgres://chatelaine:a%20pass%2Fword@/postgres?host=$directory"
}

watch() {
    while kill -0 "$2"; do sleep 0.5; done
    stop "$1"
}

stop() { [ ! -e "$1/data/postmaster.pid" ] || as_owner "$bin/pg_ctl" -D "$1/data" -w -s -m immediate stop >/dev/null 2>&1 || true; }

case ${1:-} in
start) start "$2" "$3" ;;
watch) watch "$2" "$3" ;; # by start
stop) stop "$2" ;;
again) launch "$2" ;;
kill) processes "$2" | xargs kill -KILL 2>/dev/null || true; sleep 0.2; rm -f "$2/data/postmaster.pid" "$2"/.s.PGSQL.* ;;
pause) processes "$2" | xargs kill -STOP ;;
continue) processes "$2" | xargs kill -CONT ;;
sql) PGPASSWORD=$password "$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$2" -U chatelaine -d postgres -c "$3" ;;
bin) echo "$bin" ;;
*) sed -n '2,9p' "$0" >&2; exit 2 ;;
esac
