"""The Chinese face of the console: Noto Sans CJK SC with the characters that our texts have.

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


def main(folder: Path) -> None:
    """The list of characters, which the test believes, is written last."""
    characters = wanted()
    for weight, name in (("Regular", "chinese"), ("Bold", "chinese-bold")):
        subprocess.run(
            [
                "pyftsubset",
                str(folder / f"NotoSansCJK-{weight}.ttc"),
                f"--font-number={SIMPLIFIED}",
                f"--text={characters}",
                "--flavor=woff2",
                "--layout-features=",
                "--no-hinting",
                f"--output-file={FACES / name}.woff2",
            ],
            check=True,
        )
    CHARACTERS.write_text(characters, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
