# Two commands do all: `make demo` and `make test`. SLIM=1: without ultralytics and torch.
PYTHON ?= python3
VENV ?= .venv
export DEMO_SECONDS DEMO_REPORT
# Tests wait more than they compute: four files at a time fill two cores. TEST_WORKERS=0: one after the other.
TEST_WORKERS ?= 4
INSTALL = PYTHON=$(PYTHON) VENV=$(VENV) ./install.sh $(if $(SLIM),--slim) $(if $(WHEELS),--wheels $(WHEELS))
INSTALLED_BY = pyproject.toml install.sh $(wildcard requirements/*.txt requirements/opencv-python/*.toml)

.PHONY: demo test test-long test-bare mutants check lock clean

demo: $(VENV)/.demo
	$(VENV)/bin/gate demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS)) $(if $(DEMO_REPORT),--report $(DEMO_REPORT)) $(if $(DEMO_VIDEO),--video $(DEMO_VIDEO))

test: $(VENV)/.test check
	$(VENV)/bin/python -m pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder --durations 25 --durations-min 10

# The bare roots alone, Debian 12 and 13.
test-bare: $(VENV)/.test
	GATE_BARE=bookworm $(VENV)/bin/python -m pytest tests/bare
	GATE_BARE=trixie $(VENV)/bin/python -m pytest tests/bare

test-long: $(VENV)/.test
	$(VENV)/bin/python -m pytest -m long

# Small mistakes around the guard's core that no test notices; hours. MUTATED=edge.barrier.wires.tcp for one module.
mutants: $(VENV)/.test
	$(VENV)/bin/python -m tests.support.barrier.shell_mutants $(MUTATED)

check: $(VENV)/.test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# The lock files, after a change of the dependencies in pyproject.toml.
lock: $(VENV)/.test
	$(VENV)/bin/python requirements/lock.py

$(VENV)/.demo: $(INSTALLED_BY)
	$(INSTALL) demo

$(VENV)/.test: $(INSTALLED_BY)
	$(INSTALL) demo,test

clean:
	rm -rf $(VENV) data demo-data *.egg-info
