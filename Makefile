# What can be done here; `make help` lists it. Everything sets itself up first and can be run again at once.

BIN := .venv/bin
WORKERS ?= 2
export PYTHON ONCE

.DEFAULT_GOAL := help
.PHONY: help set-up demo test check fix bench docs lock

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

set-up:  ## make .venv with everything in it (the other targets do this by themselves)
	@tools/set_up.sh $(MAKECMDGOALS)

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

lock: set-up  ## resolve the dependencies of pyproject.toml anew into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra server --group dev --universal --upgrade \
		--generate-hashes --no-header --quiet --output-file requirements.lock
