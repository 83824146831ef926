# Two commands do all the set-up: `make demo` and `make test`. Needs Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PLAN ?= business

.PHONY: demo test lint types check bench guarded-scans corpus samples picture clean

demo: $(VENV)/.installed ## scan a simulated organization and write its report
	$(BIN)/probe demo --plan $(PLAN)

test: $(VENV)/.installed ## run the tests
	$(BIN)/python -m pytest -n 2

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy

check: lint types test

bench: $(VENV)/.installed ## what a scan costs beside a bare client, and what start-up costs
	$(BIN)/python tests/benchmarks/bench_scan.py

guarded-scans: $(VENV)/.installed ## ten thousand random scans with guarded writes: has any changed anything?
	nice -n 19 $(BIN)/python tests/benchmarks/count_guarded_writes.py $(or $(SCANS),10000) $(or $(SECONDS),1800)

corpus: $(VENV)/.installed ## judge a folder of real responses: make corpus CORPUS=path
	$(BIN)/python tests/judge/corpus.py $(or $(CORPUS),../shared/corpus)

samples: $(VENV)/.installed ## rebuild reports/samples
	$(BIN)/python tests/support/samples.py

picture: ## take the README's picture of a sample report, with Debian's chromium
	mkdir -p docs/images
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1200,1500 \
	  --screenshot=docs/images/report.png "file://$(CURDIR)/reports/samples/business.html"

$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,fast]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
