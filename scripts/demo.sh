#!/usr/bin/env bash
# The main job on real input: a checkpoint written by PyTorch is checked at a wrong size, exported at a right one, verified,
# and run on a photograph. OCRDET_PROGRAM and OCRDET_DEMO_FOLDER name another program and folder (the test does).
set -euo pipefail
cd "$(dirname "$0")/.."
ocrdet=${OCRDET_PROGRAM:-build/bin/ocrdet}
out=${OCRDET_DEMO_FOLDER:-build/demo}
mkdir -p "$out"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
  printf '$ ocrdet %s\n' "$*"
  "$ocrdet" "$@"
}

checkpoint=$out/formula.pt
[[ -e $checkpoint ]] || { xz -dkc tests/golden/weights/formula.pt.xz >"$checkpoint.tmp" && mv "$checkpoint.tmp" "$checkpoint"; }

say "1. A size that the network cannot take is refused, with the arithmetic and better ones."
run check 819x600 || true

say "2. The checkpoint, written by PyTorch, becomes a verified ONNX file."
run export "$checkpoint" --size 800x800 --force -o "$out/model_800x800.onnx"

say "3. The file runs on a photograph."
run detect examples/images/book-page.jpg --model "$out/model_800x800.onnx" --out "$out/result"

say "Done. (These are formula weights: they prove the way, but have never seen text; models/README.md.)"
echo "ONNX file: $out/model_800x800.onnx"
echo "picture:   $(find "$out/result" -path '*/visualization/*' -type f | sort | tail -n 1)"
echo "JSON:      $(find "$out/result" -path '*/json/*' -type f | sort | tail -n 1)"
