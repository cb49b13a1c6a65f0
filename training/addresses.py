"""Postal addresses as people of many countries write them, in one line or several."""

from __future__ import annotations

from random import Random
from typing import Final

from training.values import Lists, People
from training.word_lists import read_words

_STREETS: Final = read_words("streets")
_US_TYPES: Final = _STREETS["us_type"]
_UK_TYPES: Final = _STREETS["uk_type"]
_TREES: Final = _STREETS["street"]
_GERMAN: Final = _STREETS["german"]
_FRENCH: Final = _STREETS["french"]
_SPANISH: Final = _STREETS["spanish"]
_ITALIAN: Final = _STREETS["italian"]
_PORTUGUESE: Final = _STREETS["portuguese"]
STREET_TYPES: Final = tuple(
    sorted(
        {word.lower().strip(".") for word in (*_US_TYPES, *_UK_TYPES)}
        | {
            "rue",
            "calle",
            "via",
            "viale",
            "piazza",
            "avenida",
            "rua",
            "ul",
            "chemin",
            "quai",
            "utca",
            "straße",
            "strasse",
            "platz",
            "weg",
            "apt",
            "suite",
            "flat",
            "box",
        }
    )
)


class Addresses:
    def __init__(self, lists: Lists, people: People, random: Random) -> None:
        self._lists, self._people, self._random = lists, people, random
        self._makers = (
            (34, self._american), (14, self._british), (7, self._german), (6, self._french), (6, self._spanish), (5, self._italian),
            (4, self._dutch), (5, self._nordic), (3, self._polish), (4, self._portuguese), (5, self._indian), (4, self._australian),
            (4, self._canadian), (2, self._japanese), (2, self._hungarian), (2, self._czech), (3, self._box), (2, self._irish), (3, self._plain),
        )  # fmt: skip

    def _one_of(self, *values: str) -> str:
        return self._random.choice(values)

    def _city(self, country: str) -> str:
        cities = self._lists.cities_of[country]
        place = int(len(cities) * self._random.random() ** 1.5)
        return cities[place]

    def _digits(self, n: int) -> str:
        return str(self._random.randint(1, 9)) + "".join(self._random.choices("0123456789", k=n - 1))

    def _number(self, most: int = 5) -> str:
        n = self._digits(self._random.choices([1, 2, 3, 4, 5][:most], [3, 6, 6, 5, 2][:most])[0])
        at = self._random.random()
        return n + self._random.choice("ABCabc") if at < 0.04 else f"{n}-{int(n) + 2}" if at < 0.02 + 0.04 else n

    def _name(self) -> str:
        at = self._random.random()
        return (
            self._random.choice(_TREES) if at < 0.45 else self._people.last() if at < 0.75 else self._people.first() if at < 0.87
            else f"{self._people.first()} {self._people.last()}" if at < 0.9 else f"{self._random.choice(_TREES)} {self._random.choice(_TREES)}"
        )  # fmt: skip

    def unit(self) -> str:
        kind = self._one_of(
            "Apt",
            "Apt.",
            "Apartment",
            "Suite",
            "Ste",
            "Ste.",
            "Unit",
            "Flat",
            "Floor",
            "#",
            "Room",
            "Bldg",
            "Building",
            "Lot",
            "apt",
        )
        number = (
            self._digits(self._random.randint(1, 3))
            if self._random.random() < 0.7
            else self._digits(1) + self._random.choice("ABCD")
            if self._random.random() < 0.5
            else self._random.choice("ABCDE")
        )
        return f"{kind}{'' if kind == '#' else ' '}{number}"

    def us_street(self) -> str:
        r = self._random
        name = f"{r.randint(1, 120)}{self._one_of('th', 'st', 'nd', 'rd')}" if r.random() < 0.12 else self._name()
        direction = (
            f"{self._one_of('N', 'S', 'E', 'W', 'N.', 'S.', 'E.', 'W.', 'North', 'South', 'East', 'West', 'NW', 'SE')} "
            if r.random() < 0.15
            else ""
        )
        after = f" {self._one_of('N', 'S', 'E', 'W', 'NW', 'SE', 'South')}" if r.random() < 0.05 else ""
        return f"{direction}{name} {r.choice(_US_TYPES)}{after}"

    def street(self) -> str:
        """A street, with a house number or without."""
        r = self._random
        at = r.random()
        if at < 0.5:
            return self.us_street() if r.random() < 0.4 else f"{self._number()} {self.us_street()}"
        parts = self._make()
        return parts[0]

    def _american(self) -> list[str]:
        r = self._random
        first = f"{self._number()} {self.us_street()}"
        if r.random() < 0.04:
            first = f"{self._number()} {self._one_of('County Road', 'Highway', 'US Highway', 'State Route', 'Rural Route', 'FM')} {r.randint(1, 999)}"
        unit = [self.unit()] if r.random() < 0.28 else []
        state = r.choice(self._lists.state_codes) if r.random() < 0.8 else r.choice(self._lists.us_states)
        code = self._digits(5) + (f"-{self._digits(4)}" if r.random() < 0.1 else "")
        city = self._city("US")
        at = r.random()
        last = (
            f"{city}, {state} {code}"
            if at < 0.75
            else f"{city} {state} {code}"
            if at < 0.85
            else f"{city}, {state}"
            if at < 0.95
            else f"{city}, {state}, {code}"
        )
        country = [self._one_of("USA", "United States", "US", "United States of America")] if r.random() < 0.12 else []
        if unit and r.random() < 0.5:
            return [f"{first} {unit[0]}", last, *country]
        return [first, *unit, last, *country]

    def _british(self) -> list[str]:
        r = self._random
        house = (
            [f"{self._one_of('Flat', 'Apartment', 'Unit')} {r.randint(1, 60)}"]
            if r.random() < 0.2
            else [f"{r.choice(_TREES)} {self._one_of('House', 'Cottage', 'Farm', 'Lodge')}"]
            if r.random() < 0.12
            else []
        )
        street = f"{self._number(3)} {self._name()} {r.choice(_UK_TYPES)}"
        town = [r.choice([*_TREES[40:], "Upper Norton", "Little Marlow", "Westbury"])] if r.random() < 0.1 else []
        return [
            *house,
            street,
            *town,
            *self._town(self._city("GB"), self.uk_code()),
            *self._country("UK", "United Kingdom", "England"),
        ]

    def _town(self, city: str, code: str) -> list[str]:
        return [city, code] if self._random.random() < 0.45 else [f"{city} {code}"]

    def _country(self, *names: str) -> list[str]:
        return [self._one_of(*names)] if self._random.random() < 0.25 else []

    def uk_code(self) -> str:
        r = self._random
        out = f"{self._one_of('SW', 'NW', 'SE', 'N', 'E', 'W', 'M', 'B', 'L', 'LS', 'EH', 'G', 'CF', 'BS', 'OX', 'CB', 'YO', 'BT', 'AB', 'PL', 'RG', 'GU', 'TN', 'CV', 'NG', 'EC', 'WC')}{r.randint(1, 30)}"
        return f"{out}{r.choice('ABWX') if r.random() < 0.08 else ''} {r.randint(1, 9)}{r.choice('ABDEFGHJLNPQRSTUWXYZ')}{r.choice('ABDEFGHJLNPQRSTUWXYZ')}"

    def _german(self) -> list[str]:
        r = self._random
        name = r.choice(_GERMAN) if r.random() < 0.7 else self._people.last("de_DE")
        street = f"{name}{self._one_of('straße', 'strasse', 'str.', 'weg', 'allee', 'platz', 'gasse', 'ring', 'ufer', 'damm')}"
        if r.random() < 0.15:
            street = f"{self._people.first('de_DE')}-{self._people.last('de_DE')}-{self._one_of('Straße', 'Platz', 'Weg', 'Allee')}"
        land = r.choice(["DE", "DE", "AT", "CH"])
        code = self._digits(5 if land == "DE" else 4)
        prefix = f"{self._one_of('D-', 'DE-')}" if r.random() < 0.06 else ""
        return [
            f"{street} {self._number(3)}",
            f"{prefix}{code} {self._city(land)}",
            *self._country("Germany" if land == "DE" else "Austria" if land == "AT" else "Switzerland", "Deutschland"),
        ]

    def _french(self) -> list[str]:
        r = self._random
        kind = self._one_of("rue", "rue", "Rue", "avenue", "boulevard", "place", "chemin", "allée", "quai", "impasse")
        name = r.choice(_FRENCH) if r.random() < 0.7 else f"{self._people.first('fr_FR')} {self._people.last('fr_FR')}"
        sep = "," if r.random() < 0.3 else ""
        land = r.choice(["FR", "FR", "FR", "BE"])
        return [
            f"{self._number(3)}{self._one_of('', '', '', '', ' bis', ' ter')}{sep} {kind} {name}",
            f"{self._digits(5 if land == 'FR' else 4)} {self._city(land)}",
            *self._country("France" if land == "FR" else "Belgium"),
        ]

    def _spanish(self) -> list[str]:
        r = self._random
        kind = self._one_of(
            "Calle", "C/", "Calle", "Avenida", "Av.", "Avda.", "Paseo", "Plaza", "Carrer", "Carrera", "Bulevar", ""
        )
        name = r.choice(_SPANISH) if r.random() < 0.75 else self._people.last("es_ES")
        number = self._one_of(
            f" {self._number(4)}",
            f", {self._number(3)}",
            f" {self._number(4)}",
            f" nº {self._number(3)}",
            f" # {self._digits(2)}-{self._digits(2)}",
            f" Nº {self._number(3)}",
        )
        land = self._one_of("ES", "MX", "AR", "CO")
        more = (
            [self._one_of("2º B", "3º izq.", "Piso 4", "Depto. 12", "Col. Centro", "Int. 5", "1º")]
            if r.random() < 0.25
            else []
        )
        return [
            f"{kind} {name}{number}".strip(),
            *more,
            f"{self._digits(5 if land != 'AR' else 4)} {self._city(land)}",
            *self._country({"ES": "Spain", "MX": "Mexico", "AR": "Argentina", "CO": "Colombia"}[land]),
        ]

    def _italian(self) -> list[str]:
        kind = self._one_of("Via", "Via", "Via", "Viale", "Piazza", "Corso", "Largo", "Strada", "via")
        name = (
            self._random.choice(_ITALIAN)
            if self._random.random() < 0.7
            else f"{self._people.first('it_IT')} {self._people.last('it_IT')}"
        )
        return [
            f"{kind} {name}{self._one_of(' ', ', ')}{self._number(3)}",
            f"{self._digits(5)} {self._city('IT')}{self._one_of('', ' (MI)', ' RM', ' TO', '')}",
            *self._country("Italy", "Italia"),
        ]

    def _dutch(self) -> list[str]:
        r = self._random
        name = self._one_of(
            "Dorp",
            "Kerk",
            "Molen",
            "Hoofd",
            "Prins Hendrik",
            "Linden",
            "Nieuwe",
            "Oude",
            "Wilhelmina",
            "Julianalaan",
            "Beatrix",
        )
        return [
            f"{name}{self._one_of('straat', 'weg', 'laan', 'plein', 'gracht', 'kade', 'dreef', 'singel')} {self._number(3)}",
            f"{self._digits(4)} {r.choice('ABCDEGHJKLMNPRSTVWXZ')}{r.choice('ABCDEGHJKLMNPRSTVWXZ')} {self._city('NL')}",
            *self._country("Netherlands", "The Netherlands"),
        ]

    def _nordic(self) -> list[str]:
        land = self._one_of("SE", "DK", "NO", "FI")
        ends = {
            "SE": ("gatan", "vägen", "stigen", "torget"),
            "DK": ("vej", "gade", "allé", "stræde"),
            "NO": ("veien", "gata", "vegen", "gaten"),
            "FI": ("katu", "tie", "kuja", "polku"),
        }[land]
        stem = self._one_of(
            "Stor",
            "Kungs",
            "Drottning",
            "Skole",
            "Kirke",
            "Hoved",
            "Asema",
            "Koulu",
            "Kauppa",
            "Sten",
            "Strand",
            "Berg",
            "Nørre",
            "Sönder",
            "Puisto",
            "Linne",
            "Björk",
        )
        code = f"{self._digits(3)} {self._digits(2)}" if land == "SE" else self._digits(5 if land == "FI" else 4)
        return [
            f"{stem}{self._random.choice(ends)} {self._number(3)}",
            f"{code} {self._city(land)}",
            *self._country({"SE": "Sweden", "DK": "Denmark", "NO": "Norway", "FI": "Finland"}[land]),
        ]

    def _polish(self) -> list[str]:
        name = self._one_of(
            "Marszałkowska",
            "Mickiewicza",
            "Piłsudskiego",
            "Kościuszki",
            "Słowackiego",
            "Polna",
            "Długa",
            "Ogrodowa",
            "Lipowa",
            "Krakowska",
            "Jana Pawła II",
        )
        return [
            f"{self._one_of('ul. ', 'ul. ', 'al. ', 'os. ', '')}{name} {self._number(3)}{self._one_of('', '/12', ' m. 4', '/3')}",
            f"{self._digits(2)}-{self._digits(3)} {self._city('PL')}",
            *self._country("Poland"),
        ]

    def _portuguese(self) -> list[str]:
        land = self._one_of("PT", "BR", "BR")
        code = f"{self._digits(4)}-{self._digits(3)}" if land == "PT" else f"{self._digits(5)}-{self._digits(3)}"
        name = (
            self._random.choice(_PORTUGUESE)
            if self._random.random() < 0.6
            else f"{self._people.first('pt_BR')} {self._people.last('pt_BR')}"
        )
        return [
            f"{self._one_of('Rua', 'Rua', 'R.', 'Avenida', 'Av.', 'Travessa', 'Praça', 'Alameda')} {name}, {self._one_of('', 'nº ')}{self._number(4)}",
            f"{code} {self._city(land)}",
            *self._country("Portugal" if land == "PT" else "Brazil"),
        ]

    def _indian(self) -> list[str]:
        r = self._random
        first = self._one_of(
            f"Flat {self._number(3)}",
            f"{self._number(3)}",
            f"House No. {self._number(3)}",
            f"Plot {self._number(2)}",
            f"H.No. {self._number(2)}",
            f"Door No {self._number(2)}",
        )
        block = f"{self._people.first('en_IN') if 'en_IN' in self._lists.first_names else self._people.first()} {self._one_of('Apartments', 'Nagar', 'Towers', 'Enclave', 'Colony', 'Residency', 'Vihar')}"
        road = f"{self._one_of('MG', 'Linking', 'Station', 'Gandhi', 'Nehru', 'Ring', 'Park', 'Residency', 'Hill', 'Brigade')} {self._one_of('Road', 'Marg', 'Street', 'Lane')}"
        parts = [first, block, road] if r.random() < 0.6 else [f"{first}, {road}"]
        code = self._digits(6)
        return [*parts, f"{self._city('IN')}{self._one_of(' - ', ' ', ' ', ', ')}{code}", *self._country("India")]

    def _australian(self) -> list[str]:
        land = self._one_of("AU", "AU", "NZ", "ZA")
        state = f" {self._one_of('NSW', 'VIC', 'QLD', 'WA', 'SA', 'TAS', 'ACT')}" if land == "AU" else ""
        unit = f"{self._random.randint(1, 30)}/" if self._random.random() < 0.15 else ""
        return [
            f"{unit}{self._number(3)} {self._name()} {self._random.choice(_UK_TYPES)}",
            f"{self._city(land)}{state} {self._digits(4)}",
            *self._country({"AU": "Australia", "NZ": "New Zealand", "ZA": "South Africa"}[land]),
        ]

    def _canadian(self) -> list[str]:
        letters = "ABCEGHJKLMNPRSTVXY"
        r = self._random
        code = f"{r.choice(letters)}{r.randint(1, 9)}{r.choice(letters)}{self._one_of(' ', ' ', '')}{r.randint(1, 9)}{r.choice(letters)}{r.randint(1, 9)}"
        return [
            f"{self._number()} {self.us_street()}",
            *([self.unit()] if r.random() < 0.15 else []),
            f"{self._city('CA')}, {self._one_of('ON', 'QC', 'BC', 'AB', 'MB', 'NS', 'SK', 'NB', 'Ontario', 'Quebec')} {code}",
            *self._country("Canada"),
        ]

    def _japanese(self) -> list[str]:
        r = self._random
        area = self._one_of(
            "Nishi-Shinjuku",
            "Jingumae",
            "Minami-Aoyama",
            "Roppongi",
            "Marunouchi",
            "Honcho",
            "Kita-Senju",
            "Umeda",
            "Namba",
            "Dogenzaka",
        )
        ward = self._one_of("Shinjuku-ku", "Shibuya-ku", "Minato-ku", "Chiyoda-ku", "Kita-ku", "Chuo-ku")
        return [
            f"{r.randint(1, 9)}-{r.randint(1, 30)}-{r.randint(1, 20)} {area}",
            ward,
            f"{self._city('JP')} {self._digits(3)}-{self._digits(4)}",
            *self._country("Japan"),
        ]

    def _hungarian(self) -> list[str]:
        name = self._one_of(
            "Petőfi Sándor", "Kossuth Lajos", "Rákóczi", "Fő", "Széchenyi", "Béke", "Ady Endre", "Kerepesi", "Váci"
        )
        street = f"{name} {self._one_of('utca', 'út', 'tér', 'u.', 'körút')} {self._number(3)}{self._one_of('.', '')}"
        town = f"{self._digits(4)} {self._city('HU')}"
        return (
            [street, town, *self._country("Hungary")]
            if self._random.random() < 0.6
            else [f"{self._city('HU')}", street, self._digits(4)]
        )

    def _czech(self) -> list[str]:
        name = self._one_of(
            "Na Příkopě",
            "Masarykova",
            "Husova",
            "Nádražní",
            "Palackého",
            "Smetanova",
            "Vinohradská",
            "Školní",
            "Zahradní",
            "Jiráskova",
        )
        return [
            f"{name} {self._number(3)}{self._one_of('', '/5', '/12')}",
            f"{self._digits(3)} {self._digits(2)} {self._city('CZ')}{self._one_of('', ' 1', ' 5')}",
            *self._country("Czech Republic", "Czechia"),
        ]

    def _irish(self) -> list[str]:
        return [
            f"{self._number(3)} {self._name()} {self._random.choice(_UK_TYPES)}",
            self._one_of("Dublin 4", "Dublin 8", "Cork", "Galway", "Limerick"),
            *self._country("Ireland"),
        ]

    def _box(self) -> list[str]:
        r = self._random
        box = (
            f"{self._one_of('P.O. Box', 'PO Box', 'P O Box', 'Po Box', 'POB', 'Postfach', 'Apartado')} {self._number()}"
        )
        if r.random() < 0.4:
            unit = self._one_of(
                f"PSC {self._number(4)}, Box {self._number(4)}",
                f"Unit {self._digits(4)} Box {self._digits(4)}",
                f"CMR {self._digits(3)}",
                f"USS {self._people.last()}",
                f"USCGC {self._people.last()}",
            )
            return [unit, f"{self._one_of('APO', 'FPO', 'DPO')} {self._one_of('AE', 'AP', 'AA')} {self._digits(5)}"]
        return [box, f"{self._city('US')}, {r.choice(self._lists.state_codes)} {self._digits(5)}"]

    def _plain(self) -> list[str]:
        """Little to tell it by: a name and a number, or a bare street."""
        r = self._random
        at = r.random()
        if at < 0.4:
            return [f"{self._people.last()} {self._number(4)}", r.choice(self._lists.cities)]
        if at < 0.7:
            return [f"{self._number(4)} {self._people.last()}", r.choice(self._lists.cities)]
        return [
            f"{self._number(4)} {self._one_of('The', 'Old', 'New', 'Upper', 'Lower')} {self._name()}",
            r.choice(self._lists.cities),
        ]

    def _make(self) -> list[str]:
        return self._random.choices([maker for _, maker in self._makers], [weight for weight, _ in self._makers])[0]()

    def lines(self) -> str:
        return "\n".join(self._make())

    def address(self) -> str:
        """Whole or in part, in one line or several."""
        r = self._random
        parts = self._make()
        at = r.random()
        if at < 0.18:
            parts = parts[:1]
        elif at < 0.3:
            parts = parts[:2]
        separator = r.choices([", ", "\n", " ", ",\n", "; ", " - "], [62, 16, 12, 5, 2, 1])[0]
        return separator.join(parts)
