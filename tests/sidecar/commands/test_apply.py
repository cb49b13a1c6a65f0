from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xxhash
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from processors.otlp.json_codec import encode_json
from processors.otlp.signal import Signal
from processors.processor import Processor, Report, Stamps
from processors.prompts import PromptHash, PromptsSection
from processors.sampling.section import SamplingSection
from processors.sampling.stamp import SamplingStamp
from sidecar.cli import main
from sidecar.commands.apply import Recorded, explain, sent

FAILED, FINE = "0af7651916cd43dd8448eb211c80319c", "4bf92f3577b34da6a3ce929d0e0e4736"
ERROR = 2
ERRORS_ONLY = SamplingSection.model_validate(
    {"policies": [{"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}}]}
)
PLAIN_POLICY = """\
version: 1
pii: {enabled: false}
prompts: {enabled: false}
cost: {enabled: false}
sampling:
  policies:
    - {name: errors, type: status_code, status_code: {status_codes: [ERROR]}}
"""


def spans(*ids_and_codes: tuple[str, str, int]) -> dict[str, Any]:
    """An OTLP JSON request with one span for each (trace id, span id, status code)."""
    found = [
        {"traceId": trace, "spanId": span, "name": "chat", "startTimeUnixNano": "1", "status": {"code": code}}
        for trace, span, code in ids_and_codes
    ]
    return {"resourceSpans": [{"scopeSpans": [{"spans": found}]}]}


FIRST = spans((FAILED, "00f067aa0ba902b7", 0), (FINE, "00f067aa0ba902b8", 1))
SECOND = spans((FAILED, "00f067aa0ba902b9", ERROR))


def write(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def recorded(*files: str, sampling: SamplingSection = ERRORS_ONLY) -> Recorded:
    found = Recorded(sampling)
    assert [error for name in files for error in found.read(name)] == []
    return found


def span_ids(lines: Sequence[str]) -> set[str]:
    return {
        span["spanId"]
        for line in lines
        for group in json.loads(line)["resourceSpans"]
        for scope in group["scopeSpans"]
        for span in scope["spans"]
    }


def test_all_spans_of_all_files_form_the_traces(tmp_path: Path) -> None:
    """The error is in the second file; the span in the first belongs to the same trace and is kept with it."""
    files = write(tmp_path / "1.json", json.dumps(FIRST)), write(tmp_path / "2.json", json.dumps(SECOND))
    lines = list(sent(recorded(*files), (SamplingStamp(),)))
    assert span_ids(lines) == {"00f067aa0ba902b7", "00f067aa0ba902b9"}


def protobuf() -> bytes:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    for span_id, code in (("00f067aa0ba902b7", 0), ("00f067aa0ba902b9", ERROR)):
        span = scope.spans.add(trace_id=bytes.fromhex(FAILED), span_id=bytes.fromhex(span_id))
        span.status.code = code  # type: ignore[assignment]  # the stub wants the enum's own type
    return request.SerializeToString()


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(FIRST) + "\n" + json.dumps(SECOND) + "\n",
        "\n" + json.dumps(FIRST) + "\r\n\r\n" + json.dumps(SECOND),
        json.dumps({"resourceSpans": FIRST["resourceSpans"] + SECOND["resourceSpans"]}, indent=2),
        protobuf(),
    ],
    ids=["lines", "blank-lines", "indented", "protobuf"],
)
def test_every_form_of_recorded_traces_is_read(tmp_path: Path, content: str | bytes) -> None:
    """JSON lines as the Collector's file exporter writes them, one object over many lines, and protobuf."""
    lines = list(sent(recorded(write(tmp_path / "f", content)), ()))
    assert span_ids(lines) == {"00f067aa0ba902b7", "00f067aa0ba902b9"}


def test_output_can_be_read_again(tmp_path: Path) -> None:
    """What is sent is OTLP JSON lines, so `apply` takes it as well."""
    first = "\n".join(sent(recorded(write(tmp_path / "1", json.dumps(SECOND))), ()))
    assert span_ids(list(sent(recorded(write(tmp_path / "2", first)), ()))) == {"00f067aa0ba902b9"}


def low_score(trace: str) -> str:
    """An evaluation result as OpenTelemetry's GenAI conventions have it: a log record."""
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    record = scope.log_records.add(trace_id=bytes.fromhex(trace), event_name="gen_ai.evaluation.result")
    record.attributes.add(key="gen_ai.evaluation.name").value.string_value = "relevance"
    record.attributes.add(key="gen_ai.evaluation.score.value").value.double_value = 0.1
    return encode_json(Signal.LOGS, request)


LOW_SCORES = SamplingSection.model_validate({"policies": [{"name": "low", "type": "score", "score": {"below": 0.5}}]})


def test_scores_in_lines_of_logs_count(tmp_path: Path) -> None:
    """An evaluation result that came as a log record, in a file of its own."""
    files = write(tmp_path / "1", json.dumps(FIRST)), write(tmp_path / "2", low_score(FINE))
    assert span_ids(list(sent(recorded(*files, sampling=LOW_SCORES), ()))) == {"00f067aa0ba902b8"}


def test_a_score_without_its_trace_is_no_trace(tmp_path: Path) -> None:
    """Its spans are in none of the files."""
    found = recorded(write(tmp_path / "f", low_score(FINE)), sampling=LOW_SCORES)
    assert list(explain(found, ())) == ["0 traces: 0 kept, 0 dropped"]
    assert list(sent(found, ())) == []


def test_spans_without_ids_are_left_out_and_counted(tmp_path: Path) -> None:
    """They cannot be told apart."""
    found = recorded(write(tmp_path / "f", json.dumps(spans((FAILED, "00f067aa0ba902b7", ERROR), ("", "", ERROR)))))
    assert found.invalid == 1
    assert span_ids(list(sent(found, ()))) == {"00f067aa0ba902b7"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{]", "f:1: not OTLP JSON: "),
        (json.dumps(FIRST) + "\nnot json\n", "f:2: not OTLP JSON: "),
        (b"\xff\xfe\xfd", "f: neither OTLP JSON nor an OTLP protobuf message"),
        (None, "f: cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: str | bytes | None, message: str) -> None:
    """With its line, where there is one."""
    path = tmp_path / "f"
    if content is not None:
        write(path, content)
    (error,) = Recorded(ERRORS_ONLY).read(str(path))
    assert error.startswith(f"{tmp_path}/{message}")


def test_what_log_records_say_of_a_call_is_hashed_on_its_span(tmp_path: Path) -> None:
    """Wherever in the files they are."""
    ids = {"traceId": FAILED, "spanId": "00f067aa0ba902b9"}
    call = spans((FAILED, "00f067aa0ba902b9", ERROR))
    call["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"] = [
        {"key": key, "value": {"stringValue": value}}
        for key, value in (("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "gpt-4o"))
    ]
    said = [
        {**ids, "eventName": name, "body": {"stringValue": json.dumps(body)}}
        for name, body in (
            ("gen_ai.user.message", {"content": "Hello"}),
            ("gen_ai.choice", {"index": 0, "message": {"content": "Hi"}}),
        )
    ]
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": said}]}]}
    files = write(tmp_path / "1.json", json.dumps(call)), write(tmp_path / "2.json", json.dumps(logs))
    (line,) = sent(recorded(*files), (PromptHash(PromptsSection()),))
    assert xxhash.xxh3_128_hexdigest(b'[["user","Hello"]]') in line


class Finder:
    """Reports as a real processor does."""

    def traces(self, request: ExportTraceServiceRequest, stamps: Stamps, report: Report) -> None:
        count = sum(len(scope.spans) for group in request.resource_spans for scope in group.scope_spans)
        report.pii_findings.update({"PERSON": count, "EMAIL_ADDRESS": 1})
        report.priced_usd += 0.25
        report.unpriced["vllm/llama"] += 1

    def logs(self, request: Any, stamps: Stamps, report: Report) -> None: ...

    def metrics(self, request: Any, report: Report) -> None: ...


def test_explain_tells_what_became_of_each_trace_and_why(tmp_path: Path) -> None:
    """Kept or dropped, by which policy, what each saw; findings and cost of the kept ones."""
    files = write(tmp_path / "1.json", json.dumps(FIRST)), write(tmp_path / "2.json", json.dumps(SECOND))
    chain: tuple[Processor, ...] = (Finder(),)
    lines = list(explain(recorded(*files), chain))
    assert lines[0] == f"{FAILED}  2 spans  kept by errors"
    assert lines[1].startswith("  errors: keep")
    assert lines[2:4] == [
        "  scrubbed: EMAIL_ADDRESS 1, PERSON 2",
        "  cost: 0.250000 USD; no price for vllm/llama 1",
    ]
    assert lines[4] == f"{FINE}  1 span  dropped: no policy matched"
    assert lines[5].startswith("  errors: pass")
    assert lines[6] == "2 traces: 1 kept, 1 dropped"


def test_the_command_prints_what_would_be_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marked with the policy that kept it; `-` is standard input."""
    policy = write(tmp_path / "policy.yaml", PLAIN_POLICY)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(SECOND).encode())))
    assert main(["apply", "-", write(tmp_path / "1.json", json.dumps(FIRST)), "--policy", policy]) == 0
    output = capsys.readouterr()
    assert span_ids(output.out.splitlines()) == {"00f067aa0ba902b7", "00f067aa0ba902b9"}
    assert '"genai_sidecar.sampling.policy"' in output.out
    assert output.err == ""


def test_a_file_that_cannot_be_read_stops_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All such files are named, nothing is printed of the others; exit code 1."""
    policy = write(tmp_path / "policy.yaml", PLAIN_POLICY)
    good = write(tmp_path / "1.json", json.dumps(SECOND))
    assert main(["apply", good, str(tmp_path / "a"), str(tmp_path / "b"), "--policy", policy]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert len(output.err.splitlines()) == 2
