#!/usr/bin/env bash
# A private PostgreSQL for the tests, apart from any other on the machine.
#
# usage: postgres_server.sh start DIR          a new, empty cluster, running
#        postgres_server.sh stop DIR           ends and removes it; safe to
#                                              repeat, and after a failed start
#        postgres_server.sh halt DIR           ends it and keeps its data
#        postgres_server.sh crash DIR          the same, without a checkpoint
#        postgres_server.sh resume DIR         starts it again, same port
#        postgres_server.sh run DIR [CMD...]   start, CMD (else: wait for a
#                                              signal), stop; CMD finds the URL
#                                              in POSTGRES_URL
# DIR holds: url (by Unix socket), url_tcp (127.0.0.1), port, pid, log, and the
# links data and socket. Those two live in a folder of their own below /tmp: a
# socket's path may have 107 bytes, and the user postgres, whom the server runs
# as when root asks for it, may not be able to reach DIR.
#
# environment: POSTGRES_FSYNC=off  for tests that prove nothing about crashes
set -euo pipefail

usage() {
  sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 64
}

say() { printf 'postgres_server: %s\n' "$*" >&2; }

# Runs as the user that owns the cluster: the server refuses to be root.
as_owner() {
  if ((EUID == 0)); then
    (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@")
  else
    "$@"
  fi
}

find_programs() {
  local folder
  for folder in /usr/lib/postgresql/{15,17,16,14,13}/bin; do
    if [[ -x $folder/initdb ]]; then
      bin=$folder
      return
    fi
  done
  say "no server programs; run tools/setup.sh apt"
  exit 1
}

# Sets home, the folder below /tmp, if DIR has one that is surely of our making.
read_home() {
  home=$(cat "$dir/home" 2>/dev/null) || return 1
  [[ $home =~ ^/tmp/broadcastd_pg\.[A-Za-z0-9]+$ && -d $home && ! -L $home ]]
}

# Prints the process id of the server, if it runs on our data.
server_pid() {
  local pid arguments
  pid=$(cat "$dir/pid" 2>/dev/null || head -n 1 "$home/data/postmaster.pid" \
    2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  mapfile -d '' -t arguments <"/proc/$pid/cmdline" 2>/dev/null || return 1
  [[ " ${arguments[*]} " == *" $home/data "* ]] || return 1
  printf '%s\n' "$pid"
}

# Whether process $1 is gone (or only waits to be reaped).
is_gone() {
  [[ ! -d /proc/$1 ]] || grep -qs '^State:[[:space:]]*[ZX]' "/proc/$1/status"
}

# Ends the server with signal $1, and harder after half a minute.
end_server() {
  local pid signal tries
  pid=$(server_pid) || return 0
  for signal in "$1" QUIT KILL; do
    kill -s "$signal" "$pid" 2>/dev/null || true
    for ((tries = 0; tries < 300; tries++)); do
      if is_gone "$pid"; then
        rm -f "$dir/pid"
        return 0
      fi
      sleep 0.1
    done
    say "server $pid does not end at $signal"
  done
  return 1
}

# Starts the server on port $1 and waits until it answers.
launch() {
  as_owner "$bin/pg_ctl" start -s -w -t 60 -D "$home/data" -l "$home/log" \
    -o "-p $1" </dev/null >/dev/null 2>&1 || return 1
  head -n 1 "$home/data/postmaster.pid" >"$dir/pid"
}

configure() {
  local fsync=${POSTGRES_FSYNC:-on}
  as_owner tee -a "$home/data/postgresql.conf" >/dev/null <<CONFIGURATION
listen_addresses = '127.0.0.1'
unix_socket_directories = '$home/socket'
max_connections = 200
fsync = $fsync
full_page_writes = $fsync
log_line_prefix = '%m [%p] '
timezone = 'UTC'
CONFIGURATION
}

# Ports below the range that the kernel hands out by itself; one that is taken
# shows in the log, and another is tried.
launch_on_free_port() {
  local port tries
  for ((tries = 0; tries < 20; tries++)); do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    if launch "$port"; then
      printf '%s\n' "$port" >"$dir/port"
      printf 'postgresql://postgres@localhost:%s/postgres?host=%s/socket\n' \
        "$port" "$home" >"$dir/url"
      printf 'postgresql://postgres@127.0.0.1:%s/postgres\n' \
        "$port" >"$dir/url_tcp"
      return 0
    fi
    grep -q 'could not create any TCP/IP sockets' "$home/log" || return 1
    as_owner truncate -s 0 "$home/log"
  done
  return 1
}

start() {
  stop
  find_programs
  mkdir -p "$dir"
  rm -f "$dir/log"
  home=$(mktemp -d /tmp/broadcastd_pg.XXXXXXXX)
  printf '%s\n' "$home" >"$dir/home"
  ((EUID != 0)) || chown postgres:postgres "$home"
  as_owner mkdir -m 0755 "$home/socket"
  as_owner touch "$home/log"
  chmod 0755 "$home"
  ln -s "$home/data" "$dir/data"
  ln -s "$home/socket" "$dir/socket"
  ln -s "$home/log" "$dir/log"
  if ! as_owner "$bin/initdb" --pgdata="$home/data" --username=postgres \
    --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions \
    >"$dir/initdb_log" 2>&1; then
    cat "$dir/initdb_log" >&2
    stop
    return 1
  fi
  rm -f "$dir/initdb_log"
  configure
  if ! launch_on_free_port; then
    tail -n 20 "$home/log" >&2
    say "the server did not start"
    stop
    return 1
  fi
}

stop() {
  if read_home; then
    end_server INT || say "leaving a server behind"
    # The log outlives the server, for whoever looks into a failed test.
    if [[ -f $home/log ]]; then
      rm -f "$dir/log"
      cp "$home/log" "$dir/log"
    fi
    rm -rf "$home"
  fi
  rm -f "$dir"/{url,url_tcp,port,pid,home,data,socket,initdb_log}
}

halt() {
  read_home || return 0
  end_server "$1"
}

resume() {
  find_programs
  if ! read_home; then
    say "there is nothing to resume in $dir"
    return 1
  fi
  server_pid >/dev/null || launch "$(<"$dir/port")" || {
    tail -n 20 "$home/log" >&2
    return 1
  }
}

run() {
  local status=0
  trap 'stop' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  start
  POSTGRES_URL=$(<"$dir/url")
  export POSTGRES_URL
  if (($#)); then
    "$@" || status=$?
  else
    say "ready at $POSTGRES_URL"
    sleep infinity &
    wait $! || true
  fi
  return "$status"
}

(($# >= 2)) || usage
verb=$1
dir=$(realpath -m "$2")
shift 2
case $verb in
  start) start ;;
  stop) stop ;;
  halt) halt INT ;;
  crash) halt QUIT ;;
  resume) resume ;;
  run) run "$@" ;;
  *) usage ;;
esac
