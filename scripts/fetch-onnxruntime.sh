#!/usr/bin/env bash
# Puts ONNX Runtime's library and headers into the user's cache folder, once, and prints where they are.
#
# Debian 12 has no package; npm's com.github.asus4.onnxruntime (MIT) holds the CPU library and the public headers. Both are
# pinned by checksum, and nothing else of the package is kept. A system package or ONNXRUNTIME_ROOT wins.
set -euo pipefail

package=com.github.asus4.onnxruntime@0.4.9
package_sha256=e59788788818fdde1b2e522e766a21ba0f7d8391de55737abf81e32cc801785d
version=1.29.0

if [[ -n ${ONNXRUNTIME_ROOT:-} ]]; then
  if [[ ! -d $ONNXRUNTIME_ROOT/include ]]; then
    echo "ONNXRUNTIME_ROOT=$ONNXRUNTIME_ROOT has no folder include/; it must hold include/ and lib/." >&2
    exit 1
  fi
  echo "$ONNXRUNTIME_ROOT"
  exit 0
fi
for header in /usr/include /usr/local/include; do
  if [[ -e $header/onnxruntime_cxx_api.h || -e $header/onnxruntime/onnxruntime_cxx_api.h ]]; then
    dirname "$header"
    exit 0
  fi
done

root=${XDG_CACHE_HOME:-$HOME/.cache}/ocrdet/onnxruntime-$version
if [[ -e $root/complete ]]; then
  echo "$root"
  exit 0
fi
if [[ $(uname -sm) != "Linux x86_64" ]]; then
  echo "No ONNX Runtime is pinned for $(uname -sm): set ONNXRUNTIME_ROOT to a folder with include/ and lib/." >&2
  exit 1
fi

echo "Fetching ONNX Runtime $version (150 MB, once) …" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "$package" >/dev/null)
archive=$(echo "$work"/*.tgz)
if ! echo "$package_sha256  $archive" | sha256sum --check --status; then
  echo "$package has SHA-256 $(sha256sum "$archive" | cut -d' ' -f1), expected $package_sha256: not used." >&2
  exit 1
fi
headers="package/Plugins/iOS~/onnxruntime.xcframework/ios-arm64_x86_64-simulator/onnxruntime.framework/Headers"
tar -xzf "$archive" -C "$work" package/LICENSE package/Plugins/Linux/x64/libonnxruntime.so "$headers"
mkdir -p "$work/root/lib" "$root"
mv "$work/$headers" "$work/root/include"
mv "$work/package/Plugins/Linux/x64/libonnxruntime.so" "$work/root/lib/"
mv "$work/package/LICENSE" "$work/root/"
cp -r "$work/root/." "$root/"
touch "$root/complete"
echo "$root"
