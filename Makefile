# Research Hub: every command a developer needs. `make` lists them.

STATE ?= .state
EMULATOR := $(STATE)/bin/emulator
# What `make run` is given, for example: make run ARGS="-processes -pubsub=jar"
ARGS ?=

.PHONY: help run test test-auth test-workspace test-cohort journey reset lint build
.DEFAULT_GOAL := help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

run: build ## start the whole hub on this machine (CDM=<folder> loads your own OMOP data)
	@exec $(EMULATOR) $(if $(CDM),-cdm "$(CDM)") $(ARGS)

test: build ## run every test, the journey through a local cloud included
	@scripts/test.sh

test-auth: build ## show that accounts, sessions and second factors keep their promises, one test for each, and measure them
	@scripts/test-auth.sh

test-workspace: build ## the same for workspaces, reviews, the directory and the community
	@scripts/test-workspace.sh

test-cohort: build ## the same for data releases, the vocabulary, concept sets and cohorts
	@scripts/test-cohort.sh

journey: build ## bring up a local cloud of its own and walk a researcher's way through it
	@go run ./scripts/journey -emulator $(EMULATOR) $(if $(CDM),-cdm "$(CDM)") $(ARGS)

reset: build ## forget all local data (people, workspaces, tables); asks the state folder's own marker first
	@$(EMULATOR) -reset

lint: ## run the linters of .golangci.yml
	@scripts/lint.sh

build: ## build the local cloud (the first time takes minutes, and says so)
	@scripts/build.sh $(EMULATOR)
