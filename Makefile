# Chatelaine: everything a person needs to type. What is built from what stands in meson.build and web/package.json.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BUILD   := build
DATA    ?= data
PREFIX  ?= /usr/local
SECONDS ?= 10
NODE    := scripts/node.sh

web_sources := $(shell find web -type d \( -name node_modules -o -name e2e -o -name dist \) -prune -o -type f -print 2>/dev/null)

.PHONY: help run build test check bench fuzz install clean packages all-packages binary

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: build ## build, then start the server and the example app Acme Bank (DATA=dir PORT=8080 ACME_PORT=8081)
	@# With the terminal to itself (set -m): Ctrl-C ends the demo, and make after it as after any other work.
	@set -m; DATA='$(DATA)' STARTED_BY=$$PPID $(NODE) scripts/run-demo.mjs; exit $$?

build: packages ## the binary, with the pages in it: build/chatelaine
	@$(MAKE) binary

test: all-packages ## every test: units (also under sanitizers), the real binary, fuzzing, the browser (ONLY='unit web' for some)
	@scripts/test.sh $(ONLY)

check: all-packages ## formatting, clang-tidy, cppcheck, the rules of the house, types, scripts
	@$(MAKE) -f scripts/check.mk

bench: all-packages ## measure against nginx, HAProxy and Node, one core each (BENCH=--quick for a short look)
	@$(MAKE) binary
	@bench/run.sh $(BENCH)

fuzz: all-packages ## fuzz every parser (SECONDS=10 each), and judge tokens beside jose and PyJWT
	@scripts/fuzz.sh $(SECONDS)
	@$(MAKE) binary
	@test -d tests/node_modules/jose || (cd tests && ../$(NODE) --npm ci --no-audit --no-fund --loglevel=error)
	@$(NODE) tests/differential/differential.mjs --seconds $(SECONDS) --binary $(BUILD)/chatelaine

install: build ## install binary, libraries, headers, manual and systemd unit below PREFIX (/usr/local; DESTDIR=dir for a stage)
	@meson configure $(BUILD) --prefix '$(PREFIX)' >/dev/null && ninja -C $(BUILD) --quiet
	@DESTDIR='$(DESTDIR)' meson install -C $(BUILD) --no-rebuild --quiet

clean: ## remove what was built; the data directory stays
	rm -rf $(BUILD)

packages:
	@scripts/install-packages.sh

all-packages:
	@scripts/install-packages.sh all

# The pages first: the binary carries them.
binary: $(BUILD)/web/assets.S $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet

$(BUILD)/web/assets.S: $(web_sources) | web/node_modules/.package-lock.json
	@echo 'Building the pages'
	@mkdir -p $(@D)
	@cd web && ../$(NODE) --npm run --silent build
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json
	@echo 'Installing what the pages are built with'
	@cd web && ../$(NODE) --npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILD)/build.ninja: | $(BUILD)/web/assets.S
	@meson setup $(BUILD) --prefix '$(PREFIX)' >$(BUILD)/setup.log 2>&1 || { cat $(BUILD)/setup.log; exit 1; }
