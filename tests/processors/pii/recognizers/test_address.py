from __future__ import annotations

import pytest

from processors.pii.recognizers.address import AddressRecognizer
from tests.processors.pii.recognizers.tables import found, is_linear

ROWS = (AddressRecognizer(),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("we live at 12 Elm Street, Apt 5, Springfield, IL 62704.", "12 Elm Street, Apt 5, Springfield, IL 62704"),
        ("to 7 Mill Lane, St. Albans. Please", "7 Mill Lane, St. Albans"),
        ("his home addy 58 foxglove close leeds. should i", "58 foxglove close"),
        ("me: 14b allen court st, call when", "14b allen court st"),
        ("airbnb is carrer de verdi 63, barcelona", "carrer de verdi 63"),
        ('home = "1450 Rue Saint-Denis E, app. 6", ok', "1450 Rue Saint-Denis E, app. 6"),
        ("noch Am Rosenberg 3, 80933 München. Falls", "Am Rosenberg 3, 80933 München"),
        ("au 4 venelle du Four, bât. C, 29200 Brest.", "4 venelle du Four, bât. C, 29200 Brest"),
        ("chaussée de Mons 407, boîte 3, 1040 Etterbeek.", "chaussée de Mons 407, boîte 3, 1040 Etterbeek"),
    ],
)
def test_addresses_are_found_to_their_end(text: str, value: str) -> None:
    """Street, unit, code and town, and not the sentence behind them; also as people type who type no capitals."""
    assert max((piece for _, piece in found(ROWS, text)), key=len) == value


@pytest.mark.parametrize(
    "text",
    [
        "a 2 lane road to the sea",
        "a 24 hour drive",
        "we had 3 days to close the deal",
        "10 people were on the road",
        "i sent it via email 24 times",
        "Am Montag 3 Uhr",
        "Am Freitag 13 passiert es",
    ],
)
def test_other_numbers_beside_words_stay(text: str) -> None:
    """Counts, times and days."""
    assert found(ROWS, text) == []


@pytest.mark.parametrize("piece", ["1 a", "12 abc ", "rua abc ", "Am Abc 1 ", "1 A Street, ", "A. "])
def test_time_is_linear(piece: str) -> None:
    """No form tries the same words over and over."""
    assert is_linear(ROWS, piece)
