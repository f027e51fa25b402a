# Two commands do all: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
export DEMO_SECONDS DEMO_REPORT

.PHONY: demo test test-long check clean

demo: $(VENV)/.demo
	$(VENV)/bin/gate demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS)) $(if $(DEMO_REPORT),--report $(DEMO_REPORT)) $(if $(DEMO_VIDEO),--video $(DEMO_VIDEO))

test: $(VENV)/.test check
	$(VENV)/bin/python -m pytest

test-long: $(VENV)/.test
	$(VENV)/bin/python -m pytest -m long

check: $(VENV)/.test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

$(VENV)/.demo: pyproject.toml install.sh
	PYTHON=$(PYTHON) VENV=$(VENV) ./install.sh demo

$(VENV)/.test: pyproject.toml install.sh
	PYTHON=$(PYTHON) VENV=$(VENV) ./install.sh demo,test

clean:
	rm -rf $(VENV) data demo-data *.egg-info
