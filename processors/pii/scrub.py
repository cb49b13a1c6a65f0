"""The processor `pii`: rewrites every string of a batch that holds personal data.

In two phases, so that the model reads a batch at once and each text only once: collect the texts, then rewrite. What
was found in a text is remembered by its fingerprint. Invariant: a text leaves unchanged only if the detector looked
at it and found nothing to act on; where the detector failed, the value is removed and counted.
"""

from __future__ import annotations

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
from processors.pii.memo import Key, Memo
from processors.pii.places import Body, Owner, Place, log_places, metric_places, trace_places
from processors.pii.section import PiiSection
from processors.pii.slots import Collector, ContentMatcher, Slot, keep_only
from processors.processor import Report, Stamps
from processors.values import Secret

COUNT_PREFIX: Final = "genai_sidecar.pii."
_FAILED_ITEM: Final = "scrub_failed"


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
        self._memo = Memo()

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:
        del stamps
        request.DiscardUnknownFields()
        self._write(self._slots(trace_places(request)), report)

    def logs(self, request: ExportLogsServiceRequest, stamps: Stamps, report: Report) -> None:
        del stamps
        request.DiscardUnknownFields()
        failed = self._write(self._slots(log_places(request)), report)
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
        self._write(self._slots(metric_places(request)), report)

    def text(self, text: str, report: Report) -> str:
        """One text, looked through fully; what cannot be scrubbed becomes `<removed>`."""
        value = AnyValue(string_value=text.encode("utf-8", "replace").decode())
        self._write(self._slots([Body(Owner(), value)]), report)
        return value.string_value

    def _slots(self, places: Iterable[Place]) -> list[Slot]:
        return list(self._collector.collect(places))

    def _has_exact_form(self, text: str) -> bool:
        return self._one(self._exact, text) != ()

    # Detecting

    def _detect(self, slots: Iterable[Slot]) -> dict[tuple[Look, Key], tuple[Finding, ...] | str]:
        """Findings of every distinct leaf; the reason, where the detector failed."""
        known: dict[tuple[Look, Key], tuple[Finding, ...] | str] = {}
        unread: dict[Key, Decoded] = {}
        for slot in slots:
            for leaf in content.leaves(slot.text, slot.look, slot.key):
                key = self._memo.key(leaf.text)
                if (leaf.look, key) in known:
                    continue
                if leaf.look is Look.EXACT:
                    known[Look.EXACT, key] = self._one(self._exact, leaf.text)
                elif key not in unread:
                    memoised = self._memo.get(key)
                    if memoised is None:
                        unread[key] = Decoded(leaf.text)
                    else:
                        known[Look.FULL, key] = memoised
        for key, result in zip(unread, self._read(list(unread.values())), strict=True):
            known[Look.FULL, key] = result
            if not isinstance(result, str):
                self._memo.put(key, result)
        return known

    def _read(self, texts: list[Decoded]) -> list[tuple[Finding, ...] | str]:
        if not texts:
            return []
        try:
            batch = self._detector.detect([text.text for text in texts])
        except Exception:  # noqa: BLE001  # the culprit is found by asking for each text alone
            return [self._one(self._full, text) for text in texts]
        return [self._one(self._merged, text, findings) for text, findings in zip(texts, batch, strict=True)]

    def _exact(self, raw: str) -> tuple[Finding, ...]:
        decoded = Decoded(raw)
        findings = self._detector.detect_exact(decoded.text)
        return self._merged(decoded, findings)

    def _full(self, text: Decoded) -> tuple[Finding, ...]:
        return self._merged(text, self._detector.detect([text.text])[0])

    def _merged(self, text: Decoded, findings: list[Finding]) -> tuple[Finding, ...]:
        if not text.changed:
            return tuple(findings)
        return (*text.to_raw(findings), *self._detector.detect_exact(text.raw))

    @staticmethod
    def _one(detect: Callable[..., tuple[Finding, ...]], *args: Any) -> tuple[Finding, ...] | str:
        try:
            return detect(*args)
        except Exception as error:  # noqa: BLE001  # whatever it is, the text counts as not scrubbed
            return type(error).__name__

    # Writing

    def _write(self, slots: list[Slot], report: Report) -> list[Any]:
        """Rewrites the slots; returns the items (log records) that hold something that could not be scrubbed."""
        found = self._detect(slots)
        counts: dict[int, Counter[str]] = {}
        spans: dict[int, Any] = {}
        failed: list[Any] = []
        removals: list[Callable[[], None]] = []
        for slot in slots:
            here: Counter[str] = Counter()
            try:
                new = self._rewritten(slot, found, here)
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
        for place, span in spans.items():
            _stamp(span, counts[place])
        return [item for item in failed if item is not None]

    def _rewritten(
        self, slot: Slot, found: dict[tuple[Look, Key], tuple[Finding, ...] | str], counts: Counter[str]
    ) -> str:
        def each(leaf: Leaf) -> str:
            findings = found[leaf.look, self._memo.key(leaf.text)]
            if isinstance(findings, str):
                raise _ScrubError(findings)
            if leaf.entity_type is not None:
                findings = (*findings, Finding(leaf.entity_type, 0, len(leaf.text), 1.0))
            return self._rewriter.rewrite(leaf.text, findings, counts)

        return content.rewrite(slot.text, slot.look, each, slot.key)


def _stamp(span: Any, counts: Counter[str]) -> None:
    existing = {kv.key: kv for kv in span.attributes if kv.key.startswith(COUNT_PREFIX)}
    for entity_type, count in sorted(counts.items()):
        key = COUNT_PREFIX + entity_type.lower()
        stamped = existing.get(key)
        if stamped is None:
            span.attributes.add(key=key).value.int_value = count
        else:
            stamped.value.int_value += count
