"""The dataset card: what this is, who made it, how, how good it was measured to be, and what it is not. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from assay.delivery.content import Json, LeftOut, ReleaseContent
from assay.delivery.files import Part
from assay.delivery.summary import Summary
from assay.delivery.tables import ITEMS, TABLES, Column

DEFAULT_TABLE = "settled"
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_card(content: ReleaseContent, summary: Summary, parts: list[Part], left_out: list[LeftOut]) -> bytes:
    """README.md: a head that dataset libraries read, then text for people."""
    head = _yaml(_head(content, parts))
    sections = [
        f"# {content.head.title}",
        content.head.description,
        _what(content, parts),
        _who(summary),
        _how(content, summary),
        _measured(content),
        _limits(content, left_out),
        _licence(content),
    ]
    text = "\n\n".join(section for section in sections if section)
    return f"---\n{head}---\n\n{text}\n".encode()


def measured_limits(content: ReleaseContent) -> list[str]:
    """What the numbers do not say, collected from the certificates."""
    return sorted({gap for lot in content.lots for gap in lot.certificate.get("not_covered", ())})


def write_training_card(content: ReleaseContent, parts: list[Part]) -> bytes | None:
    """train/README.md, or None without trainer files.

    A folder of its own, since `datasets` reads all configurations of a folder with the reader of the first.
    """
    rows = {part.name: part.rows or 0 for part in parts}
    configs, infos = [], []
    for kind in ("preference", "sft"):
        splits = [split for split in ("train", "test") if f"train/{kind}.{split}.jsonl" in rows]
        if splits:
            files = [{"split": split, "path": f"{kind}.{split}.jsonl"} for split in splits]
            configs.append({"config_name": kind, "data_files": files, "default": not configs})
            infos.append({"config_name": kind, "features": _features(kind, bare=content.training.bare)})
    head = {"pretty_name": content.head.title, **_licence_tags(content), "configs": configs, "dataset_info": infos}
    said = "Files for trainers, in the shapes that TRL documents. The card of the release lies one folder up."
    return f"---\n{_yaml(head)}---\n\n{said}\n".encode() if configs else None


def _head(content: ReleaseContent, parts: list[Part]) -> dict[str, Any]:
    rows = {part.name: part.rows or 0 for part in parts}
    configs: list[dict[str, Any]] = [
        {"config_name": table.name, "data_files": [{"split": "train", "path": table.path}]}
        for table in TABLES
        if rows[table.path]  # an empty table has nothing that `datasets` would load
    ]
    for config in configs:
        if config["config_name"] == DEFAULT_TABLE:
            config["default"] = True
    return {
        "pretty_name": content.head.title,
        "language": list(content.head.languages),
        **_licence_tags(content),
        "size_categories": [next((name for limit, name in _SIZES if rows[ITEMS.path] < limit), "n>1M")],
        "configs": configs,
    }


def _licence_tags(content: ReleaseContent) -> dict[str, str]:
    if content.head.licence.id != "other":
        return {"license": content.head.licence.id}
    return {"license": "other", "license_name": "see-licence-file", "license_link": "LICENSE"}


def _yaml(head: dict[str, Any]) -> str:
    return yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=120)


def _features(kind: str, *, bare: bool) -> list[dict[str, Any]]:
    """Types of a trainer file, said aloud: a reader that guesses them from the first rows can guess wrong."""
    messages = {"preference": ("prompt", "chosen", "rejected"), "sft": ("messages",)}[kind]
    features: list[dict[str, Any]] = [{"name": name, "list": _strings("role", "content")} for name in messages]
    if kind == "preference":
        features += [{"name": name, "dtype": "float64"} for name in ("margin", "weight")]
    if not bare:
        features += _strings("external_id", "item_id", "lot", "question", "slices")
        features += [{"name": "confidence", "dtype": "float64"}, {"name": "n", "dtype": "int64"}]
    return features


def _strings(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "dtype": "string"} for name in names]


def _what(content: ReleaseContent, parts: list[Part]) -> str:
    head = content.head
    lines = ["## What it is", "", f"Release {head.version} of {head.name}, delivered to {head.organisation}.", ""]
    lines += ["| file | rows | what |", "|---|---:|---|"]
    about = {table.path: table.about for table in TABLES}
    for part in parts:
        if part.rows is not None:
            lines.append(f"| `{part.name}` | {part.rows:,} | {about.get(part.name, _about_file(part.name))} |")
    lines += [
        "",
        '`datasets.load_dataset("<this folder>", "responses")` loads a table; '
        '`datasets.load_dataset("<this folder>/train", "preference")` the files for trainers.',
        "Cells that hold more than one value are canonical JSON in a string. Columns:",
        "",
    ]
    for table in TABLES:
        lines.append(f"- **{table.name}**: {', '.join(_column(column) for column in table.columns)}")
    return "\n".join(lines)


def _column(column: Column) -> str:
    return f"`{column.name}` ({column.about})"


def _about_file(name: str) -> str:
    if name.startswith("sheets/"):
        return "the table of that name, as CSV for spreadsheets"
    kind = "preferences: prompt, chosen, rejected" if "preference" in name else "conversations to learn from"
    return f"{kind}, in the shape that TRL documents"


def _who(summary: Summary) -> str:
    lines = ["## Who made it", "", f"{summary.annotators} annotators, under pseudonyms made for this customer."]
    for group, people in summary.groups.items():
        if people:
            said = ", ".join(f"{value}: {n}" for value, n in people.items())
            lines.append(f"By {group}: {said}.")
    lines.append("Groups of fewer than ten people are withheld.")
    return "\n".join(lines)


def _how(content: ReleaseContent, summary: Summary) -> str:
    least, mean, most = summary.responses_per_task
    lines = ["## How it was made", ""]
    lines.append(f"- Responses per task: {least} to {most}, {mean:.2f} on average; {summary.counted:,} counted.")
    if summary.active_seconds_median is not None:
        median = f"{summary.active_seconds_median:.0f} s (n = {summary.active_seconds_n:,})"
        lines.append(f"- Median active time per response: {median}.")
    if summary.first_submitted and summary.last_submitted:
        lines.append(f"- Submitted between {summary.first_submitted:%Y-%m-%d} and {summary.last_submitted:%Y-%m-%d}.")
    settled = ", ".join(f"{how} {n:,}" for how, n in summary.how_settled.items())
    lines.append(f"- Settled answers: {settled}.")
    lines.append(f"- Responses with a disclosure of machine help: {summary.disclosed_ai:,}.")
    for version in content.versions:
        lines.append(
            f"- Version {version.version}: questions in `schema/{version.version}.json`, "
            f"guideline in `guidelines/{version.guideline_version}.md`."
        )
    return "\n".join(lines)


def _measured(content: ReleaseContent) -> str:
    lines = ["## Measured quality", ""]
    lines += [
        "| lot | tasks | checked | wrong | error rate | at most | confidence | method |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for lot in content.lots:
        c = lot.certificate
        lines.append(
            f"| {lot.id} | {c['population']:,} | {c['n']:,} | {c['wrong']:,} | {c['error_rate']:.4f} "
            f"| {c['upper_bound']:.4f} | {c['confidence']} | {c['method']} |"
        )
    numbers = list(_numbers(content.quality))
    if numbers:
        lines += ["", "| number | value | interval | n | method |", "|---|--:|---|--:|---|"]
        lines += [
            f"| {name} | {e['value']:.3f} | {e['low']:.3f} to {e['high']:.3f} | {e['n']:,} | {e['method']} |"
            for name, e in numbers
        ]
    lines += ["", "All numbers: `quality.json` and `certificates/`. None is shown here without n, method and interval."]
    return "\n".join(lines)


def _numbers(quality: Json, name: str = "") -> Iterator[tuple[str, Json]]:
    """Every estimate in the quality numbers that says how good it is, with the path that leads to it."""
    for key, value in quality.items():
        path = f"{name} {key}".strip()
        if isinstance(value, Mapping):
            if all(isinstance(value.get(part), int | float) for part in ("value", "low", "high", "n")):
                if isinstance(value.get("method"), str):
                    yield path, value
            else:
                yield from _numbers(value, path)


def _limits(content: ReleaseContent, left_out: list[LeftOut]) -> str:
    lines = ["## Limits", ""]
    lines += [f"- {gap}" for gap in measured_limits(content)]
    lines += [f"- Left out: {left.count:,} × {left.what}: {left.why}." for left in left_out]
    lines.append("- The data is pseudonymous, not anonymous.")
    return "\n".join(lines)


def _licence(content: ReleaseContent) -> str:
    return (
        "## Licence and verification\n\n"
        f"Licence: `{content.head.licence.id}`; the text is in `LICENSE`.\n\n"
        "`assay verify <this folder>` checks the signature and every file, without a network. "
        "People with only coreutils run `sha256sum -c SHA256SUMS`."
    )
