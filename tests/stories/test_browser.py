"""People at the pages: an annotator works by keyboard alone and loses nothing; a manager watches the counts move."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect, sync_playwright

from assay.api.main import create_app
from assay.identity import found_organisation, issue_link, issue_token
from assay.kernel import new_id
from assay.storage import Actor, Database, Settings

pytestmark = pytest.mark.browser

WAIT_MS = 15_000  # much longer than anything takes, for machines that are busy with other tests
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TEXT = "a😀b 👩‍👩‍👧 é 东京是首都。"
PROJECT: dict[str, Any] = {
    "name": "All types",
    "version": "1.0.0",
    "guideline": {"version": "1.2.0", "markdown": "# Aim\n\nSay what **you** see."},
    "fields": [
        {"key": "text", "type": "text", "from": "item.text"},
        {"key": "candidates", "type": "candidates", "from": "item.candidates", "min": 4, "max": 4},
        {"key": "pair", "type": "candidates", "from": "item.pair", "min": 2, "max": 2},
    ],
    "questions": [
        {
            "key": "safe",
            "type": "choice",
            "title": "Safe?",
            "options": [{"id": "yes"}, {"id": "no"}],
            "why": {"required_if": {"op": "=", "value": "no"}},
        },
        {"key": "harms", "type": "choices", "title": "Harms?", "options": [{"id": "bio"}, {"id": "cyber"}]},
        {
            "key": "bad",
            "type": "rating",
            "title": "How bad?",
            "scale": {"min": 1, "max": 7},
            "when": {"question": "safe", "op": "=", "value": "no"},
        },
        {
            "key": "prefer",
            "type": "rating",
            "title": "Which, by how much?",
            "scale": {"min": -3, "max": 3, "between": ["p1", "p2"]},
        },
        {"key": "total", "type": "number", "title": "Total", "unit": "EUR", "decimals": 2},
        {
            "key": "rank",
            "type": "ranking",
            "title": "Order",
            "of": {"field": "candidates"},
            "ties": True,
            "all_bad": True,
        },
        {
            "key": "better",
            "type": "pairwise",
            "title": "Better?",
            "of": {"field": "pair"},
            "strengths": ["slightly", "much"],
            "tie": True,
            "both_bad": True,
        },
        {"key": "say", "type": "text", "title": "Say it", "length": {"min": 3, "max": 90}},
        {
            "key": "claims",
            "type": "span",
            "title": "Claims",
            "of": {"field": "text"},
            "labels": [{"id": "claim"}, {"id": "doubt"}],
        },
    ],
    "quality": {"gold_share": 0},
}
SIMPLE = PROJECT | {"name": "One choice", "questions": [PROJECT["questions"][0] | {"why": "optional"}]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium: ASSAY_CHROMIUM, or the one of the system."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("ASSAY_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("no Chromium is installed; install it, or name it in ASSAY_CHROMIUM")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on a free port."""
    settings = Settings(data=Path(tmp_path_factory.mktemp("data")), database_url=None, public_url="http://127.0.0.1")
    config = uvicorn.Config(create_app(database, settings), port=0, ws="none", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@dataclass
class House:
    """An organisation with one open project, and the browsers that look at it."""

    site: str
    database: Database
    browser: Browser
    organisation_id: UUID
    owner_id: UUID
    project_id: str = ""
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def browse(self) -> Page:
        """A page of a browser of its own, in which nothing may go wrong and nothing may leave for another host."""
        context = self.browser.new_context()
        self.contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))

        def hear(line: ConsoleMessage) -> None:
            if line.type in ("error", "warning") and not line.text.startswith("Failed to load resource"):
                self.faults.append(line.text)

        def watch(request: Request) -> None:
            if urlsplit(request.url).netloc != urlsplit(self.site).netloc:
                self.faults.append(f"a request to {request.url}")

        context.on("console", hear)
        context.on("request", watch)
        return context.new_page()

    def api(self, method: str, path: str, **options: Any) -> Any:
        with self.database.transaction(self.organisation_id, Actor("operator")) as session:
            token = issue_token(session, self.owner_id, label="test")[1]
        headers = {"Authorization": f"Bearer {token}"} | options.pop("headers", {})
        reply = httpx2.request(method, f"{self.site}/api/v1{path}", headers=headers, timeout=30, **options)
        assert reply.status_code < 300, reply.text
        return reply.json()

    def project(self, file: dict[str, Any], n: int) -> None:
        self.project_id = self.api("POST", "/projects", json=file | {"name": f"{file['name']} {new_id()}"})["id"]
        lines = "\n".join(json.dumps(item(i)) for i in range(n))
        query = "kind=items&format=jsonl&batch=first&wait=true"
        self.api("POST", f"/projects/{self.project_id}/imports?{query}", content=lines.encode())
        self.api("POST", f"/projects/{self.project_id}/open")
        for batch in self.api("GET", f"/projects/{self.project_id}/batches")["items"]:
            if batch["state"] == "staged":
                self.api("POST", f"/batches/{batch['id']}/open")

    def annotator(self) -> Page:
        """A new one, signed in and at their first task."""
        page = self.enter(self.api("POST", "/annotators", json={"email": f"{new_id()}@example.org", "name": "Ann"}))
        page.goto(f"{self.site}/work?project={self.project_id}")
        expect(page.locator(".slot.active")).to_be_focused()
        return page

    def enter(self, invited: dict[str, Any]) -> Page:
        page = self.browse()
        reply = page.request.post(f"{self.site}/api/v1/sessions", data={"link": invited["link"]})
        assert reply.status == 201
        return page

    def owner(self) -> Page:
        with self.database.transaction(self.organisation_id, Actor("operator")) as session:
            link = issue_link(session, self.owner_id)
        page = self.enter({"link": link})
        page.goto(f"{self.site}/progress")
        return page

    def responses(self, state: str = "submitted") -> list[dict[str, Any]]:
        with self.database.transaction(self.organisation_id, Actor("operator")) as session:
            return session.all(
                "select id, answers, shown, active_seconds from tasks_response"
                " where organisation_id = %s and project_id = %s and state = %s order by id",
                (self.organisation_id, UUID(self.project_id), state),
            )


def item(i: int) -> dict[str, Any]:
    return {
        "external_id": f"item {i}",
        "text": TEXT if i % 2 == 0 else f"{TEXT} Number {i}.",
        "candidates": [{"id": f"c{k}", "text": f"Answer **{k}** to {i}", "source": "model_x"} for k in range(1, 5)],
        "pair": [{"id": "p1", "text": f"left {i}"}, {"id": "p2", "text": f"right {i}"}],
    }


@pytest.fixture
def house(site: str, database: Database, browser: Browser) -> Iterator[House]:
    """A fresh house; at the end nothing may have gone wrong in its browsers."""
    founded = found_organisation(database, "Test house", owner_email=f"{new_id()}@example.org", owner_name="Olivia")
    made = House(site, database, browser, *founded)
    yield made
    for context in made.contexts:
        context.close()
    assert made.faults == []


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def status(page: Page, text: str) -> None:
    expect(page.locator("#status")).to_contain_text(text)


def stored(page: Page, name: str) -> Any:
    """What the browser keeps under the first key that has this name in it."""
    return json.loads(page.evaluate("(n) => Object.entries(localStorage).find(([key]) => key.includes(n))[1]", name))


def until(page: Page, what: Any, n: int) -> None:
    """Wait until a count in the database is reached."""
    for _ in range(WAIT_MS // 50):
        if len(what()) >= n:
            break
        page.wait_for_timeout(50)
    assert len(what()) == n


def test_a_link_leads_everyone_to_their_work_once_and_its_secret_leaves_the_address(house: House) -> None:
    house.project(SIMPLE, 1)
    ann, rosa = ({"email": f"{new_id()}@example.org", "name": name} for name in ("Ann", "Rosa"))
    links = [
        house.api("POST", "/annotators", json=ann),
        house.api("POST", "/members", json=rosa | {"roles": ["reviewer"]}),
    ]
    pages = [house.browse() for _ in links]
    for page, invited in zip(pages, links, strict=True):
        page.goto(f"{house.site}/enter#{invited['link']}")
    expect(pages[1].get_by_role("link", name="One choice")).to_be_visible()
    assert pages[1].url == f"{house.site}/progress"
    pages[0].get_by_role("link", name="Start").click()
    expect(pages[0].locator(".slot.active")).to_be_focused()
    again = house.browse()
    again.goto(f"{house.site}/enter#{links[0]['link']}")
    expect(again.get_by_text("this link is used up or too old")).to_be_visible()
    assert again.url == f"{house.site}/enter"


def test_a_password_signs_in_and_leads_back_to_where_one_was_going(house: House) -> None:
    house.project(SIMPLE, 1)
    page = house.annotator()
    email = page.evaluate("fetch('/api/v1/me').then((r) => r.json()).then((me) => me.person.email)")
    page.get_by_role("link", name="assay").click()
    page.get_by_text("Set a password").click()
    page.get_by_label("A password of at least").fill("twelve letters or more")
    page.get_by_role("button", name="Set").click()
    status(page, "Your password is set")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{house.site}/work?project={house.project_id}")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("twelve letters or more")
    press(page, "Enter")
    expect(page.locator(".slot.active")).to_be_focused()


def test_a_task_of_every_type_is_answered_by_keyboard_alone(house: House) -> None:
    house.project(PROJECT, 1)
    page = house.annotator()
    assert "model_x" not in page.content()
    press(page, "2", "c")
    page.keyboard.type("it names a person, g x 1?")  # nothing but text happens in a text field
    press(page, "Escape", "j", "2", "1", "j")
    press(page, "6", "7")  # an answer to a simple question leads to the next one
    press(page, "Enter")
    page.keyboard.type("1234,50")
    press(page, "Escape", "j", "2", "0", "4", "1", "3", "Backspace", "3", "j", "1", "Enter")
    page.keyboard.type("说 it 😀")
    press(page, "Escape", "j", "h", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Enter")
    press(page, "ArrowRight", "Shift+ArrowRight", "2", "Escape")
    press(page, "Control+Enter")
    status(page, "Submitted")
    until(page, house.responses, 1)
    response = house.responses()[0]
    answers = {row["question"]: row for row in response["answers"]}
    four, pair = response["shown"]["candidates"], response["shown"]["pair"]
    assert answers["safe"]["value"] == "no"
    assert answers["safe"]["why"] == "it names a person, g x 1?"
    assert answers["harms"]["value"] == ["bio", "cyber"]
    assert answers["bad"]["value"] == 6
    assert answers["prefer"]["value"] == (3 if pair[1] == "p2" else -3)  # for the one on the right
    assert answers["total"]["value"] == "1234.50"
    tiers = [sorted([four[1], four[3]]), [four[0]], [four[2]]]
    assert answers["rank"]["value"] == {"tiers": tiers, "all_bad": False}
    assert answers["better"]["value"] == {"verdict": pair[0], "strength": 2}
    assert answers["say"]["value"] == "说 it 😀"
    spans = [(span["label"], span["start"], span["end"], span["quote"]) for span in answers["claims"]["value"]]
    assert spans == [("claim", 1, 3, "😀b"), ("doubt", 4, 9, "👩‍👩‍👧")]
    assert 0 < response["active_seconds"] < 60


def test_what_is_missing_is_named_and_shown(house: House) -> None:
    house.project(PROJECT, 1)
    page = house.annotator()
    press(page, "2", "Control+Enter")
    status(page, "to complete: Safe? needs a reason")
    expect(page.locator('[data-slot="safe"]')).to_be_focused()
    expect(page.locator('[data-slot="total"] .fault')).to_have_text("needs an answer")
    assert house.responses() == []


def test_text_marked_with_the_mouse_is_stored_in_code_points(house: House) -> None:
    house.project(PROJECT, 1)
    page = house.annotator()
    box = page.evaluate(
        """() => { const r = document.createRange(), t = document.querySelector(".text").firstChild;
        r.setStart(t, 1); r.setEnd(t, 3); const b = r.getBoundingClientRect(); return [b.left, b.right, b.top + 8]; }"""
    )
    page.mouse.move(box[0] + 1, box[2])
    page.mouse.down()
    page.mouse.move(box[1], box[2], steps=4)
    page.mouse.up()
    status(page, "Choose: 1 claim, 2 doubt")
    page.locator(".slot.active").get_by_text("doubt").click()
    expect(page.locator("mark.tone-1")).to_have_text("😀")
    assert [row["value"] for row in stored(page, ".draft.")["rows"]] == [
        [{"id": "s1", "label": "doubt", "start": 1, "end": 2, "quote": "😀"}]
    ]


def test_the_next_task_is_there_before_the_server_answers(house: House) -> None:
    house.project(SIMPLE, 4)
    page = house.annotator()
    page.wait_for_load_state("networkidle")
    held: list[Route] = []
    is_silent = True
    page.route("**/api/v1/**", lambda route: held.append(route) if is_silent else route.continue_())
    page.evaluate(
        """() => addEventListener("keydown", (event) => {
        const from = performance.now(), before = document.querySelector(".slot");
        new MutationObserver((_, watch) => {
            if (document.querySelector(".slot") === before) return;
            watch.disconnect();
            window.took = performance.now() - from;
        }).observe(document.querySelector("#panel"), { childList: true }); }, true)"""
    )
    for _ in range(2):
        press(page, "1", "Control+Enter")
        page.wait_for_function("window.took !== undefined")
        assert page.evaluate("window.took") < 100  # milliseconds
        page.evaluate("window.took = undefined")
    assert house.responses() == []
    assert len([route for route in held if route.request.url.endswith("/response")]) == 1  # one after the other
    is_silent = False
    for route in held:
        route.continue_()
    until(page, house.responses, 2)


def test_a_submission_whose_reply_is_lost_is_repeated_and_counts_once(house: House) -> None:
    house.project(SIMPLE, 3)
    page = house.annotator()
    sent: list[str] = []

    def lose_the_first_reply(route: Route) -> None:
        sent.append(route.request.post_data_json["response_id"])
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.wait_for_load_state("networkidle")  # the next tasks are in memory
    page.route("**/response", lose_the_first_reply)
    press(page, "1", "Control+Enter", "Control+Enter", "Control+Enter")
    status(page, "to complete")  # the second press is about the next task, which has no answer
    for _ in range(WAIT_MS // 50):
        if len(sent) > 1 and stored(page, ".outbox") == []:
            break
        page.wait_for_timeout(50)
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert [str(row["id"]) for row in house.responses()] == sent[:1]


def test_what_was_finished_without_a_connection_is_sent_after_a_reload(house: House) -> None:
    house.project(SIMPLE, 3)
    page = house.annotator()
    page.route("**/response", lambda route: route.abort())
    press(page, "1", "Control+Enter")
    expect(page.locator("#saved")).to_contain_text("no connection")
    assert house.responses() == []
    page.unroute_all()
    page.reload()
    expect(page.locator(".slot.active")).to_be_focused()
    until(page, house.responses, 1)


def test_a_reload_keeps_what_was_typed(house: House) -> None:
    house.project(PROJECT, 2)
    page = house.annotator()
    press(page, "1")
    page.locator('[data-slot="say"]').focus()
    press(page, "Enter")
    page.keyboard.type("half a sen")
    page.reload()  # before the second in which it would be saved is over
    expect(page.locator('[data-slot="say"] textarea >> nth=0')).to_have_value("half a sen")
    expect(page.locator('[data-slot="safe"] input').first).to_be_checked()
    expect(page.locator("#saved")).to_have_text("saved ✓")
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.locator('[data-slot="say"] textarea >> nth=0')).to_have_value("half a sen")


def test_a_draft_that_was_changed_elsewhere_is_never_overwritten_unasked(house: House) -> None:
    house.project(SIMPLE, 1)
    page = house.annotator()
    page.evaluate(
        """async () => { const mine = (await (await fetch("/api/v1/assignments")).json()).items[0];
        const answers = [{ question: "safe", target: null, value: "no" }];
        const headers = { "Content-Type": "application/json", "If-Match": "0" };
        const body = JSON.stringify({ fence: mine.fence, answers });
        await fetch(`/api/v1/assignments/${mine.id}/draft`, { method: "PUT", body, headers }); }"""
    )
    press(page, "1")
    dialog = page.get_by_role("dialog", name="changed in another place")
    expect(dialog).to_contain_text('"no"')
    dialog.get_by_text("Take what was saved elsewhere").click()
    dialog.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("radio", name="no")).to_be_checked()


def test_the_last_change_and_the_last_submit_can_be_undone(house: House) -> None:
    house.project(SIMPLE, 3)
    page = house.annotator()
    press(page, "1", "2", "Control+z")
    expect(page.get_by_role("radio", name="yes")).to_be_checked()
    first = page.locator("#content").inner_text()
    press(page, "Control+Enter")
    until(page, house.responses, 1)
    expect(page.get_by_role("button", name="Undo submit")).to_be_visible()
    press(page, "Control+z")
    status(page, "Taken back")
    assert page.locator("#content").inner_text() == first
    expect(page.get_by_role("radio", name="yes")).to_be_checked()
    assert len(house.responses("recalled")) == 1
    press(page, "2", "Control+Enter")
    until(page, house.responses, 1)
    assert house.responses()[0]["answers"][0]["value"] == "no"


def test_a_task_is_skipped_with_a_reason_and_a_fault_reported(house: House) -> None:
    house.project(SIMPLE, 3)
    page = house.annotator()
    press(page, "x", "ArrowDown", "Enter")
    status(page, "Skipped")
    press(page, "f")
    page.keyboard.type("the text breaks off")
    page.get_by_role("button", name="Report and go on").click()
    status(page, "Reported")
    until(page, lambda: house.api("GET", f"/projects/{house.project_id}/faults")["items"], 1)
    assert house.api("GET", f"/projects/{house.project_id}/faults")["items"][0]["reason"] == "the text breaks off"


def test_the_sheet_of_keys_opens_and_single_keys_can_be_switched_off(house: House) -> None:
    house.project(SIMPLE, 1)
    page = house.annotator()
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("next question")
    dialog.get_by_label("Keys without Ctrl are on").uncheck()
    press(page, "Escape", "1")
    expect(page.get_by_role("radio", name="yes")).not_to_be_checked()
    page.get_by_role("button", name="Keys").click()
    dialog.get_by_label("Keys without Ctrl are on").check()
    press(page, "Escape", "1")
    expect(page.get_by_role("radio", name="yes")).to_be_checked()


def test_keys_do_nothing_while_an_input_method_composes(house: House) -> None:
    house.project(SIMPLE, 1)
    page = house.annotator()
    page.evaluate(
        """() => { for (const [code, more] of [["Digit1", { isComposing: true }], ["Digit2", { keyCode: 229 }]])
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { code, bubbles: true, ...more })); }"""
    )
    expect(page.get_by_role("radio", name="yes")).not_to_be_checked()
    expect(page.get_by_role("radio", name="no")).not_to_be_checked()


def test_the_counts_on_the_progress_page_move_by_themselves(house: House) -> None:
    house.project(SIMPLE, 2)
    owner = house.owner()
    owner.get_by_role("link", name="One choice").click()
    counts = owner.locator("#counts")
    expect(counts).to_contain_text("open 2")
    page = house.annotator()
    press(page, "1", "Control+Enter")
    expect(counts).to_contain_text("open 1")
    expect(counts).to_contain_text("answered 1")
    press(page, "1", "Control+Enter")
    expect(counts).to_contain_text("answered 2")
    expect(page.get_by_role("heading", name="Done for now")).to_be_visible()


def test_the_pages_fit_a_narrow_screen(house: House) -> None:
    house.project(PROJECT, 1)
    page, owner = house.annotator(), house.owner()
    owner.get_by_role("link", name="All types").click()
    expect(owner.locator("#counts")).to_be_visible()
    for one in (page, owner):
        one.set_viewport_size({"width": 320, "height": 640})
        assert one.evaluate("document.documentElement.scrollWidth") == 320
