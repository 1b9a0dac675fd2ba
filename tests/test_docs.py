"""What the documents say is so: every operation and setting has its line, and every link leads somewhere."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GENERATOR = runpy.run_path(str(ROOT / "docs" / "generate.py"))
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"\bASSAY_[A-Z_]+\b")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


def test_the_reference_is_current() -> None:
    """If not: python docs/generate.py."""
    pages = GENERATOR["pages"]()
    kept = {name: (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") for name in pages}
    assert [name for name, text in pages.items() if kept[name] != text] == []


def test_every_setting_has_its_line() -> None:
    """In docs/guides/running-a-server.md."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src" / "assay").rglob("*.py")]
    used = {name for source in sources for name in SETTING.findall(source)}
    guide = (ROOT / "docs" / "guides" / "running-a-server.md").read_text(encoding="utf-8")
    assert used == {name for name in SETTING.findall(guide)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    links = [link.split("#")[0] for link in LINK.findall(path.read_text(encoding="utf-8"))]
    local = [link for link in links if link and "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (path.parent / link).exists()] == []
