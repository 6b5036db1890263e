# Every command of the project; `make help` lists them. The work is done by the scripts in .make.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-long check-android pictures bench bench-load

help: ## Say what each target does
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: ## Install the Debian packages that building and testing need (as root; skipped when all are there)
	@.make/setup.sh

run: ## Build everything, start a sample bureau and the app's window (or simulated phones without a display)
	@.make/run.sh

test: ## Format, lints, every test, and one run from an empty folder
	@.make/test.sh

test-long: ## The tests that take long: kills and faults by the hundred, whole-county loads
	@.make/test-long.sh

check-android: ## Type-check the phone's half for Android, without an SDK
	@.make/check-android.sh

pictures: ## Take the pictures of every screen and page again (docs/pictures)
	@.make/pictures.sh

bench: ## Measure against the budgets of the README
	@cargo bench --locked

bench-load: ## Measure how many records a bureau takes, beside a bare SQLite on the same disk
	@.make/load.sh
