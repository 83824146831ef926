# Two commands do all the set-up: `make demo` and `make test`. Needs Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
PLAN ?= business

# Both kinds of set-up write to one venv, so never at a time.
.NOTPARALLEL:

.PHONY: demo test lint types check bench guarded-scans corpus samples picture clean

demo: $(VENV)/.installed ## scan a simulated organization and write its report
	$(BIN)/probe demo --plan $(PLAN)

test: $(VENV)/.installed-dev ## run the tests
	$(BIN)/python -m pytest -n 2

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

check: lint types test

bench: $(VENV)/.installed-dev ## what a scan costs beside a bare client, and what start-up costs
	$(BIN)/python tests/benchmarks/bench_scan.py

guarded-scans: $(VENV)/.installed-dev ## ten thousand random scans with guarded writes: has any changed anything?
	nice -n 19 $(BIN)/python tests/benchmarks/count_guarded_writes.py $(or $(SCANS),10000) $(or $(SECONDS),1800)

corpus: $(VENV)/.installed-dev ## judge a folder of real responses: make corpus CORPUS=path
	$(BIN)/python tests/judge/corpus.py $(or $(CORPUS),../shared/corpus)

samples: $(VENV)/.installed-dev ## rebuild reports/samples
	$(BIN)/python tests/support/samples.py

picture: ## take the README's picture of a sample report, with Debian's chromium
	mkdir -p docs/images
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1200,1500 \
	  --screenshot=docs/images/report.png "file://$(CURDIR)/reports/samples/business.html"

define make_venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
endef

# What a scan needs, and no more: the demo is a newcomer's first minute.
$(VENV)/.installed: pyproject.toml
	$(make_venv)
	$(INSTALL) --editable .
	@touch $@

# What tests and checks need, which is all of that too.
$(VENV)/.installed-dev: pyproject.toml
	$(make_venv)
	$(INSTALL) --editable '.[dev,fast]'
	@touch $(VENV)/.installed $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
