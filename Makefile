# The commands of the project. `make` alone lists them.

BUILD := build
CMAKE := cmake --preset release

.PHONY: help build train-build test demo bench bench-train soak format lint clean dependencies

help:
	@echo "make build   the program, build/bin/ocrdet"
	@echo "make train-build  the trainer as well, build/bin/ocrdet-train (installs LibTorch)"
	@echo "make demo    a PyTorch checkpoint and our weights become verified ONNX files; boxes on a page"
	@echo "make test    build and run every test"
	@echo "make bench   compare with torch.onnx.export and with other detectors, side by side"
	@echo "make bench-train  compare training with PyTorch's"
	@echo "make soak    long checks: fuzzing, sanitizers"
	@echo "make format  clang-format;  make lint  clang-tidy"

dependencies:
	@scripts/install-dependencies.sh build
	@scripts/fetch-onnxruntime.sh >/dev/null

build: dependencies
	@scripts/build.sh ocrdet

train-build: build
	@scripts/install-dependencies.sh train
	@scripts/build.sh ocrdet-train -DOCRDET_TRAIN=ON

test: build
	@scripts/install-dependencies.sh test train
	@scripts/build.sh all -DOCRDET_BUILD_TESTS=ON -DOCRDET_TRAIN=ON
	@cd $(BUILD) && ctest --output-on-failure --parallel 2

demo: build
	@scripts/demo.sh

bench: dependencies
	@scripts/install-dependencies.sh test bench
	@scripts/build.sh ocrdet
	@/usr/bin/python3 bench/export.py
	@/usr/bin/python3 bench/detect.py

bench-train: train-build
	@scripts/install-dependencies.sh test bench
	@/usr/bin/python3 bench/train.py

soak: dependencies
	@scripts/install-dependencies.sh test train fuzz
	@scripts/soak.sh

format:
	@scripts/install-dependencies.sh lint
	@git ls-files '*.cpp' '*.h' | xargs clang-format-14 -i

lint: dependencies
	@scripts/install-dependencies.sh lint test train
	@scripts/lint.sh

clean:
	rm -rf build build-*
