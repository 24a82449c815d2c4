# The verbs of this repository. `make` alone prints them.
# Variables: LISTEN (make run), ONLY (make bench), JOBS, TIDY_PATHS (make lint),
# STEPS (make test).

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

LISTEN ?= 127.0.0.1:50051
JOBS ?= $(shell nproc)
ONLY ?=
STEPS ?=
export JOBS TIDY_PATHS

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' \
	  Makefile

.PHONY: setup
setup: ## Install what build, tests and lint need (Debian packages, .tools/)
	@tools/setup.sh

.PHONY: build
build: ## Build build/release/bin/broadcastd and broadcastctl
	@tools/setup.sh apt-build proto
	@cmake --preset release
	@cmake --build --preset release -j $(JOBS)

.PHONY: run
run: ## Build, then serve on LISTEN (127.0.0.1:50051) from data/broadcastd.db
	@tools/setup.sh apt-build proto go
	@$(MAKE) build
	@mkdir -p data
	@printf '\nTry next, in another terminal:\n'
	@printf '  .tools/bin/grpcurl -plaintext %s %s\n' $(LISTEN) list \
	  $(LISTEN) broadcast.v1.AdminService/GetServerInfo
	@printf '\n'
	@exec build/release/bin/broadcastd --listen $(LISTEN) \
	  --database sqlite:data/broadcastd.db

.PHONY: demo
demo: ## Play a broadcast from registration to arrival, beside a fake Telegram
	@tools/setup.sh apt-build python
	@$(MAKE) build
	@PYTHONPATH=clients/python/src .tools/venv/bin/python \
	  examples/demo/demo.py build/release/bin

.PHONY: test
test: ## Lint and all tests, the C++ ones under sanitizers where they can be
	@tools/setup.sh
	@tools/test.sh $(STEPS)

.PHONY: test-sanitizers
test-sanitizers: ## All C++ tests under the sanitizers (gRPC not under thread)
	@tools/setup.sh
	@for preset in asan tsan; do \
	  cmake --preset $$preset; \
	  cmake --build --preset $$preset -j $(JOBS); \
	done
	@ctest --preset asan -j $(JOBS)
	@ctest --preset tsan -j $(JOBS) -E '^rpc_'

.PHONY: test-crash
test-crash: ## Kill the server again and again; nothing may be lost or sent twice
	@tools/setup.sh
	@cmake --preset test
	@cmake --build --preset test -j $(JOBS)
	@BROADCASTD_CRASH_ROUNDS=50 ctest --preset test -L crash --verbose
	@BROADCASTD_DELIVERY_ROUNDS=200 BROADCASTD_BIN=$(CURDIR)/build/test/bin \
	  PYTHONPATH=clients/python/src .tools/venv/bin/python -m pytest -q -s \
	  -p no:cacheprovider tests/faults/test_delivery_crashes.py
	@BROADCASTD_PLAN_ROUNDS=100 BROADCASTD_HISTORIES=40 \
	  BROADCASTD_BIN=$(CURDIR)/build/test/bin \
	  PYTHONPATH=clients/python/src .tools/venv/bin/python -m pytest -q -s \
	  -p no:cacheprovider tests/faults/test_plan_crashes.py \
	  tests/faults/test_sync_histories.py
	@BROADCASTD_PAUSE_SECONDS=60 BROADCASTD_BIN=$(CURDIR)/build/test/bin \
	  PYTHONPATH=clients/python/src .tools/venv/bin/python -m pytest -q -s \
	  -p no:cacheprovider tests/faults/test_delivery_replicas.py

.PHONY: bench
bench: ## Measure (ONLY=name: one of them); writes build/bench.json
	@tools/setup.sh apt python
	@cmake --preset release -D BROADCASTD_BENCH=ON
	@cmake --build --preset release -j $(JOBS)
	@.tools/venv/bin/python tests/bench/run.py $(ONLY)

.PHONY: lint
lint: ## Check format, contract, scripts, Python, stubs; clang-tidy
	@tools/setup.sh apt python
	@tools/lint.sh

.PHONY: format
format: ## Rewrite C++, protos and Python in the house format
	@tools/setup.sh apt python
	@git ls-files -co --exclude-standard -- '*.cc' '*.h' | \
	  while read -r path; do test ! -f "$$path" || echo "$$path"; done | \
	  xargs -r clang-format-14 -i
	@.tools/venv/bin/buf format -w protos
	@.tools/venv/bin/ruff check -q --fix-only .
	@.tools/venv/bin/ruff format -q .

.PHONY: proto
proto: ## Generate clients/python stubs and build/broadcast.protoset
	@tools/setup.sh apt-build python
	@tools/proto.sh clients/python/src build/broadcast.protoset

.PHONY: clean
clean: ## Remove build/, stopping test databases (data/, .tools/ stay)
	@test ! -d build || find build -name url_tcp -printf '%h\n' | \
	  xargs -r -n 1 tests/support/postgres_server.sh stop
	@rm -rf build
