# Every step of CI is a target here. python3 (3.11 to 3.13, with venv) and git must be there beforehand; for `test` and the
# stack's targets also Java 17, Maven, PostgreSQL and Redis (as Debian packages them), or a Docker engine for the tests; for `test` and
# the dashboard's targets Node 20.19 or newer with npm, and for `test` Chromium and Prometheus; for `test` and `chart` Go 1.24 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := packages/contracts packages/kernel packages/adapters packages/agents services/ingress services/analyzer \
            services/planner services/budget services/agent-runner packages/cli
SEEDS ?= 500
# Of pytest; each has servers of its own.
WORKERS ?= 2
HELM := .stack/bin/helm-3.19.4
MEMBERS := $(addsuffix /pyproject.toml,$(PACKAGES))
PAGE := services/ingress/src/reveille/ingress/entrypoints/http/page

.PHONY: help install demo test check format lint types walls protos protos-check protos-breaking asyncapi asyncapi-check dashboard \
        dashboard-check simulate chaos rehearse bench bench-stack bench-tokens stack stack-down stack-status wheels chart sbom audit \
        clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  \033[36m%-14s\033[0m %s\n", $$1, $$2}'

install: $(VENV)/.installed ## Make the local environment in .venv; `.venv/bin/reveille` works afterwards

$(VENV)/.installed: constraints.txt pyproject.toml $(MEMBERS) requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "$(PYTHON) is no Python 3.11, 3.12 or 3.13; say PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation -c constraints.txt \
	  $(addprefix -e ,$(PACKAGES))
	@touch $@

demo: install ## A reviewer is woken, a party planned, a scene written, whatever happens; JOURNEY=party: one; STACK=1: as a cluster
	@for journey in $(or $(JOURNEY),waking party scene); do \
	  $(if $(STACK),$(BIN)/python scripts/demonstrate_stack.py,$(BIN)/reveille demo) $$journey || exit; \
	done

# In the order of their names, the many short ones come last, which fills both workers to the end.
test: install check $(HELM) ## Everything that must hold, but for the long runs
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: install lint types walls protos-check asyncapi-check dashboard-check ## What needs no server and no test

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types:
	$(BIN)/mypy

walls:
	$(BIN)/lint-imports

format: install ## Lay the code out
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

protos: install ## Generate reveille.contracts from protos/
	$(BIN)/python scripts/generate_protos.py

protos-check: install
	cd protos && ../$(BIN)/buf lint
	$(BIN)/python scripts/generate_protos.py --check

protos-breaking: install ## Whether the wire has changed by more than additions since a revision: make protos-breaking AGAINST=v1.0.0
	@before=$$(mktemp -d) && trap 'rm -rf "$$before"' EXIT && git archive $(or $(AGAINST),HEAD) protos | tar -x -C "$$before" && \
	  cd protos && ../$(BIN)/buf breaking --against "$$before/protos"

asyncapi: install ## Write docs/asyncapi.yaml from the routing tables and the protos
	$(BIN)/python scripts/generate_asyncapi.py

asyncapi-check: install
	$(BIN)/python scripts/generate_asyncapi.py --check

stack: install ## Kafka, PostgreSQL, Redis and the five services as processes: make stack UP="--replicas planner=2"
	@$(BIN)/python -m deploy.native up $(UP)

stack-down: install ## End exactly what `make stack` has started
	@$(BIN)/python -m deploy.native down

stack-status: install ## Where everything of the stack listens
	@$(BIN)/python -m deploy.native status

dashboard: dashboard/node_modules/.package-lock.json ## Build the page into the ingress package; needs Node 20.19 or newer
	cd dashboard && npm run --silent build

dashboard-check: dashboard/node_modules/.package-lock.json ## The page's types and tests, and whether what is committed is what it builds
	cd dashboard && npm run --silent types && npm run --silent test
	@built=$$(mktemp -d) && trap 'rm -rf "$$built"' EXIT && (cd dashboard && PAGE="$$built" npm run --silent build) && \
	  diff -r "$$built" $(PAGE) || { echo "$(PAGE) is not what dashboard/ builds; say: make dashboard" >&2; exit 1; }

dashboard/node_modules/.package-lock.json: dashboard/package.json dashboard/package-lock.json
	cd dashboard && npm ci --no-audit --no-fund
	@touch $@

simulate: install ## The services under a virtual clock with seeded faults: make simulate SEEDS=500
	$(BIN)/python scripts/simulate.py --seeds $(SEEDS)

chaos: install ## Real faults under 100 webhooks a second, with an outside ledger: make chaos SECONDS=600 SCENARIO=kills SEED=1
	$(BIN)/python -m tests.chaos $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(RATE),--rate $(RATE)) $(addprefix --scenario ,$(SCENARIO))

rehearse: install ## Upgrades, the way back and restarts of all services, under load: make rehearse FROM=v1.0.0
	$(BIN)/python -m tests.rehearsal $(if $(FROM),--from $(FROM)) $(if $(RATE),--rate $(RATE))

bench: install ## The embedded figures, each beside its floor in the same run
	$(BIN)/python -m bench

bench-stack: install ## The stack's figures, each beside its floor in the same run, and whose CPU they cost
	$(BIN)/python -m bench.stack

bench-tokens: install ## A working day of three agents, woken by events and by polling: make bench-tokens HOURS=24 SEED=1
	$(BIN)/python -m bench.tokens $(if $(HOURS),--hours $(HOURS)) $(if $(SEED),--seed $(SEED))

wheels: install ## All packages as wheels, in dist/; VERSION=1.2.3: refuses where they have another
	rm -rf dist && mkdir dist
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist $(PACKAGES)
	@for wheel in dist/*.whl; do case "$$wheel" in *-$(or $(VERSION),*)-py3-none-any.whl) ;; \
	  *) echo "$$wheel is not of version $(VERSION)" >&2; exit 1;; esac; done

chart: install $(HELM) ## The Helm chart as an archive, in dist/; VERSION=1.2.3: refuses where it has another
	@mkdir -p dist
	$(HELM) package helm/reveille --destination dist
	@test -f dist/reveille-$(or $(VERSION),*).tgz || { echo "helm/reveille is not of version $(VERSION)" >&2; exit 1; }

$(HELM): | $(VENV)/.installed
	@$(BIN)/python -m deploy.native.helm_program

sbom: wheels $(VENV)/.release ## What an installation as in the image consists of, as CycloneDX, in dist/
	@bare=$$(mktemp -d) && trap 'rm -rf "$$bare"' EXIT && $(PYTHON) -m venv --without-pip "$$bare" && \
	  $(BIN)/pip --python "$$bare/bin/python" install --quiet --disable-pip-version-check -c constraints.txt dist/*.whl \
	    "$$(echo dist/reveille_adapters-*.whl)[postgres,kafka,eventstoredb,redis]" \
	    "$$(echo dist/reveille_agents-*.whl)[anthropic,openai,remote]" && \
	  $(BIN)/cyclonedx-py environment --output-reproducible --of JSON -o dist/reveille.cdx.json "$$bare/bin/python"

audit: $(VENV)/.release ## Whether a known weakness is in what Reveille stands on; asks the package index
	$(BIN)/pip-audit --disable-pip --no-deps --strict -r constraints.txt

$(VENV)/.release: $(VENV)/.installed requirements-release.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-release.txt
	@touch $@

clean: ## Remove what was made here
	rm -rf $(VENV) dist .reveille .pytest_cache .mypy_cache .ruff_cache .hypothesis
