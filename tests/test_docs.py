"""What the pages say can be followed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sidecar.config_file import load_config
from sidecar.policy_file import load_policy

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file of the repository finds it."""
    links = _LINK.findall(_FENCED.sub("", page.read_text()))
    broken = [
        link
        for link in links
        if "://" not in link and not link.startswith("#") and not (page.parent / link.partition("#")[0]).exists()
    ]
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    """docs/README.md lists every page under docs."""
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in _LINK.findall(index.read_text()) if "://" not in link}
    pages = {page.resolve() for page in (ROOT / "docs").rglob("*.md")} - {index.resolve()}
    assert {str(page.relative_to(ROOT)) for page in pages - listed} == set()


def test_the_examples_of_the_readme_are_valid(tmp_path: Path) -> None:
    """Its sidecar.yaml and its policy.yaml load as they stand."""
    config, policy = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "sidecar.yaml").write_text(config)
    (tmp_path / "policy.yaml").write_text(policy)
    load_config(tmp_path / "sidecar.yaml", {"BACKEND_ENDPOINT": "backend:4317", "BACKEND_TOKEN": "token"})
    load_policy(tmp_path / "policy.yaml", {})
