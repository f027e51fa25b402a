"""PURE. Vietnamese and Chinese number plates: formats, canonical text, display form.

Sources: Vietnam: Circular 79/2024/TT-BCA (series, colours, layouts) and the Law on road traffic
order and safety 2024, Art. 36; China: GA 36-2018 (formats, characters, colours).

Canonical text has no separators and writes Đ as D: "34A36837", "云G12345", "桂A1234挂". A character
that stands on no plate refuses the whole text; it never vanishes from it, for what is left may be
another vehicle's plate.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from edge.domain.alarm_codes import Phrase

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VN_SERIES = "ABCDEFGHKLMNPRSTUVXYZ"
"""Series letters of Vietnam: no I, J, O, Q, W. R is the series of trailers."""

CN_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Characters after the prefix: no I and no O."""

CN_CODES = "ABCDEFGHJKLMNOPQRSTUVWXY"
"""The city letter after the province."""

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
SUFFIXES = "挂学警港澳"
MISSIONS = "使领"
ALPHABET = DIGITS + LETTERS + PROVINCES + SUFFIXES + MISSIONS
"""Every character a plate may carry."""

SEPARATORS = " -.·•・‧∙‐‒–—−"
"""Characters that people and systems write between a plate's characters; canonical text leaves them
out. After NFKC, so full-width forms and the no-break space and hyphen are among them."""

LONGEST = 40
"""Maximum characters of a text that is examined; a plate with its separators has fewer than 20."""

_WRITTEN: dict[str, str] = {
    **{c: c for c in ALPHABET},
    **{c.lower(): c for c in LETTERS},
    **dict.fromkeys("ĐđÐðƉɖ", "D"),
    **dict.fromkeys(SEPARATORS, ""),
}
"""The canonical form of each character (NFKC). Đ (U+0110), Ð (U+00D0) and Ɖ (U+0189) look alike,
and keyboards give one for the other."""

VN_PROVINCES = frozenset(
    str(n) for n in range(11, 100) if n not in (13, 42, 44, 45, 46, 87, 91, 96)
) | {"80"}
"""Two-digit codes in use (80: central offices); codes of before 2025 stay on the road."""


@dataclass(frozen=True, slots=True)
class Format:
    """One national format: what may stand at each place, and how it is written.

    `places`: the alphabet of each character of the canonical text. `split`: how many characters
    stand in the upper line where the plate has two, or 0 for plates that only have one.
    `pattern`: where the display form puts separators, `#` standing for a character.
    """

    country: str
    kind: str
    places: tuple[str, ...]
    split: int
    pattern: str
    colours: tuple[str, ...]

    def fits(self, text: str) -> bool:
        return len(text) == len(self.places) and all(
            c in place for c, place in zip(text, self.places, strict=True)
        )

    def begins(self, text: str) -> bool:
        """Whether some longer text of this format begins so."""
        return len(text) <= len(self.places) and all(
            c in place for c, place in zip(text, self.places, strict=False)
        )

    def display(self, text: str) -> str:
        characters = iter(text)
        return "".join(next(characters) if mark == "#" else mark for mark in self.pattern)


@dataclass(frozen=True, slots=True)
class Plate:
    text: str
    display: str
    country: str
    kind: str
    colours: tuple[str, ...]
    split: int


def _vn(
    kind: str, series: tuple[str, ...], digits: int, colours: tuple[str, ...], dash: str = "-"
) -> Format:
    tail = "###.##" if digits == 5 else "####"
    places = (DIGITS[1:], DIGITS, *series, *([DIGITS] * digits))
    return Format(
        "VN", kind, places, 2 + len(series), "##" + "#" * len(series) + dash + tail, colours
    )


_CAR = ("white", "yellow", "blue")


def _formats() -> tuple[Format, ...]:
    found = [
        _vn("trailer", ("R",), 5, _CAR),
        _vn("trailer", ("R",), 4, _CAR),
        _vn("temporary", ("T",), 5, _CAR),
        _vn("car", (VN_SERIES,), 5, _CAR),
        _vn("car-old", (VN_SERIES,), 4, _CAR),
    ]
    for a, b in ("LD", "DA", "KT", "CD", "TD", "HC", "MK"):
        found += [_vn("special", (a, b), 5, _CAR), _vn("special-old", (a, b), 4, _CAR)]
    # Motorcycles: series letter + digit from 1, or two letters (Đ as D on mopeds).
    found += [
        _vn("motorcycle", (VN_SERIES, DIGITS[1:]), 5, _CAR),
        _vn("motorcycle-old", (VN_SERIES, DIGITS[1:]), 4, _CAR),
        _vn("motorcycle", (VN_SERIES, VN_SERIES), 5, _CAR),
        _vn("motorcycle-old", (VN_SERIES, VN_SERIES), 4, _CAR),
        # Mopeds under 50 cm3 and electric ones: MĐ and a digit; some in three rows.
        _vn("moped", ("M", "D", DIGITS[1:]), 5, _CAR),
        _vn("moped-old", ("M", "D", DIGITS[1:]), 4, _CAR),
    ]
    # Foreigners: province, country number, NG (diplomatic), NN or QT, serial.
    for a, b in ("NG", "NN", "QT"):
        places = (DIGITS[1:], DIGITS, DIGITS, DIGITS, DIGITS, a, b, DIGITS, DIGITS)
        found.append(Format("VN", "foreign", places, 5, "##-###-##-##", ("white",)))
    military = ("ABCHKPQTVS", "ABCDEHKLMNOPQRSTUVX", *([DIGITS] * 4))
    found.append(Format("VN", "military", military, 2, "##-##-##", ("red",)))
    province, code, any_ = PROVINCES, CN_CODES, CN_LETTERS + DIGITS
    found += [
        Format("CN", "standard", (province, code, *[any_] * 5), 2, "##·#####", ("blue", "yellow")),
        Format("CN", "trailer", (province, code, *[any_] * 4, "挂"), 2, "##·#####", ("yellow",)),
        Format("CN", "learner", (province, code, *[any_] * 4, "学"), 2, "##·#####", ("yellow",)),
        Format("CN", "police", (province, code, *[any_] * 4, "警"), 2, "##·#####", ("white",)),
        Format("CN", "border", ("粤", "Z", *[any_] * 4, "港澳"), 2, "##·#####", ("black",)),
        Format("CN", "mission", (province, code, *[any_] * 4, "领"), 2, "##·#####", ("black",)),
        Format("CN", "embassy", (*[DIGITS] * 6, "使"), 0, "###·####", ("black",)),
        Format("CN", "embassy-old", ("使", *[DIGITS] * 6), 0, "####·###", ("black",)),
        Format(
            "CN",
            "energy-small",
            (province, code, "ABCDEFGHJK", any_, *[DIGITS] * 4),
            0,
            "##·######",
            ("green",),
        ),
        Format(
            "CN",
            "energy-large",
            (province, code, *[DIGITS] * 5, "ABCDEFGHJK"),
            0,
            "##·######",
            ("green",),
        ),
    ]
    return tuple(found)


FORMATS = _formats()

COUNTRIES = tuple(dict.fromkeys(format.country for format in FORMATS))
"""Countries whose plates are read, by ISO 3166 code."""


class StrangePlate(ValueError):
    """A text that is no plate, or no part of one; `phrase` names what is strange in it."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase)
        self.phrase = phrase


def canonical(text: str) -> str:
    """Upper case, `A-Z0-9` and the Chinese characters of plates only, Đ as D, without separators.
    A part of a plate will do, and of an empty text nothing is left. Raises StrangePlate where a
    character stands on no plate, or only separators stand there."""
    if len(text) > LONGEST:
        raise StrangePlate(
            Phrase("cause.plate.long", {"characters": len(text), "text": repr(text[:LONGEST])})
        )
    found = []
    for character in unicodedata.normalize("NFKC", text):
        if character not in _WRITTEN:
            raise StrangePlate(
                Phrase(
                    "cause.plate.strange",
                    {
                        "text": repr(text),
                        "character": repr(character),
                        "code": f"U+{ord(character):04X}",
                    },
                )
            )
        found.append(_WRITTEN[character])
    written = "".join(found)
    if not written and text.strip():
        raise StrangePlate(Phrase("cause.plate.separators", {"text": repr(text)}))
    return written


def plate_text(text: str) -> str:
    """The canonical text of a whole plate. Raises StrangePlate where no format fits."""
    found = canonical(text)
    if parse(found) is None:
        raise StrangePlate(Phrase("cause.plate.none", {"text": repr(text)}))
    return found


@lru_cache(maxsize=4096)
def parse(text: str) -> Plate | None:
    """The plate that a canonical text is, or None where no format fits."""
    for format in FORMATS:
        if format.fits(text):
            numbered = format.country == "VN" and format.kind != "military"
            if numbered and text[:2] not in VN_PROVINCES:
                continue
            return Plate(
                text,
                format.display(text),
                format.country,
                format.kind,
                format.colours,
                format.split,
            )
    return None


def agree(a: str, b: str) -> bool:
    """Whether two readers have read the same plate: not every camera writes Chinese characters."""
    bare = {"".join(c for c in text if c.isascii()) for text in (a, b)}
    return a == b or (len(bare) == 1 and (a.isascii() or b.isascii()))


def withdrawn(text: str) -> bool:
    """Whether plates of this form are long withdrawn: a person decides on such a vehicle, however
    clearly its plate is read."""
    known = parse(text)
    return known is not None and known.country == "CN" and text[1] == "O"


@lru_cache(maxsize=65536)
def may_begin(text: str) -> bool:
    """Whether some plate begins with this text; for decoding within the formats."""
    if len(text) >= 2 and text[0] in DIGITS and text[1] in DIGITS:
        embassy = text[:6].isdigit()
        if text[:2] not in VN_PROVINCES and not embassy:
            return False
    return any(format.begins(text) for format in FORMATS)
