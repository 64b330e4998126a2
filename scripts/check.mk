# What `make check` does: each check a target of its own, so that they may run side by side (make -j check), and remembers
# what it has found clean, so that a second run looks only at what has changed.
SHELL := /bin/bash
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

OUT  := build/check
NODE := scripts/node.sh

c_files  := $(sort $(wildcard src/*/*.c tests/unit/*/*.c fuzz/*.c examples/*/*.c))
headers  := $(sort $(wildcard src/*/*.h tests/unit/*/*.h fuzz/*.h include/chatelaine/*.h))
js_files := $(sort $(wildcard scripts/*.mjs bench/*.mjs bench/lib/*.mjs tests/*/*.mjs tests/integration/lib/*.mjs tests/unit/house/*.mjs examples/*/*.mjs examples/*/*/*.mjs examples/*/public/*.js))
shell    := $(sort $(wildcard scripts/*.sh bench/*.sh .ci/run))

.PHONY: check format tidy cppcheck house web scripts
check: format house scripts web cppcheck tidy
	@echo 'All checks passed.'

format: $(OUT)/format.ok
$(OUT)/format.ok: $(c_files) $(headers) .clang-format | $(OUT)/.
	@echo 'Formatting: $(words $(c_files) $(headers)) files'
	@clang-format --dry-run -Werror $(c_files) $(headers)
	@touch $@

house: $(OUT)/house.ok
$(OUT)/house.ok: $(wildcard src/*/*.[ch]) meson.build $(wildcard tests/unit/house/*.mjs) | $(OUT)/.
	@echo 'The rules of the house'
	@$(NODE) --test --test-reporter=dot $(wildcard tests/unit/house/*.mjs)
	@touch $@

scripts: $(OUT)/scripts.ok
$(OUT)/scripts.ok: $(shell) $(js_files) | $(OUT)/.
	@echo 'Scripts: $(words $(shell)) for bash, $(words $(js_files)) for Node'
	@shellcheck $(shell)
	@for file in $(js_files); do $(NODE) --check "$$file" || exit 1; done
	@touch $@

web: $(OUT)/web.ok
$(OUT)/web.ok: $(shell find web -type d -name node_modules -prune -o -type f -print 2>/dev/null) | $(OUT)/.
	@echo 'Types of the pages'
	@$(MAKE) -f Makefile web/node_modules/.package-lock.json
	@cd web && ../$(NODE) --npm run --silent types
	@touch $@

cppcheck: $(OUT)/cppcheck.ok
$(OUT)/cppcheck.ok: $(c_files) $(headers) | $(OUT)/compile_commands.json
	@echo 'cppcheck'
	@mkdir -p $(OUT)/cppcheck
	@# What it guesses across files about out-parameters is mostly wrong.
	@cppcheck --quiet --project=$(OUT)/compile_commands.json --cppcheck-build-dir=$(OUT)/cppcheck --std=c11 \
		--enable=warning,performance,portability --inline-suppr --suppress=missingIncludeSystem --suppress='*:build/*' \
		--suppress=normalCheckLevelMaxBranches \
		--suppress=ctuuninitvar --suppress=ctunullpointer --suppress=varFuncNullUB -D__cppcheck__=1 --error-exitcode=1
	@touch $@

# One target a file; tidy.sh skips those whose preprocessed text it has found clean before.
tidy_targets := $(addprefix tidy-,$(c_files))
.PHONY: $(tidy_targets)
tidy: $(tidy_targets)
$(tidy_targets): tidy-%: | $(OUT)/compile_commands.json
	@scripts/tidy.sh '$*' $(OUT)

$(OUT)/compile_commands.json: meson.build $(wildcard src/*/meson.build tests/unit/*/meson.build) fuzz/meson.build
	@if [ -e $(OUT)/build.ninja ]; then meson setup --reconfigure $(OUT); \
		else CC=clang meson setup $(OUT) -Dtests=true -Dfuzz=true -Db_lundef=false; fi >$(OUT).log 2>&1 || { cat $(OUT).log; exit 1; }
	@touch $@

$(OUT)/.:
	@mkdir -p $@
