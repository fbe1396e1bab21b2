# mcpshield-stdio.  `make help` lists the targets.

PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
CLANG ?= clang
BUILD ?= build
VERSION := 0.1.0

BINDIR := $(PREFIX)/bin
DATADIR := $(PREFIX)/share/mcpshield
MANDIR := $(PREFIX)/share/man

# Debian packages: to build; to run servers from npm; to test; for fuzzers,
# sanitizers of clang and valgrind; to lint.
DEPS_BUILD := gcc make pkg-config libc6-dev libjansson-dev libyaml-dev \
	libsqlite3-dev nettle-dev libpcre2-dev libicu-dev
DEPS_RUN := nodejs npm ca-certificates
DEPS_TEST := check python3 sqlite3
DEPS_DEEP := check clang libclang-rt-dev llvm valgrind
DEPS_LINT := clang clang-format clang-tidy cppcheck mandoc git universal-ctags \
	shellcheck

PKGS := jansson yaml-0.1 sqlite3 nettle libpcre2-8
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS = $(shell pkg-config --libs $(PKGS)) -lm

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wformat=2 \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wcast-qual -Wwrite-strings -Wpointer-arith -Wundef -Wvla \
	-Wimplicit-fallthrough
ifeq ($(DEV),1)
WARN += -Werror
endif
# Accepted by gcc and by clang, or left out: asked of the compiler, once.
accepts = $(shell $(CC) -Werror $(1) -xc -c /dev/null -o /dev/null \
	2>/dev/null && echo $(1))
HARDEN_MAYBE := $(call accepts,-fcf-protection) \
	$(call accepts,-fstrict-flex-arrays=3) \
	$(call accepts,-ftrivial-auto-var-init=zero)
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection \
	$(HARDEN_MAYBE)
FORTIFY := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
OPT ?= -O2 -g
CPPFLAGS_ALL = -D_GNU_SOURCE -I. -I$(BUILD) -DVERSION='"$(VERSION)"' \
	-DDATADIR='"$(DATADIR)"' $(FORTIFY) $(CPPFLAGS)
CFLAGS_ALL = -std=c17 $(OPT) $(WARN) $(HARDEN) $(SAN) $(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now,-z,noexecstack $(SAN) $(LDFLAGS)

BIN := $(BUILD)/mcpshield-stdio
SRCS := $(wildcard proxy/*.c proxy/base/*.c proxy/cmd/*.c sandbox/*.c \
	policy/*.c audit/*.c)
LIB_SRCS := $(filter-out proxy/main.c,$(SRCS))
LIB_OBJS := $(LIB_SRCS:%.c=$(BUILD)/%.o) $(BUILD)/gen/builtin.o \
	$(BUILD)/gen/unifold_table.o
LIB := $(BUILD)/libmcpshield.a
POLICIES := $(wildcard policies/*.yaml)
UNIT := $(patsubst test/unit/%.c,$(BUILD)/test/%,$(wildcard test/unit/test_*.c))
HELPERS := $(patsubst test/helper/%.c,$(BUILD)/helper/%, \
	$(wildcard test/helper/*.c))
BENCH := $(patsubst test/bench/%.c,$(BUILD)/bench/%,$(wildcard test/bench/*.c))
FUZZ := $(patsubst test/fuzz/%.c,%,$(wildcard test/fuzz/fuzz_*.c))

.PHONY: all help clean
all: $(BIN)

$(BIN): $(BUILD)/proxy/main.o $(LIB)
	$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(LIB): $(LIB_OBJS)
	rm -f $@
	ar rcs $@ $^

# What objects are made with: they are made anew when it changes, as by PREFIX.
FLAGS_NOW = $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL)
.PHONY: force
$(BUILD)/flags: force
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $@ || \
		printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' >$@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# The policies that are compiled in, as bytes.
$(BUILD)/gen/builtin.c: $(POLICIES) policies/embed.sh
	@mkdir -p $(@D)
	sh policies/embed.sh $(POLICIES) >$@.tmp
	mv $@.tmp $@

$(BUILD)/gen/builtin.o: $(BUILD)/gen/builtin.c $(BUILD)/flags
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# What Unicode's characters fold to.  ICU is asked when the table is made, by a
# program for this machine, and never when it is used.
GEN_CC ?= gcc
ICU = $(shell pkg-config --cflags --libs icu-i18n icu-uc)
$(BUILD)/gen/unifold_table.c: $(wildcard policy/gen/*.c policy/gen/*.h)
	@mkdir -p $(@D)
	$(GEN_CC) -std=c17 -D_GNU_SOURCE -I. -O1 $(WARN) -o $(@:.c=) \
		$(filter %.c,$^) $(ICU)
	$(@:.c=) >$@.tmp
	mv $@.tmp $@

$(BUILD)/gen/unifold_table.o: $(BUILD)/gen/unifold_table.c $(BUILD)/flags
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

CHECK_FLAGS = $(shell pkg-config --cflags check)
CHECK_LIBS = $(shell pkg-config --libs check)
$(BUILD)/test/%: test/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(CHECK_FLAGS) -MMD -MP \
		$(LDFLAGS_ALL) -o $@ $< $(LIB) $(CHECK_LIBS) $(PKG_LIBS)

$(BUILD)/helper/%: test/helper/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP $(LDFLAGS_ALL) -o $@ $< \
		$(LIB) $(PKG_LIBS)

BENCH_LIB := $(patsubst %.c,$(BUILD)/%.o,$(wildcard test/bench/lib/*.c))
.SECONDARY: $(BENCH_LIB)
$(BUILD)/bench/%: test/bench/%.c $(BENCH_LIB) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP $(LDFLAGS_ALL) -o $@ $< \
		$(BENCH_LIB) $(LIB) $(PKG_LIBS)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

clean:
	rm -rf build build-asan build-clang build-fuzz build-cov \
		build-valgrind

# --- Set-up: what is missing is installed, and said plainly. ---------------

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# A machine that has just started may hold the locks of apt for a while.
define apt_get
echo "deps: installing Debian packages: "$(1); \
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do \
		$(SUDO) apt-get update -q && break || sleep 5; \
	done; \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get \
		-o DPkg::Lock::Timeout=120 install -y -q \
		--no-install-recommends $(1)
endef
# $(1): Debian packages; nothing is done where all are installed.
define install_missing
	@missing=; for p in $(1); do \
		dpkg-query -W -f '$${Status}' $$p 2>/dev/null | \
			grep -q 'ok installed' || missing="$$missing $$p"; \
	done; \
	if [ -n "$$missing" ]; then $(call apt_get,$$missing); fi
endef
# Node and npm from Debian only where there are none: others serve as well.
define install_node
	@if ! command -v npm >/dev/null || ! command -v node >/dev/null; then \
		$(call apt_get,$(DEPS_RUN)); \
	fi
endef

.PHONY: deps deps-build deps-node deps-test deps-deep deps-lint
deps: deps-build deps-node deps-test deps-deep deps-lint
deps-build:
	$(call install_missing,$(DEPS_BUILD))
deps-node:
	$(install_node)
deps-test:
	$(call install_missing,$(DEPS_TEST))
deps-deep:
	$(call install_missing,$(DEPS_DEEP))
deps-lint:
	$(call install_missing,$(DEPS_LINT))

# MCP servers and clients that others wrote, pinned by a lockfile with sha512.
NPM_STAMP := test/npm/node_modules/.stamp
$(NPM_STAMP): test/npm/package.json test/npm/package-lock.json
	@echo "npm: installing the MCP servers and clients of" \
		"test/npm/package-lock.json"
	cd test/npm && npm ci --ignore-scripts --no-audit --no-fund \
		--loglevel=error
	touch $@

# For the demo, the one server that it shows.
DEMO_STAMP := test/npm/node_modules/.demo
$(DEMO_STAMP): test/npm/package.json test/npm/package-lock.json
	@echo "npm: installing @modelcontextprotocol/server-filesystem as" \
		"pinned in test/npm/package-lock.json"
	cd test/npm && npm ci --omit=dev --omit=optional --ignore-scripts \
		--no-audit --no-fund --loglevel=error
	touch $@

# --- What users run. -------------------------------------------------------

.PHONY: demo check check-unit check-replay check-e2e
demo: deps-build deps-node
	$(MAKE) all
	[ -e $(NPM_STAMP) ] || $(MAKE) $(DEMO_STAMP)
	test/demo.sh $(BIN) test/npm/node_modules

check: deps-build deps-node deps-test
	$(MAKE) check-all
.PHONY: check-all
check-all: $(BIN) $(NPM_STAMP) check-unit check-replay check-e2e check-bench \
	check-corpora

# The benchmark notices answers that are lost, changed or swapped.
.PHONY: check-bench
check-bench: $(BENCH)
	sh test/bench/selftest.sh $(BUILD)/bench

check-unit: $(UNIT)
	@set -e; for t in $(UNIT); do echo "$$t"; $$t; done

# The fuzzers' seeds, without a fuzzer.
REPLAY := $(FUZZ:%=$(BUILD)/replay/%)
$(BUILD)/replay/%: test/fuzz/%.c test/fuzz/replay.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $< \
		test/fuzz/replay.c $(LIB) $(PKG_LIBS)
check-replay: $(REPLAY)
	@set -e; for f in $(FUZZ); do \
		$(BUILD)/replay/$$f test/corpus/$${f#fuzz_}; \
	done

check-e2e: $(BIN) $(HELPERS)
	MCPSHIELD="$(BIN)" test/e2e/run

# Unit tests and seeds under AddressSanitizer and UBSan; LeakSanitizer too.
# What the checks find in public corpora, where those are at hand.
.PHONY: corpora check-corpora
corpora: deps-build deps-test $(BIN) check-corpora
check-corpora: $(BIN)
	MCPSHIELD="$(BIN)" test/corpora/run $(KIND)

.PHONY: check-asan check-valgrind check-clang
ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
check-asan: deps-build deps-test
	$(MAKE) BUILD=build-asan SAN="$(ASAN)" OPT="-O1 -g" FORTIFY= \
		build-asan/mcpshield-stdio check-unit check-replay

check-clang: deps-build deps-deep
	$(MAKE) BUILD=build-clang CC=$(CLANG) DEV=1 all

# Without fortified calls: valgrind 3.19 takes __memmove_chk for __memcpy_chk.
check-valgrind: deps-build deps-deep
	$(MAKE) BUILD=build-valgrind FORTIFY= valgrind-run
.PHONY: valgrind-run
valgrind-run: $(UNIT)
	@set -e; for t in $(UNIT); do \
		echo "$$t"; \
		CK_FORK=no CK_TIMEOUT_MULTIPLIER=50 valgrind -q \
			--suppressions=test/valgrind.supp \
			--error-exitcode=1 --leak-check=full $$t; \
	done

# Every fuzzer for FUZZ_SECONDS, all together a minute by default.
FUZZ_SECONDS ?= $(shell n=$(words $(FUZZ)); echo $$((60 / (n > 0 ? n : 1))))
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
.PHONY: fuzz
fuzz: deps-build deps-deep
	$(MAKE) BUILD=build-fuzz CC=$(CLANG) OPT="-O1 -g" FORTIFY= \
		SAN="$(FUZZ_SAN) -fsanitize=fuzzer-no-link" fuzz-run
.PHONY: fuzz-run
$(BUILD)/fuzz/%: test/fuzz/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -fsanitize=fuzzer \
		-o $@ $< $(LIB) $(PKG_LIBS)
fuzz-run: $(FUZZ:%=$(BUILD)/fuzz/%)
	@set -e; for f in $(FUZZ); do \
		mkdir -p $(BUILD)/found/$$f; \
		echo "$$f: $(FUZZ_SECONDS) s"; \
		$(BUILD)/fuzz/$$f -max_total_time=$(FUZZ_SECONDS) \
			-rss_limit_mb=4096 -timeout=20 -verbosity=0 \
			-artifact_prefix=$(BUILD)/found/ \
			$(BUILD)/found/$$f test/corpus/$${f#fuzz_}; \
	done

.PHONY: lint
lint: deps-build deps-lint
	$(MAKE) DEV=1 $(BUILD)/gen/builtin.c
	BUILD=$(BUILD) CC="$(CC)" FLAGS="-D_GNU_SOURCE -I. -I$(BUILD) -std=c17 \
		-DVERSION=\"$(VERSION)\" -DDATADIR=\"$(DATADIR)\" \
		$(PKG_CFLAGS)" test/lint/run

.PHONY: bench bench-million
bench: deps-build $(BIN) $(BENCH)
	BUILD=$(BUILD) test/bench/bench.sh
bench-million: deps-build $(BIN) $(BENCH)
	BUILD=$(BUILD) test/bench/bench.sh --million

.PHONY: cov
cov: deps-build deps-test
	$(MAKE) BUILD=build-cov SAN=--coverage OPT="-O0 -g" FORTIFY= \
		build-cov/mcpshield-stdio check-unit
	cd build-cov && gcov -n $$(find . -name '*.gcno' -path './p*' -o \
		-name '*.gcno' -path './a*') 2>/dev/null | \
		grep -A1 -E "^File '(proxy|policy|audit)" | grep -v '^--'

.PHONY: install
MAN1 := man/mcpshield-stdio.1
MAN5 := man/mcpshield-policy.5 man/mcpshield-audit.5
MAN7 := man/mcpshield-threats.7
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(DATADIR)/policies \
		$(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man5 \
		$(DESTDIR)$(MANDIR)/man7
	install -m 755 $(BIN) $(DESTDIR)$(BINDIR)
	install -m 644 $(POLICIES) $(DESTDIR)$(DATADIR)/policies
	install -m 644 $(MAN1) $(DESTDIR)$(MANDIR)/man1
	install -m 644 $(MAN7) $(DESTDIR)$(MANDIR)/man7
	for m in $(MAN5); do \
		sed 's|/usr/local/share/mcpshield|$(DATADIR)|' $$m \
			>$(DESTDIR)$(MANDIR)/man5/$${m#man/}; \
		chmod 644 $(DESTDIR)$(MANDIR)/man5/$${m#man/}; \
	done

help:
	@echo "all             build $(BIN)"
	@echo "demo            install what is missing, build, show it at work"
	@echo "check           install what is missing, build, run all tests"
	@echo "deps            install what is missing, and nothing else"
	@echo "check-asan      unit tests and seeds under sanitizers"
	@echo "check-valgrind  unit tests under valgrind"
	@echo "check-clang     build with clang, warnings are errors"
	@echo "fuzz            every fuzzer for a while (FUZZ_SECONDS)"
	@echo "lint            format, analysers, layers, man pages"
	@echo "corpora         attacks caught and benign blocked, by source (KIND=)"
	@echo "bench           the table of numbers, against a bare pump"
	@echo "install         PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)"
