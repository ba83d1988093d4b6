# SPDX-License-Identifier: GPL-2.0-or-later
#
# The commands of memfab; README.md says what they are for.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

top := $(CURDIR)
export QEMU_VERSION QEMU_SRC FORCE LEAN TARGETS V GLUE
export KERNEL INITRD MODULES ARCH ACCEL TOPOLOGY
PREFIX ?= /usr/local
FUZZ_TIME ?= 600
SOAK ?= 100
release = $$(cat build/.release)
arch = $(or $(ARCH),x86_64)

define HELP

make run        boot a Linux guest on a CXL + SDXI machine, console here
make demo       the same, scripted; exit status 0 only if all went well
make check      build and run every test; ends with "N passed, N failed"
make bench      side-by-side tables against RAM, memcpy and the stock device;
                also as JSON and SVG charts in build/bench
make fuzz       fuzz each door for FUZZ_TIME seconds (now $(FUZZ_TIME)); needs clang
make prove      prove arithmetic and protocols, and that each proof can fail
make soak       move a machine that works SOAK times (now $(SOAK)); long days of guests
make static     have gcc, clang, clang-tidy and cppcheck look at our C
make coverage   what unit tests and fuzz corpus reach of the lower floors
make docs       the pages as HTML, and man pages, in build/docs
make install    install below PREFIX (now $(PREFIX))
make deb        Debian packages in build/deb, to be installed beside QEMU's
make clean      remove build/

QEMU_VERSION=11.1|10.2|10.0  QEMU_SRC=<dir>  LEAN=1  ARCH=x86_64|aarch64
ACCEL=tcg|kvm  V=1 (all that the build says)
KERNEL=<image>  MODULES=<dir>  INITRD=<file>  TOPOLOGY=cxl|accelerator|pool
endef
export HELP

# $(1): targets, or nothing for all
define build_release
@qemu/build release $(1) > build/.release.new || { rm -f build/.release.new; exit 1; }
@mv build/.release.new build/.release
@scripts/link-bin "$(release)"
endef

.PHONY: all build emulator packages test-build asan image run demo check bench \
        fuzz prove soak static coverage docs deb install clean help
.DEFAULT_GOAL := all

all: build
	@ls -1 build/bin/* && echo "$$HELP" && cat "build/$(release)/.left-out"

help:
	@echo "$$HELP"

packages:
	@mkdir -p build
	@qemu/packages

build: packages
	$(call build_release,)

# the one emulator that a guest runs on; building both takes longer
emulator: packages
	@case "$(arch)" in x86_64|aarch64) ;; \
	    *) echo "ARCH=$(ARCH) is not supported; use x86_64 or aarch64"; exit 1 ;; \
	esac
	$(call build_release,qemu-system-$(arch) memfab-tools)

# what `make check` runs beside the emulators
test-build: packages
	@qemu/build release > /dev/null
	$(call build_release,$$(scripts/test-targets))

# the sanitizers look at our code, which is the same on every release
asan: test-build
	@[ "$(release)" != 10.2 ] || \
	    QEMU_VERSION=10.2 qemu/build asan qemu-system-x86_64 > /dev/null

image: packages
	@tests/guest/build-image

run: emulator
	@tests/guest/run

demo: emulator
	@tests/guest/demo$(if $(filter pool,$(TOPOLOGY)),-pool)

check: export JUDGES = 1
check: test-build asan image
	@mkdir -p build/tests
	@scripts/test-manifest "$(release)" > build/tests/manifest
	@scripts/run-tests --out build/tests/$(release) $(RUN_TESTS) build/tests/manifest

bench: build
	@CHARTS=1 qemu/packages || true
	@qemu/build release qemu-system-x86_64 memfab/tests/memfab-bench-sdxi > /dev/null
	@mkdir -p build/bench
	@QTEST_QEMU_BINARY="build/$(release)/qemu-system-x86_64" \
	    "build/$(release)/memfab/tests/memfab-bench-sdxi" $(BENCH) \
	    --json build/bench/sdxi.json | grep --line-buffered -v '^#'
	@tests/bench/bench
	@tests/bench/bench-identify
	@tests/bench/draw

# doors of the lower floors, then QEMU's generic fuzzer on machines with our devices
own_doors = $(filter-out generic%,$(FUZZ))
machines = $(patsubst generic-%,%,$(filter generic-%,$(FUZZ)))

fuzz: packages
	@[ -n "$(FUZZ)" -a -z "$(own_doors)" ] || { \
	    qemu/build fuzz memfab-fuzz > build/.fuzz-release; \
	    scripts/fuzz "$$(cat build/.fuzz-release)" $(FUZZ_TIME) $(own_doors); }
	@[ -n "$(own_doors)" -a -z "$(filter generic%,$(FUZZ))" ] || { \
	    qemu/build generic qemu-fuzz-x86_64 > build/.fuzz-release; \
	    scripts/fuzz-generic "build/$$(cat build/.fuzz-release)-generic" \
	        $(FUZZ_TIME) $(machines); }

prove: packages
	@scripts/fetch-cbmc
	@scripts/prove $(PROVE)

soak: image
	$(call build_release,qemu-system-x86_64 qemu-img memfab-tools memfab/tests/memfab-qtest-cxl-soak \
	    memfab/tests/memfab-qtest-cxl-moments memfab/tests/memfab-unit-sdxi-threads \
	    memfab/tests/memfab-unit-sdxi-epoch-threads memfab/tests/memfab-unit-sdxi-worker-threads \
	    memfab/tests/memfab-unit-cxl-window-host-lost-threads)
	@SOAK=$(SOAK) qemu/packages
	@mkdir -p build/tests
	@SOAK=$(SOAK) scripts/test-manifest "$(release)" soak > build/tests/soak
	@nice -n 10 scripts/run-tests --out build/tests/soak-$(release) $(RUN_TESTS) build/tests/soak

docs:
	@DOCS=1 qemu/packages
	@scripts/docs

# like asan: our code is the same on every release
coverage: packages
	@qemu/build coverage memfab-unit memfab-fuzz > build/.coverage-release
	@scripts/coverage "$$(cat build/.coverage-release)"

static: test-build
	@scripts/static --build "build/$(release)"

deb: packages
	@DEB=1 qemu/packages
	@scripts/deb

install: build
	@scripts/install "$(release)" "$(DESTDIR)$(PREFIX)"

clean:
	rm -rf build
