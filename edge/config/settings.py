"""The whole file, and the sections that are short: [journal], [console], [[issuers]]."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from edge.config.camera import VisionConfig
from edge.config.lane import LaneConfig, MqttDisplay
from edge.config.links import CustomsConfig, PartnersConfig, Platform
from edge.config.section import LIFE_DAYS, Flag, Name, Section
from edge.config.wires import MqttWire, Wire
from edge.config.wiring import wiring_problems
from edge.domain.plate import plate_text

WatchedPlate = Annotated[str, AfterValidator(plate_text)]
"""A plate as people write it; kept as the gate does. What is no plate is refused."""


class JournalConfig(Section):
    """`max_mb` caps the database below the disk; `ballast_mb` is freed when the disk is full. What
    all receivers have is kept `keep_days`; without a time server, until there is no more room."""

    max_mb: int = Field(2048, ge=8, le=1_000_000)
    ballast_mb: int = Field(32, ge=0, le=10_000)
    keep_days: int = Field(365, ge=1, le=LIFE_DAYS)


class ConsoleConfig(Section):
    """The console's address. On the network it speaks https: with `cert_file` and `key_file`, or
    with a certificate that the gate makes; `insecure` is consent to passwords in clear, as behind a
    proxy of one's own. A session ends after `session_hours`; after `idle_minutes` without a touch
    (0: never) it may look and stop an arm, and asks for the password before anything else."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    cert_file: Path | None = None
    key_file: Path | None = None
    insecure: Flag = False
    session_hours: float = Field(12.0, ge=0.01, le=8784)
    idle_minutes: float = Field(60.0, ge=0, le=527040)
    language: Literal["vi", "en", "zh"] = "vi"


class IssuerConfig(Section):
    """Somebody who may send signed commands, and which ones."""

    name: Name
    actions: tuple[Literal["open", "close", "hold_open", "release", "lock", "unlock"], ...]
    lanes: tuple[str, ...] = ()


class Settings(Section):
    """The whole file. `authorities`: who must have cleared a vehicle (a lane may ask for fewer by
    `clearances_needed`); `authority_names`: what the console calls them; `watch_list`: plates that
    pass only by a person's word, as they are written or as the gate writes them."""

    site: Name
    gate: Name
    data_folder: Path = Path("data")
    authorities: tuple[str, ...] = ("border_guard", "customs", "quarantine", "yard")
    authority_names: dict[str, str] = {}
    watch_list: tuple[WatchedPlate, ...] = ()
    wires: dict[str, Wire]
    lanes: dict[Name, LaneConfig]
    vision: VisionConfig = VisionConfig()
    customs: CustomsConfig | None = None
    platform: Platform | None = None
    journal: JournalConfig = JournalConfig()
    console: ConsoleConfig = ConsoleConfig()
    partners: PartnersConfig | None = None
    issuers: tuple[IssuerConfig, ...] = ()

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Settings:
        if not self.lanes:
            raise ValueError("at least one lane is needed: [lanes.<name>]")
        problems = [
            *wiring_problems(self.wires, {n: c.barrier for n, c in self.lanes.items()}),
            *self._display_problems(),
            *self._authority_problems(),
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _display_problems(self) -> Iterator[str]:
        for name, lane in self.lanes.items():
            shown = lane.display
            named = self.wires.get(shown.wire) if isinstance(shown, MqttDisplay) else None
            if isinstance(shown, MqttDisplay) and not isinstance(named, MqttWire):
                yield f"lanes.{name}.display.wire: {shown.wire!r} is no mqtt wire under [wires]"

    def _authority_problems(self) -> Iterator[str]:
        """An authority that is misspelt would never clear a vehicle, and nobody would know."""
        named = {"authority_names": tuple(self.authority_names)}
        if self.platform is not None:
            named["platform.words.authorities"] = tuple(self.platform.words.authorities.values())
        for name, lane in self.lanes.items():
            named[f"lanes.{name}.clearances_needed"] = lane.clearances_needed or ()
        for key, authorities in named.items():
            for strange in sorted(set(authorities) - set(self.authorities)):
                known = ", ".join(self.authorities) or "none"
                yield f"{key}: no authority {strange!r} under authorities; known: {known}"
