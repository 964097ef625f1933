# Fuze. The commands people use; `make help` lists them. `make ci` has its stages and budgets in scripts/ci.sh.

SHELL := /bin/bash
export FUZE_EVAL_DATA ?= ../shared/data
# The specs with records, which run on both engines.
DATABASE_SPECS = '^(Accounts|Bookmarks|Jobs|Persistence|Search|Server)Tests'
SWIFT_SOURCES = Package.swift Sources Tests Benchmarks

.PHONY: help run dev build test ci bench eval coverage cluster cluster-stop format lint setup clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: build ## Install what is missing, build a release and serve on http://127.0.0.1:8080
	.build/release/fuze serve

dev: setup ## Serve from a debug build with debug logs
	FUZE_LOG_LEVEL=$${FUZE_LOG_LEVEL:-debug} swift run fuze serve

setup:
	@scripts/setup.sh

build: setup ## Build the release binary, .build/release/fuze
	swift build -c release --product fuze

test: ## Set up and pass every test
	@scripts/setup.sh --tests
	swift build --build-tests
	swift test --skip-build --no-parallel
	scripts/postgres.sh run swift test --skip-build --no-parallel --filter $(DATABASE_SPECS)
	scripts/end-to-end.sh debug

ci: ## What CI runs: format, warnings as errors, tests, contract, evaluation
	scripts/ci.sh

bench: setup ## Print the figures users care about, and write .bench/latest.json (QUICK=1: a tenth of it)
	scripts/bench.sh $(if $(QUICK),--quick)

eval: setup ## Print the quality figures on FUZE_EVAL_DATA; fails where one is below its target
	swift build -c release --product fuze-evaluate
	.build/release/fuze-evaluate

coverage: setup ## Print the line coverage of Sources
	scripts/coverage.sh

cluster: build ## Serve scaled out on http://127.0.0.1:8090: nginx, two instances, worker, PostgreSQL with replica, Redis
	@scripts/setup.sh --cluster
	@scripts/cluster.py start

cluster-stop: ## Stop what `make cluster` started
	@scripts/cluster.py stop

format: ## Format the Swift sources
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

lint: ## Check the format of the Swift sources
	swift format lint --strict --parallel --recursive Package.swift Sources Benchmarks
	@# Pages and attacks written out in tests may be longer than a line.
	swift format lint --parallel --recursive Tests 2>&1 | { ! grep -v '\[LineLength\]'; }

clean:
	rm -rf .build .build-coverage .bench
