# One word per chore. `make` alone lists them; every chore sets up what it lacks.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# Behind a proxy that opens TLS, pip is told of its certificate by PIP_CERT; uv reads SSL_CERT_FILE.
ifdef PIP_CERT
export SSL_CERT_FILE ?= $(PIP_CERT)
endif
# What a chore starts by the hundred keeps what it compiled, whatever the surroundings wish.
unexport PYTHONDONTWRITEBYTECODE
READY := .venv/.ready
BUF := node_modules/.bin/buf
GENERATED := clients/python/src/levada/v1
TYPES := clients/typescript/src/levada/v1
PROJECTS := clients/typescript clients/typescript/examples/html clients/typescript/examples/react clients/web
# So many tests may fail beside others and pass alone; more are looked at as they are.
RACES := 3
PROTOC = $(BIN)/python -m grpc_tools.protoc -I proto --python_out=$(1) --pyi_out=$(1) --grpc_python_out=$(1) \
	$(wildcard proto/levada/v1/*.proto)

PAGE = cd clients/web && ../../node_modules/.bin/vite build --logLevel error --emptyOutDir --outDir $(1)

.PHONY: help setup demo demo-all test test-quick test-slow test-again test-typescript browser chaos check bench generate page pins format clean

help: ## List the chores
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(READY) ## Build .venv with the pinned dependencies

$(READY): pyproject.toml constraints.txt clients/python/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Levada needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(shell grep ^uv== constraints.txt)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt \
		--editable "clients/python[cli]" --requirements pyproject.toml --all-extras --group dev
	@touch $@

demo: $(READY) ## Start everything, ask a first question, print the page's address; Ctrl-C ends it
	@$(BIN)/python -m clients.demo

demo-all: $(READY) ## The same with real servers, from wheels: PostgreSQL, a MongoDB-compatible one, one like Slack
	@$(BIN)/python -m clients.demo --all

test: test-quick test-slow ## Run every test that needs no more than Python

test-quick: $(READY) ## Run the quick ones of them, side by side
	@$(BIN)/python -m pytest -q -n auto --dist loadscope -m "not slow and not browser"

test-slow: $(READY) ## Run the slow ones of them, two files at a time
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "slow and not browser"

test-again: $(READY) ## Run the few tests that failed last once more, alone: whether they race with others or are broken
	@$(BIN)/python -c 'import json; exit(not 0 < len(json.load(open(".pytest_cache/v/cache/lastfailed"))) <= $(RACES))' || \
		{ echo "It was not one to $(RACES) tests that failed: that is no race."; exit 1; }
	@$(BIN)/python -m pytest -q --last-failed --last-failed-no-failures none

test-typescript: $(BUF) ## Run the tests of the TypeScript client and of the page's parts, on Node.js
	@cd clients/typescript && ../../node_modules/.bin/vitest run --reporter dot
	@cd clients/web && ../../node_modules/.bin/vitest run --reporter dot

browser: $(READY) $(BUF) ## Run the tests that need a browser (Debian's chromium, or CHROMIUM=/path)
	@$(BIN)/python -m pytest -q -m browser -n 2 --dist loadfile

chaos: $(READY) ## Kill, stop and restart servers under runs (SEED=, SECONDS=, RUNS= choose another play), at every point
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(RUNS),--runs $(RUNS))
	@DEATHS=all $(BIN)/python -m pytest -q --timeout 0 tests/chaos/test_deaths_on_*.py

check: $(READY) $(BUF) ## Lint, types, import contracts, protos, generated code and built page fresh
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BUF) lint
	@$(BUF) format --diff --exit-code
	@if git cat-file -e origin/main:proto/levada/v1/event.proto 2>/dev/null; then $(BUF) breaking --against '.git#ref=origin/main'; \
		elif git cat-file -e main:proto/levada/v1/event.proto 2>/dev/null; then $(BUF) breaking --against '.git#branch=main'; \
		else echo "buf breaking: main holds no protos yet"; fi
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && $(call PROTOC,$$fresh) && \
		diff -r -x __init__.py -x __pycache__ "$$fresh/levada/v1" $(GENERATED) || \
		{ echo "Generated code is not fresh: run 'make generate'."; exit 1; }
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && $(BUF) generate --output "$$fresh" && \
		diff -r "$$fresh/$(TYPES)" $(TYPES) || \
		{ echo "Generated code is not fresh: run 'make generate'."; exit 1; }
	@node_modules/.bin/biome check --error-on-warnings
	@for project in $(PROJECTS); do node_modules/.bin/tsc -p $$project; done
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && ($(call PAGE,$$fresh)) && \
		diff -rq "$$fresh" gateway/static || { echo "The built page is not fresh: run 'make page'."; exit 1; }

bench: $(READY) ## Run the benchmarks (minutes; see benchmarks/README.md)
	@$(BIN)/python -m benchmarks

generate: $(READY) $(BUF) ## Generate the Python and TypeScript code from the protos
	@$(call PROTOC,clients/python/src)
	@$(BUF) generate

page: $(BUF) ## Build the page that the gateway serves, from clients/web
	@$(call PAGE,../../gateway/static)

pins: $(READY) ## Pin the newest versions that fit together
	@$(BIN)/uv pip compile --quiet --upgrade --no-emit-index-url --no-annotate --no-header --all-extras --group dev \
		--output-file constraints.txt pyproject.toml

format: $(READY) $(BUF) ## Format code and protos
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BUF) format --write
	@node_modules/.bin/biome check --write

$(BUF): package.json package-lock.json
	@npm ci --ignore-scripts --silent --no-audit --no-fund
	@touch $@

clean: ## Remove what was set up and the local data
	rm -rf .venv .levada node_modules
