# Needs Python 3.11 or newer, git and make; everything else is set up in .venv on the first call.
# `make demo` and `make test` are the two commands to start with; `make help` lists them all.

SHELL := /bin/bash
# Compiled once and kept: the tests and the demo start many processes, and loading takes twice as long without.
unexport PYTHONDONTWRITEBYTECODE
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# More than two cores, since tests that talk to services and databases wait a good part of their time.
WORKERS ?= 3
# In the order of the folders, so that the many short files of tests/unit fill what the long ones leave at the end.
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
SOURCES := src tests alembic
PIP := $(BIN)/python -m pip --disable-pip-version-check

# The first Python on the path that is new enough; `make venv PYTHON=…` chooses another.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)

.PHONY: help venv demo serve test test-nightly lint format types imports check bench lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1@\2/' | column -t -s @ 2>/dev/null \
		|| grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST)

venv: $(READY) ## Set up .venv from requirements/dev.txt (done by every other command when needed)

$(READY): requirements/dev.txt pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed and was not found on the path." >&2; exit 1; }
	@[ -x $(BIN)/python ] || "$(PYTHON)" -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "No virtual environment could be made (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Setting up $(VENV) (once; a minute or two) ..."
	@$(PIP) install -qq --require-hashes -r requirements/dev.txt
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY) ## Run the main job, end to end, in a throw-away folder
	@$(BIN)/skillcred demo

serve: $(READY) ## Start the service with a demo registry in ./var and print its addresses
	@$(BIN)/skillcred serve --demo

test: $(READY) ## Run the tests
	$(PYTEST) -m "not nightly"

test-nightly: $(READY) ## Run the long tests
	$(PYTEST) -m nightly

lint: $(READY) ## Check style
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

format: $(READY) ## Mend style
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

types: $(READY) ## Check types
	$(BIN)/mypy

imports: $(READY) ## Check which room may import which
	$(BIN)/lint-imports --no-cache

bench: $(READY) ## Measure the speed and write benchmarks/results.json
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/recognition.py

check: lint types imports test ## All of the above

# Pins everything again from pyproject.toml, with hashes and without any download address.
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links \
	--strip-extras --no-annotate --no-header
lock: $(READY) ## Pin requirements/*.txt again (needs the package registry)
	$(PIP) install --quiet pip-tools==7.6.2
	$(LOCK) --upgrade --extra postgresql --output-file requirements/runtime.txt pyproject.toml
	$(LOCK) --upgrade --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt pyproject.toml

clean: ## Remove what was built, not what was stored (var/, keys/)
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
