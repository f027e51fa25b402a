"""PURE. The page docs/accuracy.md from what was measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from edge.domain.plate import PROVINCES, parse
from training.accuracy_frames import Frames
from training.accuracy_hidden import Hidden
from training.accuracy_when import Measured


@dataclass(frozen=True, slots=True)
class Result:
    """One plate. `width` in pixels; `found`: something was read there at all."""

    set: str
    part: str
    lines: int
    colour: str
    width: int
    dark: bool
    text: str
    read: str
    sure: bool
    found: bool

    @property
    def right(self) -> bool:
        return self.read == self.text


@dataclass(frozen=True, slots=True)
class Strangers:
    """Pictures of other countries' vehicles: how many, how many plates and other things were looked
    at in them, and the texts that were accepted all the same."""

    pictures: int
    looked: int
    accepted: list[str]


Peers = dict[str, dict[str, list[int]]]
"""By set and peer: plates, exactly read, sure but wrong."""


def page(
    results: list[Result],
    strangers: Strangers,
    hidden: Hidden,
    frames: list[Frames],
    calibration: dict[str, Any],
    peers: Peers,
    absent: Sequence[str] = (),
    when: Sequence[Measured] = (),
) -> str:
    out = [
        "# Accuracy\n",
        "Written by `python -m training.accuracy` from the shipped weights; exact match of the",
        "whole plate. *Held out* are plates whose text was never trained on, a fifth of each set",
        "(`training/part.py`); they tell best what to expect of other pictures, and still a bit",
        "too well: errors among them were looked at during the work, and the threshold is",
        "fitted on them. *Sure*: accepted without a person.\n",
        *_sets(results),
        *_peers(results, peers, absent),
        *_kinds(results),
        *_conditions(results),
        *_frames(frames),
        *_strangers(strangers),
        *_hidden(hidden),
        *_calibration(calibration),
        *_missed(results),
        *_when(when),
    ]
    return "\n".join(out) + "\n"


def _sets(results: list[Result]) -> Iterable[str]:
    heads = ("set", "plates", "exact", "sure", "sure but wrong")
    yield f"| {' | '.join((*heads, 'held out', heads[2], heads[4]))} |"
    yield "|---" * 8 + "|"
    names = list(dict.fromkeys(r.set for r in results))
    for name in [*names, "all"]:
        rows = [r for r in results if name in (r.set, "all")]
        held = [r for r in rows if r.part == "val"]
        yield (
            f"| {name} | {len(rows)} | {_exact(rows)} | {_share(rows, lambda r: r.sure)} "
            f"| {_sure_wrong(rows)} | {len(held)} | {_exact(held)} | {_sure_wrong(held)} |"
        )


def _peers(results: list[Result], peers: Peers, absent: Sequence[str] = ()) -> Iterable[str]:
    """Other readers beside ours; those that are made for the other country have no figure."""
    if not peers:
        return
    names = list(dict.fromkeys(peer for found in peers.values() for peer in found))
    yield "\n## Beside other readers\n"
    yield "Exactly read, and in brackets sure but wrong (from 0.9 of the peer's own confidence), of"
    yield "every so manieth plate of each set, `training/peer_readers.py`; ours: of all. Who only"
    yield "reads gets the plate cut out by its true box. The Vietnamese peer learnt `vn crops`.\n"
    yield f"| set | plates | ours | {' | '.join(names)} |"
    yield "|---" * (3 + len(names)) + "|"
    for name, found in peers.items():
        rows = [r for r in results if r.set == name]
        plates = max((counts[0] for counts in found.values()), default=0)
        shares = [
            f"{100 * found[p][1] / found[p][0]:.0f} % ({found[p][2]})" if p in found else ""
            for p in names
        ]
        yield f"| {name} | {plates} | {_exact(rows)} | {' | '.join(shares)} |"
    if absent:
        yield f"\nNot installed, so that it took no part: {', '.join(absent)}."


def _kinds(results: list[Result]) -> Iterable[str]:
    """By the format that the true text has, over all sets: a rare kind is thin in each of them."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for r in results:
        plate = parse(r.text)
        groups[f"{plate.country} {plate.kind}" if plate else "no known format"].append(r)
    yield "\n## By kind of plate\n"
    yield "Over all sets, by the format of the true text (`edge/domain/plate.py`)."
    yield "\n| kind | plates | exact | sure | sure but wrong |\n|---|---|---|---|---|"
    for kind, rows in sorted(groups.items()):
        sure = _share(rows, lambda r: r.sure)
        yield f"| {kind} | {len(rows)} | {_exact(rows)} | {sure} | {_sure_wrong(rows)} |"


def _conditions(results: list[Result]) -> Iterable[str]:
    kinds: tuple[tuple[str, Callable[[Result], str]], ...] = (
        ("lines", lambda r: f"{r.lines}"),
        ("colour", lambda r: r.colour),
        ("width of the plate", lambda r: _band(r.width)),
        ("light", lambda r: "dark" if r.dark else "day"),
    )
    for title, key in kinds:
        groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
        for r in results:
            groups[r.set, key(r)].append(r)
        yield f"\n| set | {title} | plates | exact | sure | sure but wrong |"
        yield "|---|---|---|---|---|---|"
        for (name, value), rows in sorted(groups.items()):
            yield (
                f"| {name} | {value} | {len(rows)} | {_exact(rows)} "
                f"| {_share(rows, lambda r: r.sure)} | {_sure_wrong(rows)} |"
            )


def _frames(frames: list[Frames]) -> Iterable[str]:
    yield "\n## Several frames against one\n"
    yield "Sequences are random views of held-out plates (tilt, light, few pixels, blur), more"
    yield "worn than the sets above; one frame alone is accepted here as a photograph would be.\n"
    yield "| what | frames | plates | exact | sure | sure but wrong |\n|---|---|---|---|---|---|"
    for f in frames:
        yield (
            f"| {f.what} | {f.frames} | {f.plates} | {100 * f.right / f.plates:.1f} % "
            f"| {100 * f.sure / f.plates:.1f} % "
            f"| {100 * f.sure_wrong / f.plates:.2f} % ({f.sure_wrong}) |"
        )


def _strangers(strangers: Strangers) -> Iterable[str]:
    wrong, looked = strangers.accepted, strangers.looked
    yield "\n## What is no plate of either country\n"
    yield (
        f"{strangers.pictures} photographs of cars of the USA, Europe and Brazil: {looked}"
        f" plates and other things were looked at, {len(wrong)} accepted as Vietnamese or Chinese"
        f"{': ' + ', '.join(wrong) if wrong else ''}."
    )


def _hidden(hidden: Hidden) -> Iterable[str]:
    yield "\n## Plates that show only in part\n"
    yield "What is left of a plate may fit a shorter format. Held-out plates cut off by the"
    yield "picture's edge or with something before them:"
    yield f"{hidden.views} views, {hidden.sure} accepted, {hidden.sure_wrong} of them wrong."


def _calibration(calibration: dict[str, Any]) -> Iterable[str]:
    accept = calibration["accept"]
    yield "\n## Confidence\n"
    yield "A confidence is the probability that the whole text is right, fitted by"
    yield "`training/calibrate.py` on held-out plates in several views, partly hidden or not,"
    yield "invented plates of unseen seeds, foreign plates and lettering"
    yield f"({calibration['plates']} readings). The table is crosswise: each half of the plates"
    yield "told by a fit to the other half.\n"
    yield "![Reliability](pictures/reliability.svg)\n"
    yield "| said | found | readings |\n|---|---|---|"
    for row in calibration["reliability"]:
        yield f"| {row['said']:.3f} | {row['found']:.3f} | {row['n']} |"
    yield f"\nAccepted from {accept}: the lowest threshold at which of all these readings, most"
    yield "of them harder than a gate's, no more than 0.1 % are sure but wrong. A lower one would"
    yield "spare people some work and open for more wrong plates:\n"
    yield "| threshold | sure | sure but wrong |\n|---|---|---|"
    for row in calibration["thresholds"]:
        yield (
            f"| {row['accept']} | {100 * row['sure']:.1f} % | {100 * row['sure_but_wrong']:.2f} % |"
        )


def _missed(results: list[Result]) -> Iterable[str]:
    yield "\n## Still wrong\n"
    yield "| set | part | plate | read | sure | why |\n|---|---|---|---|---|---|"
    for r in results:
        if not r.right:
            part = "held out" if r.part == "val" else "learnt"
            sure = "yes" if r.sure else "no"
            yield f"| {r.set} | {part} | {r.text} | {r.read or '-'} | {sure} | {_why(r)} |"


def _when(when: Sequence[Measured]) -> Iterable[str]:
    if not when:
        return
    yield "\n## When and where\n"
    yield f"On {'; '.join(dict.fromkeys(m.computer for m in when))}."
    yield "*Load*: so many processes wanted a core at the end of the part; *+*: that commit with"
    yield "changes."
    yield "\n| part | begun (UTC) | minutes | load | tree |\n|---|---|--:|--:|---|"
    for m in when:
        yield f"| {m.part} | {m.begun} | {m.minutes} | {m.load} | {m.tree} |"


def _why(r: Result) -> str:
    """As far as the figures tell."""
    if not r.found:
        cause = "the plate was not found"
    elif r.text[0] in PROVINCES and r.text[1] == "0" and r.read == f"{r.text[0]}O{r.text[2:]}":
        cause = "right: the truth writes the city code O as a zero"
    elif len(r.read) != len(r.text):
        cause = "characters lost or doubled"
    else:
        differing = [f"{b} for {a}" for a, b in zip(r.text, r.read, strict=True) if a != b]
        cause = ", ".join(differing) if len(differing) < 3 else "most of it"
    if r.width < 80:
        cause += f"; {r.width} px wide"
    return cause + ("; dark" if r.dark else "")


def _share(rows: list[Result], which: Callable[[Result], bool]) -> str:
    return f"{100 * sum(map(which, rows)) / len(rows):.1f} %" if rows else "-"


def _exact(rows: list[Result]) -> str:
    return _share(rows, lambda r: r.right)


def _sure_wrong(rows: list[Result]) -> str:
    wrong = sum(r.sure and not r.right for r in rows)
    return f"{100 * wrong / len(rows):.2f} % ({wrong})" if rows else "-"


def _band(width: int) -> str:
    for most in (60, 80, 100, 140):
        if width < most:
            return f"{most - 20 if most < 140 else 100}-{most - 1} px" if most > 60 else "< 60 px"
    return ">= 140 px"
