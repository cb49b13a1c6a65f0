from __future__ import annotations

from processors.pii.findings import Finding
from processors.pii.memo import Memo


def test_remembers_by_text_and_forgets_the_oldest() -> None:
    """The memo holds a bounded number of findings; what was used last stays."""
    memo = Memo(max_findings=4)
    a, b, c = (memo.key(text) for text in "abc")
    memo.put(a, (Finding("PERSON", 0, 1, 1.0),))
    memo.put(b, ())
    assert memo.get(a) == (Finding("PERSON", 0, 1, 1.0),)
    memo.put(c, (Finding("PERSON", 0, 1, 1.0),))
    assert memo.get(b) is None
    assert memo.get(a) is not None
    assert len(memo) == 2


def test_holds_no_text() -> None:
    """Only a fingerprint is stored, for texts that are no valid Unicode too."""
    memo = Memo()
    memo.put(memo.key("Ada Lovelace \ud800"), ())
    assert "Ada" not in repr(memo._entries)
