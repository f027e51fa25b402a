"""A plate that a person types is understood whole, or refused aloud; nothing of it vanishes."""

import pytest

from tests.support.operations_twin import a_lane


def decided(operations):
    return [asked for asked in operations.asked if asked[0] == "out1"]


STRANGE = ["29-АB 123.45", "24C12345?", "粤BＡ1234挂"]


@pytest.mark.parametrize("plate", [*STRANGE, "----", "24C"])
def test_a_correction_that_is_no_plate_is_refused_and_nothing_is_decided(
    client, signed_in, operations, plate
):
    token = signed_in("operator")
    body = {"lane": "out1", "passage": "p1", "admit": True, "plate": plate, "reason": "seen"}
    answer = client.post("/api/decide", json=body, headers=token)
    assert answer.status_code == 409
    assert "not understood" in answer.json()["error"]
    assert decided(operations) == []


@pytest.mark.parametrize(
    ("plate", "means"), [("34A-３68.37", "34A36837"), ("29-MÐ1 123.45", "29MD112345"), ("", "")]
)
def test_a_correction_counts_as_what_it_looks_like(client, signed_in, operations, plate, means):
    token = signed_in("operator")
    body = {"lane": "out1", "passage": "p1", "admit": True, "plate": plate, "reason": "seen"}
    assert client.post("/api/decide", json=body, headers=token).status_code == 200
    assert decided(operations) == [("out1", "p1", True, means, "seen", "operator")]


def test_a_plate_of_another_country_that_was_read_so_may_be_let_in_as_it_stands(
    client, signed_in, operations
):
    operations.lanes = (a_lane(plate="8N4410", plate_display="8N4410", country="?"),)
    token = signed_in("operator")
    body = {"lane": "out1", "passage": "p1", "admit": True, "plate": "8N4410", "reason": "seen"}
    assert client.post("/api/decide", json=body, headers=token).status_code == 200


@pytest.mark.parametrize("plate", [*STRANGE[:2], "----"])
@pytest.mark.parametrize("page", ["/passages", "/assignments"])
def test_a_search_for_what_is_no_part_of_a_plate_says_so(client, signed_in, page, plate):
    signed_in()
    answer = client.get(page, params={"plate": plate})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert "24C" not in answer.text.replace(plate, "")


def test_a_programs_search_for_what_is_no_part_of_a_plate_is_refused(client, signed_in):
    signed_in()
    assert client.get("/api/passages", params={"plate": STRANGE[0]}).status_code == 422
    assert client.get("/api/passages", params={"plate": "24c-5"}).status_code == 200


def test_a_part_of_a_plate_is_searched_for_in_the_list(client, signed_in):
    signed_in()
    assert "24C12346" in client.get("/assignments", params={"plate": "24c-12"}).text


def test_programs_get_the_list_page_by_page(client, signed_in):
    signed_in()
    (first,) = client.get("/api/assignments", params={"limit": 1}).json()
    assert first["plates"][0]["text"] == "24C12346"
    assert client.get("/api/assignments", params={"after": first["assignment_id"]}).json() == []
    assert client.get("/api/assignments", params={"plate": "29-АB"}).status_code == 422


@pytest.mark.parametrize("day", ["garbage", "2026-02-30", "01/03/2026", "0001-01-01"])
def test_a_day_that_is_none_shows_nothing_and_says_so(client, signed_in, day):
    signed_in()
    answer = client.get("/passages", params={"day": day})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert "/evidence/" not in answer.text
    refused = client.get("/api/passages", params={"day": day})
    assert refused.status_code == 422
    assert day in refused.json()["error"]
    assert client.get("/api/passages", params={"day": "2026-03-01"}).status_code == 200
