"""The lock files hold what pyproject.toml asks for, each file by its hash, and say nothing of where it comes from."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
ASKED = {
    "requirements.lock": [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["server"],
        *GROUPS["dev"],
        *PROJECT["build-system"]["requires"],
    ],
    "requirements-loaders.lock": GROUPS["loaders"],
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)[^\n]*\\\n +--hash=sha256:[0-9a-f]{64}", re.MULTILINE)


def pinned(lock: str) -> dict[str, set[str]]:
    """Every package of a lock file that has a hash, with the versions for one Python or another."""
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall((ROOT / lock).read_text(encoding="utf-8")):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


@pytest.mark.parametrize("lock", ASKED)
def test_everything_asked_for_is_locked(lock: str) -> None:
    found = pinned(lock)
    asked = [Requirement(line) for line in ASKED[lock]]
    loose = [
        str(each)
        for each in asked
        if not found.get(canonicalize_name(each.name))
        or not all(each.specifier.contains(version) for version in found[canonicalize_name(each.name)])
    ]
    assert loose == [], "run make lock"


@pytest.mark.parametrize("lock", ASKED)
def test_every_package_has_its_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)) == sum(map(len, pinned(lock).values()))


@pytest.mark.parametrize("lock", ASKED)
def test_a_lock_file_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert re.findall(r"://|--(?:extra-)?index|--find-links|@ ", text) == []
