"""Postal addresses: a house number and a street in the forms of English and its neighbours, and what follows it.

A language model reads `12 Main Street, Apt 5` as a number and an unknown name; its form is plainer than its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding

_CAPITAL: Final = r"[^\W\d_a-zß-öø-ÿ]"
_NAME: Final = rf"{_CAPITAL}[\w'\u2019.-]{{0,40}}"
_STREET_TYPE: Final = (
    r"(?:Street|St|Avenue|Ave|Av|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Way|"
    r"Highway|Hwy|Parkway|Pkwy|Circle|Cir|Close|Crescent|Cres|Mews|Row|Gardens|Grove|Hill|Quay|Trail|Loop|Alley|"
    r"Broadway|Esplanade|Pike|Plaza|Ridge|Wharf|Heights)\b\.?"
)
_JOINER: Final = r"(?:(?:de|du|des|da|do|dos|das|del|della|di|la|le|les|van|von|der|den|d'|l')\s?)*"
_PREFIX_TYPE: Final = (
    r"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace|[Cc]hemin|[Aa]llée|[Qq]uai|Via|Viale|[Pp]iazza|[Cc]orso|[Cc]alle"
    r"|[Vv]enelle|[Ii]mpasse|[Cc]hauss\u00e9e|[Rr]oute|[Cc]ours|[Ss]entier|[Vv]icolo|[Vv]ia|[Cc]h\.|[Aa]venida|[Pp]aseo|[Pp]laza|[Rr]ua|[Tt]ravessa|[Pp]raça|[Uu]l\.|[Uu]lica|[Aa]leja|[Cc]arrer|[Ss]trada)"
)
_GERMANIC: Final = (
    r"[\w'\u2019-]{2,40}(?:straße|strasse|str\.|gasse|weg|platz|allee|damm|ufer|gatan|gata|vägen|veien|vegen|vej|gade"
    r"|katu|katu\.|tie|kuja|tänav|laan|straat|plein|kade|dreef|gracht|utca|út|tér)"
)
_UPPER_TYPE: Final = r"(?:STREET|ST|AVENUE|AVE|ROAD|RD|LANE|LN|DRIVE|DR|BOULEVARD|BLVD|COURT|CT|PLACE|PL|SQUARE|TERRACE|HWY|PKWY|CIR|CLOSE|CRESCENT|GARDENS|GROVE|HILL)\b\.?"
_BEFORE_NUMBER: Final = (
    r"(?:(?:Level|Floor|Unit|Shop|Suite|Flat(?: No\.?)?|Apt\.?|Room|Block|Blk|Plot(?: No\.?)?|No\.|Nr\.|Door No\.?|House No\.?|H\.?\s?No\.?)"
    r"\s?#?\d[\w/-]{0,12},?\s|\d{1,2}(?:st|nd|rd|th)\s[Ff]loor,?\s)"
)
_UNIT: Final = r"(?:(?i:app|apto|b\u00e2t|bo\u00eete|esc|int|scala|piso|whg|wohnung)\b\.?\s?[A-Z\d]\w{0,3}|\d{1,2}\.\s?(?:OG|Stock|[Ee]tg\.?|[Ee]tage)(?:\s(?:links|rechts|li\.|re\.))?|(?:Apt|Apartment|Suite|Ste|Flat|Unit|Floor|Fl|Room|Rm)\b\.?\s?#?\s?\d+\w?)"
_LOWER_STREET: Final = (
    r"\d{1,5}[a-z]?\s(?!(?:way|lane|minutes?|hours?|days?|miles?|feet|foot|ft|km|m|main|wide|long|years?|weeks?|of|to|in|on|by|the|a|an|x)\s)[a-z'\u2019-]{3,20}(?:\s[a-z'\u2019-]{3,20}){0,2}"
    r"\s(?:street|road|avenue|boulevard|blvd|crescent|terrace|(?<=[a-z]{3}\s)(?:st|rd|ave|lane|close|drive|grove|gardens)(?=,|\.?$|\n|\s(?:apt|flat|unit|in\s)|\s[a-z]+(?:[.,;!?]|$)))"
    r"|(?:calle|carrer|rua|ulica|ul\.|avenida|rue)\s(?:(?:de|del|de la|da|do|dos|des|du|d')\s?)?[a-z\u00df-\u00ff'\u2019-]{3,20}(?:\s[a-z\u00df-\u00ff'\u2019-]{3,20}){0,2},?\s\d{1,4}"
    r"|(?:Am|An der|Auf der|Auf dem|Unter den|Hinter der|Zum|Zur|Im|In der)\s[A-Z\u00c4\u00d6\u00dc][\w\u00df-]{3,30}\s\d{1,4}[a-z]?(?=,?\s\d{5}\s[A-Z\u00c4\u00d6\u00dc])"
)
_ADDRESS: Final = re.compile(
    rf"(?<![\w-])(?:"
    rf"{_BEFORE_NUMBER}?\d{{1,6}}[A-Za-z]?(?:[-/]\d{{1,5}}[A-Za-z]?)?,?\s(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?\s)?(?:{_NAME}\s|\d{{1,3}}(?i:st|nd|rd|th)\s){{1,4}}"
    rf"(?:{_STREET_TYPE}|{_UPPER_TYPE})"
    rf"(?:\s(?:N|S|E|W|NE|NW|SE|SW)\b\.?)?"
    rf"|{_BEFORE_NUMBER}(?:{_NAME}\s){{0,4}}{_STREET_TYPE}|{_LOWER_STREET}"
    rf"|(?:Blk|Block)\s\d{{1,4}}[A-Z]?(?=,?\s[A-Z])|\#\d\d-\d{{2,4}}(?=,?\s(?:Singapore|S\(?\d))"
    rf"|(?<=[A-Z]{{2}}[, ])\s?\d{{5}}-\d{{3}}"
    rf"|(?:\d{{1,5}}(?:\s?bis|\s?ter)?,?\s)?{_PREFIX_TYPE}\s{_JOINER}{_NAME}(?:\s{_JOINER}{_NAME}){{0,3}},?\s\d{{1,4}}[A-Za-z]?\b"
    rf"|\d{{1,5}}(?:\s?bis|\s?ter)?,?\s{_PREFIX_TYPE}\s{_JOINER}{_NAME}(?:[\s-]{_JOINER}{_NAME}){{0,3}}"
    rf"|{_CAPITAL}{_GERMANIC}\s\d{{1,5}}\s?[a-zA-Z]?(?:-\d{{1,4}})?\b"
    rf"|(?:{_NAME}\s){{1,2}}(?:[Ss]traße|[Ss]trasse|[Gg]asse|[Ww]eg|[Pp]latz|[Aa]llee|utca|út|tér|u\.|katu|gatan|vej|gade)\s\d{{1,5}}\b\.?\w?"
    r"|[Pp]\.?\s?[Oo]\.?\s?[Bb]ox\s\d{1,7}"
    r"|(?:PSC|Unit|CMR)\s\d{1,5},?\sBox\s\d{1,5}|USNS?\s[A-Z]\w+(?=\s+[AF]PO)"
    r"|(?:APO|FPO|DPO),?\sA[AEP]\s\d{5}(?:-\d{4})?"
    r"|(?:Apt|Apartment|Suite|Ste|Flat)\b\.?\s?#?\s?\d+\w?"
    r"|[A-Z]{1,2}\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{2}"
    r")(?!\w)"
)
_STATE: Final = (
    r"A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_TOWN: Final = re.compile(
    rf"(?<![\w-])(?:{_NAME}(?:\s{_NAME}){{0,2}},\s*)?(?:{_STATE}),?\s+\d{{5}}(?:-\d{{4}})?(?![\w-])"
    rf"|(?i:\b(?:zip|zip\s?codes?|post\s?codes?|postal\scodes?|plz)\b)(?:\s(?:is|of)|:)?\s#?(?P<code>\d[\d -]{{2,8}}\d)(?![\w-])"
)
_TOWN_NAME: Final = rf"(?:(?:St|Ste|Ft|Mt)\.\s)?{_CAPITAL}[\w'\u2019-]{{0,40}}"
_MORE: Final = re.compile(
    rf"[ ]?(?:,|\n)[ \n,]*(?:{_UNIT}|(?:[A-Z]{{1,2}}-)?\d{{3,6}}(?:[ -]\d{{2,4}})?(?:\s{_TOWN_NAME}){{0,3}}"
    rf"|{_TOWN_NAME}(?:\s{_TOWN_NAME}){{0,3}}(?:\s\d{{3,6}}(?:[ -]\d{{2,4}})?)?|[A-Z]{{2}}(?:\s\d{{5}})?)(?=\s*(?:[,.;\n!?)\"']|$))"
    rf"|\s{_UNIT}"
)
_MAX_LINES: Final = 6


class AddressRecognizer:
    entity_type: Final = "LOCATION"

    def find(self, text: str) -> Iterator[Finding]:
        done = 0
        for match in _ADDRESS.finditer(text):
            if match.start() < done:
                continue
            done = match.end()
            for _ in range(_MAX_LINES):
                more = _MORE.match(text, done)
                if more is None:
                    break
                done = more.end()
            yield Finding(self.entity_type, match.start(), done, 0.6)
        for match in _TOWN.finditer(text):
            yield Finding(self.entity_type, *match.span("code" if match["code"] else 0), 0.6)
