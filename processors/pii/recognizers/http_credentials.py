"""Credentials in HTTP: Authorization in all its schemes, headers that carry keys, cookies, keys in a URL's query.

Header names and schemes stay; only the value goes.
"""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import Gated, PatternRecognizer

_ASSIGN: Final = r"['\"\\]{0,3}\s{0,3}(?:[:=]|,\s?b?['\"])>?\s{0,3}b?['\"\\]{0,3}"
_PLAIN_ASSIGN: Final = r"['\"\\]{0,3}\s{0,3}[:=]>?\s{0,3}b?['\"\\]{0,3}"
_VALUE: Final = r"(?P<value>(?![$<{%])[^\s'\"\\,;<>]{4,4096})"


def _secret(form: str, *literals: str) -> Gated:
    return Gated(PatternRecognizer("API_KEY", re.compile(form)), literals)


HTTP_CREDENTIALS: Final[tuple[Gated, ...]] = (
    _secret(
        rf"(?i:\b(?:proxy-)?authorization{_ASSIGN}(?:bearer|basic|token|apikey|api-key|key|negotiate|ntlm|bot|splunk|jwt|ghtoken)\s{{1,3}}{_VALUE})",
        "authorization",
    ),
    _secret(
        # Schemes of parameters: all of them.
        rf"(?i:\b(?:proxy-)?authorization{_ASSIGN}(?:digest|hawk|oauth|mac|signature|sharedkey(?:lite)?|aws4-hmac-sha256|credential)\s{{1,3}}"
        r"(?P<value>(?:[\w-]{1,40}\s?=\s?(?:\\?\"[^\"\r\n]{0,2000}\"|[^\s,'\"\\]{1,2000})(?:,\s{0,3}|\s{1,3})?){1,30}|[\w.-]{1,100}:[\w+/=]{8,200}))",
        "authorization",
    ),
    _secret(
        rf"(?i:\bauthorization{_PLAIN_ASSIGN}(?P<value>(?=[^\s'\"\\,;<>]{{0,200}}\d)[A-Za-z0-9._~+/=:-]{{12,4096}}))",
        "authorization",
    ),
    _secret(
        r"(?i:\b(?:bearer|basic|token)\s{1,3}(?P<value>(?=[A-Za-z._~+/=-]*+\d|[A-Za-z0-9+/]{8,200}=)[A-Za-z0-9._~+/=-]{16,4096}))",
        "bearer ",
        "basic ",
        "token ",
    ),
    _secret(
        r"(?i:(?<![0-9A-Za-z])(?:x[-_](?:[a-z]{1,20}[-_]){0,3}(?:key|token|secret|signature)|api[-_]key|apikey|ocp-apim-subscription-key|private-token|job-token|deploy-token)"
        rf"{_ASSIGN}(?P<value>(?=[A-Za-z._~+/=-]{{0,200}}\d)[A-Za-z0-9._~+/=-]{{8,4096}}))",
        "key",
        "token",
        "secret",
        "signature",
    ),
    _secret(
        r"(?i:\b(?:set-)?cookie['\"\\]{0,3}\s{0,3}:\s{0,3}b?['\"\\]{0,3}(?P<value>[\w.!#$%&*+^`|~-]{1,200}=[^\r\n'\"\\]{1,4096}))",
        "cookie",
    ),
    _secret(
        r"(?i:[?&;](?:[a-z0-9]{1,20}[_-]){0,2}(?:access[_-]?token|auth[_-]?token|token|api[_-]?key|apikey|key|secret|client[_-]?secret|password|passwd|pwd|pass"
        r"|sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|auth|session[_-]?id|sid|code|jwt)"
        r"=(?P<value>[^\s&#'\"<>\\]{6,4096}))",
        "=",
    ),
    _secret(
        r"(?i:\bcurl\b[^\r\n]{0,400}?\s(?:-u|--user)[ =]['\"]?(?P<value>[^\s:'\"]{1,100}:[^\s'\"]{1,200}))", "curl"
    ),
)
