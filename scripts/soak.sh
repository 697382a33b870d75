#!/usr/bin/env bash
# Long checks: 5,000 pictures through one detector, training until eight pictures are known by heart, every test but the
# trainer's under the sanitizers, and then each fuzz target for SECONDS_PER_TARGET (60).
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${SECONDS_PER_TARGET:-60}

scripts/build.sh all -DOCRDET_BUILD_TESTS=ON -DOCRDET_TRAIN=ON
OCRDET_SOAK_IMAGES=5000 build/tests/test_detect --gtest_filter='ManyPictures.FromFour*'
OCRDET_SOAK_TRAINING=1 build/tests/test_train --gtest_filter='Overfitting.*'

cmake --preset asan >/dev/null
ninja -C build-asan
(cd build-asan && ctest --output-on-failure --parallel 2)

cmake --preset fuzz >/dev/null
ninja -C build-fuzz fuzzers
for target in build-fuzz/bin/fuzz_*; do
  fuzz/run.sh "$(basename "$target")" "$seconds"
done
