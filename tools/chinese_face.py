"""The Chinese face of the console: Noto Sans CJK SC with the characters that our texts have, and
one with those of GB 2312, for what others write: goods, reasons, names.

`python -m tools.chinese_face FOLDER` takes NotoSansCJK-Regular.ttc and -Bold.ttc from FOLDER, and
needs fonttools with brotli. A test says when a text has a character that the face lacks.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from edge.console.catalogue import catalogue
from edge.domain.plate import ALPHABET
from edge.gate.alarm_texts import texts

FACES = Path(__file__).parents[1] / "edge" / "console" / "static" / "fonts"
CHARACTERS = FACES / "characters.txt"
SIMPLIFIED = 2
"""Number of the face for Simplified Chinese within a collection of Noto Sans CJK."""


def wanted() -> str:
    """Every character that stands in the face now, or in a text."""
    shown = "".join([*catalogue("zh").values(), *texts("zh").values(), ALPHABET])
    found = set(CHARACTERS.read_text(encoding="utf-8")) | {c for c in shown if ord(c) >= 0x2E80}
    return "".join(sorted(found))


def common() -> str:
    """GB 2312: 6,763 characters and its punctuation."""
    rows = [*range(0xA1, 0xA4), *range(0xB0, 0xF8)]
    pairs = (bytes([row, cell]) for row in rows for cell in range(0xA1, 0xFF))
    found = {pair.decode("gb2312", "ignore") for pair in pairs} - {""}
    return "".join(sorted(c for c in found if ord(c) >= 0x2E80))


def subset(file: Path, characters: str, name: str) -> None:
    subprocess.run(
        [
            "pyftsubset",
            str(file),
            f"--font-number={SIMPLIFIED}",
            f"--text={characters}",
            "--flavor=woff2",
            "--layout-features=",
            "--no-hinting",
            f"--output-file={FACES / name}.woff2",
        ],
        check=True,
    )


def main(folder: Path) -> None:
    """The list of characters, which the test believes, is written last."""
    characters = wanted()
    regular, bold = (folder / f"NotoSansCJK-{weight}.ttc" for weight in ("Regular", "Bold"))
    subset(regular, characters, "chinese")
    subset(bold, characters, "chinese-bold")
    if not (FACES / "chinese-common.woff2").exists():
        subset(regular, common(), "chinese-common")
    CHARACTERS.write_text(characters, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
