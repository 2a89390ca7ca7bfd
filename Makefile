# `make help` lists the commands. Everything they need is installed by scripts/setup.
SHELL := /bin/bash
PYTHON := .venv/bin/python
export PORT ?= 8000

.PHONY: help run test setup setup-dev lint test-unit test-e2e test-services test-slow test-next test-fresh bench messages lock

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: setup ## install what is missing, load the demonstration site, start web server and worker (PORT=8000)
	THONSO_DEMO=1 exec $(PYTHON) manage.py up

test: setup-dev ## install what is missing and run the whole suite
	scripts/test

setup: ## install system libraries and Python packages that the site needs
	@scripts/setup run

setup-dev:
	@scripts/setup dev

lint: setup-dev ## style, types, import contracts, templates, missing migrations
	scripts/lint

test-unit: setup-dev ## the suite without the browser
	scripts/test unit

test-e2e: setup-dev ## the browser journeys
	scripts/test e2e

test-services: setup-dev ## the suite on PostgreSQL and Redis (DATABASE_URL and CACHE_URL, or its own servers)
	scripts/test-services

test-slow: setup-dev ## kill, fuzz and large matrices
	$(PYTHON) -m pytest -m slow -p no:randomly

test-next: ## the suite on the next Wagtail
	@scripts/setup next
	PYTHON=.venv-next/bin/python scripts/test unit

test-fresh: ## build a bare Debian root and try `make run` and `make test` in it (needs root and debootstrap)
	scripts/test-fresh

bench: setup-dev ## one JSON line for each benchmark (NAME=lesson_page for one)
	@$(PYTHON) -m benchmarks $(NAME)

messages: setup-dev ## collect the strings to translate into locale/
	scripts/messages

lock: ## compile requirements*.txt from requirements/*.in (needs uv)
	scripts/lock
