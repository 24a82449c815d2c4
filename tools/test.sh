#!/usr/bin/env bash
# What `make test` does: cheap checks first, all of them even when some fail,
# then what failed once more, a table and a line that counts. The log of each
# step is in build/test_logs.
#
# usage: tools/test.sh [STEP...]   lint cpp python faults tidy asan tsan
# environment: JOBS       how many tests and compilers at a time
#              FAIL_FAST  set: stop at the first step that fails
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
jobs=${JOBS:-$(nproc)}
logs=build/test_logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0 table=
broken=()  # the steps that failed
tidying=   # the process that runs clang-tidy, if it does so by now

lint() { tools/lint.sh quick; }

# What tests of faults mostly do is to wait: clang-tidy has the cores
# meanwhile, behind them. Its output comes in a step of its own.
tidy_beside() {
  nice -n 19 tools/lint.sh tidy >"$logs/tidy_beside" 2>&1
  echo $? >"$logs/tidy_status"
}

tidy() {
  if [[ -z $tidying ]]; then
    tools/lint.sh tidy
    return
  fi
  tail --pid="$tidying" -f /dev/null
  cat "$logs/tidy_beside"
  return "$(cat "$logs/tidy_status")"
}

# Builds preset $1 (its target $2) and runs the tests that the rest selects.
ctest_preset() {
  local preset=$1 target=$2
  shift 2
  cmake --preset "$preset" &&
    cmake --build --preset "$preset" -j "$jobs" --target "$target" &&
    ctest --preset "$preset" -j "$jobs" "$@"
}

# The C++ tests that are too slow under a sanitizer. All others run in step
# asan, once: `ctest --preset test` runs all of them without.
cpp() { ctest_preset test plain_tests -LE sanitize; }

asan() { ctest_preset asan sanitize_tests -L sanitize; }

tsan() { ctest_preset tsan sanitize_tests -L threads; }

# Against the binaries of preset test, which step cpp builds; a file at a time on
# each core.
python() {
  pytest_in -n "$jobs" --dist loadfile --ignore tests/faults \
    tests clients/python examples
}

# Those tell how long something took: one at a time.
faults() { pytest_in tests/faults; }

pytest_in() {
  PYTHONPATH=clients/python/src${PYTHONPATH:+:$PYTHONPATH} \
    BROADCASTD_BIN=$PWD/build/test/bin \
    BROADCASTD_GRPCURL=$PWD/.tools/bin/grpcurl \
    .tools/venv/bin/python -m pytest -q -p no:cacheprovider "$@"
}

# Prints what log $1 counts: passed, failed, skipped.
counts() {
  awk '
    match($0, /[0-9]+ tests failed out of [0-9]+/) {   # ctest
      split(substr($0, RSTART, RLENGTH), word, " ")
      failed += word[1]; passed += word[6] - word[1]
    }
    /^lint: [0-9]+ passed, [0-9]+ failed/ {
      passed += $2; failed += $4; skipped += $6
    }
    /^(=+ )?[0-9]+ (passed|failed|errors?|skipped|deselected|warnings?).* in [0-9.]+s/ {   # pytest
      line = $0
      while (match(line, /[0-9]+ (passed|failed|errors?|skipped)/)) {
        split(substr(line, RSTART, RLENGTH), word, " ")
        if (word[2] == "passed") passed += word[1]
        else if (word[2] == "skipped") skipped += word[1]
        else failed += word[1]
        line = substr(line, RSTART + RLENGTH)
      }
    }
    END { print passed + 0, failed + 0, skipped + 0 }
  ' "$1"
}

# Runs step $1. One that fails without a count (it did not build, or found no
# tests) counts as one failure.
step() {
  local name=$1 start=$SECONDS status p f s
  printf '\n=== %s\n' "$name"
  "$name" 2>&1 | tee "$logs/$name"
  status=${PIPESTATUS[0]}
  read -r p f s < <(counts "$logs/$name")
  if ((status != 0 && f == 0)); then
    f=1
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  table+=$(printf '%-8s %5d passed %3d failed %3d skipped %5d s' \
    "$name" "$p" "$f" "$s" $((SECONDS - start)))$'\n'
  if ((f != 0)); then
    broken+=("$name")
    return 1
  fi
}

# What log $1 says of failures, and its end: whoever reads only the last lines
# of a long output shall find the reason there.
failures() {
  printf '\n=== %s failed\n' "$(basename "$1")"
  {
    grep -E '(error|warning): |FAILED|^E  |^FAIL|not clean' "$1" | head -n 40
    echo ...
    tail -n 20 "$1"
  } | cut -c1-300
}

(($#)) || set -- lint cpp python faults tidy asan tsan
for name in "$@"; do
  case $name in
    lint | cpp | python | faults | tidy | asan | tsan) ;;
    *)
      echo "test: no step $name" >&2
      exit 64
      ;;
  esac
  if [[ $name == faults && " $* " == *" tidy "* ]]; then
    tidy_beside &
    tidying=$!
  fi
  step "$name" || [[ -z ${FAIL_FAST-} ]] || break
done
wait
for name in "${broken[@]}"; do
  failures "$logs/$name"
done
printf '\n%s\n' "$table"
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
((failed == 0))
