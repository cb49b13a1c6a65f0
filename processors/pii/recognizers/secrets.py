"""Credentials: keys with a prefix of their issuer, tokens, private keys, passwords in URLs and assignments."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer

_NOT_IN_WORD: Final = r"(?<![0-9A-Za-z])"

_ISSUED: Final = (
    r"sk-ant-[A-Za-z0-9_-]{8,}",  # Anthropic
    r"sk-(?:proj|svcacct|admin|or-v1|lf)-[A-Za-z0-9_-]{8,}",  # OpenAI projects, OpenRouter, Langfuse
    r"sk-(?:(?=[A-Za-z0-9_-]{0,200}\d)[A-Za-z0-9_-]{16,}|[A-Za-z0-9]{20,})",  # OpenAI and those that copied its form
    r"pk-lf-[A-Za-z0-9-]{16,}",  # Langfuse
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,32}(?![A-Za-z0-9])",  # AWS access key ids
    r"AIza[A-Za-z0-9_-]{30,}",  # Google
    r"ya29\.[A-Za-z0-9_-]{16,}",  # Google OAuth
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}",  # GitHub
    r"gl(?:pat|ptt|dt|rt|soat|cbt|ft)-[A-Za-z0-9_-]{16,}",  # GitLab
    r"xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}",  # Slack
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}",  # Stripe
    r"hf_[A-Za-z0-9]{16,}",  # Hugging Face
    r"gsk_[A-Za-z0-9]{20,}|xai-[A-Za-z0-9]{20,}|pplx-[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{20,}",  # Groq, xAI, …
    r"npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|dop_v1_[a-f0-9]{40,}|SG\.[\w-]{16,}\.[\w-]{16,}",
    r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{16,}|tvly-[A-Za-z0-9-]{16,}|pcsk_[A-Za-z0-9_]{16,}",  # LangSmith, Tavily, Pinecone
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",  # JSON web tokens
)
_PRIVATE_KEY: Final = (
    # Up to the end of the text where the end marker was cut off.
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:(?!-----END)[\s\S])*-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[\s\S]*)"
)
_AUTHORIZATION: Final = r"(?i:\b(?:bearer|basic|token)\s{1,3}(?P<value>(?=[A-Za-z._~+/=-]*\d)[A-Za-z0-9._~+/=-]{16,}))"
_HEADER: Final = (
    r"(?i:\bauthorization['\"]{0,2}\s{0,3}[:=]\s{0,3}['\"]{0,2}(?:bearer|basic|token|apikey)\s{1,3}"
    r"(?P<value>[^\s'\",;]{4,}))"
)
_URL_USERINFO: Final = (
    r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://(?P<value>[^\s:/@?#'\"<>]{0,128}:[^\s/'\"<>]{1,256})@(?=[\w\[])"
)
_ASSIGNED: Final = (
    r"(?i:(?<![0-9A-Za-z])(?:[a-z0-9]{1,20}[_-]){0,3}(?:api[_-]?key|secret|secret[_-]?(?:access[_-]?)?key"
    r"|access[_-]?token|auth[_-]?token|refresh[_-]?token|client[_-]?secret|account[_-]?key|password|passwd|pwd)"
    r"(?:['\"\\]{0,3}\s{0,3}(?:=|:)>?\s{0,3}['\"\\]{0,3}|\s{1,2}is:?\s{1,2})"
    r"(?P<value>(?=[^\s'\",;&]{0,200}[\d!#$%^*@])[^\s'\",;&<>\\]{6,}))"
)


def _api_key(pattern: str) -> PatternRecognizer:
    return PatternRecognizer("API_KEY", re.compile(pattern))


SECRETS: Final = (
    _api_key(_NOT_IN_WORD + "(?:" + "|".join(_ISSUED) + ")"),
    _api_key(_PRIVATE_KEY),
    _api_key(_AUTHORIZATION),
    _api_key(_HEADER),
    _api_key(_URL_USERINFO),
    _api_key(_ASSIGNED),
)
