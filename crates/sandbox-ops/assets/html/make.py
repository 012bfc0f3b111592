"""Packs the named character references of HTML for `src/html/entities.rs`: make.py

Names (with their semicolon, if they have one), a tab and what they stand for, separated by U+0000, packed by `zstd -19`.
The list is that of CPython's `html.entities.html5`, which is the one of the HTML standard.
"""

import html.entities
import subprocess
from pathlib import Path

text = "\0".join(f"{name}\t{value}" for name, value in sorted(html.entities.html5.items()))
target = Path(__file__).parent / "entities.zst"
subprocess.run(["zstd", "-19", "-q", "-f", "-o", target], input=text.encode(), check=True)
