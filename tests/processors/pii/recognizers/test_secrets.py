from __future__ import annotations

import pytest

from processors.pii.recognizers.secrets import SECRETS
from tests.processors.pii.recognizers.tables import found, is_linear, uncovered

A40 = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5hJ7k"
HEX32 = "0123456789abcdef0123456789abcdef"

FOUND = [
    ("sk-ant-api03-" + A40, "sk-ant-api03-" + A40),
    ("sk-proj-" + A40, "sk-proj-" + A40),
    ("sk-" + A40, "sk-" + A40),
    ("sess-" + A40, "sess-" + A40),
    ("pk-lf-1234abcd-1234-1234", "pk-lf-1234abcd-1234-1234"),
    ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("the AWS secret is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "AIzaSyA1234567890abcdefghijklmnopqrstuv"),
    ("ya29.a0AfH6SMBx1234567890", "ya29.a0AfH6SMBx1234567890"),
    ("GOCSPX-abcdefghijklmnopqrstuvwxyz12", "GOCSPX-abcdefghijklmnopqrstuvwxyz12"),
    ("x " + "Ab1/" * 21 + "Ab== y", "Ab1/" * 21 + "Ab=="),
    ("SharedAccessKey=" + "Ab1/" * 10 + "Abc=", "Ab1/" * 10 + "Abc="),
    ("abc8Q~" + A40[:34], "abc8Q~" + A40[:34]),
    ("Ocp-Apim-Subscription-Key: " + HEX32, HEX32),
    ("Azure OpenAI key " + HEX32, HEX32),
    ("ghp_" + A40[:36], "ghp_" + A40[:36]),
    ("github_pat_11ABCDEFG0abcdefghijkl_mnop", "github_pat_11ABCDEFG0abcdefghijkl_mnop"),
    ("glpat-abcdefghij1234567890", "glpat-abcdefghij1234567890"),
    ("gldt-abcdefghij1234567890", "gldt-abcdefghij1234567890"),
    ("xoxb-123456789012-abcdefghijkl", "xoxb-123456789012-abcdefghijkl"),
    ("https://hooks.slack.com/services/T00000000/B00000000/abcdEFGHijkl1234", "hooks.slack.com/services/T00000000/B00000000/abcdEFGHijkl1234"),
    ("sk_live_abcdefghij1234567890", "sk_live_abcdefghij1234567890"),
    ("whsec_abcdefghij1234567890", "whsec_abcdefghij1234567890"),
    ("hf_abcdefghijklmnopqrstuvwxyz12345678", "hf_abcdefghijklmnopqrstuvwxyz12345678"),
    ("gsk_" + A40, "gsk_" + A40),
    ("r8_" + A40[:37], "r8_" + A40[:37]),
    ("nvapi-" + A40, "nvapi-" + A40),
    ("npm_" + A40[:36], "npm_" + A40[:36]),
    ("dapi" + HEX32, "dapi" + HEX32),
    ("hvs." + A40, "hvs." + A40),
    ("dop_v1_" + HEX32 * 2, "dop_v1_" + HEX32 * 2),
    ("SG." + A40[:22] + "." + A40, "SG." + A40[:22] + "." + A40),
    ("SK" + HEX32, "SK" + HEX32),
    ("lsv2_pt_" + A40, "lsv2_pt_" + A40),
    ("ntn_" + A40, "ntn_" + A40),
    ("shpat_" + HEX32, "shpat_" + HEX32),
    ("123456789:AAabcdefghijklmnopqrstuvwxyz1234567", "123456789:AAabcdefghijklmnopqrstuvwxyz1234567"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----", "b3Bl"),
    ("'-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n'", "MIIE"),
]  # fmt: skip

NOT_FOUND = [
    "sk-learn and sk-based scoring",
    "the task-specific, risk-adjusted result",
    "a hash 0123456789abcdef0123456789abcdef of a file",
    "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "arn:aws:iam::123456789012:role/ReadOnly",
    "s3://bucket/some/long/path/of/folders/to/a/file/part-00000.parquet",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "glossary, glimpse and gl-matrix",
    "package_name, hf_hub_download and secret_sauce",
    "the secret of a good soup is in 400 carrots",
    "chatcmpl-9J3uIL87gldCFtiIbyaOvTeYBRA3l and call_9J3uIL87gldCFtiIbyaOvTeY",
    "text-embedding-3-small, claude-3-5-sonnet-20241022",
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_keys_are_found_whole(text: str, value: str) -> None:
    """A key of each issuer, alone and in a sentence."""
    assert uncovered(SECRETS, "API_KEY", text, value) == ""
    assert uncovered(SECRETS, "API_KEY", f'see "{text}", it is new', value) == ""


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_only_looks_like_a_key_stays(text: str) -> None:
    """Hashes, certificates, ids of calls and ordinary words."""
    assert found(SECRETS, text) == []


@pytest.mark.parametrize(
    "piece", ["sk-", "a", "eyJ", "Ab1/", "AKIA", "-----BEGIN PRIVATE KEY-----", "1:AA", "M.", "aws "]
)
def test_time_is_linear(piece: str) -> None:
    """No row tries the same characters over and over."""
    assert is_linear(SECRETS, piece)
