"""Who and what opens a connection: the user information of URLs, and the fields of ADO.NET, ODBC, JDBC and libpq strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding
from processors.pii.recognizers.password import is_value
from processors.pii.recognizers.recognizer import Gated

_USERINFO: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{1,30}://(?:(?P<user>[^\s:/@?#'\"<>\\]{0,128}):(?P<password>[^\s/'\"<>\\]{1,256})|(?P<lone>[^\s:/@?#'\"<>\\]{1,128}))@(?=[\w\[%$<{])"
)
_FIELD: Final = re.compile(
    r"(?i:(?<![^\s;?&'\"(])(?:(?P<u>user ?id|uid|user ?name|user)|(?P<p>password|pwd|accountkey|sharedaccesskey|sharedaccesssignature))"
    r"\s?=\s?(?:'(?P<quoted>[^'\r\n]{1,256})'|(?P<bare>[^\s;&'\"<>\\]{1,512})))"
)
_OTHER_FIELD: Final = re.compile(
    r"(?i:(?<![^\s;?&'\"(:/])(?:server|data source|host|hostaddr|address|addr|database|dbname|initial catalog|driver|port|jdbc|defaultendpointsprotocol|endpoint"
    r"|accountname|sharedaccesskeyname|accountendpoint|blobendpoint)\s?[=:])"
)
_REACH_CHARS: Final = 400
_HARMLESS_USERS: Final = frozenset({"git", "root", "postgres", "admin", "user", "guest", "sa"})


class UserInfoRecognizer:
    """`scheme://user:password@host`: both parts, each under its own type."""

    entity_type: Final = "PASSWORD"

    def find(self, text: str) -> Iterator[Finding]:
        for match in _USERINFO.finditer(text):
            if match["lone"]:
                if match["lone"].lower() not in _HARMLESS_USERS:
                    yield Finding("USERNAME", *match.span("lone"), 0.9)
                continue
            if match["user"]:
                yield Finding("USERNAME", *match.span("user"), 1.0)
            yield Finding(self.entity_type, *match.span("password"), 1.0)


class ConnectionFieldRecognizer:
    """`User Id=…;Password=…` beside a field that names a server or a database."""

    entity_type: Final = "PASSWORD"

    def find(self, text: str) -> Iterator[Finding]:
        for match in _FIELD.finditer(text):
            group = "quoted" if match["quoted"] else "bare"
            if not is_value(match[group]) or not _OTHER_FIELD.search(
                text, max(0, match.start() - _REACH_CHARS), match.end() + _REACH_CHARS
            ):
                continue
            if match["p"]:
                yield Finding(self.entity_type, *match.span(group), 1.0)
            elif match[group].lower() not in _HARMLESS_USERS:
                yield Finding("USERNAME", *match.span(group), 0.9)


CONNECTION_STRINGS: Final[tuple[Gated, ...]] = (
    Gated(UserInfoRecognizer(), ("@",)),
    Gated(ConnectionFieldRecognizer(), ("password", "pwd", "accountkey", "sharedaccess", "uid", "user")),
)
