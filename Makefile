# Three commands, each sets itself up in .venv: make demo, make test, make check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_RUN := runs/demo
# pip alone takes a CUDA build of several gigabytes where no build for the processor is pinned.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check long benchmarks clean help

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/run.stamp: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	@echo "Installing act_spec into $(VENV) (about two minutes, once) …"
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	@echo "Installing what the tests need (once) …"
	$(PIP) install -c constraints.txt --group dev
	@touch $@

demo: $(VENV)/run.stamp  ## walk the bundled recipe on the built-in model: no key, no server
	@rm -rf $(DEMO_RUN)
	@echo '$$ act-spec plan recipes/demo.act.yaml'
	@$(BIN)/act-spec plan recipes/demo.act.yaml
	@echo
	@echo '$$ act-spec run recipes/demo.act.yaml --run $(DEMO_RUN)'
	@$(BIN)/act-spec run recipes/demo.act.yaml --run $(DEMO_RUN)

test: $(VENV)/test.stamp  ## run the tests
	$(BIN)/python -m pytest

check: $(VENV)/test.stamp  ## everything that .ci/run checks, on this environment
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check README.md docs/*.md
	$(BIN)/act-spec check --strict recipes/*.act.yaml
	$(BIN)/python -m pytest

long: $(VENV)/test.stamp  ## the tests that take minutes
	$(BIN)/python -m pytest -m long

clean:  ## remove the environment and the demo's run
	rm -rf $(VENV) runs
