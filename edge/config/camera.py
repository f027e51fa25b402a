"""[lanes.<name>.camera] and [vision]."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from edge.config.address import Source
from edge.config.second_reader import SecondReaderConfig
from edge.config.secret import secret_of
from edge.config.section import LIFE_DAYS, Flag, Section
from edge.config.ways import Fraction, WaysConfig


class CameraConfig(Section):
    """`source`: an http(s):// MJPEG or rtsp:// address, a USB camera (`usb:0`, `/dev/video0`), or a
    video file. `snapshots_per_s`: the http address gives one JPEG a request, and is asked so often;
    0 for a stream. Its user and password
    stand in it, percent-encoded, or better in `username` and `password_file`. `zone`: the part of
    the picture that belongs to this lane, [x1, y1, x2, y2] as fractions 0..1; vehicles whose box
    centre lies outside are not this lane's. `stop_line`: where a vehicle's lower edge (fraction of
    the height) counts as being at the barrier. `loop`: play a file again and again. `codes`: look
    for codes (second keys) while a vehicle is there. `sees`: which
    end of the vehicles this camera shows; of an "overview" no plates are read. `ways`: where they
    drive, in polygons, an arrow and lines. `second_reader`: the camera's own readings of plates."""

    source: Source
    username: str = ""
    password_file: Path | None = None
    zone: tuple[Fraction, Fraction, Fraction, Fraction] = (0.0, 0.0, 1.0, 1.0)
    stop_line: Fraction = 0.5
    max_frames_per_s: float = Field(10.0, ge=0.1, le=60)
    stall_after_s: float = Field(5.0, ge=0.1, le=600)
    loop: Flag = True
    snapshots_per_s: float = Field(0.0, ge=0, le=30)
    sees: Literal["front", "rear", "overview"] = "front"
    ways: WaysConfig = WaysConfig()
    second_reader: SecondReaderConfig | None = None
    codes: Flag = False

    def signed(self) -> Source:
        """The source with the user and the password that stand beside it. Raises SecretError."""
        if not self.username or not self.source.scheme:
            return self.source
        password = "" if self.password_file is None else secret_of(self.password_file)
        return self.source.signed(self.username, password)

    @model_validator(mode="after")
    def _zone_in_picture(self) -> CameraConfig:
        x1, y1, x2, y2 = self.zone
        if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
            raise ValueError(
                "zone must be [x1, y1, x2, y2] with 0 <= x1 < x2 <= 1 and the same for y"
            )
        if self.snapshots_per_s and self.source.scheme not in ("http", "https"):
            raise ValueError("snapshots_per_s is for http:// and https:// sources; leave it out")
        return self


class VisionConfig(Section):
    """`accept`: the probability from which a reading counts as sure (None: the shipped threshold).
    `detector`/`reader`: own weights instead of the shipped ones. Pictures are kept for
    `evidence_days`, at most `evidence_mb` of them, and as long as `leave_free_mb` stay free on the
    disk (a tenth of a small one): the oldest go first. `clips`: a short recording of each arrival
    is kept with them; `blur`: what kept pictures do not show, "surroundings" of the vehicle and its
    "windscreen". `memory_mb`: the vision process is replaced
    where it uses more."""

    detector: Path | None = None
    reader: Path | None = None
    accept: float | None = Field(None, ge=0.01, le=0.9999)
    threads: int = Field(2, ge=1, le=16)
    evidence_days: int = Field(30, ge=1, le=LIFE_DAYS)
    evidence_mb: int = Field(20_000, ge=10, le=100_000_000)
    leave_free_mb: int = Field(2000, ge=10, le=100_000_000)
    clips: Flag = True
    blur: tuple[Literal["surroundings", "windscreen"], ...] = ()
    memory_mb: int = Field(2000, ge=300, le=1_000_000)
