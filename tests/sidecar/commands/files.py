"""The two files as the documentation shows them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_DOCS: Final = Path(__file__).parents[3] / "docs"


def _first_example(page: str) -> str:
    found = re.search(r"^```yaml\n(.*?)^```$", (_DOCS / page).read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


CONFIG: Final = _first_example("configuration.md")
POLICY: Final = _first_example("policy.md")
