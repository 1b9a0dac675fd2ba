"""Each kind of question is put together in its own way."""

from typing import Any
from uuid import UUID

import pytest

from assay.kernel import new_id
from assay.projects import Definition, parse_definition
from assay.scoring.infer import Known, refit, score
from assay.scoring.model import Posterior
from assay.scoring.votes import sort_answers

FIELDS = [
    {"key": "text", "type": "text", "from": "item.text"},
    {"key": "answers", "type": "candidates", "from": "item.answers", "min": 2, "max": 2, "optional": True},
]
PAYLOAD = {"text": "the cat sat on the mat", "answers": [{"id": "x", "text": "1"}, {"id": "y", "text": "2"}]}
TASK = new_id()


def defined(**question: Any) -> Definition:
    return parse_definition({"fields": FIELDS, "questions": [{"key": "q", "title": "?"} | question]})


def response(value: Any, *, task: UUID = TASK, who: UUID | None = None, target: str | None = None) -> dict[str, Any]:
    answer = {"question": "q", "target": target, "value": value}
    return {"id": new_id(), "task_id": task, "annotator_id": who or new_id(), "version_id": TASK, "answers": [answer]}


def scored(definition: Definition, *values: Any) -> Posterior:
    sheets = sort_answers([response(value) for value in values], {TASK: definition.content(PAYLOAD)})
    (found,) = score(definition.question("q"), sheets["q"], Known())
    return found


OPTIONS = [{"id": "a"}, {"id": "b"}, {"id": "none", "exclusive": True}]


def test_a_pairwise_verdict_names_the_candidate_and_the_middle_strength() -> None:
    better = defined(type="pairwise", of={"field": "answers"}, strengths=["slightly", "much"], tie=True)
    said = [{"verdict": "y", "strength": 1}, {"verdict": "y", "strength": 2}, {"verdict": "tie"}]
    found = scored(better, *said)
    assert found.value == {"verdict": "y", "strength": 1}
    assert found.probabilities == pytest.approx({"x": 1 / 12, "y": 7 / 12, "tie": 4 / 12})


def test_candidates_are_pooled_by_their_place_in_the_item() -> None:
    better = defined(type="pairwise", of={"field": "answers"}, aggregate="dawid_skene")
    people = [new_id() for _ in range(3)]
    contents, rows = {}, []
    for i in range(60):
        task = new_id()
        ids = [f"{i}-one", f"{i}-two"]
        contents[task] = better.content({"text": "", "answers": [{"id": id, "text": ""} for id in ids]})
        rows += [response({"verdict": ids[i % 2]}, task=task, who=who) for who in people]
    found = refit(better.question("q"), sort_answers(rows, contents)["q"], new_id())
    assert found.why == "Dawid-Skene: converged"
    assert [p.value["verdict"] for p in found.posteriors[:2]] == ["0-one", "1-two"]
    assert min(p.confidence or 0 for p in found.posteriors) > 0.99


def test_of_several_options_those_above_one_half_stand() -> None:
    several = defined(type="choices", options=OPTIONS)
    found = scored(several, ["a", "b"], ["a"], ["a"])
    assert found.value == ["a"]
    assert found.probabilities == pytest.approx({"a": 3.5 / 4, "b": 1.5 / 4, "none": 0.5 / 4})
    assert found.confidence == pytest.approx(1 - 1.5 / 4)


def test_an_option_that_excludes_others_stands_alone_or_not_at_all() -> None:
    several = defined(type="choices", options=OPTIONS)
    assert scored(several, ["none"], ["none"], ["a"]).value == ["none"]
    assert scored(several, ["a"], ["a"], ["none"]).value == ["a"]


def test_options_of_the_item_are_counted_within_it() -> None:
    own = defined(type="choice", options_from="item.options")
    contents = {TASK: own.content(PAYLOAD | {"options": ["red", "blue"]})}
    sheets = sort_answers([response("red"), response("red"), response("blue")], contents)
    (found,) = score(own.question("q"), sheets["q"], Known())
    assert found.probabilities == {"red": 0.625, "blue": 0.375}


def test_numbers_give_a_median_with_what_its_interval_covers() -> None:
    found = scored(defined(type="number"), "1.5", "2.0", "9")
    assert (found.value, found.estimate, found.low, found.high) == ("2.0", 2.0, 1.5, 9.0)
    assert found.method == "median, interval between order statistics of 75%"
    assert scored(defined(type="number"), "4").low is None


def test_a_wide_crowd_leaves_out_the_extremes() -> None:
    found = scored(defined(type="number"), *map(str, range(1, 12)))
    assert (found.estimate, found.low, found.high) == (6.0, 2.0, 10.0)


def test_ratings_are_freed_of_the_annotators_offsets() -> None:
    rated = defined(type="rating", scale={"min": 1, "max": 9})
    mild, strict, fair = people = [new_id(), new_id(), new_id()]
    offset = {mild: 2, strict: -2, fair: 0}
    rows, tasks = [], [new_id() for _ in range(60)]
    for i, task in enumerate(tasks):
        rows += [response(5 + i % 2 + offset[who], task=task, who=who) for who in people]
    lone = new_id()
    rows += [response(8, task=lone, who=mild)]
    found = refit(rated.question("q"), sort_answers(rows, {})["q"], new_id())
    assert found.why == "mean less annotators' offsets: fitted"
    last = found.posteriors[-1]
    assert last.estimate == pytest.approx(6, abs=0.3)
    assert last.value == 6
    assert last.low is not None
    assert last.low < 6 < (last.high or 0)


def test_an_estimate_at_the_end_of_the_scale_is_a_float_like_all_others() -> None:
    rated = defined(type="rating", scale={"min": 1, "max": 5})
    people = [new_id(), new_id(), new_id()]
    steps = [5 if i < 30 else 1 + i % 5 for i in range(60)]
    rows = [response(step, task=task, who=who) for step, task in ((s, new_id()) for s in steps) for who in people]
    rows += [response(max(1, step - 2), task=new_id(), who=people[0]) for step in steps[:9]]
    found = refit(rated.question("q"), sort_answers(rows, {})["q"], new_id())
    numbers = {type(number) for one in found.posteriors for number in (one.estimate, one.low, one.high)}
    assert found.posteriors[0].high == 5
    assert numbers == {float}


def test_rankings_give_mean_ranks() -> None:
    ranked = defined(type="ranking", of={"field": "answers"}, ties=True, all_bad=True)
    orders = [[["x"], ["y"]], [["x"], ["y"]], [["y"], ["x"]]]
    found = scored(ranked, *({"tiers": tiers, "all_bad": False} for tiers in orders))
    assert found.value == {"tiers": [["x"], ["y"]], "all_bad": False}
    assert found.agreement == pytest.approx(1 / 3)
    tied = scored(ranked, *({"tiers": tiers, "all_bad": False} for tiers in orders[1:]))
    assert tied.value["tiers"] == [["x", "y"]]


def span(start: int, end: int, label: str = "animal") -> dict[str, Any]:
    quote = PAYLOAD["text"][start:end]
    return {"id": f"{start}", "label": label, "start": start, "end": end, "quote": quote}


def test_spans_keep_what_more_than_half_have_marked() -> None:
    marked = defined(type="span", of={"field": "text"}, labels=[{"id": "animal"}, {"id": "thing"}])
    found = scored(marked, [span(4, 7)], [span(4, 11)], [span(0, 7), span(19, 22, "thing")])
    assert found.value == [{"id": "s1", "label": "animal", "start": 4, "end": 7, "quote": "cat"}]
    assert 0 <= (found.agreement or 0) < 1


def test_lines_go_with_the_most_frequent_after_folding() -> None:
    line = defined(type="text", format="line")
    assert scored(line, " Paris", "paris", "Rome").value == " Paris"
    free = scored(defined(type="text"), "one thing", "another")
    assert free.value is None
    assert free.method == "not aggregated; each response keeps its text"


def test_parameters_of_the_last_refit_score_what_comes_later() -> None:
    choice = defined(type="choice", options=[{"id": "a"}, {"id": "b"}])
    good, other, liar = new_id(), new_id(), new_id()
    rows = []
    for i in range(60):
        task, truth, lie = new_id(), "ab"[i % 2], "ba"[i % 2]
        rows += [response(truth, task=task, who=good), response(truth, task=task, who=other)]
        rows += [response(lie, task=task, who=liar)]
    run_id = new_id()
    fitted = refit(choice.question("q"), sort_answers(rows, {})["q"], run_id)
    known = Known.of([row | {"run_id": run_id} for row in fitted.model_rows("q", run_id)])
    (found,) = score(choice.question("q"), sort_answers([response("a", who=liar)], {})["q"], known)
    assert (found.value, found.method, found.run_id) == ("b", "Dawid-Skene", run_id)
    (stranger,) = score(choice.question("q"), sort_answers([response("a")], {})["q"], known)
    assert stranger.value == "a"
