"""Packs the dictionaries of OpenCC for `chinese_convert_mapper`: make.py FOLDER-OF-THE-PYTHON-PACKAGE-OPENCC

The package (PyPI, OpenCC 1.1.9) has the dictionaries in a binary form and the tool that turns them into text. One file a
dictionary, lines of UTF-8 sorted by key, packed by `zstd --ultra -22`: a key, a tab and the first of its values, which is the
one that conversions use. A line without a tab has the value that the dictionary of characters gives character by character.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

package = Path(sys.argv[1]) / "clib"
dictionaries = {}
for file in sorted((package / "share/opencc").glob("*.ocd2")):
    with tempfile.NamedTemporaryFile() as text:
        subprocess.run([package / "bin/opencc_dict", "-i", file, "-o", text.name, "-f", "ocd2", "-t", "text"], check=True)
        lines = Path(text.name).read_text(encoding="utf-8").split("\n")
    dictionaries[file.stem] = {key: values.split(" ")[0] for key, values in (line.split("\t") for line in lines if line)}
for name, entries in dictionaries.items():
    of_characters = {"STPhrases": "STCharacters", "TSPhrases": "TSCharacters"}.get(name)
    characters = dictionaries.get(of_characters)
    out = []
    for key, value in sorted(entries.items()):
        derived = characters is not None and "".join(characters.get(character, character) for character in key) == value
        out.append(key if derived else f"{key}\t{value}")
    target = Path(__file__).parent / f"{name}.txt.zst"
    subprocess.run(["zstd", "--ultra", "-22", "-q", "-f", "-o", target], input="\n".join(out).encode(), check=True)
