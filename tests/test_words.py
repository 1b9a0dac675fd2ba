"""One thing, one word: what other tools call our things stays where their files are read."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "src" / "assay"
WORDS = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
OTHERS = (  # words for which we have our own; those that are also everyday English or Python are left to the reader
    "honeypot",
    "tenant",
    "workspace",
    "worker_id",  # `worker` alone is a background process
    "rater",
    "labeler",
    "coder",
    "contributor",
    "ground truth",
    "control task",
    "test question",
    "pre-annotation",
    "prediction",
    "judgment",
    "redundancy",
    "approval status",
)
PATTERN = re.compile(
    rf"(?<![a-z])({'|'.join(re.sub('[ _-]', '[ _-]?', word) for word in OTHERS)})s?(?![a-z])", re.IGNORECASE
)
DOORS = ("tasks/reading/columns.py", "compat")  # where the words of others are understood


def test_the_words_of_others_stay_at_the_door() -> None:
    files = [path for path in sorted(HOUSE.rglob("*")) if path.suffix in (".py", ".html", ".js")]
    found = [
        f"{path.relative_to(HOUSE)}:{number}: {match[0]}"
        for path in files
        if not str(path.relative_to(HOUSE)).startswith(DOORS)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for match in PATTERN.finditer(line)
    ]
    assert found == []


def test_the_vocabulary_names_the_words_of_others() -> None:
    assert [word for word in OTHERS if word.split("_")[0] not in WORDS] == []


def test_every_room_is_named_in_the_architecture() -> None:
    drawn = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = sorted(path.parent.name for path in HOUSE.glob("*/__init__.py"))
    assert [room for room in rooms if not re.search(rf"\b{room}\b", drawn)] == []
