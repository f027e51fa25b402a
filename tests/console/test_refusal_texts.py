"""What the gate refuses is told to people in their language, and on a page of theirs."""

import pytest

from edge.barrier.core.state import Withdrawal
from edge.console.catalogue import LANGUAGES
from edge.console.reason_display import translated_detail
from edge.console.refusing import by_kind
from edge.domain.guard_refusal import GuardRefusal
from edge.domain.plate import StrangePlate, plate_text
from edge.domain.reason import Reason
from edge.gate.alarm_texts import said
from edge.gate.port import Unanswered
from edge.gate.refusal_texts import guard_said
from edge.sync.journal.port import Unrecorded
from edge.sync.port import Unread
from edge.system.causes import cause, cause_of

HELD = GuardRefusal.HELD_OPEN.value


@pytest.mark.parametrize("why", [*GuardRefusal, *Withdrawal])
def test_every_answer_of_the_guard_has_its_words_in_every_language(why):
    found = guard_said(why)
    # What events and answers to commands have held since the first version stays as it is.
    assert found == why.value
    assert said("vi", found) != found
    assert said("zh", found) not in (found, said("vi", found))


def test_an_answer_of_another_version_is_shown_as_it_was_said():
    assert said("vi", guard_said("what nobody knows: at all")) == "what nobody knows: at all"


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_a_refusal_within_another_is_told_whole(language):
    full = Unrecorded(cause("journal.full", file="j.db", error="disk"))
    found = said(language, cause("refused.not_recorded", why=full))
    assert "not recorded" not in found
    assert found.endswith(said(language, cause("journal.full", file="j.db", error="disk")))


@pytest.mark.parametrize(
    ("given", "key"),
    [("29A-123.45 " * 9, "long"), ("29A-12?45", "strange"), (" - ", "separators"),
     ("HELLO123", "none")],
)  # fmt: skip
def test_a_plate_that_is_none_is_said_in_the_readers_language(given, key):
    with pytest.raises(StrangePlate) as error:
        plate_text(given)
    assert error.value.phrase.key == f"cause.plate.{key}"
    assert said("vi", cause_of(error.value)) != cause_of(error.value)


def test_a_refused_order_is_told_in_the_language_of_the_page(client, signed_in, operations):
    token = signed_in("operator")

    def refused(*_):
        raise Unanswered(guard_said(HELD))

    operations.order = refused
    form = {"csrf": token["X-CSRF-Token"], "lane": "out1", "action": "close", "reason": "clear"}
    page = client.post("/order", data=form, follow_redirects=True).text
    assert said("vi", guard_said(HELD)) in page
    assert HELD not in page
    # A program gets the English as ever, and a page of ours the reader's words beside it.
    order = {"lane": "out1", "action": "close", "reason": "clear"}
    answer = client.post("/api/order", json=order, headers=token).json()
    assert answer == {"error": HELD, "says": said("vi", guard_said(HELD))}


def test_why_the_guard_refused_is_said_in_the_readers_language_in_the_record_of_a_passage():
    assert translated_detail("vi", str, Reason.BARRIER_REFUSED, HELD) == said(
        "vi", guard_said(HELD)
    )
    assert (
        translated_detail("vi", str, Reason.BARRIER_REFUSED, "of tomorrow: x") == "of tomorrow: x"
    )


@pytest.mark.parametrize("path", ["/order", "/decide", "/users", "/language", "/sign-out"])
def test_a_form_of_an_old_page_is_answered_with_a_page(client, signed_in, path):
    signed_in("administrator")
    answer = client.post(path, data={"csrf": "of another session"})
    if answer.status_code == 303:
        return
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert said("vi", cause("refused.old_page")) in answer.text


def test_a_page_that_needs_another_role_says_so_as_a_page(client, signed_in):
    signed_in("viewer")
    answer = client.get("/users")
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert 'role="alert"' in answer.text
    answer = client.get("/api/users").json()
    assert answer["error"] == "this needs the role administrator"
    assert answer["says"] == "việc này cần vai trò Quản trị"


def unread(**_):
    raise Unread("the journal cannot be read")


@pytest.mark.parametrize(
    ("status", "ask"),
    [
        (503, lambda client, page: client.get("/passages" if page else "/api/passages")),
        (404, lambda client, page: client.get("/nothing" if page else "/api/nothing")),
        (413, lambda client, page: client.post(
            "/order" if page else "/api/order", content=b"x" * 70_000)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_any_page_or_call_may_meet_is_told_in_the_readers_language(
    client, signed_in, operations, status, ask, language
):
    token = signed_in("operator")["X-CSRF-Token"]
    client.post("/language", data={"csrf": token, "language": language})
    operations.recent = unread
    called = ask(client, False)
    assert called.status_code == status
    assert called.json()["says"] == by_kind(language, status)
    client.headers["accept"] = "text/html"
    page = ask(client, True)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert by_kind(language, status) in page.text
