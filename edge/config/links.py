"""[customs] and [platform]: the systems that the gate speaks with."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Discriminator, Field, Tag, field_validator

from edge.config.section import Flag, Name, Section, TcpPort

PLATFORM = "platform"
"""The journal knows the platform's link by this name."""


def _public_key(text: str) -> str:
    """Base64 of 32 bytes, or "" for none."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b"no"
    if text and len(raw) != 32:
        raise ValueError("a public key is base64 of 32 bytes (Ed25519)")
    return text


class ConsumerConfig(Section):
    """A receiver of events. `acknowledges`: "application" (by `.../ack`) or "broker" (PUBACK).
    `key`: its Ed25519 key, base64; then only acknowledgements that it has signed count."""

    name: Name
    acknowledges: Literal["application", "broker"] = "application"
    key: Annotated[str, AfterValidator(_public_key)] = ""


class CustomsConfig(Section):
    """The MQTT broker of customs. `version` auto falls back to 3.1.1 where the broker refuses 5.
    `dots_in_topics` false writes `plate-read` for `plate.read` (NATS before 2.10 allows no dot).
    `ack_timeout_s`: seconds without an acknowledgement after which events are sent again;
    `silent_alarm_s`: after which an alarm is raised."""

    host: str
    port: TcpPort = 1883
    version: Literal["5", "3.1.1", "auto"] = "auto"
    dots_in_topics: Flag = True
    username: str = ""
    password_file: Path | None = None
    tls: Flag = False
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    consumers: tuple[ConsumerConfig, ...] = (ConsumerConfig(name="customs"),)
    window: int = Field(100, ge=1, le=2000)
    ack_timeout_s: float = Field(10.0, ge=0.1, le=3600)
    silent_alarm_s: float = Field(120.0, ge=1, le=86400)

    @field_validator("consumers")
    @classmethod
    def _names_of_their_own(cls, given: tuple[ConsumerConfig, ...]) -> tuple[ConsumerConfig, ...]:
        names = [consumer.name for consumer in given]
        if not names:
            raise ValueError("name at least one receiver, or remove the section [customs]")
        if PLATFORM in names:
            raise ValueError(f"{PLATFORM!r} is the platform's own; give the receiver another name")
        if len(set(names)) < len(names):
            raise ValueError("each receiver needs a name of its own")
        return given


class Partner(Section):
    """Another system that may fetch from the gate. `name`: the common name of its certificate;
    `may`: what it may ask for; `per_minute`: how many questions."""

    name: str = Field(min_length=1, max_length=64)
    may: tuple[Literal["pictures", "history", "receivers"], ...]
    per_minute: int = Field(600, ge=1, le=60_000)


class PartnersConfig(Section):
    """The door for other systems: HTTPS with client certificates of `ca_file`. Each is named under
    `clients`."""

    host: str = "127.0.0.1"
    port: int = Field(8444, ge=0, le=65535)
    cert_file: Path
    key_file: Path
    ca_file: Path
    clients: tuple[Partner, ...] = ()


class OAuthConfig(Section):
    """OAuth 2 client credentials. `secret_in`, as the platform's token endpoint wants it: "header"
    (client_secret_basic; id and secret form-urlencoded in it, RFC 6749 2.3.1), "plain_header" (the
    same for an endpoint that does not decode them) or "form" (client_secret_post)."""

    token_url: str
    client_id: str
    client_secret_file: Path
    scope: str = ""
    secret_in: Literal["header", "plain_header", "form"] = "header"


class PlatformWords(Section):
    """The platform's own words and ours. `states`: to active, held, cancelled or used;
    `clearance_states`: to pending, done or refused; `authorities`: to those of this file;
    `directions`: to export or import; `roles`: to tractor or trailer. What is not named here counts
    as it stands."""

    states: dict[str, Literal["active", "held", "cancelled", "used"]] = {}
    clearance_states: dict[str, Literal["pending", "done", "refused"]] = {}
    authorities: dict[str, str] = {}
    directions: dict[str, Literal["export", "import"]] = {}
    roles: dict[str, Literal["tractor", "trailer"]] = {}


class PlatformReading(PlatformWords):
    """How a platform's list is read: its words, and the zone of moments that name none, or ""."""

    timezone: str = ""


def _known_zone(name: str) -> str:
    """An IANA name, or "" for none."""
    if name:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{name!r} is no time zone; for example Asia/Ho_Chi_Minh") from None
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class _Listed(Section):
    """What every kind of platform has: `timezone`: the zone of moments that name none (IANA, as
    Asia/Ho_Chi_Minh); without it an item with such a moment is not understood."""

    words: PlatformWords = PlatformWords()
    timezone: Zone = ""
    keep_ended_days: float = Field(7.0, ge=0, le=3650)

    @property
    def reading(self) -> PlatformReading:
        return PlatformReading(**self.words.model_dump(), timezone=self.timezone)


class PlatformConfig(_Listed):
    """The digital border-gate platform, over HTTP. What is used or expired leaves the list after
    `keep_ended_days`; until then the decision gives its reason. `timezone`: the zone of moments
    that name none (IANA, as Asia/Ho_Chi_Minh); without it an item with such a moment is not
    understood."""

    kind: Literal["http"] = "http"
    url: str = Field(pattern=r"^https?://")
    wait_s: int = Field(25, ge=0, le=60)
    poll_pause_s: float = Field(1.0, ge=0, le=3600)
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    oauth: OAuthConfig | None = None


class FolderPlatformConfig(_Listed):
    """A platform that is only a folder: `assignments.json` or `.csv` in it, passages out of it.
    A new list is taken up when it has not changed for `settle_s`; `keep_ended_days` and
    `timezone` as over HTTP."""

    kind: Literal["folder"]
    folder: Path
    look_every_s: float = Field(5.0, ge=0.1, le=300)
    settle_s: float = Field(3.0, ge=0.0, le=60)


def _platform_kind(value: object) -> str:
    """HTTP where no kind is named."""
    if isinstance(value, dict):
        return str(value.get("kind", "http"))
    return str(getattr(value, "kind", "http"))


Platform = Annotated[
    Annotated[PlatformConfig, Tag("http")] | Annotated[FolderPlatformConfig, Tag("folder")],
    Discriminator(_platform_kind),
]
