# make, and a Python 3.11-3.13: nothing else is needed. `make help` lists the targets.

DATA = ml-100k
COLUMNS =
LESSONS =
WORK =
EXECUTE = changed
WORKERS = 2
SUBMISSIONS =
GRADES = grades
CHECKS =
LAYOUT =
WORKSHEET =
SEED =
SEEDS = 100
ONLY =
SCHEDULER =
COURSE_LANG =
JOBS = 2
REVEAL_FROM =
OFFLINE =
REPOSITORY =
RELEASE =
HUB =
SECRET =
COMPETITION = class_competition
TRIES = 5
REVEAL =
BENCH = grading models speed growth report
FRESH =
QUICK =

COMPILE = uv pip compile --quiet --generate-hashes --extra lab --extra author --extra grade --extra cluster --extra site \
	--no-emit-index-url --custom-compile-command "make lock" pyproject.toml
COMPILE_BENCH = uv pip compile --quiet --generate-hashes --extra bench --universal --python-version 3.11 \
	--no-emit-index-url --custom-compile-command "make lock" pyproject.toml
READY = .venv/.complete
RUN = .venv/bin/python
LANGUAGE = $(if $(COURSE_LANG),--lang '$(COURSE_LANG)')
NOTEBOOKS = notebooks$(if $(filter-out en,$(COURSE_LANG)),/$(COURSE_LANG))
PYTEST = -m pytest -n $(WORKERS)

.PHONY: help setup course lab site slides test quick test-colab test-seeds notebooks translations check grade \
	competition leaderboard release links bench screenshots lint format lock test-oldest clean

help: ## this list
	@echo 'make TARGET, where TARGET is one of'
	@sed -n 's/^\([a-z-]*\):.*## /  \1|/p' Makefile | awk -F '|' '{printf "%-16s%s\n", $$1, $$2}'
	@echo 'PYTHON=/path/to/python3.12 names the Python to make .venv with; PYTHON=uv lets uv install one.'

setup: $(READY) ## make .venv with exactly the locked packages

# The lock decides what is installed. Not phony: once it is there, nothing is done.
$(READY): requirements.lock pyproject.toml authoring/setup.sh
	@PYTHON='$(PYTHON)' sh authoring/setup.sh

# From the environment, as the names of files and columns may hold quotes.
course competition: export COURSE_COLUMNS := $(or $(value COLUMNS),$(value COURSE_COLUMNS))
course: export DATA_AS_TYPED := $(value DATA)
course: $(READY) ## execute the lessons: DATA=ml-latest-small LESSONS="02 03" COURSE_LANG=es, or DATA=my.csv COLUMNS="user=reader item=isbn"
	@$(RUN) -m authoring course --data "$$DATA_AS_TYPED" --lessons '$(LESSONS)' --lang '$(COURSE_LANG)' --workers '$(WORKERS)'

# From the environment, as a folder's name may hold spaces and quotes.
lab: export WORK := $(WORK)
lab: $(READY) ## open the exercises in JupyterLab: WORK=my_work in a folder of your own
	$(if $(WORK),$(RUN) -m helpers start $(LANGUAGE) --lab "$$WORK",$(RUN) -m jupyterlab --notebook-dir=$(NOTEBOOKS))

site: $(READY) ## build the course's web pages from the executed lessons: build/site
	@$(RUN) -m authoring site

slides: $(READY) ## make slides with speaker notes from the lessons: LESSONS="02 03"
	@$(RUN) -m authoring slides --lessons '$(LESSONS)'

test: $(READY) ## run all tests, and the lessons against their committed outputs (WORKERS=2)
	$(RUN) $(PYTEST)

quick: export PYTEST_ADDOPTS = -p tests.support.quick_imports
quick: lint ## lint, test all that takes seconds, and run one lesson (two minutes)
	$(RUN) $(PYTEST) -m 'not slow' tests solutions/01_data.ipynb

notebooks: $(READY) ## derive twins and exercises (EXECUTE=all, none), and check them
	@$(RUN) -m authoring notebooks --lessons '$(LESSONS)' --execute '$(EXECUTE)'
	@$(RUN) -m authoring check --lessons '$(LESSONS)'

translations: $(READY) ## bring the PO files in locale/ up to date with the English
	@$(RUN) -m authoring translations

check: $(READY) ## check that everything derived is as derived now, and leaks nothing
	@$(RUN) -m authoring check --lessons '$(LESSONS)'

screenshots: $(READY) ## take the README's pictures anew, in a browser
	rm -f build/screenshots/card.png build/screenshots/map.png
	$(RUN) -m pytest -q tests/browser
	cp build/screenshots/card.png build/screenshots/map.png docs/

lint: $(READY) ## ruff: lint and format, the lessons' text twins too
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

format: $(READY) ## let ruff fix what it can
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

# As they were typed: make would take the $H of $HOME for a variable of its own.
grade: export SUBMISSIONS_AS_TYPED := $(value SUBMISSIONS)
grade: export GRADES_AS_TYPED := $(value GRADES)
grade: export CHECKS_AS_TYPED := $(value CHECKS)
grade: export WORKSHEET_AS_TYPED := $(value WORKSHEET)
grade: $(READY) ## grade a class: SUBMISSIONS=folder-or-zip LESSONS="05 06" GRADES=grades JOBS=2 SEED=7 SCHEDULER=tcp://…
	@test -n "$$SUBMISSIONS_AS_TYPED" || { echo 'Say what to grade: make grade SUBMISSIONS=folder-or-zip'; exit 2; }
	@$(RUN) -m grading "$$SUBMISSIONS_AS_TYPED" --out "$$GRADES_AS_TYPED" --jobs '$(JOBS)' $(if $(SEED),--seed '$(SEED)') \
		$(foreach lesson,$(LESSONS),--lesson '$(lesson)') $(if $(LAYOUT),--layout '$(LAYOUT)') \
		$(if $(value CHECKS),--checks "$$CHECKS_AS_TYPED") $(if $(value WORKSHEET),--worksheet "$$WORKSHEET_AS_TYPED") \
		$(if $(SCHEDULER),--scheduler '$(SCHEDULER)')

# The secret is in no command line, which every user of this computer could see.
competition: export COMPETITION_SECRET := $(value SECRET)
competition: export DATA_AS_TYPED := $(if $(filter file,$(origin DATA)),synthetic,$(value DATA))
competition: export COMPETITION_AS_TYPED := $(value COMPETITION)
competition: $(READY) ## make a class competition: SECRET=… DATA=synthetic COMPETITION=class_competition COURSE_LANG=es
	@$(RUN) -m competition make --data "$$DATA_AS_TYPED" --folder "$$COMPETITION_AS_TYPED" $(LANGUAGE)

leaderboard: export SUBMISSIONS_AS_TYPED := $(value SUBMISSIONS)
leaderboard: export COMPETITION_AS_TYPED := $(value COMPETITION)
leaderboard: $(READY) ## score a class competition: SUBMISSIONS=folder-or-zip TRIES=5 REVEAL=1 COMPETITION=class_competition
	@test -n "$$SUBMISSIONS_AS_TYPED" || { echo 'Say what to score: make leaderboard SUBMISSIONS=folder-or-zip'; exit 2; }
	@$(RUN) -m competition leaderboard "$$SUBMISSIONS_AS_TYPED" --folder "$$COMPETITION_AS_TYPED" \
		--tries '$(TRIES)' $(if $(filter-out 0,$(REVEAL)),--reveal) $(if $(LAYOUT),--layout '$(LAYOUT)') $(LANGUAGE)

release: $(READY) ## pack what students get, without solutions (REVEAL_FROM=2027-01-31: with them; OFFLINE=1: with the packages)
	@$(RUN) -m authoring release --reveal-from '$(REVEAL_FROM)' $(if $(filter-out 0,$(OFFLINE)),--offline)

links: $(READY) ## list the links that open notebooks, after changing them to REPOSITORY=owner/name RELEASE=v1.2 HUB=https://…
	@$(RUN) -m authoring links --repository '$(REPOSITORY)' --release '$(RELEASE)' --hub '$(HUB)'

# The grader is measured in .venv; the models with their peers' environment.
MODELS = $(filter-out grading,$(BENCH))
bench: $(READY) $(if $(MODELS),.venv-bench/.complete) ## measure grading, course, public notebooks, peers: docs/benchmarks.md (BENCH=grading FRESH=1 QUICK=1)
	@$(if $(filter grading,$(BENCH)),$(RUN) -m benchmarks grading)
	@$(if $(MODELS),.venv-bench/bin/python -m benchmarks $(MODELS) $(if $(FRESH),--fresh) $(if $(QUICK),--quick))

# Where a peer cannot be built, the course's own packages do: peers are left out then.
.venv-bench/.complete: benchmarks/requirements.lock authoring/setup.sh
	@PYTHON='$(PYTHON)' sh authoring/setup.sh .venv-bench benchmarks/requirements.lock || \
		{ echo 'The peers could not be installed: going on without them.'; \
		PYTHON='$(PYTHON)' sh authoring/setup.sh .venv-bench requirements.lock; }

lock: $(READY) ## write requirements.lock anew (UPGRADE=1: with the newest versions)
	$(RUN) -m $(COMPILE) --universal --python-version 3.11 \
		$(if $(UPGRADE),--upgrade) --output-file requirements.lock
	$(RUN) -m $(COMPILE_BENCH) $(if $(UPGRADE),--upgrade) --output-file benchmarks/requirements.lock

# In an environment of its own, with the lowest versions that pyproject.toml admits.
test-oldest: $(READY) ## run the tests on the lowest declared versions
	@mkdir -p build
	@$(RUN) -c 'import sys; sys.exit(sys.version_info >= (3, 13))' || \
		{ echo 'The lowest versions have no wheels for Python 3.13: make setup PYTHON=python3.11'; exit 1; }
	$(RUN) -m $(COMPILE) --resolution lowest-direct \
		--python-version "$$($(RUN) -c 'import platform; print(platform.python_version())')" \
		--output-file build/oldest.lock
	@PYTHON="$$PWD/.venv/bin/python" sh authoring/setup.sh .venv-oldest build/oldest.lock
	.venv-oldest/bin/python $(PYTEST)

# What `make test` does with a few seeds. ONLY="1. or 5." takes some lessons.
test-seeds: $(READY) ## try every answer in tests/student_answers with 100 seeds: SEEDS=100 ONLY="6.4"
	CHECK_SEEDS='$(SEEDS)' $(RUN) $(PYTEST) -q --dist load tests/checks/lessons \
		-k '(told_why or right_answer)$(if $(ONLY), and ($(ONLY)))'

# What `make test` does with a few ratings that are made up.
test-colab: $(READY) ## run all lessons on real ratings, with Python and packages of Colab
	COLAB_DATA=ml-100k $(RUN) -m pytest -rP tests/lessons/test_colab.py

clean: ## remove what was built; .venv stays
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis
