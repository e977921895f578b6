# make app     create the environment, install, open the app on the shipped data and model
# make test    install what tests need, run them all
# make test-fast   run those that need no browser, server or renderer and are not slow
# make bench   measure speed as ratios side by side, and print one table
# make load    measure the app with 1, 10, 30 and 50 visitors at once
# make lint    check style and types
# make docs    build the documentation as a web site in site/
# make screenshots   take the screenshots of the documentation, in assets/
# make accessibility   check every page with axe-core in two colour schemes and at three widths

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

# $(call installed,TEST,PACKAGES): installs Debian's packages if the test fails, or says that they are missing
installed = $(1) || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	apt-get update -qq && apt-get install -y -qq $(2); } || \
	{ echo "error: Install $(2), and type make again. On Debian, make can install it as root." >&2; exit 1; }

.PHONY: app test test-fast bench load lint lint-python
.DELETE_ON_ERROR:

app: .venv/app-installed
	$(BIN)/streamlit run app/main.py

test: lint .venv/browser-installed
	$(PYTEST)

test-fast: .venv/test-installed
	$(PYTEST) -m "not (browser or server or render or slow)"

bench: .venv/app-installed
	$(BIN)/python bench

load: .venv/test-installed
	$(BIN)/python -m bench.load

lint: lint-python

lint-python: .venv/test-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/app-installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

# Warp and the carrier of the body data are installed alone: their optional dependencies are large and not used.
.venv/test-installed: .venv/app-installed requirements-dev.txt assets/render/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r assets/render/requirements.txt
	touch $@

.venv/browser-installed: .venv/test-installed
	$(call installed,$(BIN)/python -c "from core.diagnosis.machine import find_browser as find; exit(not find())",chromium)
	touch $@

# the documentation
.PHONY: docs
docs: .venv/docs-installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

.venv/docs-installed: requirements-docs.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	touch $@

.PHONY: screenshots
screenshots: .venv/browser-installed
	$(BIN)/python -m assets.screenshots

# the JavaScript of the app
.PHONY: js-lint js-test
lint: js-lint
test: js-test

js-lint: .venv/js-installed
	npm run --silent lint

js-test: .venv/js-installed
	npm test --silent

.PHONY: accessibility
accessibility: .venv/browser-installed .venv/js-installed
	$(BIN)/python -m tests.accessibility

.venv/js-installed: package.json package-lock.json
	$(call installed,command -v npm >/dev/null,nodejs npm)
	npm ci --silent --no-audit --no-fund
	mkdir -p .venv && touch $@
