#!/usr/bin/env bash
# clang-format and clang-tidy over our own sources; silent when both are content.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cpp' '*.h' | xargs clang-format-14 --dry-run -Werror
# File by file: the build compiles several at once.
cmake --preset release -B build/lint -DOCRDET_TRAIN=ON -DCMAKE_UNITY_BUILD=OFF >/dev/null
# Clang 14 cannot read LibTorch's headers as C++20.
torch_files=$(cat build/lint/libtorch_sources.txt)
# The build uses GCC; its false-alarm switch is unknown to clang.
git ls-files 'src/*.cpp' | grep -vxF "$torch_files" | xargs -P 2 -n 4 clang-tidy-14 --quiet -p build/lint \
  --extra-arg=-Wno-unknown-warning-option --warnings-as-errors='*' 2>/dev/null
