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
READY := .venv/.ready
BUF := node_modules/.bin/buf
GENERATED := clients/python/src/levada/v1
PROTOC = $(BIN)/python -m grpc_tools.protoc -I proto --python_out=$(1) --pyi_out=$(1) --grpc_python_out=$(1) \
	$(wildcard proto/levada/v1/*.proto)

PAGE = cd clients/web && ../../node_modules/.bin/vite build --logLevel error --emptyOutDir --outDir $(1)

.PHONY: help setup demo demo-all test browser chaos check bench generate page pins format clean

help: ## List the chores
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

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

test: $(READY) ## Run every test that needs no more than Python, the quick ones side by side
	@$(BIN)/python -m pytest -q -n auto --dist loadscope -m "not slow and not browser"
	@$(BIN)/python -m pytest -q -m "slow and not browser"

browser: $(READY) $(BUF) ## Run the tests that need a browser (Debian's chromium, or CHROMIUM=/path)
	@$(BIN)/python -m pytest -q -m browser

chaos: $(READY) ## Kill, stop and restart servers under runs (SEED=, SECONDS=, RUNS= choose another play)
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(RUNS),--runs $(RUNS))

check: $(READY) $(BUF) ## Lint, types, import contracts, protos, generated code fresh
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
	@fresh=$$(mktemp -d) && trap 'rm -rf "$$fresh"' EXIT && ($(call PAGE,$$fresh)) && \
		diff -rq "$$fresh" gateway/static || { echo "The built page is not fresh: run 'make page'."; exit 1; }

bench: $(READY) ## Run the benchmarks (minutes; see benchmarks/README.md)
	@$(BIN)/python -m benchmarks

generate: $(READY) ## Generate the Python code from the protos
	@$(call PROTOC,clients/python/src)

page: $(BUF) ## Build the page that the gateway serves, from clients/web
	@$(call PAGE,../../gateway/static)

pins: $(READY) ## Pin the newest versions that fit together
	@$(BIN)/uv pip compile --quiet --upgrade --no-emit-index-url --no-annotate --no-header --all-extras --group dev \
		--output-file constraints.txt pyproject.toml

format: $(READY) $(BUF) ## Format code and protos
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BUF) format --write

$(BUF): package.json package-lock.json
	@npm ci --ignore-scripts --silent --no-audit --no-fund
	@touch $@

clean: ## Remove what was set up and the local data
	rm -rf .venv .levada node_modules
