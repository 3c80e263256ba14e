.PHONY: demo test quick lint bench reference clean
.DEFAULT_GOAL := demo

VENV := .venv
BENCH := .venv-bench
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check
# Alone, and without what it says it needs: its metadata forbid NumPy 2, and Python 3.13 has no other.
MXNET := $(PIP) --no-deps mxnet==1.9.1
QUICK := tests/test_imports.py tests/center_loss tests/utils/settings tests/utils/evaluation
SGD := --batch_size 32 --momentum 0.9
demo: $(VENV)/.installed
	$(PYTHON) main.py --train --center_loss --dataset mnist5k --use_bias False --prefix demo --plotting $(SGD) \
	    --epochs 9 --lr_step 6 --lr 0.03
	$(PYTHON) main.py --second_train --prefix demo --plotting $(SGD) --epochs 4 --lr 0.01
	$(PYTHON) main.py --test --prefix demo-second --eval_method softmax
	$(PYTHON) main.py --test --prefix demo-second --eval_method knn

test: $(VENV)/.installed-dev lint
	$(PYTHON) -m pytest

# For every save: lint, and what is asked most often and answered soonest.
quick: $(VENV)/.installed-dev lint
	$(PYTHON) -m pytest $(QUICK)

lint: $(VENV)/.installed-dev
	$(PYTHON) -m ruff check .

# Beside PyTorch and faiss, in an environment of its own: make bench ROW=lenet_plus ROUNDS=5
bench: $(BENCH)/.installed
	$(BENCH)/bin/python -m benchmarks.bench $(if $(ROW),--row "$(ROW)") $(if $(ROUNDS),--rounds $(ROUNDS))

reference: $(VENV)/.installed-dev
	$(PYTHON) -m benchmarks.reference $(if $(MNIST),--mnist "$(MNIST)") $(if $(CUB),--cub "$(CUB)") \
	    $(if $(CARS),--cars "$(CARS)")

clean:
	rm -rf $(VENV) $(BENCH) ckpt

$(VENV)/.installed: requirements.txt | $(PYTHON)
	$(PIP) -r requirements.txt
	$(MXNET)
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(PYTHON)
	$(PIP) -r requirements-dev.txt
	$(MXNET)
	touch $(VENV)/.installed $@

$(BENCH)/.installed: requirements-bench.txt requirements.txt | $(PYTHON)
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps mxnet==1.9.1
	touch $@

# Debian's and Ubuntu's Python lacks ensurepip, without which a venv has no pip, until python3-venv is installed.
$(PYTHON):
	@for python in python3 python3.13 python3.12 python3.11 python3.10 python3.9 python3.8; do \
	    $$python -c 'import ensurepip, sys; sys.exit(not (3, 8) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	        && exec $$python -m venv $(VENV); \
	done; \
	echo 'This needs Python 3.8 to 3.13 with venv (Debian and Ubuntu have it in the package python3-venv).' \
	     'To get one with uv: uv venv --seed --python 3.13 $(VENV)   and then make again.' >&2; exit 1
