# Every command of the project. Each installs what it needs first: see scripts/bootstrap.

.DEFAULT_GOAL := help
.PHONY: help run test test-reliability check lint types generated codegen format compat bench clean FORCE
.SUFFIXES:
.NOTPARALLEL:

INSTALLED := .venv/.installed
PYTHON_RUN := .venv/bin/python
CHECKED := src codegen tests examples scripts benchmarks
# A process for each core, which takes over tests from the others when its own are done.
PARALLEL := -n auto --dist worksteal
title = @printf '\n== %s\n' "$(1)"

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(INSTALLED) ## a local engine and the documented agent, start to finish
	@$(PYTHON_RUN) examples/run.py

test: $(INSTALLED) ## the whole test suite
	$(call title,tests)
	@$(PYTHON_RUN) -m pytest $(PARALLEL)

test-reliability: $(INSTALLED) ## only what an agent must survive: docs/reliability.md
	$(call title,reliability)
	@$(PYTHON_RUN) -m pytest $(PARALLEL) tests/reliability

check: lint types generated test ## everything CI checks

lint: $(INSTALLED) ## formatting and lint
	$(call title,ruff format)
	@$(PYTHON_RUN) -m ruff format --check .
	$(call title,ruff check)
	@$(PYTHON_RUN) -m ruff check .

types: $(INSTALLED) ## mypy --strict, pyright, and a type for every public name
	$(call title,mypy --strict)
	@$(PYTHON_RUN) -m mypy --strict $(CHECKED)
	$(call title,pyright)
	@$(PYTHON_RUN) -m pyright --pythonpath $(PYTHON_RUN)
	$(call title,pyright --verifytypes)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON_RUN) -m pyright --verifytypes mirastack_sdk --ignoreexternal

generated: $(INSTALLED) ## whether the generated code is what the proto gives
	$(call title,codegen --check)
	@$(PYTHON_RUN) -m codegen --check

codegen: $(INSTALLED) ## write the generated code anew from the proto
	@$(PYTHON_RUN) -m codegen

format: $(INSTALLED) ## format the code, mend what ruff can mend
	@$(PYTHON_RUN) -m ruff format .
	@$(PYTHON_RUN) -m ruff check --fix .

compat: $(INSTALLED) ## install the wheel beside today's releases of common packages
	@$(PYTHON_RUN) scripts/check_compat.py

bench: $(INSTALLED) ## measure speed and size, write benchmarks/RESULTS.md (8 minutes)
	@$(PYTHON_RUN) -m benchmarks

clean: ## remove everything that make has made
	rm -rf .venv .tools build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Anew when what is to be installed has changed, or when the interpreter is gone.
$(INSTALLED): pyproject.toml uv.lock scripts/bootstrap $(if $(wildcard .venv/bin/python),,FORCE)
	@scripts/bootstrap

FORCE:
