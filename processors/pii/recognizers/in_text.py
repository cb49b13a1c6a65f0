"""The recognizers that look through content only, beside the language model: they need sentences around a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding
from processors.pii.recognizers.address import AddressRecognizer
from processors.pii.recognizers.bank_account import (
    ABA_ROUTING_NUMBER,
    SWIFT_CODE,
    UK_ACCOUNT,
    UK_SORT_CODE,
    US_BANK_NUMBER,
)
from processors.pii.recognizers.credit_card import CARD_IN_CONTEXT
from processors.pii.recognizers.date_of_birth import DATE_ALONE, DATE_OF_BIRTH
from processors.pii.recognizers.dates import DATE_TIME
from processors.pii.recognizers.documents import MEDICAL_LICENSE, PASSPORT, US_DRIVER_LICENSE, US_PASSPORT
from processors.pii.recognizers.introduced_person import IntroducedPersonRecognizer
from processors.pii.recognizers.ip_address import IpAddressRecognizer
from processors.pii.recognizers.national_ids import NATIONAL_IDS
from processors.pii.recognizers.national_phone import NationalPhoneRecognizer
from processors.pii.recognizers.recognizer import Gated, find_all
from processors.pii.recognizers.spoken import SPOKEN_EMAIL, SpokenNumberRecognizer
from processors.pii.recognizers.ssn import US_ITIN_IN_CONTEXT, US_SSN_IN_CONTEXT
from processors.pii.recognizers.table_column import TableColumnRecognizer
from processors.pii.recognizers.uk_numbers import UK_NHS, UK_NHS_IN_CONTEXT
from processors.pii.recognizers.user_name import (
    USER_IN_FIELDS,
    USER_IN_LOG,
    USER_IN_NETRC,
    USER_IN_SYSLOG,
    USER_IN_TEXT,
    USER_NAME,
    USER_NUMBERED,
    USER_OF_NETWORK,
    USER_OPTION,
    USER_VARIABLE,
    USER_WITH_DIGITS,
    UserFieldRecognizer,
)
from processors.pii.recognizers.user_path import CODE_PROFILE, HOME_DIRECTORY, PROFILE, USER_SEGMENT, WINDOWS_HOME
from processors.pii.recognizers.web_address import URL, UUID

_NETWORKS: Final = (
    "insta", "ig ", "snap", "tik", "chat", "telegram", "discord", "twitter", "bluesky", "mastodon", "threads", "twitch", "steam",
    "psn", "xbox", "skype", "kik", "gamertag", "onlyfans", "reddit",
)  # fmt: skip

IN_TEXT: Final[tuple[Gated, ...]] = (
    Gated(AddressRecognizer(), digits=1),
    Gated(IntroducedPersonRecognizer()),
    Gated(NationalPhoneRecognizer(), digits=6),
    Gated(CARD_IN_CONTEXT, ("card", "visa", "amex", "master", "cc"), digits=12),
    Gated(
        DATE_OF_BIRTH,
        (
            "born",
            "birth",
            "bday",
            "b-day",
            "nascim",
            "nascid",
            "dob",
            "d.o.b",
            "b. ",
            "geb",
            "né",
            "naissance",
            "nacid",
            "nacim",
            "nato ",
            "nata ",
            "nascita",
            "nasc.",
            "dogum",
            "født",
            "född",
        ),
        digits=3,
    ),
    Gated(USER_NAME, ("user", "login", "log in", "logged", "sign", "handle", "screen name", "nick")),
    Gated(UserFieldRecognizer(), ("user",)),
    Gated(USER_IN_TEXT, ("login", "cred", "user")),
    Gated(USER_OPTION, (" -u",)),
    Gated(USER_IN_NETRC, ("password",)),
    Gated(USER_IN_LOG, (" user ",)),
    Gated(USER_NUMBERED, ("user ",), digits=1),
    Gated(USER_IN_FIELDS, ("user=", "userid=", "actor=", "owner=")),
    Gated(USER_VARIABLE, ("_user", "_login")),
    Gated(USER_OF_NETWORK, _NETWORKS),
    Gated(USER_WITH_DIGITS, ("_",), digits=1),
    Gated(USER_IN_SYSLOG, ("sudo: ", "accepted ", "failed ")),
    Gated(HOME_DIRECTORY, ("/home/", "/users/")),
    Gated(WINDOWS_HOME, (":\\users", ":\\\\users")),
    Gated(PROFILE, (".com/", ".net/", "t.me/", ".io/")),
    Gated(CODE_PROFILE, ("github", "gitlab", "codeberg")),
    Gated(USER_SEGMENT, ("/user", "/u/", "/profile", "/member", "/people/", "/~/")),
    Gated(SpokenNumberRecognizer(), ("one", "two", "three", "four", "five", "zero")),
    Gated(SPOKEN_EMAIL, (" dot ", "[dot]", "(dot)")),
    Gated(TableColumnRecognizer(), ("\n",), digits=2),
    Gated(DATE_ALONE, digits=5),
    Gated(IpAddressRecognizer(), (".", ":"), digits=1),
    Gated(US_SSN_IN_CONTEXT, ("social", "ss"), digits=9),
    Gated(US_ITIN_IN_CONTEXT, ("tin", "tax"), digits=9),
    Gated(UK_NHS, digits=10),
    Gated(UK_NHS_IN_CONTEXT, ("nhs", "national health", "patient", "hospital"), digits=10),
    Gated(US_PASSPORT, ("pas", "reisepass", "travel doc"), digits=8),
    Gated(PASSPORT, ("pas", "reisepass", "travel doc"), digits=5),
    Gated(US_DRIVER_LICENSE, ("lic", "dl", "driv", "permis", "hrerschein"), digits=3),
    Gated(MEDICAL_LICENSE, digits=7),
    Gated(US_BANK_NUMBER, ("acc", "a/c", "konto", "bban", "bank"), digits=6),
    Gated(ABA_ROUTING_NUMBER, ("routing", "aba", "rtn", "transit"), digits=9),
    Gated(UK_ACCOUNT, ("sort",), digits=14),
    Gated(UK_SORT_CODE, ("sort",), digits=6),
    Gated(SWIFT_CODE, ("swift", "bic")),
    *NATIONAL_IDS,
)

ON_DEMAND: Final[tuple[Gated, ...]] = (
    Gated(DATE_TIME, digits=1),
    Gated(URL, (".",)),
    Gated(UUID, ("-",), digits=1),
)
"""For types that the built-in policy keeps: searched only under a policy that acts on them."""


def find_in_text(text: str) -> Iterator[Finding]:
    return find_all(IN_TEXT, text)
