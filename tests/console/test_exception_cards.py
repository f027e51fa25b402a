"""What the card of a waiting vehicle says to who decides, as the server draws it."""

import dataclasses
import re

import pytest

from edge.console.catalogue import LANGUAGES, translate
from edge.gate.port import CodeView, ReferralView


@pytest.fixture
def card(client, signed_in, operations):
    """The page of waiting vehicles in a language, of a lane with these changes."""

    def drawn(language, **changes):
        (lane,) = operations.lanes
        operations.lanes = (dataclasses.replace(lane, **changes),)
        csrf = signed_in("operator")["X-CSRF-Token"]
        client.post("/language", data={"language": language, "csrf": csrf})
        return client.get("/exceptions").text

    return drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_that_was_shown_stands_there_with_why_it_does_not_count(card, language):
    page = card(language, code=CodeView("A-17", "scanner", "replayed"))
    (said,) = re.findall(r"<p data-code>(.*?)</p>", page)
    assert "A-17" in said
    assert said.startswith(translate(language, "code_shown"))
    assert said.endswith(translate(language, "code_replayed"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_it_was_referred_before_stands_there_too(card, language):
    """After a guard's refusal nobody would see that the plate is watched."""
    reasons = ("watch_list", "barrier_refused")
    held = ReferralView("p1", "pending", "", 600.0, "", "", "", True, "", reasons)
    page = card(language, reason="barrier_refused", referral=held)
    (said,) = re.findall(r"<p data-before>(.*?)</p>", page)
    assert said.endswith(translate(language, "reason_watch_list"))


def test_who_waits_for_one_reason_has_no_other(card):
    held = ReferralView("p1", "pending", "", 600.0, "", "", "", False, "", ("unsure_reading",))
    page = card("en", referral=held)
    assert "data-before" not in page
    assert "data-code" not in page
