# One target per habit. Each sets itself up: only `python3` and `make` are assumed.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
N      ?= 300
STORE  ?= functions.db

.PHONY: run test fast lint types clean

run: $(VENV)/.installed        ## label a few hundred functions and show what the store holds
	$(BIN)/python -m asyncgen --n $(N) --store $(STORE)

test: lint types               ## everything: lint, types, all tests
	$(BIN)/python -m pytest

fast: $(VENV)/.ready           ## the tests that take seconds
	$(BIN)/python -m pytest -m "not chaos and not engine"

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready
	$(BIN)/mypy

INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -e .
	touch $@

$(VENV)/.ready: $(VENV)/.installed
	$(INSTALL) -e ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
