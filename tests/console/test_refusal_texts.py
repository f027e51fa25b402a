"""What the gate refuses is told to people in their language, and on a page of theirs."""

import ast
from pathlib import Path

import pytest

from edge.barrier.core import requests
from edge.console import actions, users
from edge.console.catalogue import LANGUAGES, catalogue, refusal
from edge.gate import audit, parked_passages
from edge.gate import operations as gate_operations
from edge.gate.port import Unanswered

HELD = "held open; release it first"
RAISED = ("Unanswered", "UserError")
NOT_FOR_PEOPLE = ("no such role", "there is already a user", "there are", "a password has")
"""With a figure or a name in them: what a form of the console does not ask for, or shows itself."""


def texts(module):
    """Every text that is raised for a person, and every answer of the guard's requests."""
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED:
            yield from _text(node.args[0])
        says = isinstance(node, ast.FunctionDef) and getattr(node.returns, "id", "") == "str"
        if module is requests and says:
            answers = [n.value for n in ast.walk(node) if isinstance(n, ast.Return)]
            either = [n for n in answers if isinstance(n, ast.IfExp)]
            for part in [*answers, *(p for n in either for p in (n.body, n.orelse))]:
                yield from _text(part)


def _text(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield node.values[0].value


@pytest.mark.parametrize(
    "module", [gate_operations, parked_passages, audit, actions, requests, users]
)
def test_every_refusal_is_known_in_every_language(module):
    found = {text.strip() for text in texts(module)}
    assert found
    lacking = {t for t in found if f"refused: {t}" not in catalogue("vi")}
    assert {t for t in lacking if not t.startswith(NOT_FOR_PEOPLE)} == set()


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_a_refusal_within_another_is_told_whole(language):
    assert refusal(language, HELD) != HELD
    found = refusal(language, f"not recorded, therefore not done: {HELD}")
    assert found.endswith(refusal(language, HELD))
    assert "not recorded" not in found
    assert refusal(language, "what nobody knows: at all") == "what nobody knows: at all"


def test_a_refused_order_is_told_in_the_language_of_the_page(client, signed_in, operations):
    token = signed_in("operator")

    def refused(*_):
        raise Unanswered(HELD)

    operations.order = refused
    form = {"csrf": token["X-CSRF-Token"], "lane": "out1", "action": "close", "reason": "clear"}
    page = client.post("/order", data=form, follow_redirects=True).text
    assert refusal("vi", HELD) in page
    assert HELD not in page


@pytest.mark.parametrize("path", ["/order", "/decide", "/users", "/language", "/sign-out"])
def test_a_form_of_an_old_page_is_answered_with_a_page(client, signed_in, path):
    signed_in("administrator")
    answer = client.post(path, data={"csrf": "of another session"})
    if answer.status_code == 303:
        return
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert refusal("vi", "the page is too old; load it again") in answer.text


def test_a_page_that_needs_another_role_says_so_as_a_page(client, signed_in):
    signed_in("viewer")
    answer = client.get("/users")
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert 'role="alert"' in answer.text
    assert client.get("/api/users").json() == {"error": "this needs the role administrator"}
