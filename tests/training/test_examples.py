from __future__ import annotations

from training.examples import TAGS, Builder, Example, Span, tagged


def named(example: Example) -> list[tuple[str, str]]:
    found, tags = tagged(example)
    return [(token.strip(), TAGS[tag]) for token, tag in zip(found, tags, strict=True)]


def test_pieces_become_a_labelled_text() -> None:
    """Positions are those of the whole text; what is empty has no label."""
    inner = Example("in Rome", (Span(3, 7, "LOCATION"),))
    builder = Builder()
    builder.add("Ada", "PERSON")
    builder.add("", "PERSON")
    builder.add(" is ")
    builder.add_example(inner)
    assert builder.example() == Example("Ada is in Rome", (Span(0, 3, "PERSON"), Span(10, 14, "LOCATION")))


def test_every_token_that_a_span_touches_is_tagged() -> None:
    """The first with B, the others with I; a span may begin or end within a token."""
    text = "met Ada Byron, of Rome"
    spans = (Span(4, 13, "PERSON"), Span(18, 21, "LOCATION"))
    assert named(Example(text, spans)) == [
        ("met", "O"),
        ("Ada", "B-PERSON"),
        ("Byron", "I-PERSON"),
        (",", "O"),
        ("of", "O"),
        ("Rome", "B-LOCATION"),
    ]


def test_neighbouring_spans_each_begin() -> None:
    """Also with nothing between them."""
    assert named(Example("Ada/Bob", (Span(0, 3, "PERSON"), Span(4, 7, "PERSON")))) == [
        ("Ada", "B-PERSON"),
        ("/", "O"),
        ("Bob", "B-PERSON"),
    ]
