"""User names in paths: home directories, profiles on social networks, `/users/…` of web applications."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import PatternRecognizer

_NOBODY_AS_TEXT: Final = (
    "app apps runner root user users ubuntu ec2-user admin administrator public default all shared guest node vscode jovyan airflow"
    " jenkins git gitpod codespace circleci travis vagrant docker www-data nobody username your-name yourname you me name sandbox"
    " home work workspace project projects coder debian centos opc azureuser model share sharing intent login signup search"
    " explore about help settings groups pages events watch privacy hashtag company school jobs feed features pricing topics marketplace sponsors trending enterprise security customer-stories dashboard i in p reel reels stories tv dialog plugins"
)
_NOBODY: Final = frozenset(_NOBODY_AS_TEXT.split())


def _is_somebody(value: str) -> bool:
    return value.lower().strip("@") not in _NOBODY and not value.isdigit()


HOME_DIRECTORY: Final = PatternRecognizer(
    "USERNAME",
    re.compile(r"(?<![\w.-])/(?:home|Users)/(?P<value>[a-z_A-Z][\w.-]{1,31})(?=[/\s\"'`:,)\]]|$)"),
    _is_somebody,
    score=0.6,
)
WINDOWS_HOME: Final = PatternRecognizer(
    "USERNAME",
    re.compile(r"(?i:(?<!\w)[a-z]:\\{1,4}users\\{1,4})(?P<value>[A-Za-z_][\w.-]{1,31}(?: [A-Z][\w.-]{1,31})?)(?=\\)"),
    _is_somebody,
    score=0.6,
)
PROFILE: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?i:(?<![\w-])(?:linkedin\.com/in|facebook\.com|instagram\.com|twitter\.com|(?<![\w.])x\.com|threads\.(?:net|com)|tiktok\.com|medium\.com"
        r"|t\.me|youtube\.com/user|reddit\.com/u(?:ser)?|keybase\.io|strava\.com/athletes)/)(?P<value>@?[A-Za-z0-9][\w.%-]{1,63}(?<![.%-]))(?![\w.%-]*/(?:groups|events))"
    ),
    lambda value: _is_somebody(value) and not value.lower().endswith((".php", ".html")),
    score=0.6,
)
# A page of somebody, not of a project: nothing comes behind.
CODE_PROFILE: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?i:(?<![\w-])(?:github|gitlab|codeberg)\.(?:com|org)/)(?P<value>[A-Za-z\d][\w-]{1,38})(?![\w/-]|\.\w)"
    ),
    _is_somebody,
    score=0.6,
)
USER_SEGMENT: Final = PatternRecognizer(
    "USERNAME",
    # Only what is no word: `maria.lopez`, `dkowalski77`; `/users/settings` is a page.
    re.compile(
        r"/(?:users?|u|profiles?|members?|people|~)/(?P<value>(?:[a-z]{2,24}[._-](?!html?|php|json|aspx?|xml|md|css|js)[a-z]{2,24}|[a-z]{3,24}\d{2,4}|(?<=/u/)[a-z]{4,24}))(?=[/?#\s\"'&]|$)"
    ),
    _is_somebody,
    score=0.6,
)
