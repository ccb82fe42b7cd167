# Deep End: the one Makefile. `make help` lists what it offers.
#
# Sources are found by wildcard; all products but ./deepend and compile_commands.json lie below build/. Settings for the
# command line: CC=gcc, WERROR=1 (warnings are errors, also when CI=true), V=1 (show commands), T=pool (only tests with
# that in their names), PREFIX=DIR (where install puts the link).

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=$(shell nproc) # a -j of the user's comes later and wins
endif
SHELL := bash
CLANG := clang
ifeq ($(origin CC),default)
CC := $(CLANG)
endif
ifneq ($(origin T),command line) # a T of the shell's environment means something else
T :=
endif
Q := $(if $(V),,@)
say = @printf '  %-8s %s\n' '$(1)' '$(2)'

VERSION := 0.1.0

# --- sources ------------------------------------------------------------------------------------------------------

folders = $(1)/*.$(2) $(1)/*/*.$(2) $(1)/*/*/*.$(2)
GRADER_SRC := $(filter-out grader/test/% grader/check/% grader/explore/rt/%,$(wildcard $(call folders,grader,c)))
GRADER_TEST_SRC := $(wildcard grader/test/test_*.c)
REFERENCE_SRC := $(wildcard reference/*/*.c)
REFERENCE_TEST_SRC := $(wildcard reference/*/test/test_*.c)
BENCH_SRC := $(wildcard reference/*/bench/*.c)
STRESS_SRC := $(wildcard reference/whole/stress/*.c)
LESSON_SRC := $(wildcard lessons/*/*.c)
SHELL_TESTS := $(wildcard grader/test/test_*.sh)
FORMATTED = $(wildcard $(foreach d,grader reference lessons exercises incidents,$(foreach e,c h,$(call folders,$(d),$(e)) $(d)/*/*/*/*.$(e))))

# --- flags --------------------------------------------------------------------------------------------------------

MODULES := talloc jansson libcyaml yaml-0.1 sqlite3 libmd expat libdw libelf libseccomp
WARNINGS := -Wall -Wextra
ifneq ($(filter true 1,$(CI) $(WERROR)),)
WARNINGS += -Werror
endif
BASE_CFLAGS := -std=gnu11 $(WARNINGS) -g -D_GNU_SOURCE -pthread $(CFLAGS)
# pkg-config is asked once, and only when something is to be compiled: a new machine does not have it yet.
GRADER_CFLAGS = $(eval GRADER_CFLAGS := -O2 $(BASE_CFLAGS) -Igrader -DDEEPEND_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(MODULES)))$(GRADER_CFLAGS)
GRADER_LIBS = $(eval GRADER_LIBS := $(shell pkg-config --libs $(MODULES)) -lcmark-gfm-extensions -lcmark-gfm -lm)$(GRADER_LIBS)
REFERENCE_CFLAGS := $(BASE_CFLAGS) -Ireference $(patsubst %/,-I%,$(wildcard reference/*/))
LESSON_CFLAGS := $(REFERENCE_CFLAGS) -Igrader/check

# Variants in which the reference library and its tests are built. The sanitizers are always clang's.
VARIANTS := plain tsan memory
OTHER_VARIANTS := pic coverage valgrind# built when something asks for them: the shared library, `make coverage`, `make check-valgrind`
CC_plain := $(CC)
CC_tsan := $(CLANG)
CC_memory := $(CLANG)
FLAGS_plain := -O2
FLAGS_tsan := -O1 -fsanitize=thread
CC_pic := $(CC)
CC_coverage = $(if $(shell command -v gcc),gcc,$(CLANG))
FLAGS_coverage := -O0 --coverage
FLAGS_pic := -O2 -fPIC -fno-semantic-interposition
# Valgrind 3.19 does not read clang's DWARF 5, and Helgrind has to be told of atomics.
CC_valgrind := $(CLANG)
FLAGS_valgrind := -O1 -gdwarf-4 -fno-omit-frame-pointer -DCASE_LIMIT=3000 -include reference/whole/valgrind/atomics.h
FLAGS_memory := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# A test that needs more to link says so in a comment among its first lines: /* link: -Wl,--wrap=pthread_create */
link_comment = $$(sed -n '1,30s|^.*link: \(.*[^ ]\) *\*/.*|\1|p' $<)

# --- what is built ------------------------------------------------------------------------------------------------

GRADER_OBJ := $(GRADER_SRC:%.c=build/obj/%.o)
GRADER_TESTS := $(GRADER_TEST_SRC:%.c=build/test/%)
REFERENCE_TESTS := $(foreach v,$(VARIANTS),$(REFERENCE_TEST_SRC:%.c=build/test/$(v)/%))
LESSONS := $(LESSON_SRC:%.c=build/test/%)
BENCHES := $(BENCH_SRC:%.c=build/bench/%)
COVERAGE_TESTS := $(REFERENCE_TEST_SRC:%.c=build/test/coverage/%)
VALGRIND_TESTS := $(REFERENCE_TEST_SRC:%.c=build/test/valgrind/%)
TEST_PROGRAMS := $(GRADER_TESTS) $(REFERENCE_TESTS) $(LESSONS)
# run-tests begins at both ends: those that take longest stand at the end, each behind those that are shorter.
LONG_TESTS := test_run test_watch_saves test_observe test_incident_live.sh test_reference_install.sh test_explore_depth \
              test_incident.sh test_incident_policies.sh test_reference_explored.sh test_explore_kernels \
              test_incident_replay.sh test_attacks test_selftest.sh
TESTS := $(filter %/test_house.sh,$(SHELL_TESTS)) $(TEST_PROGRAMS) $(filter-out %/test_house.sh,$(SHELL_TESTS))
TESTS := $(filter-out $(LONG_TESTS:%=\%/%),$(TESTS)) $(foreach t,$(LONG_TESTS),$(filter %/$t,$(TESTS)))
ifeq ($(origin SECONDS),command line) # bash has a SECONDS of its own
STRESS_SECONDS := $(SECONDS)
else
STRESS_SECONDS := 600
endif
ifneq ($(T),)
TESTS := $(foreach t,$(TESTS),$(if $(findstring $(T),$(t)),$(t)))
COVERAGE_TESTS := $(foreach t,$(COVERAGE_TESTS),$(if $(findstring $(T),$(t)),$(t)))
VALGRIND_TESTS := $(foreach t,$(VALGRIND_TESTS),$(if $(findstring $(T),$(t)),$(t)))
endif

.PHONY: all start test help doctor bench bench-explore install uninstall clean distclean format format-check build-tests FORCE
.PHONY: install-library uninstall-library coverage check-valgrind stress bench-peers bench-costs bench-pages

##@ Every day

all: deepend compile_commands.json ## build ./deepend (the default)

# When something is missing and may not be installed, .ci/setup ends with 3; make itself answers 2 to any failure.
start: ## set everything up, build, and grade a first exercise
	@.ci/setup
	@$(MAKE) --no-print-directory all
	@echo; ./deepend check junior/1; status=$$?; [ $$status -le 1 ] || exit $$status; \
	    [ $$status = 0 ] || printf '\n%s\n' 'That is the first exercise. Its starter fails on purpose: the repair is yours.'; \
	    printf '\n%s\n  %s\n' 'Deep End is ready. Type this to see where you are and what is next:' './deepend'

test: ## set everything up, build, and run every test (T=pool: only those with "pool" in their names)
	@.ci/setup
	$(if $(filter %/test_incident_live.sh,$(TESTS)),@.ci/prometheus >/dev/null || true)
	@$(MAKE) --no-print-directory --keep-going build-tests || failed=--build-failed; \
	    CC='$(CC)' CLANG='$(CLANG)' grader/test/run-tests $$failed $(TESTS)

help: ## this list
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' Makefile
	@printf '\nSettings: CC=gcc  WERROR=1  V=1  PREFIX=DIR\n'

doctor: deepend ## what this machine has and lacks
	@./deepend doctor

bench: deepend $(BENCHES) ## measure from save to verdict, the reference library, the explorer
	@grader/test/bench.sh $(BENCHES)
	@echo && grader/test/bench_handover.sh

bench-explore: deepend ## schedules until each fault is found, by strategy (BENCH_SEEDS=20: half an hour)
	@grader/test/bench_explore.sh

bench-peers: build/plain/reference.a ## the reference pool beside those of other libraries that are here: a table and a plot
	@CC='$(CC)' reference/core/bench/peers/run.sh

bench-costs: build/bench/reference/core/bench/bench_costs ## what each switch of the core pool costs a task
	@$<

bench-pages: build/plain/reference.a build/bench/reference/core/bench/bench_costs ## both of these, written to reference/core/docs: for an idle machine
	@CC='$(CC)' BENCH_PAGE=reference/core/docs reference/core/bench/peers/run.sh
	@build/bench/reference/core/bench/bench_costs >build/costs.md && mv build/costs.md reference/core/docs/costs.md && echo reference/core/docs/costs.md

##@ Installing

# The root of the tree is found through the link, so the tree has to stay where it is.
PREFIX ?= $(shell [ -w /usr/local/bin ] && echo /usr/local || echo ~/.local)

install: deepend ## link deepend into PREFIX/bin (/usr/local, or ~/.local if that is not writable)
	@mkdir -p '$(PREFIX)/bin' && ln -sf '$(CURDIR)/deepend' '$(PREFIX)/bin/deepend' && echo 'linked $(PREFIX)/bin/deepend'
	@case ":$$PATH:" in *':$(PREFIX)/bin:'*) ;; *) echo 'note: $(PREFIX)/bin is not in your PATH' ;; esac

uninstall: ## remove that link
	@if [ '$(PREFIX)/bin/deepend' -ef deepend ] || [ "$$(readlink '$(PREFIX)/bin/deepend')" = '$(CURDIR)/deepend' ]; \
	    then rm -f '$(PREFIX)/bin/deepend' && echo 'removed $(PREFIX)/bin/deepend'; \
	    else echo 'there is no link to this tree in $(PREFIX)/bin'; fi

install-library: build/lib/libdeepend.so build/lib/libdeepend-http.so ## put the reference library into PREFIX (or DESTDIR/PREFIX), for other programs
	@DESTDIR='$(DESTDIR)' reference/whole/install.sh install '$(abspath $(PREFIX))' $(VERSION) build/lib

uninstall-library: ## remove it again
	@DESTDIR='$(DESTDIR)' reference/whole/install.sh uninstall '$(abspath $(PREFIX))' $(VERSION) build/lib

##@ Working on Deep End

format: ## format every C file as .clang-format says
	@clang-format -i $(FORMATTED)

format-check: ## tell which files are not formatted so
	@clang-format --dry-run -Werror $(FORMATTED)

coverage: $(COVERAGE_TESTS) ## lines and branches of reference/ that its tests run (T=core: only those tests); fails below 95 % and 85 %
	@CC='$(CC_coverage)' reference/whole/coverage.sh $(COVERAGE_TESTS)

check-valgrind: $(VALGRIND_TESTS) ## the tests of reference/ under Memcheck and Helgrind (T=core; TOOLS=memcheck): a quarter of an hour
	@reference/whole/valgrind/run.sh $(VALGRIND_TESTS)

stress: build/stress/stress ## ten minutes of everything at once under ThreadSanitizer (SECONDS=60; SEED=n repeats a run's calls)
	@$$(setarch -R true 2>/dev/null && echo setarch -R) $< $(STRESS_SECONDS) $(SEED)

clean: ## remove what make built
	@rm -rf deepend build/obj build/test build/bench build/stress build/lib $(VARIANTS:%=build/%) $(OTHER_VARIANTS:%=build/%) build/flags* build/sources* build/packages

distclean: clean ## remove the grader's cache and compile_commands.json as well (work/, with your files, always stays)
	@rm -rf build compile_commands.json

# --- how ----------------------------------------------------------------------------------------------------------

# What everything is built with, and from. These files change only when that does, and then all is built anew: a changed
# flag rebuilds, a deleted source disappears.
flags_text = $(foreach v,$(VARIANTS),$(CC_$v) $(FLAGS_$v)) $(GRADER_CFLAGS) $(GRADER_LIBS) $(LESSON_CFLAGS) $(LDFLAGS)
sources_text = $(GRADER_SRC) $(REFERENCE_SRC) $(TEST_PROGRAMS)
build/flags build/sources: FORCE | build/packages
	$(file >$@.new,$($(@F)_text))
	@cmp -s $@.new $@ || cp $@.new $@

build/packages: .ci/packages .ci/setup
	@mkdir -p build && .ci/setup --check && touch $@

deepend: $(GRADER_OBJ) build/flags build/sources
	$(call say,link,$@)
	$(Q)$(CC) $(LDFLAGS) -pthread -o $@ $(GRADER_OBJ) $(GRADER_LIBS)

build/obj/%.o: %.c build/flags
	$(call say,compile,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(GRADER_CFLAGS) -MMD -MP -c -o $@ $<

$(GRADER_TESTS): build/test/%: %.c $(filter-out %/main.o,$(GRADER_OBJ)) build/flags build/sources
	$(call say,test,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(GRADER_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $(filter %.c %.o,$^) \
	    $(link_comment) $(GRADER_LIBS) -lcmocka

define variant_rules
build/$(1)/%.o: %.c build/flags
	$$(call say,compile,$$< ($(1)))
	$$(Q)mkdir -p $$(@D) && $$(CC_$(1)) $$(FLAGS_$(1)) $$(REFERENCE_CFLAGS) -MMD -MP -c -o $$@ $$<

build/$(1)/reference.a: $(REFERENCE_SRC:%.c=build/$(1)/%.o) build/sources
	$$(Q)rm -f $$@ && ar rcs $$@ $$(filter %.o,$$^)

$(REFERENCE_TEST_SRC:%.c=build/test/$(1)/%): build/test/$(1)/%: %.c build/$(1)/reference.a build/flags
	$$(call say,test,$$< ($(1)))
	$$(Q)mkdir -p $$(@D) && $$(CC_$(1)) $$(FLAGS_$(1)) $$(REFERENCE_CFLAGS) -MMD -MP -MF $$@.d $$(LDFLAGS) -o $$@ $$< \
	    build/$(1)/reference.a $$(link_comment) -lcmocka -lm
endef
$(foreach v,$(VARIANTS) $(OTHER_VARIANTS),$(eval $(call variant_rules,$(v))))

# The library for other programs, static and shared. http.c alone needs libmicrohttpd, so it is a library of its own. Below
# 1.0 a minor version may change the ABI: the soname has both numbers. The shared one exports what public headers declare.
define library_rules
build/lib/$(1).so: $(2:%.c=build/plain/%.o) $(2:%.c=build/pic/%.o) $(if $(3),build/lib/libdeepend.so) build/sources $(EXPORTS)
	$$(call say,library,$(1))
	$$(Q)mkdir -p $$(@D) && rm -f $$(@D)/$(1).* && ar rcs $$(@D)/$(1).a $$(filter build/plain/%,$$^)
	$$(Q)reference/whole/exports.sh $$(filter build/pic/%,$$^) >$$(@D)/$(1).map
	$$(Q)$$(CC) -shared -Wl,-soname,$(1).so.$(basename $(VERSION)) -Wl,--no-undefined \
	    -Wl,--version-script=$$(@D)/$(1).map $$(LDFLAGS) -pthread -o $$@.$(VERSION) $$(filter build/pic/%,$$^) $(3) -lm
	$$(Q)ln -s $(1).so.$(VERSION) $$(@D)/$(1).so.$(basename $(VERSION)) && ln -s $(1).so.$(VERSION) $$@
endef
EXPORTS := reference/whole/exports.sh reference/whole/public-headers.sh $(wildcard reference/*/*.h)
HTTP_SRC := $(filter %/http.c,$(REFERENCE_SRC))
$(eval $(call library_rules,libdeepend,$(filter-out $(HTTP_SRC),$(REFERENCE_SRC))))
$(eval $(call library_rules,libdeepend-http,$(HTTP_SRC),-Lbuild/lib -ldeepend $$(shell pkg-config --libs libmicrohttpd)))

build/stress/stress: $(STRESS_SRC) $(wildcard reference/whole/stress/*.h) build/tsan/reference.a build/flags
	$(call say,stress,$@)
	$(Q)mkdir -p $(@D) && $(CC_tsan) $(FLAGS_tsan) $(REFERENCE_CFLAGS) $(LDFLAGS) -o $@ $(STRESS_SRC) build/tsan/reference.a -lm

$(LESSONS): build/test/%: %.c build/plain/reference.a build/flags
	$(call say,lesson,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(FLAGS_plain) $(LESSON_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< \
	    build/plain/reference.a $(link_comment) -lm

$(BENCHES): build/bench/%: %.c build/plain/reference.a build/flags
	$(call say,bench,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(FLAGS_plain) $(REFERENCE_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< \
	    build/plain/reference.a $(link_comment) -lm

build-tests: deepend $(filter $(TEST_PROGRAMS),$(TESTS))

# What editors (clangd) want to know. A learner's file in work/ finds its exercise's headers through its entry here.
editor_entry = $(file >>build/compile.list,$(1)|$(2))
compile_commands.json: build/flags build/sources $(wildcard exercises/*/*/exercise.yaml)
	$(file >build/compile.list)
	$(foreach f,$(GRADER_SRC) $(GRADER_TEST_SRC),$(call editor_entry,$f,$(GRADER_CFLAGS)))
	$(foreach f,$(REFERENCE_SRC) $(REFERENCE_TEST_SRC) $(BENCH_SRC) $(STRESS_SRC),$(call editor_entry,$f,$(REFERENCE_CFLAGS)))
	$(foreach f,$(LESSON_SRC),$(call editor_entry,$f,$(LESSON_CFLAGS)))
	$(foreach f,$(wildcard grader/check/*.c exercises/*/*/*.c),$(call editor_entry,$f,$(LESSON_CFLAGS) -I$(dir $f)))
	@for d in exercises/*/*/; do file=$$(sed -n 's/^file: *//p' "$$d/exercise.yaml" 2>/dev/null); \
	    [ "$$file" = "$${file%.c}" ] || echo "work/$${d#exercises/}$$file|$(LESSON_CFLAGS) -I$$d"; done >>build/compile.list
	@awk -F'|' -v root='$(CURDIR)' 'BEGIN { printf "[" } NF == 2 { gsub(/["\\]/, "\\\\&"); \
	    printf "%s\n{\"directory\": \"%s\", \"file\": \"%s\", \"command\": \"$(CLANG) %s -c %s\"}", sep, root, $$1, $$2, $$1; sep = "," } \
	    END { print "\n]" }' build/compile.list >$@

-include $(GRADER_OBJ:.o=.d) $(addsuffix .d,$(TEST_PROGRAMS) $(BENCHES) $(COVERAGE_TESTS) $(VALGRIND_TESTS)) \
    $(foreach v,$(VARIANTS) $(OTHER_VARIANTS),$(REFERENCE_SRC:%.c=build/$(v)/%.d))
