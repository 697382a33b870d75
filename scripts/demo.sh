#!/usr/bin/env bash
# The main job on real input: a size that cannot work is refused, a checkpoint written by PyTorch becomes a verified file,
# and the shipped model finds the lines of a page. OCRDET_PROGRAM and OCRDET_DEMO_FOLDER name another program and
# folder (the test does).
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

# Formula weights: what PyTorch computes with them is known, but they have never seen text (models/README.md).
checkpoint=$out/formula.pt
[[ -e $checkpoint ]] || { xz -dkc tests/golden/weights/formula.pt.xz >"$checkpoint.tmp" && mv "$checkpoint.tmp" "$checkpoint"; }

say "1. A size that the network cannot take is refused, with the arithmetic and better ones."
run check 819x600 || true

say "2. A checkpoint written by PyTorch becomes a verified ONNX file."
run export "$checkpoint" --size 800x800 --force -o "$out/formula_800x800.onnx"

say "3. So do the trained weights that come with the program, in the shape of the pictures to come: tall pages."
run export models/ocrdet-line.safetensors --size 1408x736 --force -o "$out/line_1408x736.onnx"

say "4. The file finds the lines of a page."
run detect examples/images/book-page.jpg --model "$out/line_1408x736.onnx" --out "$out/result"

say "Done."
echo "ONNX file: $out/line_1408x736.onnx"
echo "picture:   $(find "$out/result" -path '*/visualization/*' -type f | sort | tail -n 1)"
echo "JSON:      $(find "$out/result" -path '*/json/*' -type f | sort | tail -n 1)"
