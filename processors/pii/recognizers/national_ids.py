"""Identity and tax numbers of countries other than the US and the UK: a row each, with its form and its check.

A number that groups, letters or a date inside it set apart needs no words around it. Bare digits of which one in ten
passes the check do: those rows have a context. The types are spelled as Presidio spells them, where it has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from processors.pii.recognizers.check_digits import digits_of, luhn, mod_11_10, no_repetition, verhoeff, weighted
from processors.pii.recognizers.recognizer import Gated, PatternRecognizer, words

_SPANISH_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_FINNISH_SIGNS: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_ITALIAN_ODD: Final = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16,
        10, 22, 25, 24, 23,
    ), strict=True)
)  # fmt: skip
_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"


def _on_digits(check: Callable[[str], bool]) -> Callable[[str], bool]:
    def valid(value: str) -> bool:
        digits = digits_of(value)
        return no_repetition(digits) and check(digits)

    return valid


def is_es_nif(value: str) -> bool:
    body = value[:-1].rstrip("- ").upper()
    number = {"X": "0", "Y": "1", "Z": "2"}.get(body[0], body[0]) + body[1:]
    return _SPANISH_LETTERS[int(digits_of(number)) % 23] == value[-1].upper()


def is_it_fiscal_code(value: str) -> bool:
    code = value.upper()
    total = sum(_ITALIAN_ODD[char] for char in code[:15:2]) + sum(
        int(char) if char.isdigit() else ord(char) - 65 for char in code[1:15:2]
    )
    return chr(total % 26 + 65) == code[15]


def is_sg_nric(value: str) -> bool:
    code = value.upper()
    total = weighted(code[1:8], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(code[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}
    place = 10 - total % 11 if code[0] == "M" else total % 11
    return letters[code[0]][place] == code[8]


def is_fi_pic(value: str) -> bool:
    return _FINNISH_SIGNS[int(value[:6] + value[7:10]) % 31] == value[10].upper()


def is_kr_rrn(value: str) -> bool:
    digits = digits_of(value)
    return (11 - weighted(digits, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(digits[12])


def is_pesel(digits: str) -> bool:
    month = int(digits[2:4]) % 20
    return (
        1 <= month <= 12
        and 1 <= int(digits[4:6]) <= 31
        and weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    )


def is_thai_id(digits: str) -> bool:
    return (11 - weighted(digits, range(13, 1, -1)) % 11) % 10 == int(digits[12])


def is_abn(digits: str) -> bool:
    return (
        weighted(str(int(digits[0]) - 1) + digits[1:], (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)) % 89 == 0
        if digits[0] != "0"
        else False
    )


def is_acn(digits: str) -> bool:
    return (10 - weighted(digits, range(8, 0, -1)) % 10) % 10 == int(digits[8])


def is_tfn(digits: str) -> bool:
    return weighted(digits, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def is_medicare(digits: str) -> bool:
    return digits[0] in "23456" and weighted(digits, (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(digits[8])


def is_cpf(digits: str) -> bool:
    return all(weighted(digits, range(n + 1, 1, -1)) * 10 % 11 % 10 == int(digits[n]) for n in (9, 10))


def is_cnpj(digits: str) -> bool:
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return all((11 - weighted(digits[:n], weights[13 - n :]) % 11) % 11 % 10 == int(digits[n]) for n in (12, 13))


def is_fr_nir(value: str) -> bool:
    number = value.upper().replace("2A", "19").replace("2B", "18")
    digits = digits_of(number)
    return len(digits) == 15 and 97 - int(digits[:13]) % 97 == int(digits[13:])


def is_bsn(digits: str) -> bool:
    return weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def is_be_national_number(digits: str) -> bool:
    return int(digits[9:]) in {97 - int(prefix + digits[:9]) % 97 for prefix in ("", "2")}


def is_ahv(digits: str) -> bool:
    return (10 - weighted(digits, (1, 3) * 6) % 10) % 10 == int(digits[12])


def is_cn_resident_id(value: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[weighted(value[:17], weights) % 11] == value[17].upper()


def is_za_id(digits: str) -> bool:
    return digits[11] in "89" and luhn(digits)


def is_pt_nif(digits: str) -> bool:
    return (11 - weighted(digits, range(9, 1, -1)) % 11) % 11 % 10 == int(digits[8])


def is_ie_pps(value: str) -> bool:
    letter, second = value[7].upper(), value[8:].upper()
    total = weighted(value[:7], range(8, 1, -1)) + 9 * (0 if second in {"", "W"} else ord(second) - 64)
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == letter


def is_no_national_number(digits: str) -> bool:
    first = (11 - weighted(digits[:9], (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11) % 11
    second = (11 - weighted(digits[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    return digits[9:] == f"{first}{second}"


def is_at_insurance_number(digits: str) -> bool:
    return weighted(digits, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == int(digits[3])


def is_kennitala(digits: str) -> bool:
    return digits[9] in "890" and (11 - weighted(digits, (3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11 == int(digits[8])


def is_kz_iin(digits: str) -> bool:
    check = weighted(digits, range(1, 12)) % 11
    if check == 10:
        check = weighted(digits, (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return check == int(digits[11])


def _row(
    entity_type: str,
    form: str,
    valid: Callable[[str], bool],
    *context: str,
    digits: int,
    literals: tuple[str, ...] = (),
) -> Gated:
    """A form stands neither inside a word nor inside a longer number."""
    pattern = re.compile(rf"(?<![\w+])(?<!\d[.,-])(?:{form})(?![\w]|[.,-]\d)")
    return Gated(
        PatternRecognizer(entity_type, pattern, valid, context=words(*context) if context else None), literals, digits
    )


NATIONAL_IDS: Final = (
    _row("ES_NIF", r"\d{8}-?[A-Z]|(?<!\d )[XYZ]-?\d{7}-?[A-Z]", is_es_nif, digits=7),
    _row("ES_NIF", r"\d{1,2}\.\d{3}\.\d{3} ?-? ?[A-Z]", is_es_nif, digits=7, literals=(".",)),
    _row("IT_FISCAL_CODE", r"(?i:[A-Z]{6}[\dL-NP-V]{2}[ABCDEHLMPRST][\dL-NP-V]{2}[A-Z][\dL-NP-V]{3}[A-Z])", is_it_fiscal_code, digits=4),
    _row("SG_NRIC_FIN", r"[STFGM]\d{7}[A-Z]", is_sg_nric, digits=7),
    _row("FI_PERSONAL_IDENTITY_CODE", rf"{_DAY}{_MONTH}\d\d[-+A-FU-Y]\d{{3}}[0-9A-FHJ-NPR-Y]", is_fi_pic, digits=9),
    _row("KR_RRN", rf"\d\d{_MONTH}{_DAY}-[1-8]\d{{6}}", is_kr_rrn, digits=13),
    _row("TH_TNIN", r"\d([ -])\d{4}\1\d{5}\1\d{2}\1\d", _on_digits(is_thai_id), digits=13),
    _row("TH_TNIN", r"\d{13}", _on_digits(is_thai_id), r"thai(?:land)?", r"citizen id", r"tnin", digits=13),
    _row("PL_PESEL", r"\d{11}", _on_digits(is_pesel), "pesel", digits=11, literals=("pesel",)),
    _row("IN_AADHAAR", r"[2-9]\d{3}([ -])\d{4}\1\d{4}", _on_digits(verhoeff), digits=12),
    _row("IN_AADHAAR", r"[2-9]\d{11}", _on_digits(verhoeff), "aadhaar", "aadhar", "uidai", digits=12),
    _row("IN_PAN", r"[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]", no_repetition, digits=4),
    _row("AU_ABN", r"\d\d \d{3} \d{3} \d{3}", _on_digits(is_abn), digits=11),
    _row("AU_ABN", r"\d{11}", _on_digits(is_abn), "abn", "australian business number", digits=11, literals=("abn", "australian")),
    _row("AU_ACN", r"\d{3} ?\d{3} ?\d{3}", _on_digits(is_acn), "acn", "australian company number", digits=9, literals=("acn", "australian")),
    _row("AU_TFN", r"\d{3}[ -]?\d{3}[ -]?\d{3}", _on_digits(is_tfn), "tfn", r"tax file(?: number)?", digits=9, literals=("tfn", "tax file")),
    _row("AU_MEDICARE", r"[2-6]\d{3}[ -]?\d{5}[ -]?\d", _on_digits(is_medicare), "medicare", digits=10, literals=("medicare",)),
    _row("BR_CPF", r"\d{3}\.\d{3}\.\d{3}-\d\d", _on_digits(is_cpf), digits=11),
    _row("BR_CPF", r"\d{11}", _on_digits(is_cpf), "cpf", digits=11, literals=("cpf",)),
    _row("BR_CNPJ", r"\d\d\.\d{3}\.\d{3}/\d{4}-\d\d", _on_digits(is_cnpj), digits=14, literals=("/",)),
    _row("FR_NIR", r"[12][ ]?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", is_fr_nir, digits=14),
    _row("DE_TAX_ID", r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}", _on_digits(mod_11_10), r"steuer\w*", r"identifikationsnummer", r"idnr\.?", "tin", r"tax id\w*", digits=11, literals=("steuer", "identifikations", "idnr", "tin", "tax")),
    _row("NL_BSN", r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}", _on_digits(is_bsn), "bsn", r"burgerservicenummer", "sofinummer", digits=9, literals=("bsn", "burgerservice", "sofi")),
    _row("SE_PERSONAL_NUMBER", rf"(?:19|20)?\d\d{_MONTH}(?:0[1-9]|[12]\d|3[01]|[6-8]\d|9[01])[-+]\d{{4}}", lambda v: luhn(digits_of(v)[-10:]), digits=10),
    _row("BE_NATIONAL_NUMBER", r"\d\d[.-][01]\d[.-][0-3]\d[ .-]\d{3}[.-]\d\d", _on_digits(is_be_national_number), digits=11),
    _row("CH_AHV", r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", _on_digits(is_ahv), digits=13, literals=("756",)),
    _row("CA_SIN", r"[1-79]\d\d[ -]?\d{3}[ -]?\d{3}", _on_digits(luhn), "sin", r"social insurance(?: (?:number|no))?", digits=9, literals=("sin", "social insurance")),
    _row("CN_RESIDENT_ID", rf"[1-8]\d{{5}}(?:19|20)\d\d{_MONTH}{_DAY}\d{{3}}[\dXx]", is_cn_resident_id, digits=17),
    _row("ZA_ID_NUMBER", rf"\d\d{_MONTH}{_DAY} ?\d{{4}} ?[01][89]\d", _on_digits(is_za_id), digits=13),
    _row("PT_NIF", r"[1235689]\d\d ?\d{3} ?\d{3}", _on_digits(is_pt_nif), "nif", r"contribuinte", digits=9, literals=("nif", "contribuinte")),
    _row("IE_PPS", r"\d{7}[A-Wa-w][ABHWabhw]?", is_ie_pps, r"pps(?:n| number| no)?", digits=7, literals=("pps",)),
    _row("NO_NATIONAL_NUMBER", rf"(?:0[1-9]|[12]\d|3[01]|[4-7]\d){_MONTH}\d\d ?\d{{5}}", _on_digits(is_no_national_number), digits=11),
    _row("AT_INSURANCE_NUMBER", rf"\d{{4}} ?{_DAY}{_MONTH}\d\d", _on_digits(is_at_insurance_number), r"sv-?nr\.?", r"svnr", r"sozialversicherung\w*", r"versicherungsnummer", digits=10, literals=("sv", "sozial", "versicherung")),
    _row("IS_KENNITALA", rf"{_DAY}{_MONTH}\d\d-?\d{{4}}", _on_digits(is_kennitala), r"kennitala", r"kt\.?", digits=10, literals=("kt", "kennitala")),
    _row("KZ_IIN", rf"\d\d{_MONTH}{_DAY}[1-6]\d{{5}}", _on_digits(is_kz_iin), r"iin", r"\u0438\u0438\u043d", digits=12, literals=("iin", "\u0438\u0438\u043d")),
    _row("US_MBI", r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d\d", lambda _: True, digits=5),
    _row("KE_KRA_PIN", r"[AP]\d{9}[A-Z]", lambda _: True, r"kra", r"pin", digits=9, literals=("kra", "pin")),
    _row("MX_CURP", rf"[A-Z][AEIOUX][A-Z]{{2}}\d\d{_MONTH}{_DAY}[HMX][A-Z]{{2}}[B-DF-HJ-NP-TV-Z]{{3}}[0-9A-Z]\d", no_repetition, digits=7),
)  # fmt: skip
