"""The processor `pii`: rewrites every string of a batch that holds personal data.

In two phases, so that the model reads a batch at once and each text only once: collect the texts, then rewrite. What
was found in a text is remembered by its fingerprint. Invariant: a text leaves unchanged only if the detector looked
at it and found nothing to act on; where the detector failed, the value is removed and counted.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from processors.pii import content
from processors.pii.actions import Rewriter
from processors.pii.content import Leaf, Look
from processors.pii.escapes import Decoded
from processors.pii.findings import Finding
from processors.pii.memo import Memo
from processors.pii.places import Body, Owner, Place, log_places, metric_places, trace_places
from processors.pii.section import PiiSection
from processors.pii.settle import Result, settled
from processors.pii.slots import Collector, ContentMatcher, Slot, keep_only
from processors.processor import Report, Stamps
from processors.values import Secret

COUNT_PREFIX: Final = "genai_sidecar.pii."
_FAILED_ITEM: Final = "scrub_failed"

Found = dict[tuple[Look, str], Result]
"""What was found in each text of a batch, by how closely it was looked at; or why nothing can be said of it."""


class TextDetector(Protocol):
    """What of `Detector` the processor uses."""

    @property
    def entity_types(self) -> Iterable[str]: ...

    def detect(self, texts: Sequence[str]) -> list[list[Finding]]: ...

    def detect_exact(self, text: str) -> list[Finding]: ...


class _ScrubError(Exception):
    """The detector failed on a leaf of the text at hand."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Pii:
    """Raises ValueError if the section asks for pseudonyms and the key is missing or too short."""

    def __init__(
        self, section: PiiSection, detector: TextDetector, matcher: ContentMatcher, pseudonym_key: Secret | None
    ) -> None:
        self._detector = detector
        self._rewriter = Rewriter(section, pseudonym_key)
        self._rewriter.learn(detector.entity_types)
        self._collector = Collector(section, matcher, self._has_exact_form)
        self._reject_trace = section.on_failure == "reject_trace"
        self._keep_media = section.media == "keep"
        self._memo = Memo()

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:
        del stamps
        request.DiscardUnknownFields()
        self._write(self._slots(trace_places(request), report), report)

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:
        del stamps
        request.DiscardUnknownFields()
        failed = self._write(self._slots(log_places(request), report), report)
        if not (self._reject_trace and failed):
            return
        rejected = {id(record) for record in failed}
        for group in request.resource_logs:
            for scope in group.scope_logs:
                kept = [record for record in scope.log_records if id(record) not in rejected]
                report.rejected_items[_FAILED_ITEM] += len(scope.log_records) - len(kept)
                keep_only(scope.log_records, kept)

    def metrics(self, request: ExportMetricsServiceRequest, report: Report) -> None:
        request.DiscardUnknownFields()
        self._write(self._slots(metric_places(request), report), report)

    def text(self, text: str, report: Report) -> str:
        """One text, looked through fully; what cannot be scrubbed becomes `<removed>`."""
        value = AnyValue(string_value=text.encode("utf-8", "replace").decode())
        self._write(self._slots([Body(Owner(), value)], report), report)
        return value.string_value

    def _slots(self, places: Iterable[Place], report: Report) -> list[Slot]:
        return list(self._collector.collect(places, report.unknown_content_keys))

    def _has_exact_form(self, text: str) -> bool:
        return self._exact(text) != ()

    # Detecting

    def _detect(self, slots: Iterable[Slot]) -> Found:
        """Findings of every distinct leaf; the reason, where the detector failed."""
        known: Found = {}
        unread: dict[str, Decoded] = {}
        for place in dict.fromkeys((slot.text, slot.look, slot.key) for slot in slots):
            with contextlib.suppress(Exception):  # writing will stumble over the same value, and remove it
                for leaf in content.leaves(*place, keep_media=self._keep_media):
                    self._look_up(leaf, known, unread)
        for text, result in zip(unread, self._read(list(unread.values())), strict=True):
            known[Look.FULL, text] = result
            self._remember(Look.FULL, text, result)
        return known

    def _look_up(self, leaf: Leaf, known: Found, unread: dict[str, Decoded]) -> None:
        text = leaf.text
        if (leaf.look, text) in known or (leaf.look is Look.FULL and text in unread):
            return
        result: Result | None = self._memo.get(self._memo.key(text, full=leaf.look is Look.FULL))
        if result is None:
            if leaf.look is Look.FULL:
                unread[text] = Decoded(text)
                return
            result = self._exact(text)
            self._remember(Look.EXACT, text, result)
        known[leaf.look, text] = result

    def _remember(self, look: Look, text: str, result: Result) -> None:
        if not isinstance(result, str):
            self._memo.put(self._memo.key(text, full=look is Look.FULL), result)

    def _read(self, texts: list[Decoded]) -> list[Result]:
        return settled(texts, self._read_once(texts), self._rewriter, self._read_once)

    def _read_once(self, texts: list[Decoded]) -> list[Result]:
        if not texts:
            return []
        try:
            batch = self._detector.detect([text.text for text in texts])
        except Exception:  # noqa: BLE001  # the culprit is found by asking for each text alone
            return [self._one(self._full, text) for text in texts]
        return [self._one(self._merged, text, findings) for text, findings in zip(texts, batch, strict=True)]

    def _exact(self, raw: str) -> Result:
        text = Decoded(raw)
        (result,) = settled([text], self._exact_once([text]), self._rewriter, self._exact_once)
        return result

    def _exact_once(self, texts: list[Decoded]) -> list[Result]:
        return [
            self._one(lambda each: self._merged(each, self._detector.detect_exact(each.text)), text) for text in texts
        ]

    def _full(self, text: Decoded) -> tuple[Finding, ...]:
        return self._merged(text, self._detector.detect([text.text])[0])

    def _merged(self, text: Decoded, findings: list[Finding]) -> tuple[Finding, ...]:
        if not text.changed:
            return tuple(findings)
        return (*text.to_raw(findings), *self._detector.detect_exact(text.raw))

    @staticmethod
    def _one(detect: Callable[..., tuple[Finding, ...]], *args: Any) -> Result:
        try:
            return detect(*args)
        except Exception as error:  # noqa: BLE001  # whatever it is, the text counts as not scrubbed
            return type(error).__name__

    # Writing

    def _write(self, slots: list[Slot], report: Report) -> list[Any]:
        """Rewrites the slots; returns the items (log records) that hold something that could not be scrubbed."""
        found = self._detect(slots)
        written: dict[tuple[str, Look, str | None], tuple[str, Counter[str]]] = {}
        counts: dict[int, Counter[str]] = {}
        spans: dict[int, Any] = {}
        failed: list[Any] = []
        removals: list[Callable[[], None]] = []
        for slot in slots:
            try:
                place = (slot.text, slot.look, slot.key)
                if place not in written:
                    counted: Counter[str] = Counter()
                    written[place] = (self._rewritten(slot, found, counted), counted)
                new, here = written[place]
                if new is not slot.text and new != slot.text:
                    slot.write(new)
            except Exception as error:  # noqa: BLE001  # fail closed, whatever it is
                report.scrub_failures[error.reason if isinstance(error, _ScrubError) else type(error).__name__] += 1
                removals.append(slot.remove)
                failed.append(slot.owner.item)
                if self._reject_trace:
                    report.rejected_traces.update(trace for trace in slot.owner.traces() if trace)
                continue
            if here:
                report.pii_findings.update(here)
                if slot.owner.span is not None:
                    spans[id(slot.owner.span)] = slot.owner.span
                    counts.setdefault(id(slot.owner.span), Counter()).update(here)
        for remove in removals:
            remove()
        for number, span in spans.items():
            _stamp(span, counts[number])
        return [item for item in failed if item is not None]

    def _rewritten(self, slot: Slot, found: Found, counts: Counter[str]) -> str:
        def each(leaf: Leaf) -> str:
            findings = found[leaf.look, leaf.text]
            if isinstance(findings, str):
                raise _ScrubError(findings)
            if leaf.entity_type is not None:
                findings = (*findings, Finding(leaf.entity_type, 0, len(leaf.text), 1.0))
            return self._rewriter.rewrite(leaf.text, findings, counts) if findings else leaf.text

        return content.rewrite(slot.text, slot.look, each, slot.key, keep_media=self._keep_media)


def _stamp(span: Any, counts: Counter[str]) -> None:
    existing = {kv.key: kv for kv in span.attributes if kv.key.startswith(COUNT_PREFIX)}
    for entity_type, count in sorted(counts.items()):
        key = COUNT_PREFIX + entity_type.lower()
        stamped = existing.get(key)
        if stamped is None:
            span.attributes.add(key=key).value.int_value = count
        else:
            stamped.value.int_value += count
