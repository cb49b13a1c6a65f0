"""The `ot` entry of a W3C tracestate: `ot=th:<threshold>;rv:<randomness>`.

Follows opentelemetry-specification, trace/tracestate-handling.md and tracestate-probability-sampling.md, and W3C
Trace Context 2, 3.3. Other vendors' entries and other `ot` sub-keys pass through as they came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from processors.sampling.probability import trace_id_randomness

MAX_ENTRIES: Final = 32
MAX_OT_CHARACTERS: Final = 256

_THRESHOLD: Final = re.compile(r"[0-9a-fA-F]{1,14}")
_RANDOMNESS: Final = re.compile(r"[0-9a-fA-F]{14}")


@dataclass(frozen=True, slots=True)
class OtEntry:
    """The readable part of `ot`."""

    threshold: int | None = None
    """56 bits; None where there is none, or none that can be read."""
    randomness: int | None = None
    """See `threshold`."""
    bad_threshold: bool = False
    """There is a `th`, and it cannot be read: the spans were sampled with an unknown probability."""
    others: tuple[str, ...] = ()
    """Every other sub-key, as it came."""


_NOTHING: Final = OtEntry()


def format_threshold(threshold: int) -> str:
    """1 to 14 hex digits: trailing zeros say nothing and are left out."""
    return f"{threshold:014x}".rstrip("0") or "0"


def format_randomness(randomness: int) -> str:
    return f"{randomness:014x}"


def read(trace_state: str) -> OtEntry:
    """The `ot` entry of a tracestate, whatever state the rest of it is in. The first wins, should there be two."""
    if "ot=" not in trace_state:
        return _NOTHING
    for member in trace_state.split(","):
        key, _, value = member.strip(" \t").partition("=")
        if key == "ot":
            return _parse(value)
    return _NOTHING


def compose(trace_state: str, trace_id: bytes, threshold: int | None, randomness: int | None) -> str:
    """The tracestate of a span that came with `trace_state` and was kept with `threshold`.

    `randomness` is written as `rv` if the span brought neither `rv` nor `th`; None leaves the trace id to speak for
    itself. A threshold is only ever raised. It is left out altogether where the span's probability is not known:
    `threshold` is None, or what came in cannot be read, or contradicts the randomness.
    """
    incoming = read(trace_state)
    if incoming.randomness is not None:
        own_randomness = written = incoming.randomness
    elif incoming.threshold is not None or randomness is None:
        own_randomness, written = trace_id_randomness(trace_id), None
    else:
        own_randomness = written = randomness
    outgoing = None
    if threshold is not None and not incoming.bad_threshold:
        outgoing = max(threshold, incoming.threshold or 0)
        if own_randomness < outgoing:
            outgoing = None
    return _replace(trace_state, _format(outgoing, written, incoming.others))


def _parse(value: str) -> OtEntry:
    threshold = randomness = None
    bad_threshold = False
    others = []
    for part in value.split(";"):
        key, _, text = part.partition(":")
        if key == "th":
            if threshold is None and _THRESHOLD.fullmatch(text):
                threshold = int(text.ljust(14, "0"), 16)
            else:
                bad_threshold = True
        elif key == "rv":
            if randomness is None and _RANDOMNESS.fullmatch(text):
                randomness = int(text, 16)
        elif part:
            others.append(part)
    return OtEntry(threshold, randomness, bad_threshold, tuple(others))


def _format(threshold: int | None, randomness: int | None, others: tuple[str, ...]) -> str:
    rv = [] if randomness is None else [f"rv:{format_randomness(randomness)}"]
    if threshold is not None:
        value = ";".join([f"th:{format_threshold(threshold)}", *rv, *others])
        if len(value) <= MAX_OT_CHARACTERS:
            return value
    # Too long for both: a threshold must not stand without the randomness it was held against.
    value = ";".join([*rv, *others])
    return value if len(value) <= MAX_OT_CHARACTERS else ";".join(others)


def _replace(trace_state: str, value: str) -> str:
    """W3C: a changed entry goes to the front, and the last ones go when there are too many."""
    members = [member for member in (part.strip(" \t") for part in trace_state.split(",")) if member]
    members = [member for member in members if member.partition("=")[0] != "ot"]
    return ",".join([*([f"ot={value}"] if value else []), *members][:MAX_ENTRIES])
