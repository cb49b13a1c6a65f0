from __future__ import annotations

import time

import pytest

from processors.pii.recognizers.in_text import IN_TEXT

FOUND = [
    ("LOCATION", "ship it to 350 Fifth Avenue, New York, NY 10118 please", "350 Fifth Avenue, New York, NY 10118"),
    ("LOCATION", "I live at 12 Elm St. with my cat", "12 Elm St"),
    ("LOCATION", "at 1600 N. Pennsylvania Ave NW, Suite 4\nWashington, DC 20500", "1600 N. Pennsylvania Ave NW, Suite 4\nWashington, DC 20500"),
    ("LOCATION", "P.O. Box 4711 is mine", "P.O. Box 4711"),
    ("LOCATION", "PSC 1234, Box 5678\nAPO AE 09012", "PSC 1234, Box 5678\nAPO AE 09012"),
    ("LOCATION", "wohnhaft Lindenstraße 8a, 10969 Berlin.", "Lindenstraße 8a, 10969 Berlin"),
    ("LOCATION", "au 12 rue de la Paix, 75002 Paris.", "12 rue de la Paix, 75002 Paris"),
    ("LOCATION", "in Via Roma 12", "Via Roma 12"),
    ("LOCATION", "at Level 5, 120 Collins Street now", "Level 5, 120 Collins Street"),
    ("LOCATION", "to 3rd Floor, 27 Fenchurch Row", "3rd Floor, 27 Fenchurch Row"),
    ("LOCATION", "to No. 24, Golestan Alley", "No. 24, Golestan Alley"),
    ("LOCATION", "to 2207 N 14TH ST today", "2207 N 14TH ST"),
    ("LOCATION", "in Blk 123 Ang Mo, #08-4321, Singapore", "Blk 123"),
    ("LOCATION", "in Blk 123 Ang Mo, #08-4321, Singapore", "08-4321"),
    ("LOCATION", "São Paulo - SP, 01304-001", "01304-001"),
    ("LOCATION", "London SW1A 2AA is near", "SW1A 2AA"),
    ("LOCATION", "my zip code is 94110", "94110"),
    ("LOCATION", "moved to Austin, TX 78701", "Austin, TX 78701"),
    ("PERSON", "ask Mr. Okafor about it", "Okafor"),
    ("PERSON", "My name is Nguyễn Văn An, hello", "Nguyễn Văn An"),
    ("PERSON", "Dear Wanjiru,", "Wanjiru"),
    ("PERSON", "The patient, Mrs. Wanjiru Okafor, is in", "Wanjiru Okafor"),
    ("PERSON", "Name: Ludwig van der Berg\nAge: 4", "Ludwig van der Berg"),
    ("PERSON", "Regards,\nJ. Smith", "J. Smith"),
    ("PHONE_NUMBER", "call me on 467 3395", "467 3395"),
    ("PHONE_NUMBER", "07700 900 123 is mine", "07700 900 123"),
    ("PHONE_NUMBER", "office (030) 123 4567 ext. 12", "(030) 123 4567 ext. 12"),
    ("PHONE_NUMBER", "her mobile: 5551234567", "5551234567"),
]  # fmt: skip

NOT_FOUND = [
    "It took 12 345 678 ms and 9 000 tokens",
    "between 2019-2021 and on 2024-05-06",
    "Order 5551234567 has shipped",
    "version 10.20.30.40 and 1.2.3",
    "12 apples, 5 pears and 3 Way better ideas",
    "Dear customer, my name is not important",
    "Dear Sir or Madam, the Doctor is in",
    "Dear Dr., dear Prof.",
    "room 12 on floor 3",
    "Level 5, then No. 24, and Block 3, #08-4321",
    "part 90210-123",
    "a 3-2-1 rule, 100 200 300 400 500 600",
    "Considering 16 of them, dial it down",
    "costs $1 250 000 or 12 500 000 EUR",
]


@pytest.mark.parametrize(("entity_type", "text", "value"), FOUND)
def test_values_in_sentences(entity_type: str, text: str, value: str) -> None:
    """What the words around a value make plain is found, and whole."""
    start = text.index(value)
    findings = [f for r in IN_TEXT for f in r.find(text) if f.entity_type == entity_type]
    covered = {i for finding in findings for i in range(finding.start, finding.end)}
    assert [text[i] for i in range(start, start + len(value)) if text[i].isalnum() and i not in covered] == []


@pytest.mark.parametrize("text", NOT_FOUND)
def test_ordinary_text_is_left_alone(text: str) -> None:
    """Counts, dates, versions, amounts and manners of address are no findings."""
    assert [text[f.start : f.end] for r in IN_TEXT for f in r.find(text)] == []


@pytest.mark.parametrize(
    "piece",
    ["a", "1 ", "A.", "A ", "12 A ", "12-", "Rue A ", "Astr", ",\n", "12 Main St, ", "Mr. ", "A A,", "(1) ", "CA  ", "zip 1 ", "1"],
)  # fmt: skip
def test_time_is_linear(piece: str) -> None:
    """A text made to be slow is read in the time of any other."""
    text = piece * (50_000 // len(piece))
    started = time.process_time()
    for recognizer in IN_TEXT:
        for _ in recognizer.find(text):
            pass
    assert time.process_time() - started < 2
