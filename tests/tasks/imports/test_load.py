"""Loading goes block by block; a kill in the middle loses nothing, and a repeat finishes."""

from importlib import import_module
from typing import Any

import pytest

from assay import audit
from assay.kernel import Invalid, new_id
from assay.storage import Settings
from assay.tasks.imports import ImportElsewhere, NoSuchImport, Options, load, load_received


class Killed(BaseException):
    """Stands for the end of the process."""


def items(count: int) -> list[dict[str, Any]]:
    return [{"external_id": f"q{n}", "prompt": f"When is VAT due? {n}"} for n in range(count)]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("assay.tasks.imports.load"), "ROWS_IN_BLOCK", 10)


def test_a_kill_in_the_middle_loses_nothing_and_a_repeat_finishes(desk, small_blocks) -> None:
    content = b"".join(b"broken\n" if n == 7 else b'{"external_id": "q%d", "prompt": "When?"}\n' % n for n in range(55))
    import_id = desk.received(content, "items")
    done = 0

    def dies_in_the_third_block(work: Any) -> Any:
        nonlocal done

        def then_dies(session: Any) -> Any:
            nonlocal done
            result = work(session)
            done += 1
            if done == 4:  # after the work, before the commit
                raise Killed
            return result

        return desk.transact(then_dies)

    with pytest.raises(Killed):
        load(dies_in_the_third_block, import_id, desk.folder / str(import_id))
    found = desk.found(import_id)
    assert (found.state, found.accepted, found.problems, found.line) == ("loading", 19, 1, 20)

    with pytest.raises(ImportElsewhere):
        desk.load(import_id)  # the lease of the dead process still runs
    desk.change("update tasks_import set loading_until = clock_timestamp()")
    found = desk.load(import_id)
    assert (found.state, found.accepted, found.known, found.problems) == ("loaded", 54, 0, 1)
    assert desk.problems(found)[0][0] == 8
    assert not (desk.folder / str(import_id)).exists()


def test_an_import_that_is_over_is_left_alone(desk) -> None:
    import_id = desk.received(items(1), "items")
    assert desk.load(import_id).accepted == 1
    assert desk.load(import_id).accepted == 1


def test_a_file_that_is_gone_is_said(desk) -> None:
    import_id = desk.received(items(1), "items")
    (desk.folder / str(import_id)).unlink()
    found = desk.load(import_id)
    assert found.state == "failed"
    assert "send it again" in desk.problems(found)[0][1]


def test_an_unknown_import_is_not_found(desk) -> None:
    with pytest.raises(NoSuchImport):
        desk.load(new_id())


def test_more_problems_than_are_kept_are_counted(desk, monkeypatch: pytest.MonkeyPatch, small_blocks) -> None:
    monkeypatch.setattr(import_module("assay.tasks.imports.load"), "PROBLEMS_KEPT", 15)
    found = desk.take(b"x\n" * 40, "items")
    assert found.problems == 40
    assert [line for line, _ in desk.problems(found)] == list(range(1, 16))


def test_the_log_tells_what_was_loaded(desk) -> None:
    found = desk.take(items(2), "items")
    events = desk.transact(lambda s: audit.events(s, subject=found.id, kind=None, after=None, limit=10))
    assert [event.kind for event in events] == ["import.received", "import.loaded"]
    assert events[1].body["accepted"] == 2


def test_an_import_that_waits_is_loaded_by_the_job(desk) -> None:
    import_id = desk.received(items(2), "items")
    settings = Settings(data=desk.folder, database_url=None, public_url="")
    (desk.folder / str(import_id)).rename(settings.folder("imports") / str(import_id))
    load_received(desk.transact, settings, import_id)
    assert desk.found(import_id).state == "loaded"


@pytest.mark.parametrize("said", [{"encoding": "rot13"}, {"encoding": "nonsense"}, {"separator": "ab"}])
def test_what_nobody_can_read_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        Options(**said)
