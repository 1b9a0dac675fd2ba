# What can be done here; `make help` lists it. Everything sets itself up first and can be run again at once.

BIN := .venv/bin
WORKERS ?= 2
LOADERS := $(abspath $(wildcard .venv-loaders/bin/python))
export PYTHON ONCE
ifneq ($(LOADERS),)
export ASSAY_LOADERS_PYTHON := $(LOADERS)
endif

.DEFAULT_GOAL := help
.PHONY: help set-up loaders demo test check fix bench docs lock

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

set-up:  ## make .venv with everything in it (the other targets do this by themselves)
	@tools/set_up.sh $(MAKECMDGOALS)

loaders: set-up  ## make .venv-loaders with what customers read releases with; tests use it (1 GB)
	@tools/set_up_loaders.sh

demo: set-up  ## play a whole project, from items to a verified release, and leave the site up (ONCE=1: end then)
	@$(BIN)/python examples/expert_preferences/run.py

test: set-up  ## run the tests against a real PostgreSQL, two at a time (WORKERS=n); they need no server
	@$(BIN)/pytest -n $(WORKERS) -rs $(TESTS)

check: set-up  ## check style, types, floors, migrations and the reference pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$$(echo .venv/lib/python3.*/site-packages/playwright/driver):$$PATH" $(BIN)/pyright
	$(BIN)/pytest tests/test_*.py
	$(BIN)/python docs/generate.py --check

fix: set-up  ## mend what can be mended by itself: imports, format, the reference pages
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .
	$(BIN)/python docs/generate.py

bench: set-up  ## measure the server beside the machine's own limits and print a table
	@$(BIN)/python -m bench

docs: set-up  ## write the reference pages and the OpenAPI file from the code
	$(BIN)/python docs/generate.py

LOCK = $(BIN)/uv pip compile --universal --upgrade --generate-hashes --no-header --quiet

lock: set-up  ## resolve the dependencies of pyproject.toml anew into the lock files
	$(LOCK) pyproject.toml --extra server --group dev --output-file requirements.lock
	echo torch > .venv/without-torch.txt
	$(LOCK) --group pyproject.toml:loaders --excludes .venv/without-torch.txt --output-file requirements-loaders.lock
