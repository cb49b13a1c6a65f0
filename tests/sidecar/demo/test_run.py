from __future__ import annotations

import pytest

from sidecar import demo
from sidecar.demo.chats import CHATS
from tests.sidecar.demo.samples import after_texts


@pytest.mark.timeout(240)
def test_the_demo_holds_what_it_promises(capsys: pytest.CaptureFixture[str]) -> None:
    """It ends by itself with success; every trace that matters is on the page, and nothing planted is in any "after"."""
    status = demo.main()
    page = capsys.readouterr().out
    assert status == 0, page
    assert "FAIL" not in page
    shown, _, dropped = page.partition("Dropped:")
    for chat in CHATS:
        if chat.fate != "routine":
            assert chat.title in shown
    assert "Opening hours" in dropped
    after = after_texts(shown)
    assert after
    assert not any(value in text for text in after for chat in CHATS for value in chat.planted)
    assert "after it had been dropped" in shown
    assert "Change of address" in shown, "the seed in app.py no longer fits the sampler"


def test_without_its_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo app's stack is an extra; a plain installation gets one sentence instead of a traceback."""
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    assert demo.main() == 1
    assert "otel-genai-sidecar[demo]" in capsys.readouterr().err
