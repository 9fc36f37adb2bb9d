# Everything a fresh machine needs: python3 (3.11 or later), make, and on Debian or Ubuntu apt-get for Qt's system libraries.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PRODUCT := $(VENV)/.product
TOOLS := $(VENV)/.tools
CUDA := $(VENV)/.cuda

.PHONY: run test test-torch soak lint bench ptx gpu-test gpu-bench screenshots gallery mosaic reference system clean help

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(PRODUCT)  ## open the window; without a display, render the same demonstration into the folder demo/
	@$(BIN)/python -m gdsim.demonstration

test: $(TOOLS)  ## the whole default test suite
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-torch: $(TOOLS)  ## the comparisons with PyTorch, which is installed for them
	$(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/python -m pytest -m torch

soak: $(TOOLS)  ## what the default suite draws a part of: every landscape with every optimizer, 100,000 verdicts, 1,000 kills of a sweep: an hour
	GDSIM_TEST_EVERYTHING=1 $(BIN)/python -m pytest -n 2 --dist worksteal tests/engine tests/networks tests/optimizers/test_steps.py tests/simulation/test_verdict.py tests/simulation/test_clipped_runs.py tests/simulation/test_run.py tests/simulation/test_shaken.py tests/simulation/test_sweep_networks.py tests/simulation/test_training_tables.py
	GDSIM_TEST_KILLS=1000 GDSIM_TEST_EVERYTHING=1 $(BIN)/python -m pytest tests/simulation/test_sweep_store.py tests/simulation/test_sweep.py --timeout 3600

lint: $(TOOLS)  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(TOOLS)  ## speed, against what a user would pick instead (JAX, PyTorch and NumPy where installed)
	$(BIN)/python -m tests.benchmarks

ptx: $(CUDA)  ## every kernel compiled for graphics cards, for which none is needed: the table of docs/gpu.md
	$(BIN)/python -m tests.engine.ptx_table

gpu-test: $(CUDA)  ## kernels on the graphics card at hand against the processor, bit for bit
	$(BIN)/python -c 'import sys; from gdsim.engine.device import card; sys.exit(None if card().usable else f"CUDA is {card().sentence}")'
	$(BIN)/python -m pytest -m cuda -n 4 --dist worksteal --timeout 1200 tests/engine/test_cuda.py tests/engine/test_cuda_networks.py

gpu-bench: $(CUDA)  ## speed of the graphics card at hand
	$(BIN)/python -m tests.benchmarks.bench_cuda

screenshots: $(TOOLS)  ## pictures of the real window on a virtual screen, into assets/screenshots/
	$(BIN)/python -m tests.screenshots

gallery: $(TOOLS)  ## every landscape with five optimizers on one sheet, into assets/screenshots/
	$(BIN)/python -m tests.gallery

reference: $(TOOLS)  ## what gradient descent's best rate reaches on the unit trials, computed anew, into assets/data/: minutes
	$(BIN)/python -m gdsim.harness.unit_reference

mosaic: $(TOOLS)  ## the verdicts of every optimizer in the unit trials as a picture, into assets/screenshots/: some ten minutes
	$(BIN)/python -m tests.mosaic

system:  ## Qt's system libraries and a virtual screen (Debian and Ubuntu; needs root)
	./tools/system-packages

clean:  ## remove what was installed and built here
	rm -rf $(VENV) build dist out demo

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("gdsim needs Python 3.11 or later, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(PRODUCT): pyproject.toml | $(VENV)/bin/python
	@./tools/system-packages --if-missing
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(TOOLS): pyproject.toml | $(VENV)/bin/python
	@./tools/system-packages --if-missing
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --editable . --group dev
	@touch $@ $(PRODUCT)

$(CUDA): $(TOOLS)
	$(BIN)/pip install --quiet --editable '.[$(or $(EXTRA),cuda13)]' --group cuda
	@touch $@ $(TOOLS) $(PRODUCT)
