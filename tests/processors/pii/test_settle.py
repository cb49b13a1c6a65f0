from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from processors.pii.actions import Rewriter
from processors.pii.escapes import Decoded
from processors.pii.findings import Finding
from processors.pii.section import PiiSection
from processors.pii.settle import Result, settled

REWRITER = Rewriter(PiiSection(), None)


def read(texts: list[Decoded]) -> list[Result]:
    """Finds `a`; and a `b` only if it stands beside a `<PERSON>`, as a model's eye is drawn by its neighbours."""
    results: list[Result] = []
    for text in texts:
        found = [Finding("PERSON", i, i + 1, 0.9) for i, char in enumerate(text.text) if char == "a"]
        found += [
            Finding("PERSON", i, i + 1, 0.9)
            for i, char in enumerate(text.text)
            if char == "b" and text.text[:i].endswith("> ")
        ]
        results.append("Broken" if "c" in text.text and "<" in text.text else tuple(found))
    return results


def scrubbed(raw: str) -> str:
    (result,) = settled([Decoded(raw)], read([Decoded(raw)]), REWRITER, read)
    assert not isinstance(result, str)
    return REWRITER.rewrite(raw, result, Counter())


def test_what_a_replacement_reveals_is_found() -> None:
    """The second finding stands where it belongs in the text as it came, and so does a third."""
    assert scrubbed("x a b y") == "x <PERSON> <PERSON> y"
    assert scrubbed("a b b z b") == "<PERSON> <PERSON> <PERSON> z b"


def test_a_failure_of_a_second_look_is_the_result() -> None:
    """Nothing that could not be read to the end passes."""
    text = Decoded("a c")
    assert settled([text], read([text]), REWRITER, read) == ["Broken"]


def test_texts_without_findings_are_read_once() -> None:
    """Only a text that changes is worth a second look."""

    def never(texts: list[Decoded]) -> Sequence[Result]:
        raise AssertionError(texts)

    assert settled([Decoded("x")], [()], REWRITER, never) == [()]


@given(st.text(alphabet="ab xé", max_size=12))
def test_a_second_pass_has_nothing_to_do(raw: str) -> None:
    """As long as the looks suffice, the result stays as it is."""
    once = scrubbed(raw)
    if once.count("PERSON") < 4:
        assert scrubbed(once) == once
