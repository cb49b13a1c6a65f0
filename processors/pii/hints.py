"""What the key of a field says about its value: `{"last_name": "Ng"}` needs no model, and a model would miss it.

Only keys that name one kind of data are listed. A bare `name` is as often a tool as a person.
"""

from __future__ import annotations

import re
from typing import Final

_TYPES: Final = {
    key: entity_type
    for entity_type, keys in {
        "PERSON": "first_name last_name full_name middle_name given_name family_name surname lastname firstname "
        "fullname maiden_name customer_name client_name patient_name contact_name employee_name user_full_name "
        "passenger_name guest_name cardholder_name cardholder account_holder recipient_name sender_name person_name",
        "LOCATION": "street street_address home_address postal_address mailing_address shipping_address "
        "billing_address delivery_address address_line address_line1 address_line2 zip_code zipcode postal_code postcode",
        "PHONE_NUMBER": "phone phone_number phonenumber mobile mobile_number telephone cell_phone fax",
        "US_SSN": "ssn social_security_number",
        "EMAIL_ADDRESS": "email email_address",
        "CREDIT_CARD": "card_number credit_card credit_card_number cc_number",
        "DATE_OF_BIRTH": "dob date_of_birth birth_date birthdate birthday birth_day",
        "USERNAME": "username user_name login_name screen_name nickname user_login",
        "PASSWORD": "password passwd pwd passphrase user_password db_password",
        "API_KEY": "secret api_key apikey x_api_key api_token access_token auth_token refresh_token "
        "id_token client_secret secret_key secret_access_key private_key authorization proxy_authorization cookie "
        "set_cookie credentials connection_string x_goog_api_key",
    }.items()
    for key in keys.split()
}
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
    if not key or len(value) > _MAX_VALUE_CHARS:
        return None
    entity_type = _TYPES.get("_".join(_WORD.findall(key.rpartition(".")[2])).lower())
    if entity_type is None or not (content or entity_type in _EVERYWHERE) or value.strip().lower() in _NO_VALUE:
        return None
    return entity_type


def is_identifier(value: str) -> bool:
    """Whether the value is one lower-case word of a program: a model, a provider, an enumerated value."""
    return _IDENTIFIER.fullmatch(value) is not None


def is_structure(key: str | None, value: str) -> bool:
    """Whether the value is an identifier of the message format or a tool's name: nothing for a language model."""
    if key is not None and key in _STRUCTURE:
        return is_identifier(value)
    return _TOOL_NAME.fullmatch(value) is not None
