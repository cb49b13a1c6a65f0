from __future__ import annotations

import pytest

from processors.pii.recognizers.password import PASSWORDS
from tests.processors.pii.recognizers.tables import found, is_linear, uncovered

FOUND = [
    ("PASSWORD", "password: hunter2", "hunter2"),
    ("PASSWORD", "my password is sunshine", "sunshine"),
    ("PASSWORD", "My password is Tr0ub4dor&3.", "Tr0ub4dor&3"),
    ("PASSWORD", 'password = "correct horse battery"', "correct horse battery"),
    ("PASSWORD", "{'password': 'hunter2!'}", "hunter2!"),
    ("PASSWORD", '{"passwd":"abcdef"}', "abcdef"),
    ("PASSWORD", '{\\"password\\": \\"hunter2\\"}', "hunter2"),
    ("PASSWORD", "DB_PASSWORD=s3cr3t!", "s3cr3t!"),
    ("PASSWORD", "mysql --password hunter2 -h db", "hunter2"),
    ("PASSWORD", "user: jdoe, pass: letmein", "letmein"),
    ("PASSWORD", "login: jdoe / Abc123!x", "Abc123!x"),
    ("PASSWORD", "Passwort: Geheim99", "Geheim99"),
    ("PASSWORD", "the wifi password is now Kitten42", "Kitten42"),
    ("PASSWORD", "passphrase was 'open sesame'", "open sesame"),
    ("PASSWORD", "pw: Gr8tDane$", "Gr8tDane$"),
    ("PASSWORD", "the password for the router is sunflower", "sunflower"),
    ("PASSWORD", "my PIN is 4921", "4921"),
    ("PASSWORD", "one time code is 884213.", "884213"),
    ("PASSWORD", "exp 12/27 cvv 123", "123"),
    ("PASSWORD", "CVC2 code 0123, thanks", "0123"),
    ("PASSWORD", "could you change my PIN to 8306 please", "8306"),
    ("PASSWORD", "sudo pw t7urnip.Bed.21 was fine", "t7urnip.Bed.21"),
    ("PASSWORD", "user jdoe_ro, password Quiet#4471-Elm. The error", "Quiet#4471-Elm"),
    ("PASSWORD", "Root password from vault: vK8$reed-Lake41 (rotate)", "vK8$reed-Lake41"),
    ("PASSWORD", "pw is still tulip1975!shed. also", "tulip1975!shed"),
    ("PASSWORD", "forgot my pw again its either Thor$mash2019 or thorsmash_2020 hm", "Thor$mash2019"),
    ("PASSWORD", "forgot my pw again its either Thor$mash2019 or thorsmash_2020 hm", "thorsmash_2020"),
    ("PASSWORD", "network TALK, pw greykettle29", "greykettle29"),
    ("PASSWORD", "auth failed (bad secret Rila!plum44)", "Rila!plum44"),
    ("API_KEY", "he pasted his API key V07N6Ohw9y3cTqOx2WjZZR0ZxIHqs998 here", "V07N6Ohw9y3cTqOx2WjZZR0ZxIHqs998"),
    ("PASSWORD", "sshpass -p 'WinterIsComing' ssh box", "WinterIsComing"),
    ("PASSWORD", "docker login -u jdoe -p letmein", "letmein"),
    ("API_KEY", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPx", "wJalrXUtnFEMI/K7MDENG/bPx"),
    ("API_KEY", "OPENAI_API_KEY=abcd1234efgh", "abcd1234efgh"),
    ("API_KEY", "API key: 0a1b2c3d4e5f", "0a1b2c3d4e5f"),
    ("API_KEY", 'client_secret="a1-b2_c3.d4"', "a1-b2_c3.d4"),
    ("API_KEY", "access token is abcdef123456", "abcdef123456"),
    ("API_KEY", "export HF_TOKEN=abcdef123456", "abcdef123456"),
]

NOT_FOUND = [
    "password base64-encoded by the client",
    "password hashing with PBKDF2 or bcrypt12",
    "the password is still required",
    "the API key authentication2 handler",
    "the password is required",
    "the password for this account is incorrect.",
    "PIN 13 is an output, pin: 7",
    "error code: 4004",
    "the cvv has 3 digits, cvv 12345",
    "docker run -p 8080:80 web",
    "your password is incorrect.",
    "password must be at least 8 characters",
    "password = getpass.getpass()",
    "password: str = Field(min_length=8)",
    "password=os.environ['DB_PASSWORD']",
    "password=${DB_PASSWORD}",
    "password: ********",
    "password: [REDACTED]",
    'api_key = os.getenv("OPENAI_API_KEY")',
    "api_key=config.key2",
    "api_key: <your key>",
    "token: 4096",
    "token count is 1234567",
    "max_tokens=4096",
    "completion_tokens: 12",
    "the secret is patience",
    "secret = base64.b64decode(value[6:])",
    "I forgot my password, please reset it",
    "passport: green",
    "key: value",
    "pass: 12, fail: 3",
]


@pytest.mark.parametrize(("entity_type", "text", "value"), FOUND)
def test_assigned_secrets_are_found_whole(entity_type: str, text: str, value: str) -> None:
    """In settings, code, JSON, command lines and sentences."""
    assert uncovered(PASSWORDS, entity_type, text, value) == ""


@pytest.mark.parametrize("text", NOT_FOUND)
def test_words_about_secrets_stay(text: str) -> None:
    """Rules, code that reads a secret from elsewhere, counts of tokens, and redacted values."""
    assert found(PASSWORDS, text) == []


@pytest.mark.parametrize(
    "piece", ["password", "password=", "password='", "a_", "secret_", "my password is ", "--pass ", "login: a / "]
)
def test_time_is_linear(piece: str) -> None:
    """No row tries the same characters over and over."""
    assert is_linear(PASSWORDS, piece)
