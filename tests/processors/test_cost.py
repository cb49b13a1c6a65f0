from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import genai_prices
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import ValidationError

from processors.cost import SOURCE, Cost, CostSection, unknown_models
from processors.prices.attributes import PROFILES
from processors.processor import Report
from tests.processors.genai.spans import attributes_of, span_of

LIST_SOURCE = f"genai-prices@{genai_prices.__version__}"
NOW = 1_767_225_600_000_000_000  # 2026-01-01

CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 1_000_000,
    "gen_ai.usage.output_tokens": 100_000,
}
USD = 3.5  # 2.50 + 0.1 * 10
VLLM = {"provider": "vllm", "model": "llama-*", "input_per_million": 0.2, "output_per_million": 0.4}


def run(span: Span, processor: Cost | None = None, **section: Any) -> tuple[dict[str, Any], Report]:
    request = ExportTraceServiceRequest()
    if not span.start_time_unix_nano and not span.end_time_unix_nano:
        span.start_time_unix_nano = NOW
    request.resource_spans.add().scope_spans.add().spans.append(span)
    report = Report()
    (processor or Cost(CostSection(**section))).traces(request, {}, report)
    return attributes_of(request.resource_spans[0].scope_spans[0].spans[0]), report


@pytest.fixture(scope="module")
def cost() -> Cost:
    return Cost(CostSection())


def test_a_model_call_is_priced(cost: Cost) -> None:
    """In USD as a double, with the price list's version beside it; nothing else is touched."""
    got, report = run(span_of(CALL), cost)
    assert got == CALL | {"gen_ai.usage.cost": USD, SOURCE: LIST_SOURCE}
    assert report.priced_usd == USD
    assert not report.unpriced


@pytest.mark.parametrize(
    "changes",
    [
        {"gen_ai.operation.name": "invoke_agent"},
        {"gen_ai.operation.name": "execute_tool"},
        {"openinference.span.kind": "CHAIN"},
        {"logfire.span_type": "pending_span"},
    ],
    ids=str,
)
def test_sums_of_calls_are_not_priced(cost: Cost, changes: dict[str, Any]) -> None:
    """Their spans repeat the usage of the calls under them; they are not unpriced either."""
    got, report = run(span_of(CALL | changes), cost)
    assert got == CALL | changes
    assert not report.unpriced
    assert not report.priced_usd


def test_the_serving_side_is_not_priced(cost: Cost) -> None:
    """The client's span is."""
    assert "gen_ai.usage.cost" not in run(span_of(CALL, kind=Span.SPAN_KIND_SERVER), cost)[0]


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"gen_ai.request.model": "no-such-model"}, "openai/no-such-model"),
        ({"gen_ai.provider.name": "no-such-provider"}, "no-such-provider/gpt-4o"),
        ({"gen_ai.provider.name": "vllm"}, "vllm/gpt-4o"),
        (
            {"gen_ai.provider.name": "cerebras", "gen_ai.request.model": "qwen-3-coder-480b"},
            "cerebras/qwen-3-coder-480b",
        ),
        ({"gen_ai.request.model": "m/" + "x" * 500, "gen_ai.provider.name": 'a"b\n'}, "a_b_/m_" + "x" * 62),
        ({"gen_ai.request.model": "jane@example.com said: hi"}, "openai/redacted"),
    ],
)
def test_an_unknown_model_has_no_cost(cost: Cost, changes: dict[str, Any], label: str) -> None:
    """Never 0: a sum over costs would be wrong and look right. It is counted, under a short printable name."""
    got, report = run(span_of(CALL | changes), cost)
    assert got == CALL | changes
    assert report.unpriced == {label: 1}


@pytest.mark.parametrize(
    "model", ["ft:maria@example.org", "sk-proj-Qm4Vt8ZkR2nYw6Lx0Hs3Jd7Fc1Gp5Ba9", "4111111111111111"]
)
def test_a_model_name_that_is_personal_data_does_not_become_a_label(cost: Cost, model: str) -> None:
    """An app may put anything there, and metrics are never scrubbed."""
    _, report = run(span_of(CALL | {"gen_ai.request.model": model}), cost)
    assert report.unpriced == {"openai/redacted": 1}


def test_without_usage_there_is_no_cost(cost: Cost) -> None:
    """Counted apart from unknown models, for the remedy is another one."""
    attributes = {key: value for key, value in CALL.items() if "usage" not in key}
    got, report = run(span_of(attributes), cost)
    assert got == attributes
    assert report.unpriced == {"no_usage:openai/gpt-4o": 1}


def test_no_tokens_cost_nothing(cost: Cost) -> None:
    """A known model that reports no tokens has a cost, and it is 0."""
    got, _ = run(span_of(CALL | {"gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 0}), cost)
    assert got["gen_ai.usage.cost"] == 0.0


@pytest.mark.parametrize(
    "reported",
    [
        {"gen_ai.usage.cost": 0.125},
        {"llm.cost.total": 0.125},
        {"operation.cost": 0.125},
        {"langfuse.observation.cost_details": '{"total": 0.125}'},
        {"llm.cost.prompt": 0.1, "llm.cost.completion": 0.025},
        {"mlflow.llm.cost": '{"input_cost": 0.1, "output_cost": 0.025, "total_cost": 0.125}'},
        {"gen_ai.usage.cost.total": 0.125},
        {"gen_ai.usage.total_cost": "0.125"},
        {"gen_ai.usage.input_cost": 0.1, "gen_ai.usage.output_cost": 0.025},
        {"gen_ai.usage.cost_usd": 0.125},
        {"gen_ai.usage.cost_input_usd": 0.1, "gen_ai.usage.cost_output_usd": 0.025},
        {"gen_ai.token.cost.total": 0.125},
        {"gen_ai.cost.total_cost": 0.125},
        {"gen_ai.cost.total": 0.125},
        {"gen_ai.cost.total_tokens": 0.125},
        {"litellm.cost.total_cost": 0.125},
        {"llm.response_cost": 0.125},
        {"opencode.llm.cost.total": 0.125},
        {"judgment.usage.total_cost_usd": 0.125},
        {"llm.cost.usd": 0.125},
    ],
    ids=str,
)
def test_a_cost_that_came_with_the_span_is_respected(cost: Cost, reported: dict[str, Any]) -> None:
    """Whoever wrote it knew more; backends that read another key than it is under get it too."""
    got, report = run(span_of(CALL | reported), cost)
    assert got == CALL | reported | {"gen_ai.usage.cost": 0.125, SOURCE: "reported"}
    assert report.priced_usd == 0.125


@pytest.mark.parametrize(
    "other",
    [
        {"gen_ai.usage.cost": -1.0},
        {"gen_ai.cost.cache_write": 0.125},
        {"judgment.cumulative_llm_cost": 0.125},
        {"mlflow.trace.cost": '{"total_cost": 0.125}'},
        {"github.copilot.cost": 1},
        {"litellm.saved_cache_cost": 0.125},
        {"llm.cost.prompt_details.input": 0.125},
        {"confident.llm.cost_per_input_token": 0.125},
        {"db.operation.cost": 0.125},
    ],
    ids=str,
)
def test_what_is_not_the_calls_cost(cost: Cost, other: dict[str, Any]) -> None:
    """Sums over several calls, parts, rates, other currencies, and nonsense."""
    _, report = run(span_of(CALL | other), cost)
    assert report.priced_usd == USD


def test_a_reported_zero_stays() -> None:
    """Free is a price, if somebody says so."""
    got, _ = run(span_of(CALL | {"gen_ai.usage.cost": 0}), attributes=("gen_ai.usage.cost", "llm.cost.total"))
    assert (got["gen_ai.usage.cost"], got["llm.cost.total"], got[SOURCE]) == (0, 0.0, "reported")


def test_something_else_under_the_key_is_no_cost(cost: Cost) -> None:
    """`n/a` gives way to the price, and no key is there twice."""
    got, _ = run(span_of(CALL | {"gen_ai.usage.cost": "n/a"}), cost)
    assert got == CALL | {"gen_ai.usage.cost": USD, SOURCE: LIST_SOURCE}


def test_pricing_twice_is_pricing_once(cost: Cost) -> None:
    """Behind another sidecar, its cost and what it says of the source stay."""
    once, _ = run(span_of(CALL), cost)
    twice, report = run(span_of(once), cost)
    assert twice == once
    assert report.priced_usd == USD


def test_the_model_that_answered_counts(cost: Cost) -> None:
    """The one that was asked for is taken if the other is unknown."""
    answered, _ = run(span_of(CALL | {"gen_ai.response.model": "gpt-4o-mini-2024-07-18"}), cost)
    assert answered["gen_ai.usage.cost"] == pytest.approx(0.21)
    asked, _ = run(span_of(CALL | {"gen_ai.response.model": "deployment-7"}), cost)
    assert asked["gen_ai.usage.cost"] == USD


def test_the_price_is_that_of_the_start(cost: Cost) -> None:
    """o3 cost five times as much until June 2025. A span without a start has its end's price, without any the last."""
    call = CALL | {"gen_ai.request.model": "o3", "gen_ai.usage.output_tokens": 0}
    may_2025, never = 1_746_057_600_000_000_000, 0
    for start, end, expected in ((may_2025, NOW, 10.0), (never, may_2025, 10.0), (NOW, may_2025, 2.0)):
        span = span_of(call)
        span.start_time_unix_nano, span.end_time_unix_nano = start, end
        assert run(span, cost)[0]["gen_ai.usage.cost"] == expected
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.append(span_of(call))
    cost.traces(request, {}, report := Report())
    assert report.priced_usd == 2.0


def test_cache_counts_beside_the_input_do_not_lose_the_cost(cost: Cost) -> None:
    """More cache reads than input means that they come on top."""
    call = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.output_tokens": 0,
        "gen_ai.usage.cache_read.input_tokens": 100_000,
    }
    got, _ = run(span_of(call), cost)
    assert got["gen_ai.usage.cost"] == pytest.approx(0.003 + 0.03)


OVERRIDES: list[tuple[dict[str, Any], dict[str, Any], float]] = [
    (VLLM, {"gen_ai.provider.name": "vllm", "gen_ai.request.model": "llama-3.3-70b"}, 0.24),
    (VLLM, {"gen_ai.provider.name": "vLLM", "gen_ai.request.model": "Llama-3"}, 0.24),
    ({"provider": "*", "model": "*", "per_request": 0.5}, {}, 0.5),
    ({"provider": "openai", "model": "gpt-4o", "input_per_million": 1}, {}, 1.0),
    ({"provider": "openai", "model": "gpt-*", "input_per_million": 1}, {"gen_ai.response.model": "x"}, 1.0),
    (
        {"provider": "azure", "model": "my-deployment", "same_as": "openai/gpt-4o"},
        {"gen_ai.provider.name": "azure.ai.inference", "gen_ai.request.model": "my-deployment"},
        USD,
    ),
    (
        {"provider": "openai", "model": "*", "input_per_million": 10, "cache_read_per_million": 1},
        {"gen_ai.usage.cache_read.input_tokens": 400_000, "gen_ai.usage.cache_write.input_tokens": 100_000},
        6.4,
    ),
    (
        {"provider": "openai", "model": "*", "input_per_million": 10, "cache_write_per_million": 20},
        {"gen_ai.usage.cache_read.input_tokens": 400_000, "gen_ai.usage.cache_write.input_tokens": 100_000},
        11.0,
    ),
]


@pytest.mark.parametrize(("override", "changes", "expected"), OVERRIDES)
def test_own_prices_come_first(override: dict[str, Any], changes: dict[str, Any], expected: float) -> None:
    """Before the built-in list, by globs over provider and model."""
    got, _ = run(span_of(CALL | changes), prices=[override])
    assert got["gen_ai.usage.cost"] == pytest.approx(expected, rel=1e-12)
    assert got[SOURCE] == "policy"


def test_the_first_price_that_fits_wins() -> None:
    """And calls that none fits have the list's price."""
    prices = [
        {"provider": "openai", "model": "gpt-4o-mini", "per_request": 1},
        {"provider": "openai", "model": "gpt-4o*", "per_request": 2},
        {"provider": "openai", "model": "*", "per_request": 3},
    ]
    processor = Cost(CostSection(prices=prices))
    for model, expected in (("gpt-4o-mini", 1), ("gpt-4o", 2), ("o3", 3)):
        assert run(span_of(CALL | {"gen_ai.request.model": model}), processor)[0]["gen_ai.usage.cost"] == expected
    other = CALL | {"gen_ai.provider.name": "anthropic", "gen_ai.request.model": "claude-sonnet-4-5"}
    assert run(span_of(other), processor)[0][SOURCE] == LIST_SOURCE


def test_same_as_nothing_is_no_price() -> None:
    """It can be found out beforehand; calls that it fits are counted as unpriced rather than priced by guess."""
    section: dict[str, Any] = {"prices": [{"provider": "openai", "model": "gpt-4o", "same_as": "openai/gpt-44"}]}
    got, report = run(span_of(CALL), **section)
    assert "gen_ai.usage.cost" not in got
    assert report.unpriced == {"openai/gpt-4o": 1}
    assert unknown_models(CostSection(**section)) == ["openai/gpt-44"]
    assert unknown_models(CostSection()) == []


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("openinference", {"llm.cost.total": 3.5, "llm.cost.prompt": 2.5, "llm.cost.completion": 1.0}),
        ("arize", {"llm.cost.total": 3.5, "llm.cost.prompt": 2.5, "llm.cost.completion": 1.0}),
        ("futureagi", {"gen_ai.cost.total": 3.5, "gen_ai.cost.input": 2.5, "gen_ai.cost.output": 1.0}),
        ("judgment", {"judgment.usage.total_cost_usd": 3.5}),
        ("latitude", {"gen_ai.usage.cost": 3.5}),
        ("logfire", {"operation.cost": 3.5}),
        ("laminar", {"gen_ai.usage.cost": 3.5}),
        ("langwatch", {"gen_ai.usage.cost": 3.5}),
        ("openlit", {"gen_ai.usage.cost": 3.5}),
        ("opik", {"gen_ai.usage.cost": 3.5}),
        ("signoz", {"gen_ai.usage.cost": 3.5}),
        (
            "sentry",
            {"gen_ai.cost.total_tokens": 3.5, "gen_ai.cost.input_tokens": 2.5, "gen_ai.cost.output_tokens": 1.0},
        ),
        ("my.cost", {"my.cost": 3.5}),
    ],
)
def test_profiles_write_what_a_backend_reads(profile: str, expected: dict[str, float]) -> None:
    """Beside or instead of `gen_ai.usage.cost`."""
    got, _ = run(span_of(CALL), attributes=(profile,))
    assert {key: value for key, value in got.items() if key not in CALL} == expected | {SOURCE: LIST_SOURCE}


def test_profiles_that_are_json() -> None:
    """Langfuse and MLflow read one object."""
    got, _ = run(span_of(CALL), attributes=("langfuse", "mlflow", "gen_ai.usage.cost"))
    assert json.loads(got["langfuse.observation.cost_details"]) == {"input": 2.5, "output": 1.0, "total": 3.5}
    assert json.loads(got["mlflow.llm.cost"]) == {"input_cost": 2.5, "output_cost": 1.0, "total_cost": 3.5}
    assert got["gen_ai.usage.cost"] == 3.5


def test_a_cost_that_was_reported_as_one_sum_has_no_parts() -> None:
    """Profiles write what is known, and leave out the rest."""
    call = CALL | {"gen_ai.usage.cost": 0.125}
    got, _ = run(span_of(call), attributes=tuple(PROFILES))
    assert {key: value for key, value in got.items() if key not in call and not isinstance(value, str)} == {
        "llm.cost.total": 0.125,
        "operation.cost": 0.125,
        "gen_ai.cost.total_tokens": 0.125,
        "gen_ai.cost.total": 0.125,
        "judgment.usage.total_cost_usd": 0.125,
    }
    assert json.loads(got["langfuse.observation.cost_details"]) == {"total": 0.125}
    assert json.loads(got["mlflow.llm.cost"]) == {"total_cost": 0.125}
    assert json.loads(got["langsmith.usage_metadata"])["total_cost"] == 0.125


def test_langsmith_has_tokens_and_costs_in_one() -> None:
    """What is in that object stands in for the span's own counts there, so none may be missing."""
    details = {"gen_ai.usage.cache_read.input_tokens": 400_000, "gen_ai.usage.reasoning.output_tokens": 30_000}
    got, _ = run(span_of(CALL | details), attributes=("langsmith",))
    usage = json.loads(got["langsmith.usage_metadata"])
    assert usage == {
        "input_tokens": 1_000_000,
        "output_tokens": 100_000,
        "total_tokens": 1_100_000,
        "input_token_details": {"cache_read": 400_000},
        "output_token_details": {"reasoning": 30_000},
        "input_cost": 2.0,
        "output_cost": 1.0,
        "total_cost": 3.0,
    }
    got, _ = run(span_of(CALL | {"langsmith.usage_metadata": '{"input_tokens": 7}'}), attributes=("langsmith",))
    assert got["langsmith.usage_metadata"] == '{"input_tokens": 7}', "what the app wrote there stays"


def test_every_profile_can_be_named_alone() -> None:
    """Each writes something, and nothing that another would take for tokens."""
    for profile in PROFILES:
        got, _ = run(span_of(CALL), attributes=(profile,))
        written = got.keys() - CALL.keys() - {SOURCE}
        assert written
        assert not [key for key in written if key.startswith("gen_ai.usage.") and key != "gen_ai.usage.cost"]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"attributes": []}, "at least 1"),
        ({"attributes": ["langfuze"]}, "profiles: openinference, arize"),
        ({"attributes": ["phoenix"]}, "reads no cost from spans"),
        ({"attributes": ["gen_ai.usage.total_cost"]}, "takes gen_ai.usage.cost only"),
        ({"attributes": ["genai_sidecar.cost"]}, "sidecar's own"),
        ({"prices": [{"provider": "a", "model": "b"}]}, "a price is needed"),
        ({"prices": [{"provider": "a", "model": "b", "cache_read_per_million": 1}]}, "a price is needed"),
        ({"prices": [{"model": "b", "per_request": 1}]}, "provider"),
        ({"prices": [{"provider": "", "model": "b", "per_request": 1}]}, "provider"),
        ({"prices": [{**VLLM, "same_as": "openai/gpt-4o"}]}, "leave out input_per_million, output_per_million"),
        ({"prices": [{"provider": "a", "model": "b", "same_as": "gpt-4o"}]}, "same_as"),
        ({"prices": [{**VLLM, "input_per_million": -1}]}, "input_per_million"),
        ({"prices": [{**VLLM, "input_per_million": "nan"}]}, "input_per_million"),
        ({"prices": [{**VLLM, "input_per_token": 1}]}, "input_per_token"),
    ],
)
def test_mistakes_in_the_section(section: dict[str, Any], message: str) -> None:
    """Each is told in a way that shows the remedy."""
    with pytest.raises(ValidationError, match=message):
        CostSection(**section)


def test_one_bad_span_costs_its_cost(cost: Cost, monkeypatch: pytest.MonkeyPatch) -> None:
    """The neighbour is priced, and the failure counted without a word of what was in it."""
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    spans.extend([span_of(CALL), span_of(CALL)])
    spans[1].trace_id = bytes(16)
    real = cost.pricer.price
    calls = iter([ZeroDivisionError("secret"), None])

    def price(*arguments: Any) -> Any:
        failure = next(calls)
        if failure:
            raise failure
        return real(*arguments)

    monkeypatch.setattr(cost.pricer, "price", price)
    cost.traces(request, {}, report := Report())
    assert report.unpriced == {"error:ZeroDivisionError": 1}
    assert attributes_of(spans[0]) == CALL
    assert attributes_of(spans[1])["gen_ai.usage.cost"] == USD


def test_what_cannot_be_compared_is_priced(cost: Cost, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that counts twice is better than calls without a cost."""

    def fails(spans: object) -> Any:
        raise RecursionError

    monkeypatch.setattr("processors.cost.duplicate_calls", fails)
    got, report = run(span_of(CALL), cost)
    assert got["gen_ai.usage.cost"] == USD
    assert report.unpriced == {"error:RecursionError": 1}


def test_one_call_seen_twice_is_priced_once(cost: Cost) -> None:
    """A framework's span over the client's own, in one trace: the lower one bears the cost. Another trace is another call."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    upper = group.scope_spans.add(scope={"name": "framework"}).spans
    lower = group.scope_spans.add(scope={"name": "client"}).spans
    upper.extend([span_of(CALL), span_of(CALL)])
    lower.append(span_of(CALL))
    lower[0].span_id, lower[0].parent_span_id = b"12345678", upper[0].span_id
    upper[1].trace_id = bytes(16)
    cost.traces(request, {}, report := Report())
    assert "gen_ai.usage.cost" not in attributes_of(upper[0])
    assert attributes_of(lower[0])["gen_ai.usage.cost"] == USD
    assert attributes_of(upper[1])["gen_ai.usage.cost"] == USD
    assert report.priced_usd == 2 * USD
    assert not report.unpriced


NO_USAGE = {key: value for key, value in CALL.items() if "usage" not in key}


@pytest.mark.parametrize(
    ("attributes", "missing"),
    [
        (NO_USAGE, {"plain": 1}),
        (NO_USAGE | {"gen_ai.request.stream": True}, {"streaming": 1}),
        (NO_USAGE | {"gen_ai.usage.cost": 0.5}, {"plain": 1}),
        (NO_USAGE | {"gen_ai.operation.name": "invoke_agent"}, {}),
        (NO_USAGE | {"error.type": "RateLimitError"}, {}),
        (CALL, {}),
        (CALL | {"gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 0}, {}),
    ],
)
def test_missing_usage_is_counted(cost: Cost, attributes: dict[str, Any], missing: dict[str, int]) -> None:
    """It bypasses every budget, streamed answers above all. A call that failed may have used nothing."""
    _, report = run(span_of(attributes), cost)
    assert report.missing_usage == missing


def test_a_failed_call_with_usage_is_priced(cost: Cost) -> None:
    """What was used before it failed is billed."""
    got, _ = run(span_of(CALL | {"error.type": "TimeoutError"}), cost)
    assert got["gen_ai.usage.cost"] == USD


def test_a_price_by_the_second_is_that_of_the_span() -> None:
    """From its start to its end; without both there are none."""
    prices = [{"provider": "vllm", "model": "*", "per_second": 0.25}]
    processor = Cost(CostSection(prices=prices))
    for start, end, usd in ((NOW, NOW + 4 * 10**9, 1.0), (NOW, 0, 0.0), (NOW, NOW - 1, 0.0)):
        span = span_of(NO_USAGE | {"gen_ai.provider.name": "vllm"})
        span.start_time_unix_nano, span.end_time_unix_nano = start, end
        assert run(span, processor)[0]["gen_ai.usage.cost"] == usd


def test_logs_and_metrics_pass(cost: Cost) -> None:
    """They have no cost."""
    cost.logs(ExportLogsServiceRequest(), {}, Report())
    cost.metrics(ExportMetricsServiceRequest(), Report())


def test_reading_the_policy_loads_no_price_list() -> None:
    """The process that takes in telemetry reads it too, and must stay small."""
    script = "import sys, processors.cost\nprocessors.cost.CostSection()\nsys.exit('genai_prices' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=50)  # noqa: S603  # our own interpreter
