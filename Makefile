# The commands of the project. Each first installs what it needs: see scripts/bootstrap.

.DEFAULT_GOAL := help
.PHONY: help run test test-compiled test-reliability check lint types generated codegen conformance format compat screenshots mutants bench clean FORCE
.SUFFIXES:
.NOTPARALLEL:
# The tests start hundreds of processes. Without bytecode each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

INSTALLED := .venv/.installed
COMPILED := .venv-compiled/.installed
PYTHON_RUN := .venv/bin/python
CHECKED := src codegen tests examples scripts benchmarks
# Two processes a core (tests/conftest.py), each of which takes over tests from the others when its
# own are done.
PARALLEL := -n auto --dist worksteal
title = @printf '\n== %s\n' "$(1)"

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(INSTALLED) ## run the documented agent beside a local engine and show what happens
	@$(PYTHON_RUN) examples/run.py

test: $(INSTALLED) ## run all tests
	$(call title,tests)
	@$(PYTHON_RUN) -m pytest $(PARALLEL) $(TEST_OPTIONS)

test-compiled: $(COMPILED) ## run the tests on the compiled wheel, which it builds (10 minutes)
	$(call title,tests on the compiled wheel)
	@.venv-compiled/bin/python -m pytest $(PARALLEL) $(TEST_OPTIONS)

test-reliability: $(INSTALLED) ## run the tests of the promises in docs/reliability.md
	$(call title,reliability)
	@$(PYTHON_RUN) -m pytest $(PARALLEL) tests/reliability

check: lint types generated test ## run everything that CI runs

lint: $(INSTALLED) ## check formatting and lint
	$(call title,ruff format)
	@$(PYTHON_RUN) -m ruff format --check .
	$(call title,ruff check)
	@$(PYTHON_RUN) -m ruff check .
	$(call title,import-linter)
	@.venv/bin/lint-imports --no-cache --no-logo

types: $(INSTALLED) ## check types with mypy and pyright; every public name has a type
	$(call title,mypy --strict)
	@$(PYTHON_RUN) -m mypy --strict $(CHECKED)
	$(call title,pyright)
	@$(PYTHON_RUN) -m pyright --pythonpath $(PYTHON_RUN)
	$(call title,pyright --verifytypes)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(PYTHON_RUN) -m pyright --verifytypes mirastack_sdk --ignoreexternal

generated: $(INSTALLED) ## check that the generated code matches the proto
	$(call title,codegen --check)
	@$(PYTHON_RUN) -m codegen --check

conformance: $(INSTALLED) ## compare the generated code with Google's, at length (3 minutes)
	$(call title,conformance)
	@$(PYTHON_RUN) -m tests.codegen.conformance

codegen: $(INSTALLED) ## generate the code from the proto
	@$(PYTHON_RUN) -m codegen

format: $(INSTALLED) ## format the code and fix what ruff can fix
	@$(PYTHON_RUN) -m ruff format .
	@$(PYTHON_RUN) -m ruff check --fix .

compat: $(INSTALLED) ## install the wheel beside current releases of common packages
	@$(PYTHON_RUN) scripts/check_compat.py

screenshots: $(INSTALLED) ## take the screenshots of docs/inspector.md again (needs chromium)
	@$(PYTHON_RUN) -m tests.cli.inspector.screenshots

mutants: $(INSTALLED) ## make random faults and show which go unnoticed (SEED=1 COUNT=40)
	@$(PYTHON_RUN) -m scripts.mutants $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT)) \
		$(MUTANTS_OPTIONS)

bench: $(INSTALLED) ## run the benchmarks and write benchmarks/RESULTS.md (10 minutes)
	@$(PYTHON_RUN) -m benchmarks

clean: ## remove everything that make has created
	rm -rf .venv .venv-compiled .tools .bench .mutants build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Runs again if the dependencies have changed or the interpreter is gone.
$(INSTALLED): pyproject.toml uv.lock scripts/bootstrap $(if $(wildcard .venv/bin/python),,FORCE)
	@scripts/bootstrap

$(COMPILED): $(INSTALLED) $(shell find src -name '*.py') scripts/compile_modules.py scripts/compiled_wheel.py scripts/install_compiled
	@scripts/install_compiled

FORCE:
