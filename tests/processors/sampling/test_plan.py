from __future__ import annotations

import pytest

from processors.sampling.plan import Plan


def test_each_request_gets_a_bit_of_its_own() -> None:
    """Bits never overlap; scores are asked for once, however many policies ask."""
    plan = Plan()
    bits = [plan.attribute("k", bool), plan.attribute("k", bool), plan.attributes(("q.*",), bool), plan.scores()]
    assert bits == [1, 2, 4, 8]
    assert plan.scores() == 8


def test_predicates_of_a_key() -> None:
    """By its name and by every glob that matches it."""
    plan = Plan()
    plan.attribute("q.a", bool)
    plan.attributes(("q.*", "r.?"), bool)
    plan.text("q.a", bool)
    assert [predicate.bit for predicate in plan.predicates("q.a")] == [1, 4, 2]
    assert [predicate.bit for predicate in plan.predicates("r.b")] == [2]
    assert plan.predicates("Q.a") == ()


def test_nothing_asked_for_nothing_read() -> None:
    """Without a policy that looks at attributes or scores, attributes are skipped."""
    plan = Plan()
    assert not plan.reads_attributes
    plan.scores()
    assert plan.reads_attributes


def test_tests_of_whole_spans() -> None:
    """Each has its bit; the attributes they need are read in the pass that all policies share."""
    plan = Plan()
    assert (plan.span_test(lambda _: True, ["a", "b"]), plan.span_test(lambda _: True, ["b"])) == (1, 2)
    assert plan.span_keys == {"a", "b"}
    assert plan.reads_attributes


def test_no_globs_is_an_error() -> None:
    """A bit that nothing can set would be a policy that silently never matches."""
    with pytest.raises(ValueError):
        Plan().attributes((), bool)
