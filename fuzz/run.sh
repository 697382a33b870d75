#!/usr/bin/env bash
# fuzz/run.sh TARGET SECONDS: fuzzes one target from small known files; stops at the first finding, which stays in
# build-fuzz/findings/. BUILD names another build folder.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?the name of a target: fuzz_checkpoint}
seconds=${2:?seconds to run}
build=${BUILD:-build-fuzz}
corpus=$build/corpus/$target
mkdir -p "$corpus" "$build/findings"

# A model of one Relu with one float32 weight, in protobuf's bytes.
write_tiny_onnx() {
  printf '\x08\x08\x42\x02\x10\x0d\x3a\x42'                                 # ir_version, opset 13, graph
  printf '\x0a\x0c\x0a\x01x\x12\x01y\x22\x04Relu\x12\x01g'                  # node, name
  printf '\x2a\x0d\x08\x01\x10\x01\x42\x01w\x4a\x04\x00\x00\x80\x3f'        # initialiser
  printf '\x5a\x0f\x0a\x01x\x12\x0a\x0a\x08\x08\x01\x12\x04\x0a\x02\x08\x04'  # input
  printf '\x62\x0f\x0a\x01y\x12\x0a\x0a\x08\x08\x01\x12\x04\x0a\x02\x08\x04'  # output
}

longest=65536
case $target in
  fuzz_checkpoint) cp tests/golden/pickles/*.pt tests/golden/pickles/*.safetensors "$corpus" ;;
  fuzz_safetensors)
    # The target wants a zero byte between header and tensors instead of the length before them.
    small=tests/golden/pickles/small.safetensors
    header=$(od -An -tu8 -N8 "$small" | tr -d ' ')
    { tail -c +9 "$small" | head -c "$header"; printf '\0'; tail -c +$((9 + header)) "$small"; } >"$corpus/small"
    ;;
  fuzz_onnx_inspect) write_tiny_onnx >"$corpus/relu" ;;
  fuzz_postprocess)
    longest=16390 # six bytes of settings, 64 × 64 values
    printf '\x0f\x0f\x00\x2f\x40\x09%01024d' 0 | tr 0 '?' >"$corpus/full" # '????' is the float32 0.747
    ;;
  fuzz_decode) cp tests/golden/post/circle.png "$corpus" && find tests/image/data -type f -size -16k -exec cp {} "$corpus" \; ;;
esac

"$build/bin/$target" -max_total_time="$seconds" -max_len="$longest" -rss_limit_mb=2048 -timeout=10 \
  -artifact_prefix="$build/findings/$target-" -print_final_stats=1 "$corpus"
