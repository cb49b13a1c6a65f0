"""Value types that several policy and config sections share: durations, sizes, secrets, globs."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

_UNIT_SECONDS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_DURATION: Final = re.compile(rf"(?:{_DURATION_PART.pattern})+")


def parse_duration(value: object) -> float:
    """Seconds for a Go duration such as `300ms`, `30s`, `10m`, `1h30m`; a bare `0` is allowed.

    Raises ValueError for anything else, a bare number above all: it has no unit.
    """
    if value in {0, "0"}:
        return 0.0
    if isinstance(value, str) and _DURATION.fullmatch(value.strip()):
        return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in _DURATION_PART.findall(value))
    msg = "not a duration; allowed: a number with a unit, such as 300ms, 30s, 10m or 1h"
    raise ValueError(msg)


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": rf"^(0|{_DURATION.pattern})$", "examples": ["300ms", "30s", "10m"]}),
]
"""A length of time: written with its unit, held in seconds."""


class Secret:
    """A string that every formatter, log and error message shows as `[REDACTED]`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "[REDACTED]"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("[REDACTED]", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        # Pickling would write the value out; nothing needs it.
        msg = "a Secret cannot be pickled"
        raise TypeError(msg)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls._validate,
            core_schema.union_schema([core_schema.is_instance_schema(cls), core_schema.str_schema()]),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    @classmethod
    def _validate(cls, value: str | Secret) -> Secret:
        return value if isinstance(value, Secret) else cls(value)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        return {"type": "string", "writeOnly": True}


def glob_regex(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """One pattern that fully matches what any of the globs (`*`, `?`, `[…]`) matches; None for no globs."""
    return re.compile("|".join(f"(?:{translate(pattern)})" for pattern in patterns)) if patterns else None
