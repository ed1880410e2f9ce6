# The few verbs that people use here. Each works in a fresh checkout and makes .venv if it is not there.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: train test lint format coverage parity recipes benchmarks clean

train: .venv
	$(BIN)/byhand train

test: .venv
	$(BIN)/pytest

coverage: .venv
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

lint: .venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: .venv
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

parity: .venv  # needs: .venv/bin/pip install torch==2.13.0
	$(BIN)/python scripts/rebuild_parity.py

recipes: .venv  # hours: five seeds of each, elastic and conv some minutes each, the reader half an hour and more
	$(BIN)/python benchmarks/recipes.py

benchmarks: .venv  # needs: .venv/bin/pip install -e '.[bench]', and an hour in which nothing else runs
	$(BIN)/python benchmarks/compare.py

.venv: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -e '.[dev]'
	touch .venv

clean:
	rm -rf .venv .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
