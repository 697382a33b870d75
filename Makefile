# The commands of the project. `make` alone lists them.

BUILD := build
CMAKE := cmake --preset release

.PHONY: help build test demo bench soak format lint clean dependencies

help:
	@echo "make build   the program, build/bin/ocrdet"
	@echo "make demo    a PyTorch checkpoint becomes a verified ONNX file, and boxes on a photograph"
	@echo "make test    build and run every test"
	@echo "make bench   compare with torch.onnx.export and with other detectors, side by side"
	@echo "make soak    long checks: fuzzing, sanitizers"
	@echo "make format  clang-format;  make lint  clang-tidy"

dependencies:
	@scripts/install-dependencies.sh build
	@scripts/fetch-onnxruntime.sh >/dev/null

build: dependencies
	@scripts/build.sh ocrdet

test: build
	@scripts/install-dependencies.sh test
	@scripts/build.sh all -DOCRDET_BUILD_TESTS=ON
	@cd $(BUILD) && ctest --output-on-failure --parallel 2

demo: build
	@scripts/demo.sh

bench: dependencies
	@scripts/install-dependencies.sh test bench
	@scripts/build.sh ocrdet
	@/usr/bin/python3 bench/export.py
	@/usr/bin/python3 bench/detect.py

soak: dependencies
	@scripts/install-dependencies.sh test fuzz
	@scripts/soak.sh

format:
	@scripts/install-dependencies.sh lint
	@git ls-files '*.cpp' '*.h' | xargs clang-format-14 -i

lint: dependencies
	@scripts/install-dependencies.sh lint test
	@scripts/build.sh all -DOCRDET_BUILD_TESTS=ON
	@scripts/lint.sh

clean:
	rm -rf build build-*
