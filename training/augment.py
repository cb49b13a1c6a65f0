"""Examples made from examples: other names in the same sentence, other case, misspelt, already scrubbed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from training.examples import Builder, Example


def with_other_values(
    example: Example, makers: Mapping[str, Callable[[int], str]], random: Random, rate: float
) -> Example:
    """Each span replaced, at that rate, by a value of its kind. A maker gets the number of words of the old value."""

    def other(old: str, label: str) -> tuple[str, str | None]:
        if label in makers and random.random() < rate:
            made = makers[label](len(old.split()))
            return (made.upper() if old.isupper() and len(old) > 3 else made.lower() if old.islower() else made), label
        return old, label

    return _rewritten(example, other)


def scrubbed(example: Example, random: Random) -> Example:
    """Some or all values replaced by what the scrubber leaves in their place: nothing is to be found in that."""
    everything = random.random() < 0.6
    style = random.randrange(4)

    def mark(old: str, label: str) -> tuple[str, str | None]:
        if not everything and random.random() < 0.5:
            return old, label
        kind = "LOCATION" if label == "ADDRESS" else label
        if kind == "ORGANIZATION":
            return old, label
        if style < 2:
            return f"<{kind}>", None
        if style == 2:
            return f"<{kind}:k1:{random.getrandbits(128):032x}>", None
        return "".join("*" if c.isalnum() else c for c in old), None

    return _rewritten(example, mark)


def recased(example: Example, random: Random) -> Example:
    """All lower or upper case, or every word with a capital. Lengths must not change, so some texts stay."""
    at = random.random()
    text = example.text
    changed = (
        text.lower()
        if at < 0.6
        else text.upper()
        if at < 0.85
        else "".join(c.upper() if i == 0 or not text[i - 1].isalnum() else c for i, c in enumerate(text))
    )
    return Example(changed, example.spans) if len(changed) == len(text) else example


def misspelt(example: Example, random: Random) -> Example:
    """One letter less or two exchanged, in some words outside the values and in some values."""

    def typo(text: str) -> str:
        words = text.split(" ")
        for i, word in enumerate(words):
            if len(word) > 3 and word.isalpha() and random.random() < 0.12:
                at = random.randrange(1, len(word) - 1)
                words[i] = word[:at] + (
                    word[at + 1 :] if random.random() < 0.5 else word[at + 1] + word[at] + word[at + 2 :]
                )
        return " ".join(words)

    return _rewritten(example, lambda old, label: (typo(old), label), typo)


def _rewritten(
    example: Example,
    value: Callable[[str, str], tuple[str, str | None]],
    between: Callable[[str], str] = lambda text: text,
) -> Example:
    builder = Builder()
    at = 0
    for start, end, label in sorted(example.spans):
        builder.add(between(example.text[at:start]))
        builder.add(*value(example.text[start:end], label))
        at = end
    builder.add(between(example.text[at:]))
    return builder.example()
