"""PURE. Whether a camera shows what is there: frozen, black, blinded, blurred, covered or damaged
in part, or moved.

Frozen: standstill.py.

What is usual is learned from good pictures and kept over a restart (view_memory.py).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.domain.alarm_codes import AlarmCode
from edge.vision.detection import Box
from edge.vision.picture_measures import CELLS, SMALL, Measures, averaged, measured
from edge.vision.reading import Picture
from edge.vision.standstill import KEPT, LEARNED, Standstill
from edge.vision.view_shift import SWAY, Edges, Match, edges, match

CHECK_EVERY_S = 1.0
BLACK = 40.0
"""Brightness, of 255, below which all of a picture in which nothing can be seen lies; the darkest
of our night pictures reaches 127."""

PLAIN = 0.7
"""Share of the picture that has one colour from which on it is no camera's, but what a recorder
draws where none is ("NO VIDEO"); at most 0.31 in 956 pictures of cameras, by night."""

BLINDED = 0.6
"""Share of the picture that is blown out; 0.25 in the brightest of ours, against the sun."""

BLURRED, BLURRED_AT_ALL = 0.65, 0.25
"""Share of the least sharpness that the camera usually shows; sharpness that none in focus has."""

TURNED = 0.45
"""Share of the usual correlation with the learned view below which it is another view."""

ELSEWHERE, OPEN = 0.25, 0.5
"""The same with a vehicle in view, whose unseen parts and lamps hide some more; share of the
learned edges that must then stand beside the boxes: what a turned camera takes for a vehicle is
always there."""

COVERED = 0.25
"""Share of the parts that usually show something from which on showing nothing at all is a fault: a
hand, a sticker, a web, or a picture of which the lower part was lost."""

COPIED, OWN = 0.8, 0.55
"""Share of a part that is copied from beside or above it from which on nothing is seen there: the
decoder had no data; share that its own content may usually have for that to be told."""

STRUCTURED = 0.3
"""Mean clearness of the learned edges from which on a part usually shows something."""

FEWEST_STRUCTURED = 12
DIMMED = 0.7
"""Share of its usual brightness that the rest keeps where a part is covered: where a lamp went out
or headlamps blind the camera, all of the picture darkens."""

CLEARER = 0.05
"""Correlation by which a shifted view must be better than the unshifted one."""

VIEW_ADAPTS = 1 / 300
"""Share of the learned view that a new picture replaces."""

HELD_S = {
    AlarmCode.CAMERA_FROZEN: 0.0,  # seconds of it have passed by then
    AlarmCode.CAMERA_BLACK: 3.0,
    AlarmCode.CAMERA_BLINDED: 3.0,
    AlarmCode.CAMERA_BLURRED: 5.0,
    AlarmCode.CAMERA_COVERED: 5.0,
    AlarmCode.CAMERA_MOVED: 5.0,
}
"""Seconds for which each must be seen before it stands."""

OVER_S = 3.0
"""Seconds without it after which it is over."""

COMES_AND_GOES = frozenset({AlarmCode.CAMERA_COVERED})
"""What counts as seen until it was away for OVER_S: not every picture needs to be damaged."""

SMOOTHED = 0.15
"""Growth of that share in the rest of the picture from which on all of it has become smooth."""

CONFIRMED = frozenset({AlarmCode.CAMERA_MOVED, AlarmCode.CAMERA_BLURRED, AlarmCode.CAMERA_COVERED})
"""What a person ends who says that the camera shows what it should."""

BLIND = frozenset({AlarmCode.CAMERA_FROZEN, AlarmCode.CAMERA_BLACK, AlarmCode.CAMERA_BLINDED})
"""With these nothing that is read counts."""


class PictureHealth:
    """One camera's. `check` it with its pictures; `standing`: what is wrong."""

    def __init__(self) -> None:
        self.standing: frozenset[AlarmCode] = frozenset()
        self._held: dict[AlarmCode, float] = {}
        self._absent: dict[AlarmCode, float] = {}
        self._checked_at = -1e9
        self._standstill = Standstill()
        self._sharp: deque[float] = deque(maxlen=KEPT)
        self._alike: deque[float] = deque(maxlen=KEPT)
        self._view: Edges | None = None
        self._bright: NDArray[np.float32] | None = None
        self._copies: NDArray[np.float32] | None = None
        self._views = 0
        self._shift: Match | None = None

    @property
    def blind(self) -> bool:
        """Whether the last picture shows nothing that counts: the alarm stands a little longer."""
        return bool(self.standing & BLIND & self._held.keys())

    @property
    def learned(self) -> dict[str, NDArray[np.generic]]:
        """What is worth keeping over a restart; see `recall`. Empty before there is something."""
        if self._view is None or self._views < LEARNED or self.standing:
            return {}
        return {
            "view": self._view,
            "bright": np.asarray(() if self._bright is None else self._bright, np.float32),
            "copies": np.asarray(() if self._copies is None else self._copies, np.float32),
            **self._standstill.learned,
            "sharpness": np.asarray(self._sharp, np.float32),
            "alike": np.asarray(self._alike, np.float32),
        }

    def recall(self, learned: dict[str, NDArray[np.generic]]) -> None:
        """What an earlier process had learned of this camera; what does not fit is left out."""
        view = learned.get("view")
        if view is None or view.shape != SMALL[::-1] or not np.isfinite(view).all():
            return
        self._view, self._views = np.asarray(view, np.complex64), LEARNED
        bright = np.asarray(learned.get("bright", ()), np.float32)
        if bright.shape == CELLS and np.isfinite(bright).all():
            self._bright = bright
        copies = np.asarray(learned.get("copies", ()), np.float32)
        if copies.shape == CELLS and np.isfinite(copies).all():
            self._copies = copies
        self._standstill.recall(learned)
        for name, kept in (("sharpness", self._sharp), ("alike", self._alike)):
            values = np.asarray(learned.get(name, ()), np.float32).ravel()[-KEPT:]
            kept.extend(float(v) for v in values if 0 <= v <= 1)

    def unchanged_s(self, now: float) -> float:
        """Seconds for which no more of the picture than a clock has changed by a single bit."""
        return self._standstill.unchanged_s(now)

    def unmoved_s(self, now: float) -> float:
        """Seconds for which nothing has been seen to come or go (standstill.py)."""
        return self._standstill.unmoved_s(now)

    def doubt(self) -> None:
        """Somebody knows that what is before the camera has changed since its picture did."""
        self._standstill.doubt()

    def confirm(self) -> None:
        """A person has seen that the camera looks where it should: the view is learned anew."""
        self._view, self._bright, self._copies, self._views, self._shift = None, None, None, 0, None
        self._alike.clear()
        self._sharp.clear()
        for code in CONFIRMED:
            self._held.pop(code, None)
        self.standing -= CONFIRMED

    def check(self, picture: Picture, now: float, boxes: Sequence[Box] = ()) -> bool:
        """Whether something began or ended. `now`: seconds; `boxes`: vehicles in the picture, which
        hide what stands behind them."""
        if now - self._checked_at < CHECK_EVERY_S:
            return False
        self._checked_at = now
        measures = measured(picture)
        self._standstill.update(measures.samples, now)
        seen = set(self._seen(measures, picture, now, boxes))
        before = self.standing
        for code in HELD_S:
            self._settle(code, code in seen, now)
        return self.standing != before

    def _settle(self, code: AlarmCode, seen: bool, now: float) -> None:
        if seen:
            self._absent.pop(code, None)
            if now - self._held.setdefault(code, now) >= HELD_S[code]:
                self.standing |= {code}
            return
        over = now - self._absent.setdefault(code, now) >= OVER_S
        if over or code not in COMES_AND_GOES:
            self._held.pop(code, None)
        if over:
            self.standing -= {code}

    # --- what can be seen ---

    def _seen(
        self, measures: Measures, picture: Picture, now: float, boxes: Sequence[Box]
    ) -> list[AlarmCode]:
        if self._standstill.frozen(measures, now):
            # What else may be wrong with it is of before, and stays as it was told.
            return [AlarmCode.CAMERA_FROZEN, *(self.standing - {AlarmCode.CAMERA_FROZEN})]
        if measures.brightest < BLACK:
            return [AlarmCode.CAMERA_BLACK, *(self.standing & {AlarmCode.CAMERA_MOVED})]
        if measures.blown >= BLINDED:
            return [AlarmCode.CAMERA_BLINDED, *(self.standing & {AlarmCode.CAMERA_MOVED})]
        drawn = measures.plain >= PLAIN
        if drawn and measures.ground >= BLACK:
            return [AlarmCode.CAMERA_BLACK, *(self.standing & {AlarmCode.CAMERA_MOVED})]
        code = self._spoilt(measures, picture, boxes)
        if code is None:
            return []
        if drawn and not boxes:
            # By night a camera for plates may show lamps and a plate on black, and nothing else.
            code = AlarmCode.CAMERA_BLACK
        return [code, *(self.standing & {AlarmCode.CAMERA_MOVED})]

    def _spoilt(
        self, measures: Measures, picture: Picture, boxes: Sequence[Box]
    ) -> AlarmCode | None:
        if self._blurred(measures.sharp, bool(boxes)):
            return AlarmCode.CAMERA_BLURRED
        if self._covered(measures, bool(boxes)):
            return AlarmCode.CAMERA_COVERED
        return AlarmCode.CAMERA_MOVED if self._moved(measures, picture, boxes) else None

    def _blurred(self, sharp: float, occupied: bool) -> bool:
        """An empty lane is compared with the same lane when it was empty: with vehicles in it the
        picture has harder edges. One without any edge says something only of a camera that has
        always shown some: bare ground has none."""
        if occupied:
            return 0 < sharp < BLURRED_AT_ALL
        sharpness = [past for past in self._sharp if past > 0]
        usual = float(np.percentile(sharpness, 10)) if len(sharpness) >= LEARNED else 0.0
        if sharp > 0:
            blurred = sharp < max(BLURRED_AT_ALL, BLURRED * usual)
        else:
            blurred = usual > 0 and len(sharpness) == len(self._sharp)
        if blurred:
            return True
        self._sharp.append(sharp)
        return False

    def _covered(self, measures: Measures, occupied: bool) -> bool:
        """A vehicle hides what is behind it, and its lamps darken the rest: while one is there,
        nothing new is said."""
        if self._view is None or self._bright is None or self._views < LEARNED:
            return False
        if occupied:
            return AlarmCode.CAMERA_COVERED in self.standing
        shows = averaged(np.abs(self._view)) > STRUCTURED
        count = np.count_nonzero(shows)
        dead = measures.dead | self._copied(measures.copies)
        if count < FEWEST_STRUCTURED or (dead & shows).sum() < COVERED * count:
            return False
        rest = shows & ~dead
        kept = measures.means[rest] / np.maximum(1, self._bright[rest])
        return not kept.size or float(np.median(kept)) >= DIMMED

    def _copied(self, copies: NDArray[np.float32]) -> NDArray[np.bool_]:
        """The parts that are copies, where the others have their noise as ever: a camera that shows
        none in another light has copies everywhere."""
        if self._copies is None:
            return np.zeros(CELLS, np.bool_)
        lost = (copies >= COPIED) & (self._copies <= OWN)
        more = (copies - self._copies)[~lost]
        calm = more.size > 0 and float(np.median(more)) <= SMOOTHED
        return np.asarray(lost & calm, np.bool_)

    def _shifted(self, found: Match, least: float) -> bool:
        """Whether the view is clearly shifted, and as it was before: a vehicle is so only once."""
        before, self._shift = self._shift, _far(found, least)
        return _near(before, self._shift)

    def _open(self, free: NDArray[np.float32]) -> float:
        """The share of the learned edges that no vehicle hides."""
        if self._view is None:
            return 0.0
        clear = np.abs(self._view) ** 2
        return float((clear * free).sum() / max(1e-6, float(clear.sum())))

    def _moved(self, measures: Measures, picture: Picture, boxes: Sequence[Box]) -> bool:
        free = _free(picture, boxes)
        now = edges(measures.small) * free
        if self._view is None:
            self._view = np.zeros_like(now)
        known = self._views >= LEARNED
        found = match(self._view * free, now)
        usual = float(np.median(self._alike)) if known and self._alike else 0.0
        least = TURNED if not boxes else ELSEWHERE if self._open(free) >= OPEN else 0.0
        turned = found.here < least * usual
        if known and (turned or self._shifted(found, TURNED * usual)):
            return True
        if AlarmCode.CAMERA_MOVED not in self.standing:
            self._alike.append(found.here if known else 1.0)
            share = max(VIEW_ADAPTS, 1 / (self._views + 1)) * free
            self._view = np.asarray(self._view * (1 - share) + now * share, np.complex64)
            if self._bright is None:
                self._bright = measures.means
            self._bright = self._bright + (measures.means - self._bright) * VIEW_ADAPTS
            if self._copies is None:
                self._copies = measures.copies
            self._copies = self._copies + (measures.copies - self._copies) * VIEW_ADAPTS
            self._views += 1
            if self._views == LEARNED:
                self._alike.clear()
        return False


def _far(found: Match, least: float) -> Match | None:
    """The match where it says clearly that the view is shifted."""
    far = max(abs(found.dx), abs(found.dy)) > SWAY
    return found if far and found.best > max(found.here + CLEARER, least) else None


def _near(a: Match | None, b: Match | None) -> bool:
    if a is None or b is None:
        return False
    return max(abs(a.dx - b.dx), abs(a.dy - b.dy)) <= SWAY


def _free(picture: Picture, boxes: Sequence[Box]) -> NDArray[np.float32]:
    """1 where no vehicle hides the view, as a small picture."""
    free = np.ones(SMALL[::-1], np.float32)
    height, width = picture.shape[:2]
    for x1, y1, x2, y2 in boxes:
        left, right = (round(x / width * SMALL[0]) for x in (x1, x2))
        top, bottom = (round(y / height * SMALL[1]) for y in (y1, y2))
        free[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 0
    return free
