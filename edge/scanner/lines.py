"""PURE. From a scanner's bytes to lines: each ends with CR or LF; what is too long is noise."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 400
"""Maximum bytes of a line; a scanner that sends more reads something else than a code of ours."""


@dataclass(frozen=True, slots=True)
class Lines:
    """`kept`: the line so far; `noise`: it was too long, and its rest is left out."""

    kept: bytes = b""
    noise: bool = False

    def after(self, data: bytes) -> tuple[Lines, list[str]]:
        """The lines that these bytes end; empty ones are none."""
        kept, noise, found = self.kept, self.noise, list[str]()
        for byte in data:
            if byte in (0x0A, 0x0D):
                text = kept.decode("utf-8", "replace").strip()
                if text and not noise:
                    found.append(text)
                kept, noise = b"", False
            elif len(kept) < LONGEST:
                kept += bytes((byte,))
            else:
                noise = True
        return Lines(kept, noise), found
