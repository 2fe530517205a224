# Everything runs in an environment that is made here: `make demo` and `make test` are all that one needs.
PYTHON ?= python3
VENV   ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
STAMP := $(VENV)/.installed
TESTS ?= tests
EXAMPLES ?= 1500
BASE   ?= HEAD^
HOSTS  ?= api ui board
AGENT_HOSTS := tests/protocol/mcp/hosts
NODE   := $(shell node -e "if (parseInt(process.versions.node) >= 20) console.log(process.version)" 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test unit soak extension extension-test extension-settings fuzz lint audit gate bench bench-full wheel schemas completion diagnostics plugins secret-formats lock clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml requirements-dev.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -c "open('$(STAMP)', 'w').close()"

demo: $(STAMP) ## The main job on the example workspace
	$(BIN)/planmark demo

test: $(STAMP) $(if $(filter mcp,$(HOSTS)),$(AGENT_HOSTS)/node_modules/.installed) ## The tests (TESTS=path for a part; E2E=1 adds the real editors, HOSTS=mcp the real hosts of agents)
	$(BIN)/python -m pytest -n auto --dist worksteal $(TESTS)
ifeq ($(TESTS),tests)
	$(MAKE) --no-print-directory extension-test
endif

unit: $(STAMP) ## The quick tests: less than a minute on two cores
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/unit

soak: $(STAMP) ## Minutes of many processes, races for leases, killed writers, and the board in each size and theme
	PLANMARK_SOAK_SECONDS=60 PLANMARK_KILLED_EVERY=4 $(BIN)/python -m pytest -q -s tests/protocol/test_crowd.py tests/protocol/test_leases.py tests/protocol/test_remote_leases.py tests/process/test_killed.py tests/process/test_run.py
ifneq ($(NODE),)
	$(MAKE) --no-print-directory client-vscode/node_modules/.installed
	cd client-vscode && PLANMARK_SOAK_SECONDS=60 PYTHON=../$(BIN)/python node e2e/run.mjs board
endif

extension-test: ## The tests of the VS Code extension; E2E=1 adds those in its hosts (HOSTS=api without the workbench). Skipped without Node.js
ifeq ($(NODE),)
	@echo "SKIPPED the tests of the VS Code extension: there is no Node.js 20 or later"
else
	$(MAKE) --no-print-directory client-vscode/node_modules/.installed
	npm --prefix client-vscode run --silent lint
	npm --prefix client-vscode run --silent test
ifneq ($(and $(E2E),$(filter-out mcp,$(HOSTS))),)
	cd client-vscode && PYTHON=../$(BIN)/python node e2e/run.mjs $(filter-out mcp,$(HOSTS))
endif
endif

# Not a locked installation, because registries do not have every optional package of every platform.
$(AGENT_HOSTS)/node_modules/.installed: $(AGENT_HOSTS)/package.json
	cd $(AGENT_HOSTS) && npm install --no-package-lock --no-audit --no-fund --loglevel=error
	@node -e "require('fs').writeFileSync('$@', '')"

client-vscode/node_modules/.installed: client-vscode/package.json client-vscode/package-lock.json
	cd client-vscode && npm ci --no-audit --no-fund --loglevel=error
	@node -e "require('fs').writeFileSync('$@', '')"

extension: $(STAMP) client-vscode/node_modules/.installed ## The VS Code extension with its server, in dist/ (for this platform)
	cd client-vscode && PYTHON=../$(BIN)/python npm run --silent package

extension-settings: $(STAMP) ## The settings of the extension and the schema of planmark.toml, from the settings of the server
	$(BIN)/python client-vscode/scripts/settings.py

fuzz: $(STAMP) ## Hostile input into every parser, five minutes of it; other input each time (EXAMPLES=so many for each property)
	PLANMARK_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -n auto tests/fuzz

lint: $(STAMP) ## Style, types, dead code and prose
	$(BIN)/ruff check server tests benchmarks plugins
	$(BIN)/ruff format --check server tests benchmarks plugins
	$(BIN)/mypy
	$(BIN)/python .ci/dead_code.py
	$(BIN)/python .ci/prose.py
	$(BIN)/python .ci/diagnostics_table.py --check

audit: $(STAMP) ## Known vulnerabilities of what is used, and the licences of what is bundled; says so where it cannot ask
	$(PYTHON) -m venv $(VENV)-audit
	-$(subst $(VENV),$(VENV)-audit,$(BIN))/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/python .ci/audit.py $(subst $(VENV),$(VENV)-audit,$(BIN))/python
	$(BIN)/python client-vscode/scripts/notices.py --check

gate: $(STAMP) ## Counts against the committed ones, times against the commit before (BASE=revision)
	$(BIN)/python -m benchmarks.regression_gate --base $(BASE)

bench: $(STAMP) ## Benchmarks, small: a minute on a quiet machine
	$(BIN)/python -m benchmarks.run

bench-full: $(STAMP) ## Benchmarks, everything: most of an hour; writes docs/performance.md
	npm --prefix benchmarks/race ci
	$(BIN)/python -m benchmarks.run --profile full
	$(BIN)/python -m benchmarks.report

wheel: $(STAMP) ## The wheel, in dist/
	$(BIN)/python -m hatchling build -t wheel

completion: $(STAMP) ## The words that shells complete, from the parsers of the commands
	$(BIN)/python -m planmark.cli.completion.command_words server/planmark/cli/completion/command_words.json

schemas: $(STAMP) client-vscode/node_modules/.installed ## The JSON Schemas of the package, and the types of the extension, from the types of the results
	$(BIN)/python -m planmark.cli.commands.schema server/planmark/schemas
	npm --prefix client-vscode run --silent types

diagnostics: $(STAMP) ## The table of docs/diagnostics/README.md, from the codes of all formats
	$(BIN)/python .ci/diagnostics_table.py

plugins: $(STAMP) ## The plugins of Claude Code and Codex, from plugins/source
	$(BIN)/python plugins/build.py

secret-formats: $(STAMP) ## The formats of credentials, from the rules of two scanners (needs PyPI)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check PyYAML
	$(BIN)/python .ci/secret_formats.py

lock: ## The exact versions, from the ranges in pyproject.toml
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet uv
	$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.10 --no-header --no-emit-index-url --group dev pyproject.toml -o requirements-dev.lock
	rm -rf $(VENV)-lock

clean: ## Removes what was built
	rm -rf $(VENV) $(VENV)-audit dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf $(AGENT_HOSTS)/node_modules client-vscode/node_modules client-vscode/e2e/node_modules client-vscode/dist client-vscode/out client-vscode/bundled/libs
