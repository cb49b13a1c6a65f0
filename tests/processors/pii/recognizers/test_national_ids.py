from __future__ import annotations

import pytest

from processors.pii.recognizers.national_ids import NATIONAL_IDS
from tests.processors.pii.recognizers.tables import found, is_linear, uncovered

FOUND = [
    ("ES_NIF", "12345678Z"),
    ("ES_NIF", "X1234567L"),
    ("IT_FISCAL_CODE", "RSSMRA85T10A562S"),
    ("SG_NRIC_FIN", "S1234567D"),
    ("FI_PERSONAL_IDENTITY_CODE", "131052-308T"),
    ("KR_RRN", "960121-1234561"),
    ("TH_TNIN", "1-1017-01234-56-1"),
    ("TH_TNIN", "Thai id 1101701234561"),
    ("PL_PESEL", "PESEL 44051401359"),
    ("IN_AADHAAR", "2341 2341 2346"),
    ("IN_PAN", "ABCPE1234F"),
    ("AU_ABN", "51 824 753 556"),
    ("AU_ACN", "ACN 005 749 986"),
    ("AU_TFN", "TFN 123 456 782"),
    ("AU_MEDICARE", "Medicare 2123 45670 1"),
    ("BR_CPF", "111.444.777-35"),
    ("BR_CNPJ", "11.222.333/0001-81"),
    ("FR_NIR", "2 55 08 14 168 025 38"),
    ("DE_TAX_ID", "Steuer-ID 86095742719"),
    ("NL_BSN", "BSN 111222333"),
    ("SE_PERSONAL_NUMBER", "811218-9876"),
    ("BE_NATIONAL_NUMBER", "85.07.30-033.28"),
    ("CH_AHV", "756.9217.0769.85"),
    ("CA_SIN", "SIN 130 692 544"),
    ("CN_RESIDENT_ID", "11010519491231002X"),
    ("MX_CURP", "HEGG560427MVZRRL04"),
    ("ES_NIF", "12.345.678-Z"),
    ("ZA_ID_NUMBER", "8001015009087"),
    ("PT_NIF", "NIF 123456789"),
    ("IE_PPS", "PPSN 1234567FA"),
    ("NO_NATIONAL_NUMBER", "15076500565"),
    ("AT_INSURANCE_NUMBER", "SVNR 1237 010180"),
    ("IS_KENNITALA", "kennitala 120174-3399"),
    ("US_MBI", "1EG4-TE5-MK73"),
    ("KE_KRA_PIN", "KRA A001234567B"),
]

OTHER_CHECK = [
    "12345678A", "X1234567A", "RSSMRA85T10A562A", "S1234567A", "131052-308U", "960121-1234562", "1-1017-01234-56-2",
    "PESEL 44051401358", "2341 2341 2347", "51 824 753 557", "TFN 123 456 783", "111.444.777-36", "11.222.333/0001-82",
    "2 55 08 14 168 025 39", "Steuer-ID 86095742718", "BSN 111222334", "811218-9877", "85.07.30-033.29",
    "756.9217.0769.84", "SIN 130 692 545", "110105194912310021",
    "12.345.678-A", "8001015009088", "NIF 123456788", "PPSN 1234567GA", "15076500566", "SVNR 1238 010180", "kennitala 120174-3389",
    "1EG4-LE5-MK73",
]  # fmt: skip
WITHOUT_CONTEXT = [
    "44051401359",
    "1101701234561",
    "234123412346",
    "86095742719",
    "111222333",
    "130692544",
    "1763703928123",
    "123456789",
    "1234567FA",
    "120174-3399",
    "A001234567B",
]


@pytest.mark.parametrize(("entity_type", "text"), FOUND)
def test_ids_with_a_right_check_are_found(entity_type: str, text: str) -> None:
    """One of each country, from public examples, alone and in a sentence."""
    value = (
        text.split(" ", 1)[1]
        if text.split(" ", 1)[0].isalpha()
        else text.removeprefix("Steuer-ID ").removeprefix("id ")
    )
    value = value.removeprefix("id ")
    assert uncovered(NATIONAL_IDS, entity_type, text, value) == ""
    assert uncovered(NATIONAL_IDS, entity_type, f"Mine is {text}, thanks.", value) == ""


@pytest.mark.parametrize("text", OTHER_CHECK + WITHOUT_CONTEXT)
def test_other_numbers_stay(text: str) -> None:
    """One digit off is another number; and bare digits need a word that says what they are."""
    assert found(NATIONAL_IDS, text) == []


@pytest.mark.parametrize("piece", ["1", "1 ", "A", "1-", "1.", "12345678", "tin 1", "2 1"])
def test_time_is_linear(piece: str) -> None:
    """No row tries the same characters over and over."""
    assert is_linear(NATIONAL_IDS, piece)
