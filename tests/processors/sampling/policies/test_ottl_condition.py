from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from pydantic import ValidationError

from processors.sampling.decide import Decider
from processors.sampling.observe import Observer
from tests.processors.sampling.build import (
    OTHER_TRACE_ID,
    TRACE_ID,
    attributes,
    decide,
    observe,
    policy,
    request,
    section,
    span,
)

_FAILS = 'HasPrefix(attributes["missing"], "a")'


def _of(**body: Any) -> dict[str, Any]:
    return policy("ottl_condition", **body)


def _with_event(name: str, **attrs: str) -> Span:
    result = span()
    result.events.add(name="first")
    result.events.add(name=name, attributes=attributes({key.replace("__", "."): value for key, value in attrs.items()}))
    return result


@pytest.mark.parametrize(
    ("body", "spans", "kept"),
    [
        ({"span": ['attributes["k"] == "v"']}, [span(attrs={"k": "v"})], True),
        ({"span": ['attributes["k"] != "v"']}, [span(attrs={"k": "v"})], False),
        ({"span": ['attributes["k"] != "v"']}, [span(attrs={"k": "w"})], True),
        ({"span": ['attributes["k"] != "v"']}, [span(attrs={"k": "v"}), span()], True),
        ({"span": ["false", 'attributes["k"] == "v"']}, [span(), span(attrs={"k": "v"})], True),
        (
            {"span": ['attributes["a"] == 1 and attributes["b"] == 2']},
            [span(attrs={"a": 1}), span(attrs={"b": 2})],
            False,
        ),
        ({"spanevent": ['attributes["k"] == "v"']}, [_with_event("x", k="v")], True),
        ({"spanevent": ['name != "wrong"']}, [_with_event("x")], True),
        ({"spanevent": ['name == "x" and span.name == "chat gpt-4o"']}, [span(), _with_event("x")], True),
        ({"spanevent": ["true"]}, [span()], False),
        ({"span": ['attributes["k"] == "v"'], "spanevent": ['attributes["k"] == "v"']}, [span()], False),
    ],
)
def test_one_span_or_event_is_enough(body: dict[str, Any], spans: list[Span], kept: bool) -> None:  # noqa: FBT001  # a table's column
    """The Collector's cases: a condition is about one span or event at a time, and one that is true keeps the trace."""
    assert decide(section(_of(**body)), *spans).kept is kept


@pytest.mark.parametrize("mode", ["ignore", "silent", "propagate", None])
@pytest.mark.parametrize("where", ["span", "spanevent"])
def test_error_modes(mode: str | None, where: str) -> None:
    """A condition that cannot be evaluated is false; under `propagate` the policy fails, and the trace is kept."""
    body = {where: [_FAILS, 'name == "found"'], **({"error_mode": mode} if mode else {})}
    decided = decide(section(_of(**body)), _with_event("other"))
    propagates = mode == "propagate"
    assert (decided.kept, decided.errors) == (propagates, ("it",) if propagates else ())
    found = _with_event("found")
    found.name = "found"
    assert decide(section(_of(**body)), _with_event("other"), found).errors == ()
    assert decide(section(_of(**body)), _with_event("other"), found).kept


def test_inside_other_policies() -> None:
    """It can be part of `and`, `not` and `drop`."""
    health = policy("ottl_condition", "health", span=['name == "GET /health"'])
    of = section(
        policy("drop", "noise", drop_sub_policy=[health]),
        policy("not", "rest", not_sub_policy=health),
        policy("and", "both", and_sub_policy=[health, policy("always_sample", "all")]),
    )
    assert decide(of, span()).policy == "rest"
    noise = span()
    noise.name = "GET /health"
    assert decide(of, noise).policy == "noise"


def test_each_trace_on_its_own() -> None:
    """Attributes gathered for one span are not seen by the next, and repeated keys count once, the first time."""
    of = section(_of(span=['attributes["k"] == "v"']))
    twice = span(OTHER_TRACE_ID)
    twice.attributes.extend([*attributes({"k": "w"}), *attributes({"k": "v"})])
    facts = Observer(of).traces(request(span(attrs={"k": "v"}), twice, span(OTHER_TRACE_ID))).facts
    decider = Decider(of)
    assert decider.decide(TRACE_ID, facts[TRACE_ID]).kept
    assert not decider.decide(OTHER_TRACE_ID, facts[OTHER_TRACE_ID]).kept


def test_resource_and_scope() -> None:
    """Conditions see where a span came from, and span attributes are not those of the resource."""
    of = section(_of(span=['resource.attributes["service.name"] == "shop" and attributes["service.name"] == nil']))
    assert decide(of, span(), resource={"service.name": "shop"}).kept
    assert not decide(of, span(), resource={"service.name": "other"}).kept


def test_more_events_than_are_looked_at() -> None:
    """The first 1024 events of a span are looked at; if there are more and none of these matches, the trace is kept."""
    of = section(_of(spanevent=['name == "here"']))
    many = span()
    many.events.extend([Span.Event(name="x")] * 1024)
    assert not decide(of, many).kept
    many.events.add(name="here")
    assert decide(of, many).errors == ("it",)
    many.events[5].name = "here"
    assert decide(of, many).errors == ()


def test_what_it_saw() -> None:
    """`--explain` tells whether a condition was true, and no values."""
    of = section(_of(span=['attributes["k"] == "v"']))
    verdict = Decider(of).verdicts(TRACE_ID, observe(of, span(attrs={"k": "v"})))[0]
    assert (verdict.kept, verdict.saw) == (True, {"matched": True})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "one of span and spanevent needs a condition"),
        ({"error_mode": "ignore"}, "one of span and spanevent needs a condition"),
        ({"span": ["true", "name = 1"]}, "span[1]: at character 6: `=` cannot stand here"),
        ({"spanevent": ["IsRootSpan()"]}, "spanevent[0]: at character 1: no function `IsRootSpan` here"),
        ({"span": ["true"], "error_mode": "loud"}, "'ignore', 'silent' or 'propagate'"),
        ({"span": ["true"] * 101}, "at most 100"),
    ],
)
def test_errors_at_load(body: dict[str, Any], words: str) -> None:
    """A condition that is none is refused when the policy is loaded, with its number and the place in it."""
    with pytest.raises(ValidationError) as caught:
        section(_of(**body) | {"ottl_condition": body})
    assert words in str(caught.value)
