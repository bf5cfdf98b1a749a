# Needs a Rust toolchain and a C compiler; PostgreSQL is found or fetched by the program itself.

CARGO ?= cargo
# The quick build: a newcomer waits for it once, and the tests then use the same. `make run PROFILE=release` for the fast program.
PROFILE ?= dev
EFFLUENT = $(CARGO) run --profile $(PROFILE) -p api --bin effluent --

.PHONY: help run test test-domain chaos ops-test check bench bench-taxes openapi demo
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do printf '%-20s %s\n' "$$target" "$$text"; done

run: ## the server with a demo household, on http://127.0.0.1:8000, with a PostgreSQL of its own under ./.data (or DATABASE_URL)
	@$(EFFLUENT) serve --demo

test: ## everything: unit tests, and real servers on a real PostgreSQL that the tests start themselves
	$(CARGO) test --workspace
	@$(MAKE) --no-print-directory ops-test

test-domain: ## the domain alone: seconds, no PostgreSQL
	$(CARGO) test -p domain

ops-test: ## the alert rules, with promtool (fetched once where it is not installed): each fires when it should, and only then
	@ops/promtool check config ops/prometheus/prometheus.yml
	@ops/promtool test rules ops/prometheus/alerts_test.yml

# Of a run that failed, the first line of its output is the seed: make chaos CHAOS_SEED=…
CHAOS_SECONDS ?= 60
chaos: ## random clients for CHAOS_SECONDS while servers, PostgreSQL, networks, clocks and disks fail; CHAOS_SEED tries a run again
	CHAOS_SECONDS=$(CHAOS_SECONDS) $(CARGO) test -p tests --test chaos -- --nocapture --test-threads 1

check: ## what CI asks before the tests: format, lints, crate boundaries, generated files
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	.ci/boundaries
	@$(EFFLUENT) openapi | diff -q api/openapi.json - || { echo 'api/openapi.json is not what the code says: run make openapi and look at the difference'; exit 1; }

bench: ## the engine and the whole server, each figure beside its reference in the same run (benches/README.md)
	$(CARGO) build --release -p api
	$(CARGO) bench -p benches

# Nothing else needs Python; it installs what it compares with under target/, once.
bench-taxes: ## the estimate beside taxcalc and tenforty on the same households: agreement, and time of each
	@command -v python3 >/dev/null || { echo 'there is no python3: nothing to compare with'; exit 1; }
	$(CARGO) build --release -p benches --bin taxes
	@python3 benches/taxes/compare.py

openapi: ## writes api/openapi.json anew
	@$(EFFLUENT) openapi > api/openapi.json.new && mv api/openapi.json.new api/openapi.json

demo: ## loads the demo household into the database, without serving
	@$(EFFLUENT) demo
