# `make run` and `make test` are all a newcomer needs; both set up what they use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run serve test lint screenshots bench fuzz format clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(READY): constraints.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "python3 (3.11 or newer) is needed"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 2; }
	@if [ ! -x $(BIN)/python ]; then scripts/venv "$(PYTHON)" $(VENV); fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(READY)  ## build the demo provider in var/demo, run the chain on it, show and check a notice
	@$(BIN)/tocsin demo --data var/demo

serve: $(READY)  ## open desk and portal on the demo, on this machine only; `make run` says how to sign in
	@test -f var/demo/demo.json || $(MAKE) run
	@$(BIN)/tocsin serve --config var/demo/tocsin.toml

test: $(READY)  ## the whole test suite
	@$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(READY)  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

screenshots: $(READY)  ## the pictures of docs/tour.md, made anew
	@$(BIN)/python -m tests.web.screenshots docs/screenshots

bench: $(READY)  ## every number that is promised: what, how much, this machine, the peers
	@$(BIN)/python -m bench

SECONDS ?= 60
fuzz: $(READY)  ## break every reader for SECONDS (60) each; only where atheris has a wheel (Linux)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/fuzz/requirements.txt
	@$(BIN)/python -m tests.fuzz.fuzz --seconds $(SECONDS)

format: $(READY)
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

clean:  ## remove what was built
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
