#!/usr/bin/env bash
# Makes tests/image/data with ImageMagick 6: small pictures of every kind that is read, and beside each the pixels that
# ImageMagick decodes from it (NAME.bgr: blue, green, red; transparency on white; orientation not applied).
set -euo pipefail
cd "$(dirname "$0")/data"
rm -f -- *

colour() { convert -size 37x22 -seed 7 plasma:fractal -depth 8 "$@"; }
clear() { convert -size 37x22 -seed 7 plasma:fractal \( -size 37x22 gradient:white-black \) -alpha off -compose copy_opacity \
  -composite "$@"; }
expect() { convert "$1[0]" -background white -alpha remove -alpha off -colorspace sRGB -depth 8 "BGR:$1.bgr"; }

colour -quality 85 -sampling-factor 2x2 baseline_420.jpg
colour -quality 85 -sampling-factor 1x1 baseline_444.jpg
colour -quality 85 -interlace JPEG progressive.jpg
colour -colorspace Gray -quality 85 grey.jpg
colour -colorspace CMYK -quality 95 cmyk.jpg
colour -depth 8 PNG24:colour.png
colour -interlace PNG PNG24:interlaced.png
colour -depth 16 PNG48:colour_16.png
colour -colors 13 PNG8:palette.png
colour -monochrome -depth 1 PNG:one_bit.png
colour -colorspace Gray -depth 8 PNG:grey.png
clear PNG32:alpha.png
clear -depth 16 PNG64:alpha_16.png
colour -define webp:lossless=true lossless.webp
colour -quality 80 lossy.webp
clear -define webp:lossless=true alpha.webp
colour -compress none plain.tif
colour -compress lzw lzw.tif
colour -compress zip -depth 16 sixteen.tif
colour -compress zip -define tiff:tile-geometry=16x16 tiled.tif
colour -colors 13 -type Palette -compress none palette.tif
colour -monochrome -compress group4 fax.tif
colour -colorspace Gray -orient RightTop -compress none turned.tif
convert -size 37x22 -seed 7 plasma:fractal -size 20x30 plasma:fractal -depth 8 -compress zip pages.tif
colour BMP3:colour.bmp
colour BMP2:os2.bmp
colour -colors 13 -type Palette BMP3:palette.bmp
colour -colors 200 -type Palette -compress RLE BMP3:runs.bmp
colour -monochrome BMP3:one_bit.bmp
clear BMP:alpha_v5.bmp
for file in *.*; do
  case $file in *.bgr) ;; *) expect "$file" ;; esac
done
