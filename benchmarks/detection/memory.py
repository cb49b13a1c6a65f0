"""Memory of the detecting process after many texts: no two alike, with ever new names, numbers and words in them.

Prints the resident set at the start, after each tenth of the texts, and at the end, as the worker process would see it.
"""

from __future__ import annotations

import argparse
import os
import random
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.genai.matcher import MATCHER
from processors.pii.detector import Detector
from processors.pii.scrub import Pii
from processors.pii.section import PiiSection
from processors.processor import Report

_TEXTS_PER_REQUEST = 200
_SYLLABLES = "ba be ca co da di el fa ga ho in ja ka li mo na or pe qui ro sa te un va wi xa yo zu".split()  # noqa: SIM905  # a list to read


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection.memory", description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000)
    options = parser.parse_args()
    section = PiiSection()
    pii = Pii(section, Detector.load(section), MATCHER, None)
    rng = random.Random(1)
    print(f"start: {_rss_mib():.0f} MiB", flush=True)
    began = time.process_time()
    requests = options.texts // _TEXTS_PER_REQUEST
    for number in range(requests):
        request = ExportTraceServiceRequest()
        spans = request.resource_spans.add().scope_spans.add().spans
        for _ in range(_TEXTS_PER_REQUEST):
            spans.add().attributes.add(key="gen_ai.input.messages").value.string_value = _text(rng)
        pii.traces(request, {}, Report())
        if (number + 1) % max(1, requests // 10) == 0:
            texts = (number + 1) * _TEXTS_PER_REQUEST
            print(f"{texts} texts: {_rss_mib():.0f} MiB, {time.process_time() - began:.0f} s", flush=True)


def _text(rng: random.Random) -> str:
    words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(1, 4))) for _ in range(10)]
    return f"{words[0].title()} {words[1].title()} asked about {' '.join(words[2:])}, call +49 {rng.randint(10**8, 10**9)}."


def _rss_mib() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  # a kernel file
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
