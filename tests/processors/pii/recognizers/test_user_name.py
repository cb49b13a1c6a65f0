from __future__ import annotations

import pytest

from processors.pii.recognizers.user_name import (
    USER_IN_FIELDS,
    USER_IN_LOG,
    USER_IN_NETRC,
    USER_IN_SYSLOG,
    USER_IN_TEXT,
    USER_NAME,
    USER_NUMBERED,
    USER_OF_NETWORK,
    USER_OPTION,
    USER_VARIABLE,
    USER_WITH_DIGITS,
    UserFieldRecognizer,
)
from tests.processors.pii.recognizers.tables import found, is_linear

ROWS = (
    USER_NAME,
    USER_IN_TEXT,
    USER_OPTION,
    USER_IN_NETRC,
    USER_IN_LOG,
    USER_NUMBERED,
    USER_IN_SYSLOG,
    USER_IN_FIELDS,
    USER_VARIABLE,
    USER_OF_NETWORK,
    USER_WITH_DIGITS,
    UserFieldRecognizer(),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("username: jdoe42", "jdoe42"),
        ("my user name is jane.doe", "jane.doe"),
        ("logged in as jdoe", "jdoe"),
        ('{"user_name": "jdoe"}', "jdoe"),
        ("login=jdoe", "jdoe"),
        ("My Twitter handle is @jane_d.", "@jane_d"),
        ("psql --username jdoe", "jdoe"),
        ("user: jdoe, role: admin", "jdoe"),
        ("user id is jd-1970", "jd-1970"),
        ("creds jdoe / s3cret!", "jdoe"),
        ("user: jdoe pass: s3cret!", "jdoe"),
        ("docker login -u jdoe -p x", "jdoe"),
        ("machine example.com login jane-doe password x", "jane-doe"),
        ("session for user jdoe expired", "jdoe"),
        ("Ticket 7: user jdoe42 cannot log in", "jdoe42"),
        ("User m.rossi77 wrote", "m.rossi77"),
        ("sshd[7]: Failed password for jdoe from 10.0.0.7 port 22", "jdoe"),
        ("rate limit ip=10.0.0.7 user=jane.doe attempts=3", "jane.doe"),
        ("SMTP_USER: relay@mailer", "relay@mailer"),
        ("she is on ig as lu.paints. go look", "lu.paints"),
        ("Insta is @lu.in.colour because", "@lu.in.colour"),
        ("WeChat lu_zhang0722, phone", "lu_zhang0722"),
        ('Seller "retro_kay_84" asked', "retro_kay_84"),
        ("host db.lan user jdoe_ro password Quiet7River", "jdoe_ro"),
        ("Login failed for user 'jdoe_ro'.", "jdoe_ro"),
        ("sudo: jdoe : TTY=pts/0 ; COMMAND=/bin/ls", "jdoe"),
    ],
)
def test_user_names_are_found(text: str, value: str) -> None:
    """Where the words before announce one."""
    assert set(found(ROWS, text)) == {("USERNAME", value)}


@pytest.mark.parametrize(
    "text",
    [
        "the username is required",
        "username and password",
        "login failed",
        "user: I have a question",
        "User: Hello, I want to cancel",
        "user: yes, 548820193 is it",
        "User: thanks",
        "User: K7WQ2P\nAssistant: I found it",
        "Agent: which?\nUser: txn_9f27a0\n",
        "on Discord yesterday we spoke",
        "Instagram is down again",
        "the user first_name is empty",
        "account balance_2",
        "username = input()",
        "user = get_user()",
        "username: str",
        "the user is happy",
        "user_id=user_id",
        "user: Filter threads by it",
        "a user id is known",
        "handle errors",
        "for user input and for user accounts",
        "should not be called by user code",
        "curl -u token",
        "a user story12, user group1 and user test1, user v2",
        "user 42 and user u1",
        "the password for root from the vault",
    ],
)
def test_words_about_users_stay(text: str) -> None:
    """Messages, code and chat roles name nobody."""
    assert [value for _, value in found(ROWS, text) if len(value) > 1] == []


def test_time_is_linear() -> None:
    """No pattern tries the same characters over and over."""
    assert all(is_linear(ROWS, piece) for piece in ("user", "user: ", "username:a", "login ", "mysql ", "for user a"))
