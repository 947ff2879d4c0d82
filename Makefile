# What a developer types. `make test` runs everything; it installs what the tests need on Debian and Ubuntu when run as root.
SHELL := /bin/sh
CARGO ?= cargo
# A workspace of its own: only the bench needs it.
PEERS := --manifest-path bench/peers/Cargo.toml

.PHONY: help test unit simulate e2e instructions bench deps lint format tidy

help:
	@echo 'make test     everything: unit tests, then the real binary behind real proxies and in a real browser'
	@echo 'make unit     cargo test --workspace'
	@echo 'make simulate many more seeds of the simulated nodes (SEEDS=2000 runs so many)'
	@echo 'make e2e      the tests from outside only (ONLY=nginx runs tests/e2e/nginx.test.mjs alone)'
	@echo 'make instructions  counts those of the hot path and compares them with the recorded ones (RECORD=1 records them)'
	@echo 'make bench    release builds, then every measurement of docs/PERFORMANCE.md (ONLY="login_flood" takes that one alone)'
	@echo 'make lint     format, clippy, house rules'
	@echo 'make format   rewrites the formatting'

# The tests of doorward-server have cargo build the binary: the end-to-end tests take that one, and nothing is built twice.
test: deps
	@scripts/timed 'unit tests' $(CARGO) test --workspace
	@scripts/timed 'instruction counts' scripts/instructions
	@scripts/timed 'tests of our scripts' node --test --test-reporter=spec crates/doorward/tests/*.test.mjs
	@scripts/timed 'tests of the client for browsers' npm --prefix sdk/typescript run --silent test
	@scripts/timed 'end-to-end tests' scripts/e2e

unit:
	$(CARGO) test --workspace

simulate:
	DOORWARD_SEEDS=$(or $(SEEDS),500) $(CARGO) test --package doorward-core --test use_cases no_client_sees -- --nocapture

e2e: deps
	@scripts/timed 'build of the binary' $(CARGO) build --package doorward-server
	@scripts/timed 'end-to-end tests' scripts/e2e $(ONLY)

instructions:
	@scripts/timed 'instruction counts' scripts/instructions $(if $(RECORD),record)

# In two invocations: the server that is measured is built as it ships, with no feature that only the bench asks for.
bench:
	@scripts/timed 'release build of the server' $(CARGO) build --release --package doorward-server
	@scripts/timed 'release build of the bench' $(CARGO) build --release --package doorward-bench --package doorward-instructions
	@scripts/timed 'release build of what it is compared with' $(CARGO) build --release --locked $(PEERS) --target-dir target/peers
	$(CARGO) run --quiet --release --package doorward-bench -- run $(ONLY)

deps:
	@scripts/timed 'what the tests need' scripts/test-deps

lint:
	@scripts/timed 'format' $(CARGO) fmt --all --check
	@scripts/timed 'format of bench/peers' $(CARGO) fmt $(PEERS) --check
	@scripts/timed 'clippy' $(CARGO) clippy --workspace --all-targets -- --deny warnings
	@scripts/timed 'house rules' $(CARGO) xtask tidy

format:
	$(CARGO) fmt --all
	$(CARGO) fmt $(PEERS)

tidy:
	$(CARGO) xtask tidy
