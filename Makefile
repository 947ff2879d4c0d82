# What a developer types. `make test` runs everything; it installs what the tests need on Debian and Ubuntu when run as root.
SHELL := /bin/sh
CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
BENCHES := $(wildcard bench/run)

.PHONY: help test unit e2e deps lint format tidy fuzz bench

help:
	@echo 'make test     everything: unit tests, then the real binary behind real proxies and in a real browser'
	@echo 'make unit     cargo test --workspace'
	@echo 'make e2e      the tests from outside only (ONLY=nginx runs tests/e2e/nginx.test.mjs alone)'
	@echo 'make lint     format, clippy, house rules'
	@echo 'make format   rewrites the formatting'
	@echo 'make fuzz     the fuzz targets, FUZZ_EXECUTIONS each'
	@echo 'make bench    the benchmarks'

test: deps
	@scripts/timed 'unit tests' $(CARGO) test --workspace
	@scripts/timed 'tests of our scripts' node --test --test-reporter=spec crates/doorward/tests/*.test.mjs
	@$(MAKE) --no-print-directory e2e

unit:
	$(CARGO) test --workspace

e2e: deps
	@scripts/timed 'build of the binary' $(CARGO) build --package doorward-server
	@scripts/timed 'end-to-end tests' scripts/e2e $(ONLY)

deps:
	@scripts/timed 'what the tests need' scripts/test-deps

lint:
	@scripts/timed 'format' $(CARGO) fmt --all --check
	@scripts/timed 'clippy' $(CARGO) clippy --workspace --all-targets -- --deny warnings
	@scripts/timed 'house rules' $(CARGO) xtask tidy

format:
	$(CARGO) fmt --all

tidy:
	$(CARGO) xtask tidy

fuzz:
	$(CARGO) run --package doorward-fuzz --release -- --executions $(or $(FUZZ_EXECUTIONS),1000000)

bench:
	@$(if $(BENCHES),$(BENCHES),echo 'there are no benchmarks yet'; exit 1)
