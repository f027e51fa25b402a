"""The face of printed reports: Noto Sans CJK SC with Latin, Vietnamese and GB 2312.

`python -m tools.report_face FOLDER` takes NotoSansCJK-Regular.ttc from FOLDER; needs fonttools.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from edge.console.report.forms import FONT
from tools.chinese_face import SIMPLIFIED

RANGES = (
    (0x20, 0x7F), (0xA0, 0x180), (0x1A0, 0x1B5), (0x300, 0x330), (0x1E00, 0x1F00),
    (0x2000, 0x2070), (0x2190, 0x2194), (0x3000, 0x3030), (0xFF00, 0xFFF0),
)  # fmt: skip
"""Latin and Vietnamese, punctuation, arrows, full-width forms."""


def wanted() -> str:
    """Every character of it."""
    found = {chr(code) for first, end in RANGES for code in range(first, end)}
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            found.add(bytes((row, cell)).decode("gb2312", "ignore"))
    return "".join(sorted(found))


def main(folder: Path) -> None:
    subprocess.run(
        [
            "pyftsubset",
            str(folder / "NotoSansCJK-Regular.ttc"),
            f"--font-number={SIMPLIFIED}",
            f"--text={wanted()}",
            "--layout-features=",
            "--no-hinting",
            f"--output-file={FONT}",
        ],
        check=True,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
