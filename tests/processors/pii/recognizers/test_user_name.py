from __future__ import annotations

import pytest

from processors.pii.recognizers.user_name import USER_FIELD, USER_NAME
from tests.processors.pii.recognizers.tables import found, is_linear


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
    ],
)
def test_user_names_are_found(text: str, value: str) -> None:
    """Where the words before announce one."""
    assert found((USER_NAME, USER_FIELD), text) == [("USERNAME", value)]


@pytest.mark.parametrize(
    "text",
    [
        "the username is required",
        "username and password",
        "login failed",
        "user: I have a question",
        "username = input()",
        "user = get_user()",
        "username: str",
        "the user is happy",
        "user_id=user_id",
        "user: Filter threads by it",
        "a user id is known",
        "handle errors",
    ],
)
def test_words_about_users_stay(text: str) -> None:
    """Messages, code and chat roles name nobody."""
    assert [value for _, value in found((USER_NAME, USER_FIELD), text) if len(value) > 1] == []


def test_time_is_linear() -> None:
    """No pattern tries the same characters over and over."""
    assert all(is_linear((USER_NAME, USER_FIELD), piece) for piece in ("user", "user: ", "username:a", "login "))
