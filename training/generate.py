"""Labelled texts made from frames: one line of `frames/*.txt` each, with slots in braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Final

from training.addresses import Addresses
from training.examples import Builder, Example
from training.values import Lists, People

_FRAMES: Final = Path(__file__).parent / "frames"
_LISTS: Final = Path(__file__).parent / "lists"
_SLOT: Final = re.compile(r"\{([A-Za-z_]+)\}")
_BLANK: Final = re.compile(r"[ \t]+")
_PRODUCT_ENDS: Final = (
    "ix", "ify", "ly", "io", "hub", "flow", "base", "wise", "ware", "soft", "tech", "labs", "forge", "works", "gen", "ia", "ora", "ex",
)  # fmt: skip
_DRUG_ENDS: Final = (
    "mab", "nib", "statin", "pril", "sartan", "olol", "azole", "cillin", "mycin", "idone", "afil", "gliptin", "parin", "xaban", "vir", "ium",
)  # fmt: skip
Slot = tuple[Callable[[], str], str | None]


def read_frames(name: str) -> list[str]:
    lines = (_FRAMES / f"{name}.txt").read_text("utf-8").splitlines()
    return [line.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\") for line in lines if line]


class Generator:
    """Endless labelled texts; the same for the same lists, clean sentences and seed."""

    def __init__(self, lists: Lists, sentences: list[str], snippets: list[str], seed: int) -> None:
        """`sentences`: real ones that name nobody; `snippets`: pieces of code and technical documentation."""
        self._random = Random(seed)  # noqa: S311  # a corpus is no secret
        self._lists = lists
        self._people = People(lists, self._random)
        self._addresses = Addresses(lists, self._people, self._random)
        self._written = (_LISTS / "clean_sentences.txt").read_text("utf-8").splitlines()
        self._foreign = (_LISTS / "foreign_sentences.txt").read_text("utf-8").splitlines()
        self._sentences, self._snippets = sentences, snippets
        self._slots = self._make_slots()
        self._personal = read_frames("chat") + read_frames("social") + read_frames("foreign"), read_frames("forms")
        self._clean = read_frames("clean")

    def examples(self) -> Iterator[Example]:
        r = self._random
        while True:
            at = r.random()
            if at < 0.36:
                yield self._some(self._personal[0])
            elif at < 0.58:
                yield self._some(self._personal[1])
            elif at < 0.84:
                yield self._some(self._clean)
            else:
                yield self._mixed()

    def fill(self, frame: str) -> Example:
        """The frame with its slots filled, some of them labelled."""
        builder = Builder()
        at = 0
        for match in _SLOT.finditer(frame):
            if match[1] not in self._slots:
                continue
            builder.add(frame[at : match.start()])
            make, label = self._slots[match[1]]
            builder.add(make(), label)
            at = match.end()
        builder.add(frame[at:])
        return builder.example()

    def _some(self, frames: list[str]) -> Example:
        return self.fill(self._random.choice(frames))

    def _mixed(self) -> Example:
        """Several frames in one text."""
        r = self._random
        builder = Builder()
        joint = r.choice([" ", " ", "\n", "\n\n", ". ", " - ", "; "])
        for i in range(r.randint(2, 4)):
            if i:
                builder.add(joint)
            builder.add_example(self._some(self._clean if r.random() < 0.5 else self._personal[r.random() < 0.35]))
        return builder.example()

    def _make_slots(self) -> dict[str, Slot]:
        r, people, addresses, words = self._random, self._people, self._addresses, self._lists.words
        one_of = r.choice

        def number() -> str:
            return str(one_of([r.randint(1, 12), r.randint(1, 99), r.randint(1, 999), r.randint(1000, 99999)]))

        def hexes(n: int) -> str:
            return "".join(r.choices("0123456789abcdef", k=n))

        def last_first() -> str:
            return f"{people.last()}, {people.first()}"

        def upper_last_first() -> str:
            return f"{people.last()}/{people.first()}".upper()

        slots: dict[str, Slot] = {
            "person": (people.person, "PERSON"),
            "first": (people.first, "PERSON"),
            "last": (people.last, "PERSON"),
            "last_first": (last_first, "PERSON"),
            "upper_person": (lambda: people.full().upper(), "PERSON"),
            "upper_last_first": (upper_last_first, "PERSON"),
            "spelled": (lambda: "-".join(people.last().upper()), "PERSON"),
            "handle": (people.user_name, "PERSON"),
            "wordname": (lambda: one_of(words["word_name"]), "PERSON"),
            "city": (self._city, "LOCATION"),
            "upper_city": (lambda: self._city().upper(), "LOCATION"),
            "country": (lambda: one_of(self._lists.countries), "LOCATION"),
            "state": (lambda: one_of(self._lists.states), "LOCATION"),
            "place": (self._place, "LOCATION"),
            "address": (addresses.address, "ADDRESS"),
            "upper_address": (lambda: addresses.address().upper(), "ADDRESS"),
            "address_lines": (addresses.lines, "ADDRESS"),
            "street": (addresses.street, "ADDRESS"),
            "unit": (addresses.unit, "ADDRESS"),
            "zip": (self._postcode, "ADDRESS"),
            "org": (self._org, "ORGANIZATION"),
            "title": (lambda: one_of(["Mr.", "Mrs.", "Ms.", "Dr.", "Mr", "Mrs", "Ms", "Dr", "Prof.", "Professor", "Miss", "Sir", "Mx."]), None),
            "age": (lambda: str(r.randint(1, 99)), None),
            "num": (number, None),
            "year": (lambda: str(r.randint(1850, 2026)), None),
            "letter": (lambda: one_of("ABCDEFGH"), None),
            "money": (lambda: one_of("$€£") + number() + one_of(["", ".00", ".50", ",000"]), None),
            "version": (lambda: ".".join(str(r.randint(0, 20)) for _ in range(r.randint(2, 3))), None),
            "time": (lambda: one_of([f"{r.randint(0, 23):02}:{r.randint(0, 59):02}", f"{r.randint(1, 12)} {one_of(['am', 'pm', 'AM', 'p.m.'])}", f"{r.randint(1, 12)}:{r.randint(0, 59):02}pm"]), None),
            "date": (self._date, None),
            "id": (self._id, None),
            "code_id": (lambda: "".join(r.choices("ABCDEFGHKLMNPRSTVWXYZ", k=r.randint(1, 4))) + one_of(["", "-", "", " "]) + str(r.randint(10, 99999)), None),
            "hex": (lambda: hexes(16), None),
            "uuid": (lambda: "-".join(map(hexes, (8, 4, 4, 4, 12))), None),
            "phone": (self._phone, None),
            "email": (self._email, None),
            "user": (lambda: one_of([f"{one_of(words['Color']).lower()}{r.randint(1, 999)}", f"{people.first().lower()}{r.randint(1, 99)}", f"the_{self._word()}", f"{self._word()}{self._word()}"]), None),
            "host": (lambda: f"{self._word()}.{one_of(['example.com', 'internal', 'svc.cluster.local', 'example.org', 'corp.local'])}", None),
            "url": (lambda: f"https://{one_of(['www.', ''])}{self._word()}.com/{self._word()}", None),
            "word": (self._word, None),
            "func": (lambda: one_of([f"{self._word()}_{self._word()}", f"{self._word()}{self._word().title()}", f"get_{self._word()}", f"{self._word()}"]), None),
            "Class": (lambda: f"{self._word().title()}{self._word().title()}", None),
            "movie_word": (lambda: self._word().title(), None),
            "Titled": (self._titled, None),
            "Camel": (lambda: "".join(self._word().title() for _ in range(r.randint(2, 4))), None),
            "acro": (lambda: "".join(r.choices("ABCDEFGHIKLMNOPRSTUVW", k=r.randint(2, 5))), None),
            "coined": (self._coined, None),
            "COINED": (lambda: self._coined().upper(), None),
            "drugname": (self._drug_name, None),
            "ErrorName": (lambda: one_of(words["error"]), None),
            "log": (self._log_head, None),
            "trace": (self._trace, None),
            "code": (lambda: one_of(self._snippets), None),
            "clean": (lambda: _lower_first(self._sentence()), None),
            "Clean": (self._sentence, None),
            "foreign": (lambda: one_of(self._foreign), None),
            "salad": (self._salad, None),
            "Title": (lambda: " ".join(w[:1].upper() + w[1:] for w in self._sentence().rstrip(".?!").split()[: r.randint(2, 8)]), None),
            "TITLE": (lambda: " ".join(self._sentence().upper().rstrip(".?!").split()[: r.randint(2, 8)]), None),
            "Question": (lambda: f"{one_of(['How do I', 'What is', 'Can you', 'Why does', 'Could you explain', 'Where can I find', 'Please', 'Should I', 'Tell me about'])} {self._phrase()}?", None),
        }  # fmt: skip
        for kind, values in words.items():
            slots.setdefault(kind, (lambda values=values: one_of(values), None))  # type: ignore[misc]  # a default argument binds
        return slots

    def _city(self) -> str:
        r = self._random
        place = int(len(self._lists.cities) * r.random() ** 2)
        return self._lists.cities[place]

    def _place(self) -> str:
        at = self._random.random()
        return (
            self._city() if at < 0.5 else f"{self._city()}, {self._random.choice(self._lists.states)}" if at < 0.6
            else self._random.choice(self._lists.countries) if at < 0.8 else self._random.choice(self._lists.states)
        )  # fmt: skip

    def _postcode(self) -> str:
        r = self._random
        digits = "".join(r.choices("0123456789", k=10))
        return r.choice(
            [
                digits[:5],
                digits[:5],
                digits[:5],
                f"{digits[:5]}-{digits[5:9]}",
                self._addresses.uk_code(),
                digits[:4],
                digits[:6],
                f"{digits[:3]} {digits[3:5]}",
                f"K{digits[0]}A {digits[1]}B{digits[2]}",
                f"{digits[:2]}-{digits[2:5]}",
            ]
        )

    def _org(self) -> str:
        r, words = self._random, self._lists.words
        at = r.random()
        if at < 0.4:
            return r.choice(words["org"])
        if at < 0.7:
            return f"{self._people.last()} {r.choice(words['org_suffix'])}"
        if at < 0.8:
            return f"{self._people.last()}, {self._people.last()} and {self._people.last()}"
        if at < 0.86:
            return f"{self._people.last()}-{self._people.last()}"
        if at < 0.93:
            return f"{self._word().title()} {r.choice(words['org_suffix'])}"
        return f"{self._word().title()}{self._word().title()}"

    def _date(self) -> str:
        r = self._random
        y, m, d = r.randint(1940, 2026), r.randint(1, 12), r.randint(1, 28)
        name = self._lists.words["month"][m - 1]
        return r.choice(
            [
                f"{y}-{m:02}-{d:02}",
                f"{d}/{m}/{y}",
                f"{m}/{d}/{y % 100:02}",
                f"{name} {d}, {y}",
                f"{d} {name} {y}",
                f"{name} {d}",
                f"{d}.{m}.{y}",
                f"{name[:3]} {d}",
            ]
        )

    def _id(self) -> str:
        r = self._random
        n = r.randint(10, 999_999)
        return r.choice(
            [
                f"A-{n}",
                f"ORD-{n}",
                f"#{n}",
                f"{n}",
                f"INV-{r.randint(2019, 2026)}-{n}",
                f"TCK{n}",
                f"JIRA-{n}",
                f"PO{n}",
                f"B{n}",
                f"SKU-{n}-X",
                f"RMA-{n}",
                f"CASE-{n}",
            ]
        )

    def _phone(self) -> str:
        digits = "".join(self._random.choices("0123456789", k=12))
        return self._random.choice(
            [
                f"({digits[:3]}) {digits[3:6]}-{digits[6:10]}",
                f"+49 {digits[:3]} {digits[3:10]}",
                f"{digits[:3]}-{digits[3:6]}-{digits[6:10]}",
                f"+1 {digits[:3]} {digits[3:6]} {digits[6:10]}",
                f"07{digits[:3]} {digits[3:9]}",
                f"{digits[:3]}.{digits[3:6]}.{digits[6:10]}",
                f"+{digits[:11]}",
                f"{digits[:10]}",
            ]
        )

    def _email(self) -> str:
        r = self._random
        first, last = self._people.first().lower(), self._people.last().lower()
        name = r.choice(
            [f"{first}.{last}", f"{first}{r.randint(1, 99)}", f"{first[0]}{last}", "info", "support", f"{last}"]
        )
        return f"{name.replace(' ', '')}@{r.choice(['example.com', 'gmail.com', 'corp.internal', 'yahoo.co.uk', f'{self._word()}.org'])}"

    def _log_head(self) -> str:
        r = self._random
        level = r.choice(["INFO", "WARN", "ERROR", "DEBUG", "WARNING"])
        stamp = f"2026-{r.randint(1, 12):02}-{r.randint(1, 28):02}{r.choice('T ')}{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}{r.choice(['Z', '', f'.{r.randint(0, 999):03}', ',123'])}"
        return r.choice(
            [
                f"{stamp} {level}",
                f"[{stamp}] [{level}]",
                f"{level}:",
                f"{stamp} {level} [{self._word()}.{self._word()}]",
                f"{level} {self._word()}.{self._word().title()}:",
                f"level={level.lower()} msg=",
            ]
        )

    def _trace(self) -> str:
        r = self._random
        n = r.randint(1, 4)
        if r.random() < 0.55:
            frames = "".join(
                f'  File "/{r.choice(["app", "usr/lib/python3.11", "srv", "home/app", "opt/venv/lib/python3.12/site-packages"])}/{self._word()}/{self._word()}.py", line {r.randint(1, 900)}, in {r.choice(["<module>", self._word(), f"_{self._word()}_{self._word()}"])}\n    {self._word()} = {self._word()}.{self._word()}({self._word()})\n'
                for _ in range(n)
            )
            return f"{frames}{r.choice(self._lists.words['error'])}: {_lower_first(self._sentence())}"
        package = f"{r.choice(['com', 'org', 'io', 'net'])}.{self._word()}.{self._word()}"
        frames = "".join(
            f"\n\tat {package}.{self._word().title()}{self._word().title()}.{self._word()}({self._word().title()}.java:{r.randint(1, 900)})"
            for _ in range(n)
        )
        return (
            f'Exception in thread "main" {package}.{r.choice(self._lists.words["error"])}: {self._sentence()}{frames}'
        )

    def _sentence(self) -> str:
        return self._random.choice(self._written if self._random.random() < 0.35 else self._sentences)

    def _salad(self) -> str:
        """Words of one foreign language, in the shape of a sentence: that they are foreign makes nobody of them."""
        r = self._random
        words = r.choices(self._lists.foreign_words[r.choice(sorted(self._lists.foreign_words))], k=r.randint(3, 14))
        return (
            f"{words[0][:1].upper()}{words[0][1:]} {' '.join(words[1:])}{r.choice(['.', '.', '.', '?', '!', ':', ''])}"
        )

    def _titled(self) -> str:
        """Common words with capitals, as headings, features and dishes have them."""
        return " ".join(self._word().title() for _ in range(self._random.choice([1, 2, 2, 2, 3, 4])))

    def _coined(self) -> str:
        """A name that nobody has yet, as products and firms are called."""
        r = self._random
        at = r.random()
        if at < 0.3:
            return f"{self._word().title()}{r.choice(_PRODUCT_ENDS)}"
        if at < 0.5:
            return f"{self._word().title()}{self._word()}"
        if at < 0.65:
            return f"{self._word().title()}{self._word().title()}"
        if at < 0.8:
            return f"{self._word().title()} {self._word().title()}"
        return f"{self._people.invented()}{r.choice(_PRODUCT_ENDS)}"

    def _drug_name(self) -> str:
        return f"{self._people.invented()}{self._random.choice(_DRUG_ENDS)}"

    def _phrase(self) -> str:
        """Some words in a row of a clean sentence."""
        words = self._sentence().lower().rstrip(".?!").split()
        start = self._random.randrange(max(1, len(words) - 3))
        return " ".join(words[start : start + self._random.randint(3, 8)])

    def _word(self) -> str:
        """A lower-case word of a snippet or a sentence."""
        while True:
            found: list[str] = re.findall(
                r"[a-z]{3,}",
                self._random.choice(self._snippets if self._random.random() < 0.5 else self._sentences),
            )
            if found:
                return self._random.choice(found)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[:2].endswith(" ") else text
