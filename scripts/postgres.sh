#!/usr/bin/env bash
# A throw-away PostgreSQL for tests, from the wheel that scripts/setup.sh unpacks: `start` prints its address,
# `stop` stops it and removes its files, `run` lets a command find it in FUZE_TEST_DATABASE_URL, `replica` adds a copy
# that follows it. It listens on a socket in its own folder, keeps nothing over a power cut, and lets in `fuze`, who
# may make databases but is no superuser, so that row-level security holds for its tests.
#
#   scripts/postgres.sh run swift test
#
# FUZE_TEST_POSTGRES names another folder than the usual one, for a second server.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

packages="${FUZE_PACKAGES:-$PWD/.deps/packages}"
folder="${FUZE_TEST_POSTGRES:-${TMPDIR:-/tmp}/fuze-postgres-$(pwd -P | cksum | cut -d' ' -f1)}"
port=5432
address="postgresql://fuze@/postgres?host=${folder}&port=${port}"

# PostgreSQL refuses to run as root.
unprivileged() {
    if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups -- env HOME="$folder" "$@"; else "$@"; fi
}

# For what goes on when the script has ended: holds nothing open that whoever called it waits for.
detached() {
    (
        for descriptor in /proc/self/fd/*; do
            descriptor="${descriptor##*/}"
            [ "$descriptor" -le 2 ] || [ "$descriptor" -eq 255 ] || eval "exec $descriptor>&-"
        done
        unprivileged "$@"
    )
}

programs() {
    local wheel="$packages/pgserver/pginstall"
    [ -x "$wheel/bin/postgres" ] || { echo "postgres: scripts/setup.sh has not run" >&2; return 1; }
    # A checkout inside a closed home cannot be read by another user.
    if unprivileged test -x "$wheel/bin/postgres"; then
        echo "$wheel/bin"
    else
        [ -d "$folder/pgserver" ] || cp -r "$packages/pgserver" "$packages/pgserver.libs" "$folder/"
        echo "$folder/pgserver/pginstall/bin"
    fi
}

start() {
    if running; then echo "$address"; return; fi
    mkdir -p "$folder"
    chmod 700 "$folder"
    [ "$(id -u)" -ne 0 ] || chown nobody:nogroup "$folder"
    local bin
    bin="$(programs)"
    if [ ! -f "$folder/data/PG_VERSION" ]; then
        rm -rf "$folder/data"
        unprivileged "$bin/initdb" --pgdata "$folder/data" --username postgres --auth trust --encoding UTF8 \
            --locale C --no-sync > "$folder/initdb.log"
        cat > "$folder/settings" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$folder'
port = $port
max_connections = 300
shared_buffers = '64MB'
fsync = off
full_page_writes = off
wal_level = replica
max_wal_size = '256MB'
# A replica that lost its connection in a restart finds what it has missed.
wal_keep_size = '512MB'
wal_retrieve_retry_interval = '200ms'
log_min_messages = 'fatal'
SETTINGS
        unprivileged tee -a "$folder/data/postgresql.conf" < "$folder/settings" > /dev/null
    fi
    detached "$bin/pg_ctl" --pgdata "$folder/data" --log "$folder/postgres.log" --wait --silent start >&2 \
        || { cat "$folder/postgres.log" >&2; return 1; }
    unprivileged "$bin/psql" --quiet --no-psqlrc --host "$folder" --port "$port" --username postgres template1 <<'SQL'
CREATE EXTENSION IF NOT EXISTS vector;
SELECT 'CREATE ROLE fuze LOGIN CREATEDB NOSUPERUSER' WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'fuze')
\gexec
GRANT EXECUTE ON FUNCTION pg_wal_replay_pause(), pg_wal_replay_resume() TO fuze;
SQL
    echo "$address"
}

# A copy of the running server that follows it, as an installation's replica does.
replica() {
    running || { echo "postgres: no server to follow" >&2; return 1; }
    if ! running replica; then
        local bin
        bin="$(programs)"
        rm -rf "$folder/replica"
        unprivileged "$bin/pg_basebackup" --host "$folder" --port "$port" --username postgres --pgdata "$folder/replica" \
            --checkpoint fast --wal-method stream --no-sync --write-recovery-conf
        detached "$bin/pg_ctl" --pgdata "$folder/replica" --log "$folder/replica.log" --wait --silent \
            --options "-p $((port + 1))" start >&2 || { cat "$folder/replica.log" >&2; return 1; }
    fi
    echo "${address/port=$port/port=$((port + 1))}"
}

# Ends every connection at once and comes back, as after a crash.
restart() {
    detached "$(programs)/pg_ctl" --pgdata "$folder/data" --log "$folder/postgres.log" --mode immediate --wait \
        --silent restart >&2
}

running() {
    local pid="$folder/${1:-data}/postmaster.pid"
    [ -f "$pid" ] && kill -0 "$(head -1 "$pid")" 2>/dev/null
}

stop() {
    local data
    for data in replica data; do
        if running "$data"; then
            unprivileged "$(programs)/pg_ctl" --pgdata "$folder/$data" --mode immediate --wait --silent stop
        fi
    done
    rm -rf "$folder"
}

# Stops the server afterwards, unless it was there before.
run() {
    if ! running; then trap stop EXIT; fi
    # Apart from the command: a start that failed must end this, or the tests would pass on SQLite.
    local url
    url="$(start)"
    FUZE_TEST_DATABASE_URL="$url" "$@"
}

case "${1:-}" in
start) start ;;
replica) replica ;;
restart) restart ;;
stop) stop ;;
run)
    shift
    run "$@"
    ;;
*) echo "usage: scripts/postgres.sh start|replica|restart|stop|run command…" >&2; exit 2 ;;
esac
