# Everything starts here: `make run` for the whole stack, `make demo` to see it work, `make test` and `make check` before a commit.
# Needed: make, Python 3.11 or newer with venv, and the package registries.

PYTHON ?= python3
VENV := .venv/bin/python
ARGS ?=
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --quiet

.DEFAULT_GOAL := help
.PHONY: help python setup setup-dev run demo stop test bench check docs train evaluate format clean lock

help: ## Say what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and there is no $(PYTHON): install it, or name it (make PYTHON=...)." >&2; exit 1; }

setup: python ## Make .venv with what running needs, and the command .venv/bin/wegweiser
	@$(PYTHON) -m deploy.local.setup run

setup-dev: python
	@$(PYTHON) -m deploy.local.setup dev

run: setup ## Start the whole stack here; Ctrl-C stops it
	@$(VENV) -m deploy.local.run --end-with-parent

demo: setup ## Send the sample enquiries through the running stack (or one that is started and kept), and show what became of them
	@$(VENV) -m deploy.local.run --background
	@. "$${WEGWEISER_LOCAL:-./.local}/environment" && $(VENV) -m deploy.cli.demo $(ARGS)

stop: setup ## Stop the stack, wherever it was started
	@$(VENV) -m deploy.local.run --stop

# A test that needs a Debian package (a browser, say) names it here; it is installed where the tests run as root.
DEBIAN_PACKAGES :=

test: setup-dev ## Run all tests; Kafka and MongoDB are fetched and started (make test ARGS="-k name")
	@for package in $(DEBIAN_PACKAGES); do dpkg -s $$package >/dev/null 2>&1 || test "$$(id -u)" != 0 || \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $$package >/dev/null; }; done
	@$(VENV) -m deploy.local.warm
	@$(VENV) -m pytest -n auto --maxprocesses 4 $(ARGS)

# The baselines of the benchmark keep their messages in Redis, where they are not about Kafka.
bench: setup-dev ## Measure, beside what else one could have picked (make bench ARGS="--quick", "--only matching")
	@dpkg -s redis-server >/dev/null 2>&1 || test "$$(id -u)" != 0 || \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server >/dev/null; }
	@$(VENV) -m deploy.local.warm
	@$(VENV) -m tests.bench $(ARGS)

check: setup-dev ## Lint, types, who may import whom, dependencies, dead code
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy
	.venv/bin/lint-imports
	$(VENV) -m deptry .
	$(VENV) -m vulture
	$(VENV) -m deploy.contracts --check

docs: setup-dev ## Generate the interface documents anew: docs/openapi, docs/asyncapi.json
	@$(VENV) -m deploy.contracts

# Learning needs much that the services do not: an environment of its own. Words' vectors are kept there for the next time.
train: python ## Learn anew what the examples in deploy/learning teach: services/matching/data/understanding.npz
	@test -d .venv-learning || $(PYTHON) -m venv .venv-learning
	@.venv-learning/bin/pip install --quiet --disable-pip-version-check --require-hashes -r deploy/learning/requirements.txt
	@.venv-learning/bin/python -m deploy.learning.train --vectors .venv-learning/vectors

evaluate: setup-dev ## Judge the matching by the examples nothing was trained on; writes deploy/learning/report.json
	@$(VENV) -m deploy.learning.evaluate

format: setup-dev ## Lay the code out, and mend what ruff can
	@$(VENV) -m ruff check --fix --quiet . ; $(VENV) -m ruff format --quiet .

clean: python ## Remove all state of the stack (downloads stay in the cache folder)
	@$(PYTHON) -m deploy.local.state clean

lock: ## Pin all requirements anew, with hashes (needs uv)
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) pyproject.toml --extra local -c requirements.txt -o requirements-local.txt
	$(LOCK) pyproject.toml --extra local --extra dev -c requirements.txt -o requirements-dev.txt
	$(LOCK) --only-binary :all: tests/bench/requirements.in -o tests/bench/requirements.txt
	$(LOCK) --only-binary :all: deploy/learning/requirements.in -o deploy/learning/requirements.txt
	for pin in java mongod maildump; do $(LOCK) deploy/local/pins/$$pin.in -o deploy/local/pins/$$pin.txt || exit 1; done
