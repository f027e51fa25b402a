"""The base of every section: frozen, unknown keys refused, every number bounded; and the names that
may be given."""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

YEAR_S = 366 * 86400.0
LIFE_DAYS = 36_500
"""A hundred years: longer than any of this is kept, and no date runs over with it."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
"""Site, gate, lane and consumer names: they stand in MQTT topics and file names."""

TcpPort = Annotated[int, Field(ge=1, le=65535)]

Flag = Annotated[bool, Field(strict=True)]
"""`true` or `false`: a word or a 1 is no consent."""

Topic = Annotated[str, Field(pattern=r"^[^#+\s]([^#+\r\n]*[^#+\s])?$", max_length=1000)]
"""An MQTT topic to publish to: no wildcard, no white space at its ends."""


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _numbers_are_numbers(cls, given: Any) -> Any:
        """`true` is no 1, and a number in quotes may be a mistake for something else."""
        wrong = [
            InitErrorDetails(type=NO_NUMBER, loc=(name,), input=value)
            for name, value in (given.items() if isinstance(given, dict) else ())
            if isinstance(value, bool | str) and name in cls.model_fields
            if _is_number(cls.model_fields[name].annotation)
        ]
        if wrong:
            raise ValidationError.from_exception_data(cls.__name__, wrong)
        return given


NO_NUMBER = PydanticCustomError("no_number", "a number is expected, without quotes")


def _is_number(kind: Any) -> bool:
    kinds = set(get_args(kind)) or {kind}
    return bool(kinds & {int, float}) and not kinds & {bool, str}
