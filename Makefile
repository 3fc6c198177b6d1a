# GNU make 3.81 or newer. `make help` lists what there is to do.

PYTHON ?= $(shell command -v python3 || command -v python3.13 || command -v python3.12 || command -v python3.11 || echo python3)
READY := .venv/.ready
ASSETS := scripts/build_assets.py $(wildcard src/sendtrail/web/assets/* src/sendtrail/web/assets/*/*)

.PHONY: help demo setup assets zapier test lint bench screenshots
.DEFAULT_GOAL := help

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: setup ## Set up, then show a sample of sends with their trails in the browser
	@.venv/bin/sendtrail demo

setup: $(READY) ## Make .venv with everything that is needed

$(READY): pyproject.toml uv.lock scripts/setup.py scripts/get_uv.py package-lock.json $(ASSETS)
	@$(PYTHON) scripts/setup.py
	@touch $@

assets: ## Build styles and scripts of the pages anew
	@$(PYTHON) scripts/build_assets.py

zapier: setup ## Install what the tests of the Zapier app need
	@$(PYTHON) scripts/zapier_modules.py

test: setup ## Run the tests on all cores; ARGS='-k imb' chooses
	@.venv/bin/pytest -n auto --maxprocesses 8 $(ARGS)

lint: setup ## Check style, types and the direction of imports
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

bench: setup ## Measure speed and memory: every figure that the documentation names
	@.venv/bin/python -m bench $(ARGS)

screenshots: setup ## Take the README's pictures from a fresh demo
	@.venv/bin/python scripts/screenshots.py
