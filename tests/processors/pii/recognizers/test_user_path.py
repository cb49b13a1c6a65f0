from __future__ import annotations

import pytest

from processors.pii.recognizers.user_path import CODE_PROFILE, HOME_DIRECTORY, PROFILE, USER_SEGMENT, WINDOWS_HOME
from tests.processors.pii.recognizers.tables import found, is_linear

HOME, MAC = "/home", "/Users"
ROWS = (HOME_DIRECTORY, WINDOWS_HOME, PROFILE, CODE_PROFILE, USER_SEGMENT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f'File "{HOME}/jdoe/app/main.py"', "jdoe"),
        (f"cd {MAC}/jane.doe", "jane.doe"),
        (r"C:\Users\Jane Doe\Desktop", "Jane Doe"),
        (r"'C:\\Users\\jdoe\\x'", "jdoe"),
        ("https://www.linkedin.com/in/jane-doe-81b2", "jane-doe-81b2"),
        ("https://x.com/jdoe/status/17", "jdoe"),
        ("my work: github.com/jdoe-codes.", "jdoe-codes"),
        ("GET /users/jane.doe/settings 200", "jane.doe"),
        ("/api/v1/users/jdoe77?x=1", "jdoe77"),
        ("https://files.example.com/u/jdoe/cv.pdf", "jdoe"),
    ],
)
def test_user_names_in_paths_are_found(text: str, value: str) -> None:
    """The name goes, the path stays."""
    assert found(ROWS, text) == [("USERNAME", value)]


@pytest.mark.parametrize(
    "text",
    [
        f"{HOME}/ubuntu/app.py",
        r"C:\Users\Public\Documents",
        "https://x.com/explore",
        "https://netflix.com/title",
        "GET /users/4711/settings",
        "/users/settings",
        "/docs/user/main.html",
        "https://github.com/pytorch/vision",
        "/u/0/",
        "https://github.com/features",
        f"{HOME}/",
    ],
)
def test_other_paths_stay(text: str) -> None:
    """Accounts of machines, pages, numbers and projects are nobody."""
    assert found(ROWS, text) == []


def test_time_is_linear() -> None:
    """No pattern tries the same characters over and over."""
    assert all(is_linear(ROWS, piece) for piece in (f"{HOME}/a", "C:\\Users\\a", "x.com/", "/users/a.", "/u/"))
