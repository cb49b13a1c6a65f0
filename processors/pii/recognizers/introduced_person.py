"""People whom the words before them announce: `Mr. Okafor`, `my name is Nguyen`, `Dear Wanjiru`, `Name: Ng`.

A small language model misses names it never read; titles and greetings do not depend on the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding

_INTRODUCTION: Final = re.compile(
    r"\b(?:(?:Mr|Mrs|Ms|Mx|Dr|Prof|Miss|Mister|Professor|Doctor|Sir|Lady|Herr|Frau|Monsieur|Madame|Mme|Señora?|Sra?)(?!\w)\.?"
    r"|[Mm]y (?:full )?name is|[Mm]y name's|[Tt]he name is|[Nn]ame ?:|Dear|[Ii]s named|[Ww]as named"
    r"|(?:[Hh]usband|[Ww]ife|[Ss]on|[Dd]aughter|[Bb]rother|[Ss]ister|[Mm]other|[Ff]ather|[Ff]riend|[Bb]oss|[Cc]olleague"
    r"|[Pp]atient|[Cc]ustomer|[Cc]lient|[Nn]eighbou?r),? (?:is |was )?(?:called |named )?"
    r"|(?:Kind |Best |Warm )?[Rr]egards,|Sincerely,|Yours,|Cheers,|Thanks,\n)\s{0,3}"
)
_TOKEN: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|['\u2019.-](?=[^\W\d_]))*\.?")
_PARTICLES: Final = frozenset("al bin da de del della den der di do dos du el ibn la le san ten ter van von y".split())  # noqa: SIM905  # a list to read
_NO_NAMES: Final = frozenset(
    {
        "the",
        "a",
        "an",
        "i",
        "my",
        "your",
        "our",
        "we",
        "you",
        "it",
        "this",
        "that",
        "sir",
        "madam",
        "team",
        "all",
        "hello",
    }
    | {"mr", "mrs", "ms", "mx", "dr", "prof", "miss", "herr", "frau"}  # who follows is announced by them
    | {"hi", "customer", "friend", "friends", "colleague", "colleagues", "support", "hiring", "manager", "user", "and"}
    | {
        "god",
        "he",
        "she",
        "they",
        "what",
        "if",
        "when",
        "please",
        "thanks",
        "thank",
        "is",
        "in",
        "on",
        "at",
        "to",
        "for",
    }
)
_MAX_TOKENS: Final = 4


class IntroducedPersonRecognizer:
    entity_type: Final = "PERSON"

    def find(self, text: str) -> Iterator[Finding]:
        for match in _INTRODUCTION.finditer(text):
            start = place = end = match.end()
            for _ in range(_MAX_TOKENS):
                token = _TOKEN.match(text, place)
                if token is None:
                    break
                word = token[0].rstrip(".")
                if not word[0].isupper() and word not in _PARTICLES:
                    break
                if (word.lower() if place == start else word) in _NO_NAMES:
                    break
                place = token.end() - (token[0].endswith(".") and len(word) > 2)
                if word[0].isupper():
                    end = place
                if text[place : place + 1] != " ":
                    break
                place += 1
            if end > start:
                yield Finding(self.entity_type, start, end, 0.6)
