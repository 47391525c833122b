#!/usr/bin/env bash
# Rebuilds the subset fonts in this folder and in ../static/fonts from the packages that README.md names.
# Needs: npm, Python with `pip install fonttools brotli`. Run it in this folder.
set -euo pipefail
here=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for package in newsreader@5.3.0 source-sans-3@5.3.1 noto-naskh-arabic@5.3.0; do
  tarball=$(npm pack --silent "@fontsource-variable/$package")
  package=${package%@*}
  mkdir "$package"
  tar xzf "$tarball" -C "$package" --strip-components=1
done

# The characters of nearly every English, German or French page: loaded first, so it is kept small.
core="U+0020-007E,U+00A0,U+00A3,U+00A9,U+00AB,U+00B7,U+00BB,U+00C0,U+00C9,U+00D6,U+00DC,U+00DF-00E4,U+00E7-00EB,U+00ED,U+00F1,U+00F3,U+00F4,U+00F6,U+00F8,U+00FA,U+00FC,U+2013-2014,U+2018-2019,U+201C-201D,U+2022,U+2026,U+203A,U+2190,U+2192,U+2212"
arabic="U+0600-06FF,U+0750-077F,U+FB50-FDFF,U+FE70-FEFF,U+200C-200F"

# Builds a WOFF2 font for browsers: subset SOURCE AXIS UNICODES FEATURES TARGET
subset() {
  fonttools varLib.instancer "$1" "$2" -o instance.ttf -q
  pyftsubset instance.ttf --unicodes="$3" --layout-features="$4" --flavor=woff2 --no-hinting \
    --desubroutinize --output-file="$here/../static/fonts/$5"
}
# The fonts of share pictures: one weight, uncompressed.
# plain SOURCE UNICODES FEATURES TARGET
plain() {
  fonttools ttLib.woff2 decompress "$1" -o whole.ttf
  fonttools varLib.instancer whole.ttf wght=600 -o instance.ttf -q
  pyftsubset instance.ttf --unicodes="$2" --layout-features="$3" --no-hinting --desubroutinize \
    --output-file="$here/$4"
}
latin="U+0020-007E,U+00A0-00FF,U+2010-2015,U+2018-201E,U+2022,U+2026,U+2039-203A,U+20AC,U+2122,U+2212"
subset newsreader/files/newsreader-latin-wght-normal.woff2 wght=400:700 "$core" kern,liga newsreader-core.woff2
subset newsreader/files/newsreader-latin-wght-italic.woff2 wght=400 "$core" kern,liga newsreader-italic.woff2
subset newsreader/files/newsreader-latin-ext-wght-normal.woff2 wght=400:700 "U+0100-024F,U+1E00-1EFF" kern,liga newsreader-ext.woff2
subset source-sans-3/files/source-sans-3-latin-wght-normal.woff2 wght=400:700 "$core" kern,liga,lnum,tnum source-sans-3.woff2
subset noto-naskh-arabic/files/noto-naskh-arabic-arabic-wght-normal.woff2 wght=400:700 "$arabic" '*' noto-naskh-arabic.woff2
plain newsreader/files/newsreader-latin-wght-normal.woff2 "$latin" kern,liga newsreader-latin-600.ttf
plain newsreader/files/newsreader-latin-ext-wght-normal.woff2 "U+0100-024F,U+1E00-1EFF" kern,liga newsreader-ext-600.ttf
plain noto-naskh-arabic/files/noto-naskh-arabic-arabic-wght-normal.woff2 "$arabic" '*' noto-naskh-arabic-600.ttf
cp newsreader/LICENSE "$here/newsreader-LICENSE.txt"
cp source-sans-3/LICENSE "$here/source-sans-3-LICENSE.txt"
cp noto-naskh-arabic/LICENSE "$here/noto-naskh-arabic-LICENSE.txt"
