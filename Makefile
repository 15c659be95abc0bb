# The two commands are `make run` and `make test`; the others are named by `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHOP := shop

.DEFAULT_GOAL := help
.PHONY: help run serve test lint bench models clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.ready  ## make the sample shop, run every job, show what came out
	@$(BIN)/python -m examples.sample_shop --out $(SHOP)
	@$(BIN)/insight run --settings $(SHOP)/insight.toml

serve: $(VENV)/.ready  ## the dashboard and the API of the sample shop
	@$(BIN)/insight serve --settings $(SHOP)/insight.toml

test: lint  ## lint, types, import contracts and all tests
	@$(BIN)/pytest -n 2 --dist loadfile

lint: $(VENV)/.ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.ready  ## topics against the usual script, encoders side by side, as ratios of one run (needs ../shared)
	@$(BIN)/python -m tests.bench.topics
	@$(BIN)/python -m tests.bench.scale
	@$(BIN)/python -m tests.bench.encoder
	@$(BIN)/python -m tests.bench.speed
	@$(BIN)/python -m tests.bench.emerging
	@$(BIN)/python -m tests.bench.facts
	@$(BIN)/python -m tests.bench.slices
	@$(BIN)/python -m tests.bench.agents
	@$(BIN)/python -m tests.bench.forecast
	@$(BIN)/python -m tests.bench.segments
	@$(BIN)/python -m tests.bench.risk
	@$(BIN)/python -m tests.bench.risks
	@$(BIN)/python -m tests.bench.reviews
	@$(BIN)/python -m tests.bench.drivers
	@$(BIN)/python -m tests.bench.effects
	@$(BIN)/python -m tests.bench.early_warning
	@$(BIN)/python -m tests.bench.threads

models: $(VENV)/.ready  ## seal the hand-written files of models/ into MANIFEST.toml
	@$(BIN)/python -m insight.shipped --seal

clean:  ## forget the sample shop and its lake
	rm -rf $(SHOP)

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "insight needs Python 3.11 or newer, this is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
