from __future__ import annotations

import pytest

from processors.prices.overrides import PriceOverride
from processors.sampling.facts import TraceFacts
from processors.sampling.observe import Observer
from tests.processors.sampling.build import TRACE_ID, policy, request, section, span
from tests.processors.sampling.policies.llm import call, decided

DEAR = section(policy("cost", "dear", above_usd=0.05))


@pytest.mark.parametrize(
    ("usd", "kept"), [((0.03, 0.03), True), ((0.03, 0.02), False), ((0.06,), True), ((0.0,), False), ((), False)]
)
def test_the_calls_of_a_trace_add_up(usd: tuple[float, ...], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """Over all its requests; at exactly the limit it is not above it."""
    requests = [[call(gen_ai__usage__cost=each, gen_ai__usage__input_tokens=1)] for each in usd] or [[span()]]
    for number, (one,) in enumerate(requests):
        one.span_id = (number + 1).to_bytes(8)
    assert decided(DEAR, *requests).kept is kept


def test_a_call_that_two_instrumentations_report_counts_once() -> None:
    """The framework's span around the SDK's, in one request or in two."""
    sdk, framework = (call(gen_ai__usage__cost=0.03, gen_ai__usage__input_tokens=900) for _ in range(2))
    framework.span_id = sdk.parent_span_id
    framework.parent_span_id = b""
    assert not decided(DEAR, [sdk, framework]).kept
    assert not decided(DEAR, [sdk], [framework]).kept
    framework.span_id = b"elsewher"
    assert decided(DEAR, [sdk], [framework]).kept


def test_calls_without_a_cost_are_priced() -> None:
    """As the `cost` section does: by the user's prices, then by the list. Sums of agents do not count again."""
    tokens = {"gen_ai__usage__input_tokens": 10_000, "gen_ai__usage__output_tokens": 10_000}
    listed = call(gen_ai__provider__name="openai", **tokens)
    agent = span(attrs={"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 10**9})
    assert decided(DEAR, [listed, agent]).kept
    own = PriceOverride(provider="openai", model="gpt-4o", input_per_million=0.01, output_per_million=0.01)
    cheap = Observer(DEAR, [own]).traces(request(listed)).facts[TRACE_ID]
    assert cheap.calls is not None
    assert cheap.calls.total().usd == pytest.approx(0.0002)


def test_a_call_that_cannot_be_read_keeps_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be decided is kept, and the policy is counted as having failed."""

    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("processors.sampling.span_view.read_model_call", broken)
    decision = decided(DEAR, [call()])
    assert (decision.kept, decision.errors) == (True, ("dear",))


def test_nothing_is_read_where_no_policy_asks() -> None:
    """Model calls cost a pass over the attributes."""
    facts = Observer(section(policy("always_sample"))).traces(request(call(gen_ai__usage__cost=1.0))).facts[TRACE_ID]
    assert facts == TraceFacts(
        span_count=1,
        status_mask=facts.status_mask,
        start_unix_nano=facts.start_unix_nano,
        end_unix_nano=facts.end_unix_nano,
    )
