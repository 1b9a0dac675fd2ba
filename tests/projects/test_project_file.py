"""A project as a file, there and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.kernel import Invalid
from assay.projects import InvalidDefinition, project_file
from assay.projects.project_file import BYTES_MAX

FILE = """\
name: 增值税 preference
languages: [en, zh]
version: 1.0.0
guideline:
  version: 1.2.0
  markdown: |
    # What to do
    Choose the *better* answer. أجب
fields:
- {key: candidates, type: candidates, from: item.candidates, min: 2, max: 2, blind: [source]}
questions:
- key: better
  type: pairwise
  title: Which answer is better?
  of: {field: candidates}
  strengths: [slightly, clearly, much]
  tie: true
- key: safe
  type: choice
  title: Is it safe?
  options: [{id: yes}, {id: no, title: No}]
- key: quality
  type: rating
  title: Quality
  scale: {min: 1, max: 5, anchors: {1: useless, 5: expert}}
  when: {question: safe, op: '=', value: yes}
quality:
  overlap_min: 2
  overlap_max: 5
  acceptance: {error_limit: 0.03}
pay: {currency: EUR, price_minor: 150}
"""


def test_a_file_comes_back_as_it_went_in() -> None:
    project = project_file.load(FILE)
    assert project_file.load(project_file.dump(project)) == project
    assert project_file.load(project_file.dump_json(project)) == project
    raw, _ = project_file.read(FILE)
    assert project.as_json() == raw
    assert raw["questions"][1]["options"][0] == {"id": "yes"}  # a word, not a boolean


def test_the_same_project_always_gives_the_same_file() -> None:
    shuffled = dict(reversed(list(json.loads(project_file.dump_json(project_file.load(FILE))).items())))
    assert project_file.dump(project_file.of_values(shuffled)) == project_file.dump(project_file.load(FILE))


def test_it_is_read_from_a_path_and_with_a_byte_order_mark(tmp_path) -> None:
    path = tmp_path / "project.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + FILE.encode())
    assert project_file.load(path) == project_file.load(FILE)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60))
def test_any_text_survives(text: str) -> None:
    project = project_file.of_values({**project_file.load(FILE).as_json(), "name": text})
    assert project_file.load(project_file.dump(project)).name == text
    assert project_file.load(project_file.dump_json(project)).name == text


@pytest.mark.parametrize(
    "text", ["yes", "1.0", "1e3", "1_000", "0x1f", "2024-01-01", "12:30", "~", "null", "", " a\n b", "=", "<<"]
)
def test_text_that_looks_like_something_else_stays_text(text) -> None:
    raw = {**project_file.load(FILE).as_json(), "guideline": {"version": "1.0.0", "markdown": "x", "change_note": text}}
    project = project_file.of_values(raw)
    assert project_file.load(project_file.dump(project)).guideline.change_note == text


LAUGHS = "a: &a [x, x, x]\n" + "".join(
    f"{c}: &{c} [*{p}, *{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("a: &a [*a]", "line 1", "uses an anchor or alias (& or *); write the value out"),
        (LAUGHS, "line 1", "uses an anchor or alias (& or *); write the value out"),
        ("a: 1\nb: *a", "line 2", "uses an anchor or alias (& or *); write the value out"),
        ("a: 1\nb: 2\na: 3", "line 3", "names 'a' twice; keep one of them"),
        ("a: !!python/object/apply:os.system [ls]", "line 1", "uses the tag tag:yaml.org,2002:python/"),
        ("a:\n  <<: {b: 1}", "line 2", "merges another value (<<); write it out"),
        ("? [a]\n: 1", "line 1", "has a key that is not plain text"),
        ("&a b: 1", "line 1", "has a key that is not plain text"),
        ("a: .nan", "line 1", "holds .nan, which is not a number"),
        ("a: -.INF", "line 1", "holds -.INF, which is not a number"),
        ("a: [1, 2", "line 2", "is not YAML: did not find expected ',' or ']'"),
        ("a: b: c", "line 1", "is not YAML: mapping values are not allowed"),
        ("a: 1\n---\nb: 2", "line 2", "begins a second document; one file is one project"),
        ("", "file", "is empty"),
        ("a: \x07", "file", "is not YAML"),
        ("[" * 70 + "]" * 70, "line 1", "is nested deeper than 64 levels"),
        ("[" * 100_000, "line 1", "is nested deeper than 64 levels"),
        ("x" * (BYTES_MAX + 1), "file", "is larger than 1,000,000 bytes"),
        (b"a: \xff", "file", "is not UTF-8: byte 4 cannot be read"),
        ('{"a": 1, "a": 2}', "file", "names 'a' twice in one object; keep one of them"),
        ('{"a": NaN}', "file", "holds NaN, which is not a number"),
        ('{"a": 1,\n}', "line 2", "is not JSON: "),
        ('{"a":' * 100_000, "file", "is nested deeper than 64 levels"),
        ('{"a": ' + "9" * 5_000 + "}", "file", "holds a number of too many digits"),
        ('{"name": "\\ud800"}', "name", "contains half of a surrogate pair"),
        ("- a", "file (line 1)", "must be an object of keys and values"),
        ("name: 2024", "name (line 1)", "must be text; put it in quotes"),
    ],
)  # fmt: skip
def test_a_file_that_is_broken_or_a_trap_is_refused_with_its_line(text, where, reason) -> None:
    with pytest.raises(Invalid) as error:
        project_file.load(text)
    problems = [(problem.where, problem.reason) for problem in error.value.problems]
    assert any(found == where and said.startswith(reason) for found, said in problems), problems


def test_problems_name_the_path_and_the_line() -> None:
    with pytest.raises(InvalidDefinition) as error:
        project_file.load(FILE.replace("type: rating", "type: stars").replace("overlap_min: 2", "overlap_min: many"))
    assert [problem.where for problem in error.value.problems] == [
        "questions[2] (line 22)",
        "quality.overlap_min (line 28)",
    ]
    assert "has the unknown type 'stars'" in error.value.message


def test_a_minimal_file_is_short() -> None:
    project = project_file.load(
        "name: a\nversion: 1.0.0\nguideline: {version: 1.0.0, markdown: Read it.}\n"
        "fields: [{key: text, type: text, from: item.text}]\n"
        "questions: [{key: ok, type: choice, title: Ok?, options: [{id: yes}, {id: no}]}]\n"
    )
    assert project.quality.overlap_min == 1
    assert project.pay is None


def test_the_schema_names_every_type_of_question() -> None:
    schema = json.dumps(project_file.schema())
    for name in ("choice", "choices", "rating", "number", "ranking", "pairwise", "text", "span"):
        assert f'"const": "{name}"' in schema
