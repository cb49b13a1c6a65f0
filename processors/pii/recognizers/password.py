"""Passwords and secrets assigned to a name that says so, in code, settings, command lines and sentences."""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import Gated, PatternRecognizer

_NO_VALUES_AS_TEXT: Final = (
    "required invalid incorrect wrong missing empty none null true false string str text bytes optional undefined unknown changed reset set "
    "expired weak strong correct valid stored hashed encrypted protected hidden redacted removed secret password passwd token here value "
    "field input prompt must should cannot needed not too the and for your their with has was are that this been being also only case "
    "sensitive securestring secretstr self config settings env process os.environ request getpass default example changeme? object any "
    "forgotten lost stolen leaked compromised visible blank same different known shared safe good bad short long confirmed updated "
    "unavailable available disabled enabled active inactive locked sent"
)
_NO_VALUES: Final = frozenset(_NO_VALUES_AS_TEXT.split())
_CODE: Final = re.compile(
    r"(?:os\.|process\.|self\.|this\.|config\.|settings\.|request\.|req\.|env\.|secrets?\.|args\.|data\.|user\.|body\.|params\.|form\.|ctx\.|system\.|vault\.|app\.)"
    r"|\$\{|\{\{|%\(|\$\(|\$[A-Z_]+$|[\w.]+\(|[\w.]+\[|\*{3,}|x{4,}$|<|(?-i:[A-Z][A-Z_]+_[A-Z]+$)|\[redacted\]|__redacted__",
    re.IGNORECASE,
)


def is_value(value: str) -> bool:
    return value.lower().strip(".!?'\"`") not in _NO_VALUES and not _CODE.match(value) and any(map(str.isalnum, value))


_ASSIGN: Final = (
    r"(?:['\"\\]{0,3}\s{0,3}(?:=|:)>?\s{0,3}|\s{1,2}(?:is|was)(?: now| set to)?:?\s{1,2}|\s{1,2}to\s{1,2}(?=['\"]))"
)
_NAME_BEFORE: Final = r"(?<![0-9A-Za-z])(?:[A-Za-z0-9]{1,20}[_-]){0,3}"
_QUOTED: Final = r"\\{0,3}(?P<q>['\"`])(?P<value>[^'\"`\r\n\\]{3,256})\\{0,3}(?P=q)"
_NAMES_OF_IT: Final = r"(?:password|passwd|passphrase|passcode|pwd|pass|pw|passwort|kennwort|mot de passe|contrase\u00f1a|contrasena|parola|senha|wachtwoord)"
_NAMES_OF_KEYS: Final = (
    r"(?:api[_ -]?keys?|secret|secret[_ -]?(?:access[_ -]?)?key|access[_ -]?(?:key|token)|auth[_ -]?token|bearer[_ -]?token|refresh[_ -]?token|session[_ -]?token"
    r"|client[_ -]?secret|account[_ -]?key|private[_ -]?key|signing[_ -]?key|encryption[_ -]?key|webhook[_ -]?secret|token|credentials?)"
)
_NAMES_GATE: Final = (
    "pass", "pwd", "pw", "kennwort", "contrase", "parola", "senha", "wachtwoord",
)  # fmt: skip
_SECRETS_GATE: Final = ("key", "secret", "token", "credential")


def _row(entity_type: str, form: str, *literals: str) -> Gated:
    return Gated(PatternRecognizer(entity_type, re.compile(form), is_value), literals)


PASSWORDS: Final[tuple[Gated, ...]] = (
    _row("PASSWORD", rf"(?i:{_NAME_BEFORE}{_NAMES_OF_IT}{_ASSIGN}{_QUOTED})", *_NAMES_GATE),
    _row(
        "PASSWORD",
        rf"(?i:{_NAME_BEFORE}{_NAMES_OF_IT}{_ASSIGN}\\{{0,3}}(?P<value>(?=[^\s'\",;&]{{0,200}}[\d!#$%^*@])(?:[^\s'\",;&<>\\]|&(?!\w{{1,40}}=)){{4,256}}(?<![.!?)])))",
        *_NAMES_GATE,
    ),
    # Without digit or sign only where nothing but a password can be meant.
    _row(
        "PASSWORD",
        rf"(?i:(?:(?:my|his|her|our|the|your|login|wifi|wi-fi|temporary|new|old)\s{_NAMES_OF_IT}\s(?:is|was)(?: now)?:?\s{{1,2}}|(?:^|(?<=[\s,;/(]))(?:password|passwd|pwd|pass)\s?[:=]\s?)"
        r"(?P<value>[A-Za-z]{5,40})(?=\s*(?:$|[.,;!?)\n/|])))",
        *_NAMES_GATE,
    ),
    _row(
        "PASSWORD",
        rf"(?i:the\s{_NAMES_OF_IT}\s(?:for|to|of)\s[^.!?\n]{{1,40}}?\s(?:is|was)(?: now)?:?\s{{1,2}}['\"\u201c]?(?P<value>(?=[^\s'\"]{{0,100}}[\d!#$%^*@])[^\s'\",;]{{4,100}}(?<![.!?])"
        r"|[A-Za-z]{5,40}(?=['\"\u201d]?\s*(?:$|[.,;!?)\n]))))",
        *_NAMES_GATE,
    ),
    # `sudo pw Tall3Ship`, `root password from vault: x7!Kelp`, `pw is still lotus9!`, `its either A1b or B2c`.
    _row(
        "PASSWORD",
        rf"(?i:(?<![\w-]){_NAMES_OF_IT})\s(?P<value>(?=\S{{0,60}}\d)(?=\S{{0,60}}[a-z])(?=\S{{0,60}}[A-Z!#$%^*@+~])[^\s'\",;()<>]{{7,64}}(?<![.!?:]))",
        *_NAMES_GATE,
    ),
    _row(
        "PASSWORD",
        rf"(?i:(?<![\w-]){_NAMES_OF_IT}\s(?:(?:from|for|of|on|in)\s[\w.-]{{1,20}}(?:\s[\w.-]{{1,20}})?\s?[:=]|(?:is|was)\s(?:still|again|now|always|probably|either|maybe))\s{{1,2}}"
        r"(?P<value>(?=[^\s]{0,60}[\d!#$%^*@])[^\s'\",;<>]{6,64}(?<![.!?:)])))",
        *_NAMES_GATE,
    ),
    _row(
        "PASSWORD",
        rf"(?i:(?<![\w-]){_NAMES_OF_IT}\b[^.!?\n]{{0,30}}\b(?:is|its|it's)\s(?:either\s)?(?P<value>(?=[^\s]{{0,60}}\d)(?=[^\s]{{0,60}}[a-z])[^\s'\",;<>]{{7,64}}(?<![.!?:)]))(?=\sor\s))",
        *_NAMES_GATE,
    ),
    _row(
        "PASSWORD",
        rf"(?i:(?<![\w-]){_NAMES_OF_IT}\b[^.!?\n]{{0,30}}\beither\s\S{{7,64}}\sor\s(?P<value>(?=[^\s]{{0,60}}\d)[^\s'\",;<>]{{7,64}}(?<![.!?:)])))",
        *_NAMES_GATE,
    ),
    _row("PASSWORD", r"(?i:(?<![\w-])(?:pw|pwd)\s(?P<value>[a-z]{4,30}\d{2,6})(?!\w))", "pw"),
    _row("PASSWORD", r"(?i:(?<![\w-])(?:bad|wrong|shared) secret\s(?P<value>(?=\S{0,60}[\d!#$%^*@])[^\s'\",;()<>]{6,64}))", "secret"),
    # Codes of a few digits: only right behind their name.
    _row(
        "PASSWORD",
        r"(?i:(?<![\w-])(?:(?:my|your|his|her|the|card|account)\s)?(?:pin(?: code| number)?|otp|passcode|(?:security|verification|access|login|one[- ]time|2fa|sms) (?:code|pin)|one[- ]time password|cvv2?|cvc2?)"
        r"\s?(?:is|was|to|:|=)\s{0,2}(?P<value>\d{3,8})(?![\w%]|[.,:-]\d))",
        "pin", "otp", "code", "cvv", "cvc",
    ),
    _row(
        "PASSWORD",
        r"(?i:(?<![\w-])(?:cvv2?|cvc2?)(?: code| number)?[ #]{1,2}(?P<value>\d{3,4})(?![\w%]|[.,:-]\d))",
        "cvv", "cvc",
    ),
    _row(
        "PASSWORD",
        r"(?<![\w-])(?:sshpass|docker login|podman login|helm registry login|mysql|mysqldump|mysqladmin|redis-cli|ldapsearch)\b[^\n|;]{0,200}?\s(?:-p|-w|-a)\s?['\"]?(?P<value>(?![\w/]{1,3}:)[^\s'\"<>$-][^\s'\"<>$]{2,255})",
        "sshpass", "login", "mysql", "redis-cli", "ldapsearch",
    ),
    _row("PASSWORD", r"(?i:(?<![\w-])(?:--password|--passwd|--pass|-pw)[ =]['\"]?(?P<value>[^\s'\"<>$]{3,256}))", "--pass", "-pw"),
    _row("PASSWORD", r"(?i:(?<!\w)(?P<user>(?:user(?:name)?|login|logins?|credentials?|creds))\s{0,2}[:=]?\s{1,2}[\w.@+-]{2,64}\s?/\s?(?P<value>(?=[^\s/]{0,64}[\d!#$%^*@])[^\s/'\",;]{5,64}(?<![.!?])))", "user", "login", "cred"),
    _row("API_KEY", rf"(?i:{_NAME_BEFORE}{_NAMES_OF_KEYS}{_ASSIGN}\\{{0,3}}['\"`](?P<value>(?=[^'\"`]{{0,200}}[\d!#$%^*@])[^'\"`\s\\]{{6,4096}})\\{{0,3}}['\"`])", *_SECRETS_GATE),
    _row("API_KEY", r"(?i:(?<![\w-])(?:api|secret|access) (?:key|token))\s(?P<value>(?=\S{0,40}\d)(?=\S{0,40}[a-z])(?=\S{0,40}[A-Z])[\w-]{20,256})(?![\w.(])", *_SECRETS_GATE),
    _row(
        "API_KEY",
        rf"(?i:{_NAME_BEFORE}{_NAMES_OF_KEYS}{_ASSIGN}\\{{0,3}}(?P<value>(?=[^\s'\",;&]{{0,200}}[\d!#$%^*@])(?!\d{{1,9}}(?![\w.-]))[^\s'\",;&<>\\(){{}}\[\]]{{6,4096}}(?<![.!?])(?![\w.(\[])))",
        *_SECRETS_GATE,
    ),
)  # fmt: skip
