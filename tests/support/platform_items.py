"""What several tests share: an_item, states."""

from edge.domain.moment import iso
from tests.support.builders import NOON


def an_item(id="A1", text="24C12345", **changes):
    return {
        "assignment_id": id,
        "revision": 1,
        "state": "active",
        "direction": "export",
        "plates": [{"text": text, "country": "VN", "role": "tractor"}],
        "vehicle_kind": "truck",
        "lanes": ["out1"],
        "valid_from": iso(NOON),
        "valid_to": "2099-01-15T08:00:00.000Z",
        "priority": 0,
        "clearances": [],
        "goods": "",
        **changes,
    }


def states(link):
    return {a.assignment_id: a.state.value for a in link.book().find().items}
