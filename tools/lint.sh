#!/usr/bin/env bash
# Checks everything that needs no test to be run; all of it, even when some
# fails. Ends with a line that counts the checks.
#
# usage: tools/lint.sh [quick|tidy|all]   quick: what is done in seconds;
#                                         tidy: clang-tidy alone
# environment: TIDY_PATHS  folders or files for clang-tidy (default: what is
#                          shipped, server and storage)
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
venv=$PWD/.tools/venv/bin
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0 skipped=0

# Runs check $1, which is the command that follows; silent if it passes.
check() {
  local name=$1 output=$scratch/output start=$SECONDS
  shift
  if "$@" >"$output" 2>&1; then
    passed=$((passed + 1))
    printf 'lint: %-24s ok (%d s)\n' "$name" $((SECONDS - start))
  else
    failed=$((failed + 1))
    cat "$output"
    printf 'lint: %-24s FAILED\n' "$name"
  fi
}

skip() {
  skipped=$((skipped + 1))
  printf 'lint: %-24s skipped: %s\n' "$1" "$2"
}

# Prints the files known or new to git, if they match and still exist.
sources() {
  local path
  git ls-files -co --exclude-standard -- "$@" | while read -r path; do
    [[ ! -f $path ]] || printf '%s\n' "$path"
  done
}

scripts() {
  local path
  sources | while read -r path; do
    case $path in
      *.sh | .ci/run) printf '%s\n' "$path" ;;
    esac
  done
}

# One finding a file is enough: make format mends them all.
clang_format() {
  sources '*.cc' '*.h' |
    xargs -r clang-format-14 --dry-run -Werror --ferror-limit=1
}

shell_scripts() {
  scripts | xargs -r "$venv/shellcheck" -x
}

# A descriptor set of the contract in folder $1, written to $2.
descriptor_set() {
  (cd "$1" && find broadcast -name '*.proto' | sort) |
    xargs -r "$venv/python" -m grpc_tools.protoc -I "$1" -I .tools/googleapis \
      --include_imports --include_source_info --descriptor_set_out="$2"
}

# Both sides are compiled here, so that the imports which buf cannot see (they
# are in .tools/) are there on both.
breaking() {
  local tag=$1 config='{"version":"v1","breaking":{"use":["FILE"]}}'
  mkdir -p "$scratch/then"
  git archive "$tag" protos | tar -x -C "$scratch/then" &&
    descriptor_set "$scratch/then/protos" "$scratch/then.binpb" &&
    descriptor_set protos "$scratch/now.binpb" &&
    "$venv/buf" breaking "$scratch/now.binpb" --path broadcast \
      --against "$scratch/then.binpb" --config "$config"
}

# Whether the committed stubs are what the contract generates today.
stubs_are_fresh() {
  local committed=clients/python/src generated=$scratch/stubs
  tools/proto.sh "$generated" "$scratch/protoset" || return 1
  if [[ ! -d $committed/broadcast ]]; then
    echo "There are no stubs in $committed: run make proto."
    return 1
  fi
  (cd "$generated" && find broadcast -type f | sort) >"$scratch/expected"
  (cd "$committed" && find broadcast -name '*_pb2*.py*' -not -name '*.pyc' |
    sort) >"$scratch/found"
  if ! diff -u "$scratch/found" "$scratch/expected"; then
    echo "The stubs in $committed lack or add files: run make proto."
    return 1
  fi
  local path
  while read -r path; do
    if ! diff -u "$committed/$path" "$generated/$path"; then
      echo "$committed/$path is stale: run make proto."
      return 1
    fi
  done <"$scratch/expected"
}

quick() {
  check clang-format clang_format
  check shellcheck shell_scripts
  check "ruff check" "$venv/ruff" check -q .
  check "ruff format" "$venv/ruff" format -q --check .
  if [[ ! -d protos ]]; then
    skip "contract" "there is no folder protos"
    return
  fi
  check "buf lint" "$venv/buf" lint protos
  check "buf format" "$venv/buf" format -d --exit-code protos
  local tag
  if tag=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null); then
    check "buf breaking ($tag)" breaking "$tag"
  else
    skip "buf breaking" "no release is tagged yet to compare with"
  fi
  check "stubs are fresh" stubs_are_fresh
}

generate() {
  cmake --preset test && cmake --build --preset test --target generated
}

tidy() {
  check "generated sources" generate
  # shellcheck disable=SC2086  # a list of words
  check clang-tidy nice "$venv/python" tools/tidy.py ${TIDY_PATHS:-server storage}
}

case ${1:-all} in
  quick) quick ;;
  tidy) tidy ;;
  all)
    quick
    tidy
    ;;
  *)
    sed -n '5,6s/^# //p' "${BASH_SOURCE[0]}" >&2
    exit 64
    ;;
esac
printf 'lint: %d passed, %d failed, %d skipped\n' $passed $failed $skipped
((failed == 0))
