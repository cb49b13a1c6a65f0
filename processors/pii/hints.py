"""What the key of a field says about its value: `{"last_name": "Ng"}` needs no model, and a model would miss it.

Only keys that name one kind of data are listed. A bare `name` is as often a tool as a person.
"""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.dates import DATE

_TYPES: Final = {
    key: entity_type
    for entity_type, keys in {
        "PERSON": "first_name last_name full_name middle_name given_name family_name surname lastname firstname "
        "fullname maiden_name customer_name client_name patient_name contact_name employee_name user_full_name "
        "passenger_name guest_name cardholder_name cardholder account_holder recipient_name sender_name person_name",
        "LOCATION": "street street_address home_address postal_address mailing_address shipping_address "
        "billing_address delivery_address address_line address_line1 address_line2 zip_code zipcode postal_code postcode zip plz cp codigo_postal code_postal eircode "
        "city town village hometown birthplace place_of_birth birth_place",
        "PHONE_NUMBER": "phone phone_number phonenumber phone_no mobile mobile_number mobile_phone telephone telephone_number "
        "cell_phone cell_number fax fax_number callback_number",
        "US_SSN": "ssn social_security_number",
        "US_ITIN": "itin",
        "UK_NHS": "nhs nhs_number nhs_no",
        "UK_NINO": "nino ni_number national_insurance_number",
        "PASSPORT": "passport passport_no passport_number",
        "US_DRIVER_LICENSE": "license licence license_number licence_number driver_license driver_licence drivers_license "
        "drivers_licence driving_license driving_licence driver_license_number drivers_license_number driving_licence_number",
        "US_BANK_NUMBER": "account_number bank_account bank_account_number",
        "IBAN_CODE": "iban",
        "SWIFT_CODE": "bic swift_code bic_code swift_bic",
        "IN_AADHAAR": "aadhaar aadhaar_number",
        "BR_CPF": "cpf",
        "PL_PESEL": "pesel",
        "NL_BSN": "bsn",
        "AU_TFN": "tfn",
        "EMAIL_ADDRESS": "email email_address",
        "CREDIT_CARD": "card_number credit_card credit_card_number cc_number",
        "DATE_OF_BIRTH": "dob date_of_birth birth_date birthdate birthday birth_day birth born",
        "USERNAME": "username user_name login_name screen_name nickname user_login login",
        "PASSWORD": "password passwd pwd passphrase user_password db_password",
        "API_KEY": "secret api_key apikey x_api_key api_token access_token auth_token refresh_token "
        "id_token client_secret secret_key secret_access_key private_key private_key_id authorization proxy_authorization cookie "
        "set_cookie credentials connection_string x_goog_api_key session_token security_token",
    }.items()
    for key in keys.split()
}
_AT_THE_END: Final = frozenset(
    {
        key
        for key, entity_type in _TYPES.items()
        if entity_type in {"PHONE_NUMBER", "EMAIL_ADDRESS", "DATE_OF_BIRTH", "US_SSN"}
    }
    | {"first_name", "last_name", "surname", "postcode", "postal_code", "zip_code", "street_address"}
)
"""Of these, longer keys are kinds: `home_phone`, `applicant_date_of_birth`."""
_MIN_DIGITS: Final = {
    "DATE_OF_BIRTH": 1, "PHONE_NUMBER": 5, "US_SSN": 4, "US_ITIN": 4, "CREDIT_CARD": 4, "UK_NHS": 5, "UK_NINO": 5, "PASSPORT": 5,
    "US_DRIVER_LICENSE": 5, "US_BANK_NUMBER": 4, "IBAN_CODE": 5, "IN_AADHAAR": 5, "BR_CPF": 5, "PL_PESEL": 5, "NL_BSN": 5, "AU_TFN": 5,
}  # fmt: skip
"""A value with fewer is none: `{"phone": "iPhone 15"}`, `{"license": "Apache-2.0"}`."""
_FORMS: Final = {
    **dict.fromkeys(("zip", "plz", "cp"), re.compile(r"(?=\D*\d)[A-Za-z0-9 -]{3,10}")),
    **dict.fromkeys(("birth", "born"), re.compile(rf"{DATE}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")),
    "login": re.compile(
        r"(?=\w*[a-z])(?!(?:success|failed|failure|required|enabled|disabled|denied)$)[A-Za-z][\w.@+-]{2,63}"
    ),
    **dict.fromkeys(("bic", "swift_code", "bic_code", "swift_bic"), re.compile(r"[A-Z]{6}[A-Z0-9]{2,5}")),
}
"""What the values of keys look like that mean something else as well."""
_NO_HINTS: Final = frozenset({"function_calls.first_name"})
"""Whole keys that mean something else: of Pipecat, the first function that is called."""
_SECRET_KEY: Final = re.compile(
    r"(?!.*(?:page|next|continuation|sync|cursor))(?:.*_)?(?:token|secret|(?:api|access|secret|private|signing|encryption|subscription|account)_key)"
)
_SECRET: Final = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])\S{16,}")
_PASSWORD: Final = re.compile(r"(?=\S*[\d!#$%^*@])(?!https?:)\S{6,128}")
_EVERYWHERE: Final = frozenset(
    {"PERSON", "PHONE_NUMBER", "US_SSN", "EMAIL_ADDRESS", "CREDIT_CARD", "API_KEY", "PASSWORD"} | {"DATE_OF_BIRTH"}
)
_WORD: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
_MAX_VALUE_CHARS: Final = 400
_NO_VALUE: Final = frozenset({"", "null", "none", "true", "false", "n/a", "unknown", "string", "-", "{}", "[]"})
_STRUCTURE: Final = frozenset(
    {"role", "type", "id", "tool_call_id", "call_id", "finish_reason", "object", "model", "mime_type", "modality"}
    | {"status", "kind", "event", "format"}
)
_IDENTIFIER: Final = re.compile(r"[a-z0-9]+(?:[_.:/-][a-z0-9]+)*")
_TOOL_NAME: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")


def entity_type_of(key: str | None, value: str, *, content: bool) -> str | None:
    """The entity type the key announces, if the value is one. Outside content an address is a network address."""
    if not key or len(value) > _MAX_VALUE_CHARS or key in _NO_HINTS:
        return None
    whole = _spelled(key.rpartition(".")[2])
    entity_type = _type_of(whole)
    if entity_type is None:
        return _secret(whole, value) if content else None
    if not (content or entity_type in _EVERYWHERE) or not is_said(value):
        return None
    form = _FORMS.get(whole)
    if form is not None and form.fullmatch(value) is None:
        return None
    needed = _MIN_DIGITS.get(entity_type, 0)
    return entity_type if needed == 0 or sum(map(str.isdigit, value)) >= needed else None


def type_of_key(key: str) -> str | None:
    """The entity type that a key of one part announces, in whatever way its words are joined."""
    return _type_of(_spelled(key))


def _type_of(whole: str) -> str | None:
    if whole in _TYPES:
        return _TYPES[whole]
    words = whole.split("_")
    for place in range(1, len(words)):
        end = "_".join(words[place:])
        if end in _AT_THE_END:
            return _TYPES[end]
    return None


def _secret(whole: str, value: str) -> str | None:
    """Of a key that no list has."""
    if _SECRET_KEY.fullmatch(whole) and _SECRET.fullmatch(value):
        return "API_KEY"
    return "PASSWORD" if whole.endswith("_password") and _PASSWORD.fullmatch(value) else None


def _spelled(key: str) -> str:
    return "_".join(_WORD.findall(key)).lower()


def is_said(value: str) -> bool:
    """Whether something stands there, and not that nothing does."""
    return value.strip().lower() not in _NO_VALUE


def is_identifier(value: str) -> bool:
    """Whether the value is one lower-case word of a program: a model, a provider, an enumerated value."""
    return _IDENTIFIER.fullmatch(value) is not None


def is_structure(key: str | None, value: str) -> bool:
    """Whether the value is an identifier of the message format or a tool's name: nothing for a language model."""
    if key is not None and key in _STRUCTURE:
        return is_identifier(value)
    return _TOOL_NAME.fullmatch(value) is not None
