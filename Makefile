# Setpiece. `make demo` and `make test` set up everything they need.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup

# Grants, and at least as many log entries, that the nightly run loads into SQLite and PostgreSQL.
NIGHTLY_COUNT ?= 10000000

.PHONY: help setup test check demo nightly bench clean
help:
	@echo "make demo     set up, then run a complete collapse, a retouched performance, a set"
	@echo "make test     set up, then lint, type-check and run the whole suite"
	@echo "make nightly  the slow proofs as well: 200 kills, and clearance with 10,000,000 records (hours)"
	@echo "make bench    the benchmarks behind every speed that we state"

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh "$(VENV)"
	@touch $(STAMP)

check: setup
	@$(BIN)/ruff check src tests benchmarks
	@$(BIN)/ruff format --check src tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/mypy -p setpiece_verify
	@$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest -n 2

nightly: setup
	$(BIN)/python -m pytest -m "slow or not slow"
	$(BIN)/python benchmarks/clearance.py --count $(NIGHTLY_COUNT)

# The five answers are for the shipped plate, which our own code drew, and for a public-domain portrait that it animates: nobody's
# age is changed, nothing is trained, and both are for a look only. The set is built from a paragraph of ours.
demo: setup
	$(BIN)/setpiece demo --declare yes $(DEMO)
	$(BIN)/setpiece demo --deage --declare yes $(DEMO)
	$(BIN)/setpiece demo --previs --declare yes $(DEMO)

bench: setup
	rm -rf benchmarks/out && mkdir -p benchmarks/out
	$(BIN)/python -m benchmarks whole benchmarks/out/shot
	$(BIN)/python -m benchmarks scaling benchmarks/out/shot
	$(BIN)/python -m benchmarks engines benchmarks/out/shot --frames 1040

clean:
	rm -rf $(VENV) build demo/out
