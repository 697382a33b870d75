#!/usr/bin/env bash
# Installs the Debian packages that a job needs, if any is missing. Quiet when nothing is.
#
#   scripts/install-dependencies.sh build|train|test|bench|fuzz|lint …
set -euo pipefail

build="build-essential cmake ninja-build ccache mold pkg-config ca-certificates xz-utils npm
  libonnx-dev libprotobuf-dev protobuf-compiler libopencv-core-dev libopencv-imgproc-dev zlib1g-dev
  nlohmann-json3-dev libcli11-dev libspdlog-dev libfmt-dev libpolyclipping-dev
  libcairo2-dev libpango1.0-dev libfontconfig-dev fonts-dejavu-core libturbojpeg0-dev libwebp-dev libtiff-dev libpng-dev libssl-dev"
train="libtorch-dev libgloo-dev"
test="libgtest-dev libgmock-dev libopencv-dnn-dev libopencv-imgcodecs-dev python3 python3-jsonschema python3-numpy
  python3-torch"
bench="python3-venv"
fuzz="clang-14 libclang-rt-14-dev llvm-14"
lint="clang-format-14 clang-tidy-14"

wanted=""
for job in "$@"; do wanted+=" ${!job}"; done

missing=""
for package in $wanted; do
  # npm may come with a Node.js that is not Debian's.
  if [[ $package == npm ]] && command -v npm >/dev/null; then continue; fi
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=" $package"
done
[[ -z $missing ]] && exit 0

echo "Installing Debian packages:$missing" >&2
sudo=""
if [[ $(id -u) != 0 ]]; then sudo=sudo; fi
log=$(mktemp)
if ! { $sudo apt-get update && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends $missing; } \
    >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "The packages could not be installed; install them by hand, then try again." >&2
  exit 1
fi
rm -f "$log"
