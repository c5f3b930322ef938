# Two commands do everything: `make demo` and `make test`. Both make .venv first and are safe to repeat.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: demo test build bench explore lint clean

demo: $(STAMP)
	$(BIN)/bplib demo

test: $(STAMP) lint
	$(BIN)/python -m pytest -n auto

build: $(STAMP)
	$(BIN)/bplib build

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python -m pip install -q -e '.[bench]' -c constraints.txt
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/grading.py
	$(BIN)/python benchmarks/sliders.py

explore: $(STAMP)
	$(BIN)/bplib explore

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "missing: $(PYTHON) (install Python 3.11 or newer)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "missing: Python 3.11 or newer (found $$($(PYTHON) --version 2>&1)); set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "missing: the venv module (on Debian: apt-get install python3-venv)"; exit 1; }
	@command -v git >/dev/null || { echo "missing: git (on Debian: apt-get install git)"; exit 1; }
	@echo "Installing into .venv (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[test]' -c constraints.txt
	@touch $@

clean:
	rm -rf .venv build
