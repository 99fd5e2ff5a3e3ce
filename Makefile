# One target per habit. Each sets itself up: only `python3` and `make` are assumed.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
N      ?= 300
STORE  ?= functions.db

.PHONY: run test fast long smoke pythons lint types docs house wheel clean

run: $(VENV)/.installed        ## label a few hundred functions and show what the store holds
	$(BIN)/python -m asyncgen --n $(N) --store $(STORE)

test: lint types               ## lint, types, and all tests but the long ones, two at a time
	$(BIN)/python -m pytest -n 2 -m "not long and not chaos and not smoke"
	@echo "left out: long forms of tests, and those that kill processes many times over (make long);"
	@echo "          benchmarks with next to nothing to do (make smoke)"

fast: $(VENV)/.ready           ## the tests that take seconds
	$(BIN)/python -m pytest -n 2 -m "not long and not smoke and not chaos and not engine"

long: $(VENV)/.ready           ## tests that `make test` leaves out: many kills, long forms
	$(BIN)/python -m pytest -n 2 -m "chaos and not long and not smoke"
	$(BIN)/python -m pytest -n 2 -m long tests/calls tests/cluster
	$(BIN)/python -m pytest -m long --ignore tests/calls --ignore tests/cluster

smoke: $(VENV)/.complete       ## every benchmark, with next to nothing to do
	$(BIN)/python -m pytest -m smoke

pythons:                       ## the scheduler's tests under every further Python that is here
	.ci/pythons

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready
	$(BIN)/mypy

docs: $(VENV)/.documenting     ## the documents as a site in build/docs; a warning is an error
	$(BIN)/sphinx-build -q -W --keep-going -n docs build/docs

house: $(VENV)/.ready          ## draw the packages and the imports between them anew
	$(BIN)/python docs/house.py

wheel: $(VENV)/.ready          ## build what is released, install it into empty environments, and try it there
	PYTHON=$(PYTHON) BIN=$(BIN) .ci/wheel

INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -e .
	touch $@

$(VENV)/.ready: $(VENV)/.installed
	$(INSTALL) -e ".[dev]"
	touch $@

$(VENV)/.documenting: $(VENV)/.installed
	$(INSTALL) -e ".[docs]"
	touch $@

$(VENV)/.complete: $(VENV)/.ready
	$(INSTALL) -e ".[ci]"
	touch $@

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
