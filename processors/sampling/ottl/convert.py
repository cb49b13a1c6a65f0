"""Values made into strings and numbers, as OTTL's `StringLike`, `IntLike` and `FloatLike` arguments do it."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from processors.sampling.ottl.values import Duration, OttlError, Value, int64, type_name

_INT: Final = re.compile(r"[+-]?0*[0-9]{1,19}")
_DOUBLE: Final = re.compile(
    r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE | re.ASCII
)
_HTML: Final = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def to_string(value: Value) -> str | None:
    """Nil for nil, a string as it is, bytes in hexadecimal, anything else as Go writes it in JSON.

    Raises OttlError for what JSON cannot say.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    return _json(value)


def to_int(value: Value) -> int | None:
    """Nil for nil and for a string that is no 64-bit integer; doubles are cut. Raises OttlError for other types."""
    if value is None or type(value) is int:
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        number = int(value) if _INT.fullmatch(value) else None
        return number if number is not None and int64(number) == number else None
    if isinstance(value, float) and math.isfinite(value) and int64(int(value)) == int(value):
        return int(value)
    msg = f"{type_name(value)} cannot be made an int"
    raise OttlError(msg)


def to_double(value: Value) -> float | None:
    """Nil for nil. Raises OttlError for a string that is no number, and for other types."""
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, str) and _DOUBLE.fullmatch(value):
        number = float(value)
        if math.isfinite(number) or value.lstrip("+-")[0] in "iInN":
            return number
    msg = f"{type_name(value)} cannot be made a double"
    raise OttlError(msg)


def _json(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _json_double(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).translate(_HTML)
    if isinstance(value, bytes):
        return f'"{base64.b64encode(value).decode()}"'
    if isinstance(value, Duration):
        return str(value.nano)
    if isinstance(value, tuple):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_json(key)}:{_json(value[key])}" for key in sorted(value)) + "}"
    msg = f"{type_name(value)} cannot be made a string"
    raise OttlError(msg)


def _json_double(value: float) -> str:
    """Go's encoding/json: as few digits as it takes, with an exponent below 1e-6 and from 1e21 on."""
    if not math.isfinite(value):
        raise OttlError("a double that is no number cannot be made a string")
    if value and not 1e-6 <= abs(value) < 1e21:
        mantissa, _, exponent = repr(value).partition("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text
