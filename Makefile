# SPDX-License-Identifier: MIT
#
# The one place to look for what can be done.  Meson and ninja do the work.
#
#   make            build build/avocet (installs what that needs)
#   make demo       the same, then a server with real mail in it, on loopback
#   make check      install what tests need and run them all
#   make lint       what `make check` says about the text of the source
#   make format     rewrite the source as clang-format wants it
#   make docs       make again the pages that the program writes
#   make fuzz       each fuzz target for TIME seconds (FUZZ=name for one)
#   make bench      Avocet beside Dovecot and Cyrus, some twenty minutes, as
#                   root; `bench/run --help` says how to run less
#   make install    install under PREFIX (/usr/local), with DESTDIR
#   make clean      remove build/

PREFIX = /usr/local
TIME = 20
FUZZ =

# Meson does not see a file that is new or gone; the list of them does.
build/avocet: build/build.ninja FORCE
	@tools/find-sources src '*.c' | cmp -s - build/sources || \
	    meson setup --reconfigure build > /dev/null
	@tools/find-sources src '*.c' > build/sources
	@ninja -C build --quiet avocet

build/build.ninja:
	@tools/packages build
	@meson setup build -Dtests=disabled -Db_lto=true \
	    --prefix=$(PREFIX) > /dev/null
	@echo "Building build/avocet: a few minutes"

demo: build/avocet
	@tools/packages demo
	@tools/demo build/avocet

check:
	@tools/packages build test
	@tools/check

lint:
	@tools/packages test
	@tools/lint

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

docs: build/avocet
	@tools/docs build/avocet

fuzz:
	@tools/packages build fuzz
	@tools/fuzz $(TIME) $(FUZZ)

bench: build/avocet
	@tools/packages build bench
	@ninja -C build --quiet avocet-bench
	@bench/run

install: build/avocet
	@meson install -C build --no-rebuild

clean:
	@rm -rf build

.PHONY: FORCE demo check lint format docs fuzz bench install clean
