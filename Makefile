PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: setup run test test-models lint bench bench-text bench-dedup bench-concepts bench-order bench-synthetic bench-curation bench-peers soak clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -e '.[cpu]'
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(INSTALL) -e '.[cpu,dev]'
	touch $@

$(VENV)/.installed-models: $(VENV)/.installed-dev
	$(INSTALL) -e '.[cpu,dev,models-dev,evaluate]'
	touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-models
	$(INSTALL) -e '.[cpu,dev,bench,evaluate]'
	touch $@

run: setup
	$(BIN)/curator sample sample
	$(BIN)/curator run configs/local.yaml

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "not soak"

test-models: $(VENV)/.installed-models
	$(BIN)/python -m pytest tests/models tests/evaluation tests/report tests/loader tests/rephrase tests/steps/test_embed.py tests/steps/test_tokenize.py \
		tests/steps/test_verify_entailment.py tests/test_evaluate_command.py tests/test_tokens_of_a_run.py

soak: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m soak

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/pipeline.py

bench-text: $(VENV)/.installed-dev
	for name in language extraction pii decontamination ingest; do $(BIN)/python benchmarks/$$name.py || exit 1; done

bench-curation: $(VENV)/.installed-bench
	$(BIN)/python benchmarks/curation.py --shared ../shared/data --out .curation

bench-peers: $(VENV)/.installed-dev .peers/datatrove/.installed .peers/nemo/.installed
	$(BIN)/python benchmarks/filters.py

bench-dedup: $(VENV)/.installed-dev .peers/datatrove/.installed .peers/daft/.installed .peers/rensa/.installed
	$(BIN)/python benchmarks/dedup.py

bench-concepts: $(VENV)/.installed-bench
	for name in embedding budgets concepts; do $(BIN)/python benchmarks/$$name.py || exit 1; done

bench-order: $(VENV)/.installed-bench
	for name in ordering packing tokenizing loader; do $(BIN)/python benchmarks/$$name.py || exit 1; done

bench-synthetic: $(VENV)/.installed-dev
	for name in rephrase faithfulness; do $(BIN)/python benchmarks/$$name.py || exit 1; done

.peers/%/.installed: benchmarks/peers/%.txt
	$(PYTHON) -m venv .peers/$*
	.peers/$*/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

clean:
	rm -rf $(VENV) .peers .curation sample out
