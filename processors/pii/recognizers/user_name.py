"""User names that the words before them announce: `username: jdoe42`, `logged in as jdoe`, `my handle is @jane_d`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from processors.pii.findings import Finding
from processors.pii.recognizers.recognizer import PatternRecognizer

_NO_NAMES_AS_TEXT: Final = (
    "and or is the not are was field must should cannot can has have with for from already taken invalid required missing null none string "
    "str your their his her you name names password unknown undefined true false value optional exists empty text input here too long short "
    "incorrect wrong correct valid does will that this which admin root user user_id userid user_name username guest anonymous int number varchar self request data "
    "yes no ok okay hi hey hello thanks thx sure bonjour hola hallo ciao continue stop help please nope yep yeah wait great cool done next"
)
_NO_NAMES: Final = frozenset(_NO_NAMES_AS_TEXT.split())


def is_user_name(value: str) -> bool:
    """Whether it is none of the words that stand where a name might."""
    return value.lower().strip("@._-") not in _NO_NAMES and any(map(str.isalnum, value))


USER_NAME: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?<![^\W_])(?i:(?:user[ _-]?names?|user[ _]login|log[ -]?in(?:[ _]?(?:name|id))?|logon|screen ?name|nick ?name|(?:twitter|github|instagram|slack|discord|telegram|skype) (?:handle|name|user)|handle)"
        r"['\"\\]{0,3}(?:\s{0,2}[:=]>?\s{0,2}|\s{1,2}(?:is|was|as)(?:\s{1,2}|:\s{0,2}))|(?:logged|signed|log|sign)[ -]?in\s{1,2}as\s{1,2}(?:user\s{1,2})?|--user(?:name)?[ =])"
        r"['\"\\`\u201c]{0,3}(?P<value>@?[^\W_][\w.@+-]{1,63}(?<![.@+-]))(?![\w(\[])"
    ),
    is_user_name,
    score=0.7,
)
# `user: jdoe, role: admin` and `user id 4711`, where the value stands alone and looks like no word of a sentence.
_FIELD: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?:^|(?<=[\s{,('\"]))(?i:user(?:(?P<id> ids?(?: is| was|:)? )|['\"\\]{0,3}\s{0,2}[:=]\s{0,2}))['\"\\`]{0,3}"
        r"(?P<value>(?(id)(?=[\w.@-]{0,62}\d)[^\W_][\w.@-]{2,63}|(?!(?i:[a-z]{2,12}),\s(?!\w{1,20}\s?[:=]))(?i:@?[a-z])[\w.-]{2,63}(?=['\"\\`]{0,3}\s{0,2}(?:[,;/|)\]}\n]|$)))"
        r"(?<![.-]))(?![\w(\[]|\.\w)"
    ),
    is_user_name,
    score=0.6,
)
_OTHER_SPEAKER: Final = re.compile(
    r"^\W{0,3}(?:assistant|agent|bot|ai|tool|system|model|final answer|human)\b[^:\n]{0,20}:",
    re.IGNORECASE | re.MULTILINE,
)
_SPEAKER: Final = re.compile(r"^\W{0,3}user\s?:\s{0,2}$", re.IGNORECASE)


class UserFieldRecognizer:
    """In a conversation `User:` begins what a user says, and not who it is."""

    entity_type: Final = "USERNAME"

    def find(self, text: str) -> Iterator[Finding]:
        is_conversation: bool | None = None
        for finding in _FIELD.find(text):
            if _SPEAKER.search(text[text.rfind("\n", 0, finding.start) + 1 : finding.start]):
                if is_conversation is None:
                    is_conversation = _OTHER_SPEAKER.search(text) is not None
                if is_conversation:
                    continue
            yield finding


# `login jdoe42 / s3cret!`, `login jdoe password …`, `docker login -u jdoe`, `for user jdoe`: the words around decide.
_COMPOUNDS: Final = (
    "code|reports?|interface|interfaces|input|inputs|agent|agents|experience|data|accounts?|management|service|services|groups?|sessions?|profiles?|preferences?|feedback|ids?"
    "|names?|roles?|story|stories|manuals?|guides?|defined|space|mode|errors?|authentication|authorization|logins?|requests?|needs|testing|tests|interactions?|access"
    "|tables?|models?|settings?|activity|events?|messages?|query|queries|consent|privacy|and|or|with|in|on|to|who|that|is|was|has|not|engagement|adoption|acceptance"
    "|friendly|facing|generated|provided|specified|supplied|registration|onboarding|support|research|content|info|information|details|records?|type|types|level|base"
    "|retention|behavior|behaviour|permissions?|rights|journey|journeys|turns?|prompts?|questions?|commands?|actions?|clicks?|satisfaction|security|safety|side|only"
)
USER_IN_TEXT: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?i:(?<![\w-])(?:user|login|logins|credentials?|creds)\s{0,2}[:=]?\s{1,2})(?P<value>[^\W_][\w.@+-]{1,63})(?=\s?/\s?(?=\S{0,64}[\d!#$%^*@])\S{5,64}|(?<!\s)[,;/|]?\s+(?i:password|passwd|pass|pwd|pw)(?:\s?[:=]|\s(?=\S{0,40}\d)\S{6}))"
    ),
    is_user_name,
    score=0.6,
)
USER_OPTION: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?<![\w-])(?:(?:docker|podman|helm registry) login|mysql|mysqldump|mysqladmin|psql|smbclient)\b[^\n|;]{0,200}?\s(?:-u|-U)\s?['\"]?(?P<value>[^\W_][\w.@-]{1,63})"
    ),
    is_user_name,
    score=0.6,
)
USER_IN_NETRC: Final = PatternRecognizer(
    "USERNAME",
    re.compile(r"(?<![\w-])login\s(?P<value>[^\W_][\w.@+-]{1,63})(?=\spassword\s\S)"),
    is_user_name,
    score=0.6,
)
USER_IN_LOG: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        rf"(?<![\w-])(?:for|by|invalid|unknown|illegal) user ['\"\u2018]?(?!(?:{_COMPOUNDS})(?![\w-]))(?P<value>[a-z][\w.-]{{2,62}})(?![\w(\[])(?<![.-])"
    ),
    is_user_name,
    score=0.6,
)
USER_NUMBERED: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        rf"(?<![\w-])(?i:user) (?!(?:{_COMPOUNDS}|test|v|version|id|no)\d)(?P<value>(?:[a-z]{{3,20}}|[a-z]{{1,20}}[._-][a-z]{{2,20}})\d{{1,4}})(?![\w(\[])"
    ),
    is_user_name,
    score=0.6,
)
USER_IN_SYSLOG: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?:(?<![\w-])(?:Accepted|Failed) (?:password|publickey|keyboard-interactive/pam|none) for (?:invalid user )?|(?<!\w)sudo: {1,8})"
        r"(?P<value>[a-z_][\w.-]{1,31})(?= from \S| : (?:TTY|PWD|USER))"
    ),
    is_user_name,
    score=0.6,
)
# `ip=10.0.0.7 user=jane.doe attempts=3`: one of several fields of a log line.
USER_IN_FIELDS: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?<![\w.-])(?i:user(?:id)?|actor|owner)=(?P<value>[A-Za-z][\w.@-]{2,63})(?=\s+[\w.]{1,40}=|\s*$|\s*\n)"
        r"(?<![.-])"
    ),
    is_user_name,
    score=0.6,
)
# `SMTP_USER: relay`: variables of an environment, in capitals.
USER_VARIABLE: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?<![A-Za-z0-9_])(?:[A-Z][A-Z0-9]{0,20}_){1,4}(?:USER|USERNAME|USER_NAME|LOGIN)\s{0,2}[:=]\s{0,2}['\"]?(?P<value>[A-Za-z][\w.@+-]{2,63})(?![\w(\[$])"
    ),
    is_user_name,
    score=0.6,
)
_NETWORKS: Final = "insta(?:gram)?|ig|snap(?:chat)?|tik ?tok|we ?chat|telegram|discord|twitter|bluesky|mastodon|threads|twitch|steam|psn|xbox(?: live)?|skype|kik|gamertag|onlyfans|reddit"
_NETWORK_ENDS: Final = r"(?![\w@/-]|\.\w)"
# `she is on ig as lu.paints`, `Insta: @lu_paints`: a sign, or a form that no word has.
USER_OF_NETWORK: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        rf"(?<![\w@/.-])(?i:{_NETWORKS})(?: (?i:handle|id|name|user|username|account|is|as|at|under|it'?s)){{0,3}}:?\s"
        rf"(?P<value>@[\w.]{{2,40}}(?<!\.)|(?=[A-Za-z\d]{{0,38}}[_.\d][\w.]{{0,38}}[A-Za-z])[A-Za-z][\w.]{{3,40}}(?<!\.)|(?=[A-Za-z]{{2,38}}_?\d)[A-Za-z]\w{{3,40}}){_NETWORK_ENDS}"
    ),
    is_user_name,
    score=0.6,
)
# `seller "retro_kay_84"`: letters, an underscore and digits are nobody's word.
USER_WITH_DIGITS: Final = PatternRecognizer(
    "USERNAME",
    re.compile(
        r"(?i:(?<![\w-])(?:seller|buyer|user|member|player|gamer|profile|account|streamer|moderator))\s['\"\u201c]?"
        r"(?P<value>(?=[A-Za-z]{2,30}_)[A-Za-z]+(?:_[A-Za-z]+){0,3}_\d{2,4})(?![\w(\[=]|\.\w)"
    ),
    is_user_name,
    score=0.6,
)
