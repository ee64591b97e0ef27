# Three commands, each sets itself up in .venv: make demo, make test, make check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_RUN := runs/demo
TESTS := tests
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test lint check docs lock long promises benchmarks screenshots tools clean

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# Hashes of all but torch and what its build brings are checked: those differ from machine to machine.
$(VENV)/run.stamp: pyproject.toml constraints.txt .ci/run.lock .ci/test.lock
	$(PYTHON) -m venv $(VENV)
	@echo "Installing act_spec into $(VENV) (about two minutes, once) …"
	$(PIP) install --require-hashes --no-deps -r .ci/run.lock
	$(PIP) install -c constraints.txt --no-build-isolation -e .
	@touch $@

# torch is the one large package: several gigabytes where no build for the processor alone is offered.
$(VENV)/test.stamp: $(VENV)/run.stamp
	@echo "Installing what the tests need (once) …"
	$(PIP) install --require-hashes --no-deps -r .ci/test.lock
	$(PIP) install -c constraints.txt --no-build-isolation -e '.[train,encoders,media,pdf]' --group dev
	@touch $@

demo: $(VENV)/run.stamp  ## walk the bundled recipe on the built-in model: no key, no server
	@rm -rf $(DEMO_RUN)
	@echo '$$ act-spec plan recipes/demo.act.yaml'
	@$(BIN)/act-spec plan recipes/demo.act.yaml
	@echo
	@echo '$$ act-spec run recipes/demo.act.yaml --run $(DEMO_RUN)'
	@$(BIN)/act-spec run recipes/demo.act.yaml --run $(DEMO_RUN)

test: $(VENV)/test.stamp  ## run the tests
	@# A file's tests stay in one process, since many share a run that is walked once.
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile
	@# A browser's driver keeps an event loop running, so its journeys have a process of their own.
	$(BIN)/python -m pytest tests/browser -m browser

lint: $(VENV)/test.stamp  ## formatting, lint, types, import rules, generated documents, recipes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check --diff -I docs README.md docs/*.md
	$(BIN)/act-spec check --strict recipes/*.act.yaml

check: lint test  ## lint and test: all that a change must pass

docs: $(VENV)/test.stamp  ## write the generated parts of README.md and docs/ again
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/comparison.py
	$(BIN)/cog -r -I docs README.md docs/*.md

lock: $(VENV)/test.stamp  ## write .ci/*.lock again, after constraints.txt has changed
	$(BIN)/python .ci/lock.py

long: $(VENV)/test.stamp  ## the tests that take minutes
	$(BIN)/python -m pytest -m long

promises: $(VENV)/test.stamp  ## measure what is promised (about an hour), and write docs/promises.md
	@# pytest's 5: nothing of the kind in $(TESTS). What fails is written down as failed.
	@failed=0; \
	$(BIN)/python -m pytest -m "promise and not browser" --promises docs/promises.json $(TESTS) || [ $$? -eq 5 ] || failed=1; \
	$(BIN)/python -m pytest -m "promise and browser" --promises docs/promises.json $(TESTS) || [ $$? -eq 5 ] || failed=1; \
	$(MAKE) docs && exit $$failed

benchmarks: $(VENV)/test.stamp  ## figures that depend on the machine
	@for file in tests/benchmarks/*.py; do PYTHONPATH=tests $(BIN)/python $$file || exit 1; done

screenshots: $(VENV)/test.stamp  ## pictures of what reviewers see, in screenshots/ (needs Chromium)
	PYTHONPATH=tests $(BIN)/python tests/browser/screenshots.py

tools:  ## what Label Studio's and Argilla's own code says of our exports (installs both, to throw away)
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip --disable-pip-version-check --quiet install label-studio-sdk argilla
	ACT_SPEC_TOOLS=$$PWD/.tools/bin/python $(BIN)/python -m pytest tests/exchange/test_real_tools.py

clean:  ## remove the environment and the demo's run
	rm -rf .venv .tools runs
