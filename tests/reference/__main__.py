"""`make docs`: writes docs/reference."""

from __future__ import annotations

from tests.reference.pages import DIRECTORY, page

DIRECTORY.mkdir(exist_ok=True)
for of in ("config", "policy"):
    (DIRECTORY / f"{of}.md").write_text(page(of), encoding="utf-8")
    print(f"docs/reference/{of}.md")  # noqa: T201  # what was written, for whoever called
