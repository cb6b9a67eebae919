# A fresh machine needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: docs dist prove audit fuzz sbom bench-find bench-matte train-finder demo test test-all test-slow bench-pose bench-peers bench-generate check format clean

demo: .venv/installed
	$(BIN)/onmodel demo -v

# A worker for each core; each takes two gigabytes.
WORKERS ?= logical
SIDE_BY_SIDE = --numprocesses $(WORKERS) --maxprocesses 8 --dist worksteal

# What to run at every change: one case of each behaviour, fewer random examples.
test: .venv/installed
	$(BIN)/python -m pytest -m "not slow and not thorough" --hypothesis-profile quick $(SIDE_BY_SIDE)

# What CI runs: every case.
test-all: .venv/installed
	$(BIN)/python -m pytest -m "not slow" $(SIDE_BY_SIDE)

test-slow: .venv/installed
	$(BIN)/python -m pytest -m slow

# 100,000 randomised tries to change a core pixel, checked by code that shares nothing with the program: an hour of one core.
prove: .venv/installed
	$(BIN)/python -m scripts.prove

bench-pose: .venv/installed
	$(BIN)/python -m scripts.bench_pose

check: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The whole of `onmodel generate` against the bare diffusers call, on random weights of full size: an hour of one core.
bench-generate: .venv/installed
	$(BIN)/python -m scripts.bench_generate

# The house weights through other tools, each in an environment of its own, on ten drawn photos: twenty minutes of one core.
# COUNT=3 takes three of them.
bench-peers: .venv/installed .venv/peers-diffusers .venv/peers-iopaint
	$(BIN)/python -m scripts.bench_peers $(or $(OUT),$(shell mktemp -d)) $(if $(COUNT),--count $(COUNT)) --python diffusers=.venv/peers-diffusers/bin/python iopaint=.venv/peers-iopaint/bin/python

.venv/peers-%: scripts/peers/%.txt
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# Components of the environment as CycloneDX, and known vulnerabilities of what is pinned.
sbom: .venv/audit
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.json $(BIN)/python

audit: .venv/audit
	$(BIN)/python -m scripts.audit

.venv/audit: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[audit]"
	touch $@

# The documentation in dist/site; a page without a place, a broken link or anchor is an error.
docs: .venv/installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

# Wheel and sdist in dist/, as they would be published.
dist: .venv/dist
	rm -f dist/onmodel-*
	$(BIN)/python -m hatchling build -d dist
	$(BIN)/twine check --strict dist/onmodel-*

.venv/dist: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dist]"
	touch $@

# Hostile files and words of every kind, for an hour; CI runs a short form with the tests. MINUTES=5 is shorter.
fuzz: .venv/installed
	$(BIN)/python -m scripts.fuzz --minutes $(or $(MINUTES),60)

# Drawn photos; with PHOTOS=folder MASKS=folder ONNX=isnet-general-use.onnx real ones, and a network beside ours.
bench-find: .venv/installed
	$(BIN)/python -m scripts.bench_find $(PHOTOS) $(MASKS) $(if $(ONNX),--onnx $(ONNX))

# The finder's weights, in WORK/finder.safetensors, from a folder of photos, a network that makes masks and weights to begin from:
# stages/find/weights/README.md. Stopped, it goes on from there. glibc would return memory to the system at every step.
train-finder: .venv/installed
	MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 $(BIN)/python -m scripts.finder.make $(SELLERS) $(WORK) $(if $(TEACHER),--teacher $(TEACHER)) $(if $(BEGIN),--begin $(BEGIN))

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Needs the extra `matting`; its first import compiles for most of a minute.
bench-matte: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev,matting]"
	$(BIN)/python -m scripts.bench_matte
	$(BIN)/python -m scripts.bench_matte --size 3000x4000 --seeds 1 --kinds shaded textured --methods band pymatting

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

clean:
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache demo
