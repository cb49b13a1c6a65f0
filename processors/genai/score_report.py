"""The body of `POST /v1/scores`: scores that come by themselves, not in OTLP.

One JSON object or a list of them. Of each, exactly one of `trace_id`, `response_id` and `session_id`, or `span_id` alone;
`name`; and `value`, `label` or both; `higher_is_better`, if the evaluator knows. Beside a `trace_id`, a `span_id` is checked
and not needed. null is as good as absent, and other keys are ignored, for senders add comments, sources and times of
their own.

A request is taken whole or not at all: the error names all that is wrong, so that the sender can correct and resend.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

from processors.genai.links import MAX_ID_CHARS, response_link, session_link, span_link
from processors.genai.scores import Score, make_score
from processors.otlp.json_codec import count_values

MAX_REPORTS: Final = 10_000

_VALUES_PER_REPORT: Final = 50
_MAX_FAULTS: Final = 20
_TARGETS: Final = ("trace_id", "response_id", "session_id")
_FIELDS: Final = frozenset({*_TARGETS, "span_id", "name", "value", "label", "higher_is_better"})
_TRACE_ID: Final = re.compile(r"(?!0{32})[0-9a-fA-F]{32}")
_SPAN_ID: Final = re.compile(r"(?!0{16})[0-9a-fA-F]{16}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class ScoreReportError(ValueError):
    """Says where, which field and what is allowed. Never quotes the data: ids and labels may be personal."""


class TooManyReports(ScoreReportError):  # noqa: N818  # named for what was sent
    """There are more than the limit, or so many JSON values that reading them would take too much memory."""


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """Either `trace_id` or `link` is set: what the score is about."""

    trace_id: bytes | None
    link: int | None
    """Of a response, a session or a span (`processors/genai/links.py`)."""
    score: Score


@dataclass(slots=True)
class _Faults:
    """What is wrong with the body; the first of it in words."""

    lines: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, place: str, allowed: str) -> None:
        self.count += 1
        if len(self.lines) < _MAX_FAULTS:
            self.lines.append(f"{place}: {allowed}")

    def text(self) -> str:
        more = self.count - len(self.lines)
        return "; ".join(self.lines) + (f"; and {more} more" if more else "")


def report_body(reports: Sequence[Mapping[str, Any]]) -> bytes:
    """A body that says the same, for `parse_reports`: of the first MAX_REPORTS."""
    return json.dumps(reports[:MAX_REPORTS]).encode()


def parse_reports(body: bytes, max_reports: int = MAX_REPORTS) -> list[ScoreReport]:
    """The reports in their order; an empty list has none. Raises ScoreReportError, TooManyReports among them."""
    max_values = max_reports * _VALUES_PER_REPORT
    if count_values(body, enough=max_values) > max_values:
        raise TooManyReports(f"more than {max_values} JSON values in one request")
    tree = _load(body)
    if isinstance(tree, list) and len(tree) > max_reports:
        raise TooManyReports(f"more than {max_reports} scores in one request")
    faults = _Faults()
    if isinstance(tree, list):
        reports = [_report(entry, f"[{index}]", faults) for index, entry in enumerate(tree)]
    elif isinstance(tree, tuple):
        reports = [_report(tree, "", faults)]
    else:
        raise ScoreReportError("the body must be a JSON object or a list of objects")
    if faults.count:
        raise ScoreReportError(faults.text())
    return [report for report in reports if report is not None]


def _load(body: bytes) -> Any:
    """JSON, with tuples of (key, value) for objects: a dict would hide a key that is there twice."""
    try:
        return json.loads(body.decode("utf-8-sig"), object_pairs_hook=tuple)
    except UnicodeDecodeError:
        raise ScoreReportError("the body must be UTF-8") from None
    except RecursionError:
        raise ScoreReportError("the body is nested too deeply") from None
    except ValueError:
        raise ScoreReportError("the body is not JSON") from None


def _report(entry: Any, place: str, faults: _Faults) -> ScoreReport | None:
    """None if something was wrong with it, and `faults` says what."""
    before = faults.count
    whole = place or "the score"
    if not isinstance(entry, tuple):
        faults.add(whole, "must be an object")
        return None
    fields: dict[str, Any] = {}
    prefix = f"{place}." if place else ""
    for key, content in entry:
        if key in _FIELDS:
            if key in fields:
                faults.add(prefix + key, "must be there only once")
            fields[key] = content
    trace_id, link = _target(fields, prefix, whole, faults)
    span_id = fields.get("span_id")
    if span_id is not None and not is_span_id(span_id):
        faults.add(f"{prefix}span_id", "must be 16 hexadecimal digits, not all zero")
    name: Any = fields.get("name")
    if not (_is_text(name) and name.strip()):
        faults.add(f"{prefix}name", "must be a string that is not blank")
    value = _number(fields.get("value"))
    if value is None and fields.get("value") is not None:
        faults.add(f"{prefix}value", "must be a finite number, true or false")
    label = fields.get("label")
    if label is not None and not _is_text(label):
        faults.add(f"{prefix}label", "must be a string")
    direction = fields.get("higher_is_better")
    if direction is not None and not isinstance(direction, bool):
        faults.add(f"{prefix}higher_is_better", "must be true or false")
    if faults.count > before:
        return None
    score = make_score(name, value, label, higher_is_better=direction)
    if score is None:
        faults.add(whole, "needs a value or a label")
        return None
    return ScoreReport(trace_id, link, score)


def _target(fields: dict[str, Any], prefix: str, whole: str, faults: _Faults) -> tuple[bytes | None, int | None]:
    given = [key for key in _TARGETS if fields.get(key) is not None]
    if not given and (span_id := fields.get("span_id")) is not None:
        return None, span_link(bytes.fromhex(span_id)) if is_span_id(span_id) else None
    if len(given) != 1:
        faults.add(whole, "needs exactly one of trace_id, response_id and session_id, or else span_id")
        return None, None
    key = given[0]
    identifier = fields[key]
    if key == "trace_id":
        if isinstance(identifier, str) and _TRACE_ID.fullmatch(identifier):
            return bytes.fromhex(identifier), None
        faults.add(f"{prefix}trace_id", "must be 32 hexadecimal digits, not all zero")
    elif _is_text(identifier) and 0 < len(identifier) <= MAX_ID_CHARS:
        return None, (response_link if key == "response_id" else session_link)(identifier)
    else:
        faults.add(prefix + key, f"must be a string of 1 to {MAX_ID_CHARS} characters")
    return None, None


def is_span_id(content: Any) -> TypeGuard[str]:
    """16 hexadecimal digits, not all zero."""
    return isinstance(content, str) and _SPAN_ID.fullmatch(content) is not None


def _is_text(content: Any) -> TypeGuard[str]:
    """A string that can be encoded: JSON can spell halves of characters, and no span can carry them."""
    return isinstance(content, str) and _SURROGATE.search(content) is None


def _number(content: Any) -> float | None:
    if not isinstance(content, int | float):
        return None
    try:
        value = float(content)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None
