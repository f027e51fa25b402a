"""[lanes.<name>.camera.second_reader]: a camera's own readings of plates, beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from edge.config.address import Source
from edge.config.secret import secret_of
from edge.config.section import Section


class SecondReaderConfig(Section):
    """`kind`: "isapi" (the alert stream of Hikvision cameras) or "onvif" (PullPoint events of a
    camera that recognises plates). `url`: http(s)://host[:port], or the whole address where the
    service lies elsewhere. `counts`: "confirm": it makes our unsure reading sure where both say the
    same, and a sure one doubted where they differ; "sure": it counts by itself as well, where we
    have read nothing."""

    kind: Literal["isapi", "onvif"]
    url: Source
    username: str = ""
    password_file: Path | None = None
    counts: Literal["confirm", "sure"] = "confirm"
    seconds: float = Field(8.0, ge=1, le=60)
    """How long before a vehicle is seen here the camera may have read it."""

    def signed(self) -> Source:
        """The address with user and password. Raises SecretError."""
        if not self.username:
            return self.url
        password = "" if self.password_file is None else secret_of(self.password_file)
        return self.url.signed(self.username, password)
