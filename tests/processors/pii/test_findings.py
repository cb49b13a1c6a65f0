from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processors.pii.findings import Finding, regions, without

KEPT = "DATE_TIME"


def acts_on(entity_type: str) -> bool:
    return entity_type != KEPT


SPANS = st.tuples(st.integers(0, 30), st.integers(1, 12))
FINDINGS = st.lists(
    st.builds(
        lambda kind, span, score: Finding(kind, span[0], span[0] + span[1], score),
        st.sampled_from(["PERSON", "EMAIL_ADDRESS", KEPT]),
        SPANS,
        st.sampled_from([0.4, 0.85, 1.0]),
    ),
    max_size=8,
)


@given(FINDINGS)
def test_regions_cover_exactly_what_is_acted_on(findings: list[Finding]) -> None:
    """Every character under a finding that is acted on lies in one region, and no other character does."""
    covered = {i for f in findings if acts_on(f.entity_type) for i in range(f.start, f.end)}
    found = regions(findings, acts_on)
    listed = [i for region in found for i in range(region.start, region.end)]
    assert sorted(listed) == sorted(covered)
    assert listed == sorted(set(listed))


def test_a_part_is_absorbed_by_the_better_whole() -> None:
    """A telephone number read into a card number leaves the card number alone, so that it can keep its last digits."""
    card, phone = Finding("CREDIT_CARD", 0, 16, 1.0), Finding("PHONE_NUMBER", 3, 12, 0.4)
    (region,) = regions([phone, card], acts_on)
    assert region.value == card
    assert region.alone


def test_partial_overlap_is_joined_under_the_better_name() -> None:
    """Two findings that overlap become one region; its value is the surer of the two, and it is not alone."""
    (region,) = regions([Finding("PERSON", 0, 10, 0.85), Finding("EMAIL_ADDRESS", 6, 20, 1.0)], acts_on)
    assert (region.start, region.end, region.value.entity_type, region.alone) == (0, 20, "EMAIL_ADDRESS", False)


def test_a_kept_type_shields_nothing() -> None:
    """A date that covers a name does not keep the name."""
    (region,) = regions([Finding(KEPT, 0, 30, 1.0), Finding("PERSON", 5, 9, 0.4)], acts_on)
    assert (region.start, region.end) == (5, 9)


@given(FINDINGS, st.lists(st.integers(0, 40), max_size=6, unique=True))
def test_cutting_out_spans_leaves_the_rest(findings: list[Finding], edges: list[int]) -> None:
    """After cutting, no finding touches the cut spans, and everything else that was covered still is."""
    ordered = sorted(edges)[: len(edges) // 2 * 2]
    spans = list(zip(ordered[::2], ordered[1::2], strict=True))
    cut = {i for low, high in spans for i in range(low, high)}
    before = {i for f in findings for i in range(f.start, f.end)}
    assert {i for f in without(findings, spans) for i in range(f.start, f.end)} == before - cut
