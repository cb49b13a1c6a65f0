"""The personal data and secrets that the scenario holds: each value stands in one field only, so a leak names its field.

None of it is anyone's: reserved or made-up numbers, and names that are common enough to be nobody in particular.
"""

from __future__ import annotations

from typing import Final

SYSTEM_PERSON: Final = "Karen Whitfield"
SYSTEM_EMAIL: Final = "karen.whitfield@acme-travel.com"
SYSTEM_PHONE: Final = "+44 20 7946 0958"

PLAIN_PERSON: Final = "David Thompson"
PLAIN_EMAIL: Final = "david.thompson@example-mail.com"
PLAIN_CARD: Final = "4111 1111 1111 1111"
PLAIN_ANSWER_EMAIL: Final = "receipts.4711@acme-travel.com"

STREAM_PERSON: Final = "Maria Gonzalez"
STREAM_PHONE: Final = "+1 415 555 0134"
STREAM_KEY: Final = "sk-proj-abcDEF1234567890abcDEF1234567890abcDEF12"
STREAM_ANSWER_EMAIL: Final = "itineraries.8822@acme-travel.com"

TOOL_PERSON: Final = "Jennifer Martinez"
TOOL_EMAIL: Final = "jennifer.martinez@example-mail.com"
TOOL_ARGUMENT_PHONE: Final = "+1 212 555 0187"
TOOL_RESULT_PERSON: Final = "Michael Anderson"
TOOL_RESULT_CARD: Final = "5555 5555 5555 4444"
TOOL_RESULT_IBAN: Final = "DE89370400440532013000"
TOOL_ANSWER_PHONE: Final = "+49 30 901820"

ERROR_EMAIL: Final = "susan.miller@example-mail.com"
ERROR_KEY: Final = "sk-proj-zyxWVU9876543210zyxWVU9876543210zyxWVU98"

EMBEDDED_EMAIL: Final = "robert.hughes@example-mail.com"
EMBEDDED_SSN: Final = "536-22-8145"

DOCUMENT_PERSON: Final = "Elizabeth Turner"
DOCUMENT_EMAIL: Final = "elizabeth.turner@acme-travel.com"
DOCUMENT_ANSWER_PHONE: Final = "+1 646 555 0142"

METADATA_EMAIL: Final = "account.manager.17@acme-travel.com"
USER_ID: Final = "emily.carter@example-mail.com"

PLANTED: Final[dict[str, str]] = {
    name: value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)
}
"""By the name of the field, in lower case where the tests print it."""
