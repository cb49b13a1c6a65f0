"""The texts a model is trained on, in which shares: real sentences, generated ones, and either altered."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import distributions
from itertools import pairwise
from pathlib import Path
from pydoc_data.topics import topics
from random import Random
from typing import Any, Final

from training import augment, corpora
from training.examples import Example, Span
from training.generate import Generator
from training.values import Lists, People
from training.word_lists import read_words

N_GENERATED: Final = 85_000
_REPEATS: Final = {"wikigold.conll": 10, "wnut17_train.conll": 6, "broad_twitter.conll": 3, "sec_filings.conll": 1}
_MANUAL_REPEATS: Final = 3
_GSM8K: Final = "gsm8k_questions.txt"
_MODULES: Final = (
    "argparse", "asyncio.base_events", "collections", "concurrent.futures.thread", "configparser", "csv", "dataclasses", "datetime", "decimal",
    "difflib", "email.message", "enum", "fractions", "functools", "heapq", "http.client", "http.server", "inspect", "ipaddress", "json.decoder",
    "logging", "mailbox", "multiprocessing.pool", "optparse", "pathlib", "pickle", "pprint", "queue", "random", "sched", "shelve", "shlex",
    "shutil", "smtplib", "socket", "socketserver", "sqlite3.dump", "ssl", "statistics", "string", "subprocess", "tarfile", "tempfile", "textwrap",
    "threading", "timeit", "traceback", "turtle", "typing", "unittest.case", "unittest.mock", "urllib.parse", "urllib.request", "uuid", "warnings",
    "weakref", "xml.dom.minidom", "xml.etree.ElementTree", "zipfile",
)  # fmt: skip
_SENTENCE_END: Final = re.compile(r"(?<=[a-z]{2}[.?!])\s+(?=[A-Z])")
_SUSPECT: Final = re.compile(r"author|copyright|@|\bby [A-Z]", re.IGNORECASE)
_NO_FIRST_NAME: Final = frozenset(read_words("exceptions")["no_first_name"])


def examples(directory: Path, lists: Lists, seed: int) -> list[Example]:
    """All of them, shuffled. The same for the same files, packages, Python version and seed."""
    random = Random(seed)  # noqa: S311  # a corpus is no secret
    people = People(lists, random)
    short = {name[:5].lower() for locale in lists.first_names.values() for name in locale if len(name) > 3}

    def is_name_like(user_name: str) -> bool:
        return user_name[:5].lower() in short

    real = {each.file: corpora.read(directory, each, is_name_like) for each in corpora.CORPORA}
    plain = [
        corpora.example(s, spaced=False)
        for sentences in real.values()
        for s in sentences
        if all(tag == "O" for _, tag in s)
    ]
    sentences = sorted({e.text for e in plain if 20 < len(e.text) < 200 and e.text[0].isalpha() and "@" not in e.text})
    sentences += _documentation()
    random.shuffle(sentences)
    manuals = _manuals(lists)
    generator = Generator(lists, sentences, _snippets(), seed)
    makers: dict[str, Callable[[int], str]] = {
        "PERSON": lambda n: people.full() if n > 1 else _one_word(people, random),
        "LOCATION": lambda n: generator.fill("{city}" if n > 1 or random.random() < 0.7 else "{country}").text,
        "ORGANIZATION": lambda _: generator.fill("{org}").text,
    }

    found: list[Example] = []
    for file, all_sentences in real.items():
        for sentence in all_sentences:
            for turn in range(_REPEATS[file]):
                one = corpora.example(sentence, spaced=turn % 2 == 1)
                found.append(one if turn < 2 else augment.with_other_values(one, makers, random, 0.6))
    stories = story_problems(directory / _GSM8K, lists)
    found += (augment.with_other_values(one, makers, random, 0.6) for one in stories)
    found += manuals * _MANUAL_REPEATS
    made = generator.examples()
    found += (next(made) for _ in range(N_GENERATED))
    found = [_altered(one, random) for one in found if one.text.strip()]
    random.shuffle(found)
    return found


def _one_word(people: People, random: Random) -> str:
    at = random.random()
    return (
        people.invented()
        if at < 0.3
        else people.user_name()
        if at < 0.4
        else people.first()
        if at < 0.75
        else people.last()
    )


def _altered(one: Example, random: Random) -> Example:
    at = random.random()
    if at < 0.05 and one.spans:
        return augment.scrubbed(one, random)
    if at < 0.18:
        return augment.recased(one, random)
    return augment.misspelt(one, random) if at < 0.24 else one


def story_problems(path: Path, lists: Lists) -> Iterator[Example]:
    """Short stories full of first names, labelled by the lists; those with any other capital are left out."""
    known = {name for locale in lists.first_names.values() for name in locale if name.lower() not in _NO_FIRST_NAME}
    allowed = {
        "I",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "How",
        "If",
        "What",
        "The",
        "He",
        "She",
    }
    for line in path.read_text("utf-8").splitlines():
        text = line.strip()
        capitals = [
            m
            for m in re.finditer(r"\b[A-Z][a-z']*\b", text)
            if m.start() and text[m.start() - 2 : m.start() - 1] not in '.?!:"'
        ]
        named = {m[0].removesuffix("'s") for m in capitals} - allowed
        if not named or not named <= known:
            continue
        pattern = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, named)))})\b")
        yield Example(text, tuple(Span(*m.span(), "PERSON") for m in pattern.finditer(text)))


def _documentation() -> list[str]:
    """Sentences of Python's own documentation: technical prose that names nobody."""
    text = "\n\n".join(topics[name] for name in sorted(topics))
    paragraphs = (" ".join(p.split()) for p in text.split("\n\n"))
    found = {s for p in paragraphs if p[:1].isupper() and "  " not in p for s in _SENTENCE_END.split(p)}
    return sorted(s for s in found if 20 < len(s) < 220 and not _SUSPECT.search(s))


def _manuals(lists: Lists) -> list[Example]:
    """Parts of the descriptions of all installed packages, but for paragraphs that may name somebody or a place."""
    first = {name for locale in lists.first_names.values() for name in locale}
    places = {*lists.countries, *lists.states, *lists.cities[:5000]}
    companies = set(lists.words["org"])
    found = set()
    for package in sorted(distributions(), key=lambda d: d.name.lower()):
        metadata: Any = package.metadata
        paragraphs = ((metadata.get_payload() if metadata else "") or "").split("\n\n")
        clean = [p for p in paragraphs if len(p) < 2000 and not _names_somebody(p, first, places | companies)]
        for start in range(0, min(len(clean), 60), 3):
            text = "\n\n".join(clean[start : start + 3]).strip()
            if len(text) > 60:
                found.add(text)
    return [Example(text, ()) for text in sorted(found)]


def _names_somebody(paragraph: str, first: set[str], others: set[str]) -> bool:
    words = re.findall(r"[^\W\d_]+", paragraph)
    return (
        _SUSPECT.search(paragraph) is not None
        or any(a in first and b[0].isupper() for a, b in pairwise(words))
        or any(word in others for word in words)
    )


def _snippets() -> list[str]:
    """Some lines each of Python's own library."""
    found: list[str] = []
    for name in _MODULES:
        if pkgutil.resolve_name(name.partition(".")[0]) is None:
            continue
        lines = inspect.getsource(import_module(name)).splitlines()
        for start in range(40, len(lines) - 8, 12):
            piece = "\n".join(lines[start : start + 3 + start % 7]).strip("\n")
            if len(piece) > 30 and piece.isascii() and not _SUSPECT.search(piece):
                found.append(piece)
    return found
