# `make demo` and `make test` each work as the first command after a clone: they need Python 3.11 or newer, and pip's
# way to a package index. Another interpreter: `make test PYTHON=/path/to/python3`.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

VENV := .venv
NODE_CLIENT := tests/clients/node
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet
PYTHON ?=
UV ?= uv
LOCK_FLAGS ?=
ARGS ?=
# A matrix library that takes both cores for a matrix of a few rows is slower than with one.
THREADS := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

.PHONY: help demo test lint types bench detection-bench corpus backends clients collector env lock clean image-check sbom k8s-golden docs

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: env ## Run a small LLM app through the sidecar and show each trace before and after
	@$(BIN)/genai-sidecar demo $(ARGS)

test: env ## Run the whole test suite; options for pytest in ARGS
	@$(THREADS) $(BIN)/python -m pytest -n 2 $(ARGS)

lint: env ## Check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: env ## Check types
	@$(BIN)/python -m mypy

bench: $(VENV)/.bench ## Measure; options in ARGS
	@$(BIN)/python -m benchmarks $(ARGS)

detection-bench: env ## Measure detection beside stock Presidio: PII_DATA=directory
	@$(THREADS) $(BIN)/python -m benchmarks.detection $(ARGS)

corpus: env ## Record the corpus of real instrumentations anew (needs uv, npm and a package index; minutes)
	@$(BIN)/python -m tests.corpus.record $(ARGS)

backends: env ## Install Phoenix and MLflow for the tests, outside the repository; without them their tests are skipped
	@$(BIN)/python -m tests.backends.environment

clients: $(NODE_CLIENT)/node_modules/.package-lock.json ## Install OpenTelemetry's SDK for Node.js for the tests (needs npm); without it they are skipped
	@:

collector: ## Build the Collector that the tests run the sidecar with (needs Go; minutes, once) and print where it is
	@collector-config/build.sh

env: $(VENV)/.project ## Create .venv, or bring it up to date
	@:

image-check: env ## Build the image's file system without an engine, and run it read-only as 65532 (needs root, Linux)
	@$(BIN)/python -m image.check

sbom: env ## Write dist/sbom.cdx.json: what is installed in the image, from requirements.lock
	@mkdir -p dist
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
		--index-url "" --output-file dist/sbom.cdx.json requirements.lock
	@echo dist/sbom.cdx.json

docs: env ## Write docs/reference anew from the models of both files
	@$(BIN)/python -m tests.reference

k8s-golden: env ## Write tests/k8s/golden anew (needs kubectl)
	@K8S_GOLDEN=update $(BIN)/python -m pytest -q tests/k8s/test_golden.py

lock: ## Compile the lock files again (needs uv); LOCK_FLAGS=--upgrade takes newer versions
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or UV=/path/to/uv" >&2; exit 1; }
	@$(call compile,requirements.lock)
	@$(call compile,requirements-dev.lock,--extra demo --group dev --constraints requirements.lock)
	@$(call compile,requirements-build.lock,--constraints requirements-dev.lock,--group build)
	@$(call compile,requirements-bench.lock,--extra demo --group dev --group bench --constraints requirements-dev.lock)
	@$(call compile,requirements-training.lock,--group training --constraints requirements-dev.lock)
	@$(call compile,requirements-backends.lock,,tests/backends/requirements.in)

clean: ## Remove .venv and every cache
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One lock for every platform and Python version, a hash for every file, and no index named: that is the user's choice.
define compile
$(UV) pip compile $(or $(3),pyproject.toml) $(2) --output-file $(1) --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet $(LOCK_FLAGS) && echo "$(1)"
endef

# A changed lock starts from an empty environment, so that nothing stays behind; a changed pyproject.toml does not.
$(VENV)/.locked: requirements-dev.lock
	@set -e; python='$(PYTHON)'; \
	if [ -z "$$python" ]; then \
		for candidate in python3.11 python3.12 python3.13 python3.14 python3; do \
			if "$$candidate" -c '$(USABLE)' >/dev/null 2>&1; then python=$$candidate; break; fi; \
		done; \
	fi; \
	if [ -z "$$python" ] || ! "$$python" -c '$(USABLE)' >/dev/null 2>&1; then \
		echo "No usable Python$${python:+ ($$python)}: 3.11 or newer with venv and pip is needed." >&2; \
		echo "On Debian and Ubuntu: apt install python3-venv. Or name one: make PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	echo "Creating $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV); \
	echo "Installing the locked packages (hashes checked; a minute or two, once)"; \
	$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements-dev.lock; \
	touch $@

$(VENV)/.project: $(VENV)/.locked pyproject.toml
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE_CLIENT)/node_modules/.package-lock.json: $(NODE_CLIENT)/package-lock.json
	@cd $(NODE_CLIENT) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/.bench: $(VENV)/.project requirements-bench.lock
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements-bench.lock
	@touch $@

USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
