SHELL := /bin/sh
BIN := .venv/bin

.PHONY: setup for-tests demo up test screenshots check contract lock clean

demo: setup  ## move a real app between two regions on this machine
	@$(BIN)/storky demo

up: setup  ## run everything in .storky/ until Ctrl-C
	@$(BIN)/storky up

test: setup for-tests  ## every test, against real servers
	@$(BIN)/pytest -n 4

screenshots: setup for-tests  ## take the pictures of the console for docs/
	@$(BIN)/python -m tests.browser.screenshots

check: setup  ## format, lint, types and import contracts
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: .venv/ready  ## everything the other targets need
	@local/setup/servers.sh

for-tests: setup
	@local/setup/servers.sh for-tests

.venv/ready: requirements/dev.txt pyproject.toml local/setup/python.sh
	@local/setup/python.sh
	@touch $@

contract: setup  ## write docs/contract anew, after a message or the topology has changed
	@rm -rf docs/contract
	@$(BIN)/storky contract --output docs/contract

lock: setup  ## choose the newest packages that fit, with their hashes
	$(BIN)/uv pip compile --quiet --no-emit-index-url --no-emit-find-links --upgrade --universal --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --no-emit-index-url --no-emit-find-links --upgrade --universal --generate-hashes --no-header --group dev pyproject.toml -o requirements/dev.txt

clean:  ## remove what can be made again; .storky/, with its data, stays
	rm -rf .venv *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
