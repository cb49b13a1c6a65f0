"""The recognizers that look through content only, beside the language model: they need sentences around a value."""

from __future__ import annotations

from typing import Final

from processors.pii.recognizers.address import AddressRecognizer
from processors.pii.recognizers.introduced_person import IntroducedPersonRecognizer
from processors.pii.recognizers.national_phone import NationalPhoneRecognizer
from processors.pii.recognizers.recognizer import Recognizer

IN_TEXT: Final[tuple[Recognizer, ...]] = (
    AddressRecognizer(),
    IntroducedPersonRecognizer(),
    NationalPhoneRecognizer(),
)
