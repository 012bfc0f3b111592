"""Packs the tables of NLTK's `punkt_tab` for `sentence_split_mapper`: make.py FOLDER-OF-PUNKT_TAB

One file a language, lines of UTF-8, packed by `zstd -19`: known abbreviations, a blank line, pairs of words that belong
together with a tab between them, a blank line, words that begin sentences, then groups of words by what is known of
their case: a blank line, `=` and the flags as one number, and the words.
"""

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

for language in ["english", "french", "portuguese", "spanish"]:
    folder = Path(sys.argv[1]) / language
    lines = lambda name: (folder / name).read_text(encoding="utf-8").split("\n")
    groups = defaultdict(list)
    for line in lines("ortho_context.tab"):
        word, flags = line.split("\t")
        groups[int(flags)].append(word)
    out = sorted(lines("abbrev_types.txt")) + [""] + sorted(lines("collocations.tab")) + [""] + sorted(lines("sent_starters.txt"))
    for flags, words in sorted(groups.items()):
        out += ["", f"={flags}"] + sorted(words)
    assert all(word for name in ["abbrev_types.txt", "collocations.tab", "sent_starters.txt"] for word in lines(name))
    assert all(word for words in groups.values() for word in words)
    target = Path(__file__).parent / f"{language}.txt.zst"
    subprocess.run(["zstd", "-19", "-q", "-f", "-o", target], input="\n".join(out).encode(), check=True)
