"""What every section has: frozen, unknown keys refused; and the names that may be given."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
"""Site, gate, lane and consumer names: they stand in MQTT topics and file names."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
