"""A whole project as one YAML or JSON file, there and back without loss."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, StringConstraints

from assay.projects.definition import Definition, parse
from assay.projects.plan import PayPlan, QualityPlan
from assay.projects.strict import Id, Many, Strict
from assay.projects.yaml_text import InvalidFile, read_json, read_yaml

VersionNumber = Annotated[str, StringConstraints(pattern=r"^\d{1,6}\.\d{1,6}\.\d{1,6}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]  # BCP 47
BYTES_MAX = 1_000_000
RARE_BREAKS = frozenset("\x85\u2028\u2029")  # YAML folds these like line ends unless they are escaped


class GuidelineText(Strict):
    """The instructions, in markdown."""

    version: VersionNumber
    markdown: str = Field(min_length=1, max_length=500_000)
    change_note: str = Field(default="", max_length=10_000)


class ProjectFile(Definition):
    """Everything that a project is, apart from its items and people."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    languages: Many[Language] = ()
    version: VersionNumber
    ai_policy: Literal["allowed", "disclosed", "forbidden"] = "forbidden"
    content_labels: Many[Id] = ()
    guideline: GuidelineText
    quality: QualityPlan = QualityPlan()
    pay: PayPlan | None = None


def load(source: str | bytes | Path) -> ProjectFile:
    """The project that a text or a file describes. Raises InvalidFile or InvalidDefinition, with where and why."""
    content = source.read_bytes() if isinstance(source, Path) else source
    raw, lines = read(content)
    return parse(ProjectFile, raw, what="the project file", lines=lines)


def of_values(raw: Any) -> ProjectFile:
    """The project that JSON values describe. Raises InvalidDefinition."""
    return parse(ProjectFile, raw, what="the project file")


def read(content: str | bytes) -> tuple[Any, dict[str, int]]:
    """The values of a file, and the line of each path where the format tells. Raises InvalidFile."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    if len(data) > BYTES_MAX:
        raise InvalidFile.at("file", f"is larger than {BYTES_MAX:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidFile.at("file", f"is not UTF-8: byte {error.start + 1} cannot be read") from None
    return (read_json(text), {}) if text.lstrip()[:1] == "{" else read_yaml(text)


def dump(project: ProjectFile) -> str:
    """The file again, as YAML: the same values, in one fixed order."""
    return yaml.dump(
        project.as_json(), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100, default_flow_style=False
    )


def dump_json(project: ProjectFile) -> str:
    return json.dumps(project.as_json(), ensure_ascii=False, indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of a project file, for editors and other languages."""
    return ProjectFile.model_json_schema(by_alias=True)


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, and text of several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if RARE_BREAKS & set(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
