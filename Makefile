.DEFAULT_GOAL := help
.PHONY: help setup run test lint docs diagrams clean lock bench-als bench-ingest bench-models bench-publish bench-quality airflow test-airflow mutants

PACKAGES := ingest publish pipeline recommender sample_api dbt.adapters.sparksession scripts.mutation
DOCS := target/static_index.html
# Their tests need neither a lake nor dbt: like `lint`, they run beside the others.
WITHOUT_DBT := tests/ingest tests/publish tests/sample_api

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s  %s\n", $$1, $$2}' Makefile

setup: .venv/.complete ## Make .venv, or bring it up to date with requirements.lock

.venv/.complete: requirements.lock pyproject.toml
	@scripts/setup
	@touch $@

run: setup ## Run everything; on a sample API, unless MEDLEY_API_URL=http://... is given
	@.venv/bin/medley run $(if $(MEDLEY_API_URL),,--sample)

test: setup ## Lint and type-check, and run the tests
	@aside=$$(mktemp); trap 'rm -f $$aside' EXIT; \
	{ $(MAKE) --no-print-directory lint && .venv/bin/pytest -p no:cacheprovider $(WITHOUT_DBT); } \
		>$$aside 2>&1 & other=$$!; \
	.venv/bin/pytest $(WITHOUT_DBT:%=--ignore=%); status=$$?; \
	wait $$other || status=$$?; cat $$aside; exit $$status

lint: setup ## Check Python (ruff, mypy), SQL (sqlfluff) and the project (dbt parse)
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy $(addprefix -p ,$(PACKAGES))
	@.venv/bin/sqlfluff lint models tests/data
	@.venv/bin/dbt --quiet parse --profiles-dir profiles --target-path target/lint --warn-error

docs: setup ## Serve the documentation of the tables that `make run` wrote
	@test -f $(DOCS) || { echo "There is no $(DOCS) yet: run \`make run\` first." >&2; exit 1; }
	@echo "http://localhost:8080/$(notdir $(DOCS))  (Ctrl-C stops it)"
	@.venv/bin/python -m http.server 8080 --bind localhost --directory $(dir $(DOCS)) 2>/dev/null

diagrams: setup ## Draw docs/assets/*.svg, the gold schema, anew
	@.venv/bin/dbt --quiet parse --profiles-dir profiles
	@.venv/bin/python scripts/er_diagram.py target/manifest.json docs/assets

clean: ## Remove what dbt, tests and linters leave behind; the lake and .venv stay
	@rm -rf target logs .mypy_cache .pytest_cache .ruff_cache .hypothesis

lock: setup ## Pin the dependencies of pyproject.toml anew (ARGS=--upgrade: to their newest)
	@PATH="$$PATH:.venv/bin" uv pip compile --quiet --universal --python-version 3.11 \
		pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-header \
		-o requirements.lock $(ARGS)
	@PATH="$$PATH:.venv/bin" uv pip compile --quiet --universal --python-version 3.11 \
		bench/requirements.in --generate-hashes --no-emit-index-url --no-header \
		-o bench/requirements.lock $(ARGS)
	@PATH="$$PATH:.venv/bin" uv pip compile --quiet --universal --python-version 3.11 \
		ops/airflow/requirements.in --generate-hashes --no-emit-index-url --no-header \
		-o ops/airflow/requirements.lock $(ARGS)

mutants: setup ## Break each silver and gold model, and see which test notices (ARGS=--help)
	@.venv/bin/python -m scripts.mutation $(ARGS)

bench-als: setup .venv-bench/.complete ## Time the recommender against Spark's own and implicit (ARGS=--help: parts)
	@.venv/bin/python -m bench.als $(ARGS)

bench-ingest: setup .venv-bench/.complete ## Time the loader against dlt and a bare session (ARGS=--help: cases)
	@.venv-bench/bin/python -m bench.ingest $(ARGS)

bench-publish: setup ## Time publishing against a bare load of the same rows (ARGS=--help: sizes)
	@.venv/bin/python -m bench.publish $(ARGS)

bench-quality: setup .venv-bench/.complete ## Judge the published lists on a file of listening (ARGS=--help: its columns)
	@.venv/bin/python -m bench.quality $(ARGS)

bench-models: setup .venv-bench/.complete ## Time the SQL models against bare Spark and dbt-duckdb (ARGS=--help: sizes)
	@.venv/bin/python -m bench.models $(ARGS)

.venv-bench/.complete: bench/requirements.lock | setup
	@PATH="$$PATH:.venv/bin" uv venv --quiet --clear --python .venv/bin/python .venv-bench
	@PATH="$$PATH:.venv/bin" uv pip install --quiet --compile-bytecode \
		--python .venv-bench/bin/python --require-hashes -r $<
	@touch $@

airflow: .venv-airflow/.complete ## Make .venv-airflow, an Airflow to try the DAGs of ops/airflow in

test-airflow: airflow ## Run both DAGs in a real Airflow, on the sample API (minutes)
	@MEDLEY_TEST_AIRFLOW=1 .venv/bin/pytest tests/ops/airflow

.venv-airflow/.complete: ops/airflow/requirements.lock | setup
	@PATH="$$PATH:.venv/bin" uv venv --quiet --clear --python .venv/bin/python .venv-airflow
	@PATH="$$PATH:.venv/bin" uv pip install --quiet --python .venv-airflow/bin/python --require-hashes -r $<
	@touch $@
