from __future__ import annotations

import pytest

from processors.pii.findings import Finding
from processors.pii.model.no_names import without_no_names


@pytest.mark.parametrize(
    ("value", "entity_type", "stays"),
    [
        ("Kibana", "PERSON", False),
        ("Supabase's", "LOCATION", False),
        ("Postgres, MariaDB", "PERSON", False),
        ("Jenkins", "PERSON", True),
        ("Kibana Jones", "PERSON", True),
        ("kibana", "PERSON", True),
        ("sure,", "PERSON", False),
        ("Der Kunde", "PERSON", False),
        ("Mrs", "PERSON", False),
        ("Mrs. Whitfield", "PERSON", True),
        ("Kunde Brandt", "PERSON", True),
        ("", "PERSON", True),
        ("Kibana", "ORGANIZATION", True),
        ("'s", "PERSON", True),
        ("ThreadPoolExecutor", "PERSON", False),
        ("NordVPN", "PERSON", False),
        ("RLHF", "LOCATION", False),
        ("Q", "PERSON", False),
        ("DeShawn", "PERSON", True),
        ("McDonald", "PERSON", True),
        ("ANNA", "PERSON", True),
        ("JoAnn", "PERSON", True),
        ("Wohnort", "LOCATION", False),
        ("EUR", "LOCATION", False),
        ("USA", "LOCATION", True),
        ("K7WQ2P", "PERSON", False),
        ("DSR-3381", "PERSON", False),
        ("SW1A", "LOCATION", True),
        ("de la", "PERSON", False),
        ("De La", "PERSON", True),
        ("Le", "PERSON", True),
    ],
)
def test_nobody_is_called_so(value: str, entity_type: str, *, stays: bool) -> None:
    """Software as it is spelled and words of conversations, alone; beside anything else, or where people bear the name too, the finding stays."""
    text = f"ask {value} now"
    found = [Finding(entity_type, 4, 4 + len(value), 0.9)]
    assert without_no_names(text, found) == (found if stays else [])


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("Will mark this as done", False),
        ("we'll bill the customer", False),
        ("please grant me access", False),
        ("will mark call you?", True),
        ("please mark, come in", True),
        ("ask mark the same", True),
        ("Will Mark this year come?", True),
    ],
)
def test_verbs_that_are_names_as_well(text: str, *, stays: bool) -> None:
    """In lower case, after a word that a verb follows, and with an object, they are verbs."""
    name = next(word for word in ("mark", "Mark", "bill", "grant") if word in text)
    found = [Finding("PERSON", text.index(name), text.index(name) + len(name), 0.9)]
    assert without_no_names(text, found) == (found if stays else [])


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("You are Claude, created by Anthropic.", False),
        ("Claude 3.5 disagrees", False),
        ("Claude Code fixed it", False),
        ("GPT-4o, Llama and Claude on the eval", False),
        ("Hey Siri, ask Alexa", False),
        ("Gemini 1.5 Pro", False),
        ("Claude called 3 times", True),
        ("Claude will call Anne", True),
        ("Claude wrote to us. " + "x" * 60 + " GPT", True),
        ("Hey Siri", True),
    ],
)
def test_assistants_near_their_like(text: str, *, stays: bool) -> None:
    """A first name of a model or a voice, where models or their makers are named within a few words; else a person."""
    found = [
        Finding("PERSON", text.index(name), text.index(name) + len(name), 0.9)
        for name in ("Claude", "Alexa", "Siri", "Gemini")
        if name in text
    ][:1]
    assert without_no_names(text, found) == (found if stays else [])
