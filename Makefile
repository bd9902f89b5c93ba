# One list of commands. Each works in a fresh clone with only Python 3.11+, git and make.
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin

.PHONY: install demo test test-long quality networks roles ablation refit fit screenshots benchmark benchmark-cypher lint types layers lock clean help

help:            ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/' | expand -t 14

install: .venv/.installed  ## make .venv with scanring in it, from the lock file

.venv/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "scanring needs Python 3.11 or newer: none found; name one with make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install-spark
install-spark: install  ## Apache Spark beside it, for `scanring run --engine spark` (450 MB)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock

demo: install    ## a sample world, the analysis, what it found against what was planted
	$(BIN)/scanring demo demo --overwrite

test: install    ## the tests (a few minutes)
	$(BIN)/python -m pytest -q -n auto -m "not long"

test-long: install  ## the tests that take longer
	$(BIN)/python -m pytest -q -n auto -m "long and not alone and not longer"
	$(BIN)/python -m pytest -q -m "long and alone"  # they measure time

.PHONY: test-longer
test-longer: install-spark  ## the nightly job on Apache Spark, and each statement over one more world (minutes)
	$(BIN)/python -m pytest -q -m longer

.PHONY: faults fuzz kill-test same-answer api
faults: install  ## each fault of the catalogue, and what is said of it, into docs/faults.md
	$(BIN)/python -m tests.loaders.catalogue.page --write
	cat docs/faults.md

kill-test: install  ## 200 runs killed at random moments: what is left of each (half an hour)
	$(BIN)/python -m tests.analyses.kill_test 200

same-answer: install  ## the same data written otherwise: the same answer (minutes)
	$(BIN)/python -m tests.analyses.same_answer 3000

api: install     ## pages of all docstrings, into the folder api
	$(BIN)/pdoc --output-directory api graph loaders analyses

fuzz: install    ## tables that nobody thought of, thousands (half an hour)
	SCANRING_FUZZ=1000 $(BIN)/python -m pytest -q -n auto tests/loaders/test_fuzz.py

quality: install  ## the detector against its goals, on sample worlds of seeds drawn now
	$(BIN)/python tests/benchmarks/quality.py

roles: install   ## crews, platforms and roles against their bars, on three seeds drawn now
	$(BIN)/python -m tests.benchmarks.roles

networks: install  ## how well the further networks are found, on seeds drawn now
	$(BIN)/python -m tests.benchmarks.network_quality

ablation: install  ## what each signal, kind of shared key and step adds
	$(BIN)/python tests/benchmarks/ablation.py

fit: install     ## the weights of all evidence together, on sample worlds (minutes)
	$(BIN)/python -m tests.benchmarks.fit_combination

refit: install   ## what both measured into the docs and the lists of expected errors
	$(BIN)/python tests/benchmarks/quality.py --publish
	$(BIN)/python tests/refresh_documents.py

screenshots: install  ## the pictures of the pages in docs/, of the demo's run
	$(BIN)/python -m tests.refresh_screenshots

benchmark: install  ## how fast: a platform's day, growth, networkx beside it (minutes)
	$(BIN)/python -m tests.benchmarks.speed

benchmark-cypher: install  ## how fast the Cypher store is made, asked and pushed
	$(BIN)/python -m tests.benchmarks.measure_cypher

lint: install    ## ruff: errors, style, formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install   ## mypy --strict
	$(BIN)/mypy --strict

layers: install  ## analyses > loaders > graph
	$(BIN)/lint-imports

LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url

lock:            ## resolve the lock files anew (needs uv)
	$(LOCK) --group dev --output-file requirements.lock
	$(LOCK) --extra spark --constraint requirements.lock --output-file requirements-spark.lock

clean:           ## remove what the other commands made
	rm -rf .venv demo api .pytest_cache .mypy_cache .ruff_cache .hypothesis
