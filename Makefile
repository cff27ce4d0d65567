# Every target works from a clean clone; `make setup` is run by the others when it is needed.
PY      ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.ready
# More words for pytest, as in `make test ARGS="-k lanes"`, or for `make mutate`.
ARGS    ?=
# The working copy of `make lab`: the notebooks and what is written in them.
WORK    ?= practice
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: setup demo test test-fast test-full test-localstack lint mutate mutation-page bench lab notebooks clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	sh lab_env/setup.sh "$(PY)" "$(VENV)"
	@touch $@

demo: setup
	$(BIN)/lab demo --html report.html

lab: setup
	@mkdir -p "$(WORK)"
	$(BIN)/lab up --notebooks --dir "$(WORK)" $(if $(STUDENT),--student "$(STUDENT)")

# The notebooks alone, for an editor that shows them itself, as VS Code does. What is there already stays.
notebooks: setup
	@mkdir -p "$(WORK)"
	$(BIN)/python -m notebooks.release "$(WORK)"

# In the order in which files are collected: what takes longest begins first (tests/conftest.py).
test: setup
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not full" tests $(ARGS)

# Without engine, Terraform and browser: to be run while one writes.
test-fast: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not (engine or terraform or browser or slow or full)" tests $(ARGS)

# Roads that take hours (plain Terraform, one job, sixteen, a cluster, LocalStack) grade a twelfth of the corpus, another one each day;
# CORPUS_PART=1/1 gives them all of it.
test-full: setup
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder tests

# The corpus on LocalStack and on the embedded engine: the same points? CORPUS_PART=2/8 takes every eighth case, from the second on.
test-localstack: export CORPUS_PART ?= 1/1
test-localstack: setup
	$(BIN)/python -m pytest -m "full or not full" tests/lab_env/engine/test_localstack.py -k "same_points and part"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/hadolint docker/Dockerfile docker/localstack-base.Dockerfile

# Right solutions, changed: is each change noticed, and no other? Ends with 1 when one is not. Another sample every day.
mutate: setup
	$(BIN)/lab self-test --mutate $(ARGS)

# The published figures, always of the same sample.
mutation-page: setup
	$(BIN)/lab self-test --mutate --seed 1 --page docs/mutation.md

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) build dist *.egg-info report.html
