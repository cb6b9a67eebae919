# A fresh machine needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-slow bench-pose check format clean

demo: .venv/installed
	$(BIN)/onmodel demo -v

test: .venv/installed
	$(BIN)/python -m pytest -m "not slow"

test-slow: .venv/installed
	$(BIN)/python -m pytest -m slow

bench-pose: .venv/installed
	$(BIN)/python -m scripts.bench_pose

check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache demo
