from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

import pytest

from processors.pii import presidio
from processors.pii.detector import Detector
from processors.pii.section import PiiSection

CUSTOM = {
    "recognizers": [
        {
            "name": "Staff number",
            "supported_entity": "EMPLOYEE_ID",
            "patterns": [{"name": "staff", "regex": r"\bEMP-\d{4}\b", "score": 0.9}],
        },
        {"name": "Project", "supported_entity": "PROJECT", "deny_list": ["Bluebird"], "type": "custom"},
        {"name": "Off", "supported_entity": "OFF", "deny_list": ["word"], "enabled": False},
    ]
}


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load(PiiSection(), CUSTOM)


def found(detector: Detector, text: str) -> list[tuple[str, str]]:
    return [(f.entity_type, text[f.start : f.end]) for f in detector.detect([text])[0]]


@pytest.mark.parametrize(
    ("text", "entity_type", "value"),
    [
        ("John Smith lives in Paris.", "PERSON", "John Smith"),
        ("John Smith lives in Paris.", "LOCATION", "Paris"),
        ("mail user@corp.internal now", "EMAIL_ADDRESS", "user@corp.internal"),
        ("the host is 192.168.17.4 today", "IP_ADDRESS", "192.168.17.4"),
        ("my driver license is F162823540116", "US_DRIVER_LICENSE", "F162823540116"),
        ("NHS number 943 476 5919", "UK_NHS", "943 476 5919"),
        ("mac 00:1B:44:11:3A:B7", "MAC_ADDRESS", "00:1B:44:11:3A:B7"),
        ("badge EMP-1234", "EMPLOYEE_ID", "EMP-1234"),
        ("project Bluebird", "PROJECT", "Bluebird"),
        ("ship it to 350 Fifth Avenue", "LOCATION", "350 Fifth Avenue"),
    ],
)
def test_finds(detector: Detector, text: str, entity_type: str, value: str) -> None:
    """The model, Presidio's recognizers, our own and the user's all take part."""
    assert (entity_type, value) in found(detector, text)


@pytest.mark.parametrize("text", ["", " ", "The weather is nice today.", "duplicate public F1628235"])
def test_plain_text_is_not_changed(detector: Detector, text: str) -> None:
    """Nothing is acted on in text without personal data; `lic` in `public` is no context for a licence."""
    section = PiiSection()
    assert [f for f in detector.detect([text])[0] if section.acts_on(f.entity_type)] == []


def test_answers_are_in_the_order_of_the_texts(detector: Detector) -> None:
    """One list for each text, also for none."""
    assert detector.detect([]) == []
    assert [bool(findings) for findings in detector.detect(["a@b.co", "", "c@d.co"])] == [True, False, True]


def test_long_texts_are_read_in_overlapping_windows(detector: Detector) -> None:
    """Names all along a long text are found whole, whatever seams lie between; positions count from its start."""
    text = ("My friend, John Smith lives in Paris. " + "word " * 200) * 60
    places = {f.start for f in detector.detect([text])[0] if text[f.start : f.end] == "John Smith"}
    assert len(places) == 60


def test_lone_surrogates_are_read_around(detector: Detector) -> None:
    """Text that is no valid Unicode is read all the same, at the same positions."""
    assert ("EMAIL_ADDRESS", "a@b.co") in found(detector, "\ud800 mail a@b.co")


def test_exact_search_knows_the_users_recognizers(detector: Detector) -> None:
    """What the user's file adds is looked for in every attribute, as the built-in exact forms are."""
    assert {f.entity_type for f in detector.detect_exact("EMP-1234 a@b.co John Smith")} == {
        "EMPLOYEE_ID",
        "EMAIL_ADDRESS",
    }


def test_a_kept_type_costs_nothing(detector: Detector) -> None:
    """Recognizers whose types are all kept are not run; a policy that acts on URLs has them run."""
    text = "see https://example.com/x"
    assert "URL" not in {kind for kind, _ in found(detector, text)}
    acting = Detector.load(PiiSection.model_validate({"entities": {"URL": "replace"}}))
    assert "URL" in {kind for kind, _ in found(acting, text)}


def test_a_slow_pattern_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern that runs out of time raises; Presidio would go on without it."""
    monkeypatch.setattr(presidio, "_TIMEOUT_S", 0.001)
    slow = {"supported_entity": "SLOW", "patterns": [{"name": "slow", "regex": r"(a|aa)+$", "score": 1.0}]}
    broken = Detector.load(PiiSection(), {"recognizers": [slow]})
    text = "a" * 5000 + "b"
    with pytest.raises(presidio.RegexTimeout) as raised:
        broken.detect_exact(text)
    assert str(raised.value) == ""
    with pytest.raises(presidio.RegexTimeout):
        broken.detect([text])


@pytest.mark.parametrize(
    ("definitions", "message"),
    [
        ({}, "expected a list"),
        ({"recognizers": [3]}, r"recognizers\[0\]: expected a mapping"),
        ({"recognizers": [{"patterns": []}]}, "supported_entity is required"),
        ({"recognizers": [{"supported_entity": "X"}]}, r"recognizers\[0\]: "),
        ({"recognizers": [{"supported_entity": "X", "patterns": [{"name": "n", "regex": "(", "score": 1}]}]}, "regex"),
        ({"recognizers": ["EmailRecognizer"]}, "without a connection"),
        ({"recognizers": [{"name": "AzureAILanguageRecognizer", "type": "predefined"}]}, "without a connection"),
    ],
)
def test_unusable_recognizers_are_named(definitions: dict[str, Any], message: str) -> None:
    """An entry that cannot be used is an error with its place; so is one that may open a connection."""
    with pytest.raises(ValueError, match=message):
        presidio.custom_recognizers(definitions)


def test_presidios_own_recognizers_can_be_added() -> None:
    """By name, as Presidio's YAML spells it."""
    (recognizer,) = presidio.custom_recognizers({"recognizers": [{"name": "AuTfnRecognizer", "type": "predefined"}]})
    assert recognizer.supported_entities == ["AU_TFN"]


EVERYTHING = (
    "Mr. John Smith, 350 Fifth Avenue, New York, NY 10118, born on 12 March 1985, john@example.co.uk, +49 30 1234567, card "
    "4111 1111 1111 1111, GB82WEST12345698765432, 514-69-0360, ITIN 912-70-1234, NHS 943 476 5919, AB123456C, 10.0.0.1, "
    "00:1B:44:11:3A:B7, username: jdoe42, password: hunter2!, sk-proj-abcDEF1234567890abcd, passport A12345678, driver license "
    "D1234567, DEA AB1234563, account number 12345678, routing number 121000358, BIC DEUTDEFF500, sort code 20-00-00, "
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa, https://example.com/x, 2020-01-01, 550e8400-e29b-41d4-a716-446655440000, EMP-1234, 123 456 782, "
    "CPF 111.444.777-35"
)
_OFFLINE = """
import json, sys

def hook(event, args):
    # urllib3, which Presidio imports, binds a local socket to learn whether there is IPv6; that goes nowhere.
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}:
        sys.stderr.write(event)
        os._exit(3)

import os
sys.addaudithook(hook)
from processors.pii.detector import Detector
from processors.pii.section import PiiSection
section = PiiSection.model_validate({"entities": {t: "replace" for t in ("URL", "DATE_TIME", "UUID", "ORGANIZATION", "NRP")}})
work = json.load(sys.stdin)
found = Detector.load(section, work["recognizers"]).detect([work["text"]])[0]
json.dump(sorted({f.entity_type for f in found}), sys.stdout)
"""


def test_nothing_tries_to_leave() -> None:
    """With every entity type in a text, and Presidio at work for the user's recognizers, no socket is used.

    Where the system lets us, there is no network to use either.
    """
    work = {
        "text": EVERYTHING,
        "recognizers": {"recognizers": [*CUSTOM["recognizers"], "AuTfnRecognizer", "UrlRecognizer"]},
    }
    unshare = ["unshare", "-rn"] if _can_unshare() else []
    done = subprocess.run(  # noqa: S603  # our own code
        [*unshare, sys.executable, "-c", _OFFLINE],
        input=json.dumps(work),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = set(json.loads(done.stdout))
    assert found >= {
        "PERSON", "LOCATION", "DATE_OF_BIRTH", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "US_ITIN",
        "UK_NHS", "UK_NINO", "IP_ADDRESS", "MAC_ADDRESS", "USERNAME", "PASSWORD", "API_KEY", "US_PASSPORT", "US_DRIVER_LICENSE",
        "MEDICAL_LICENSE", "US_BANK_NUMBER", "ABA_ROUTING_NUMBER", "SWIFT_CODE", "UK_SORT_CODE", "CRYPTO", "URL", "DATE_TIME",
        "UUID", "EMPLOYEE_ID", "AU_TFN", "BR_CPF",
    }  # fmt: skip


def _can_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode == 0  # noqa: S607  # found on the path


def test_importing_the_package_loads_no_model() -> None:
    """A process that only imports the processor pays for neither spaCy nor Presidio."""
    code = (
        "import sys, processors.pii.scrub, processors.pii.detector, processors.pii.drop;"
        "sys.exit(bool({'spacy', 'presidio_analyzer', 'numpy', 'regex'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0  # noqa: S603  # our own code
