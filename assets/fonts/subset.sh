#!/bin/sh
# Makes NotoSansCJKsc-subset.otf beside this script from Debian's fonts-noto-cjk.
# Needs: apt-get install fonts-noto-cjk fonttools
#
# Kept: ASCII, GB2312 rows 1-3 (punctuation, numerals, full-width forms), its 6,763 hanzi, and
# letters.txt: hanzi of place and person names that GB2312 lacks, and signs the stamp prints.
# Whatever is missing comes from the system's fonts at run time.
set -eu
cd "$(dirname "$0")"

SOURCE=${1:-/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc}
FACE=2 # Noto Sans CJK SC within the collection

WANTED=$(mktemp)
trap 'rm -f "$WANTED"' EXIT
python3 - "$WANTED" <<'PY'
import sys

def gb2312(first, last):
    for row in range(first, last + 1):
        for cell in range(1, 95):
            try:
                yield bytes([row + 0xA0, cell + 0xA0]).decode("gb2312")
            except UnicodeDecodeError:
                pass

letters = set(map(chr, range(0x20, 0x7F))) | set(gb2312(1, 3)) | set(gb2312(16, 87))
letters |= set(open("letters.txt", encoding="utf-8").read()) - {"\n"}
open(sys.argv[1], "w", encoding="utf-8").write("".join(sorted(letters)))
PY

pyftsubset "$SOURCE" --font-number="$FACE" --text-file="$WANTED" \
    --no-hinting --layout-features= --drop-tables+=GSUB,GPOS,GDEF,BASE,VORG,vhea,vmtx \
    --name-IDs=0,1,2,3,4,5,6,13,14 --output-file=NotoSansCJKsc-subset.otf
ls -l NotoSansCJKsc-subset.otf
