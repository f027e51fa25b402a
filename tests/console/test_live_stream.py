"""The live stream is compressed as one, and each message can be read when it has come."""

import dataclasses
import json
import zlib

import httpx
import pytest

from tests.support.operations_twin import PASSWORD, a_lane

MESSAGES = 8
LARGEST = 600
"""Bytes of an update of eight lanes in which ages have changed."""


@pytest.fixture
def viewer(server):
    with httpx.Client(base_url=server.url, timeout=60) as made:
        made.post("/api/session", json={"user": "viewer", "password": PASSWORD}).raise_for_status()
        yield made


def test_an_update_costs_what_has_changed_and_is_read_at_once(viewer, operations):
    operations.lanes = tuple(a_lane(lane=f"out{n}", passage=f"p{n}") for n in range(8))
    opened, sizes, states, text = zlib.decompressobj(31), [], [], b""
    with viewer.stream("GET", "/live", headers={"Accept-Encoding": "gzip"}) as stream:
        assert stream.headers["content-encoding"] == "gzip"
        for piece in stream.iter_raw():
            text += opened.decompress(piece)
            # Whatever a network makes of them, a message ends with its piece.
            assert text.endswith(b"\n\n")
            sizes.append(len(piece))
            states.append(json.loads(text.removeprefix(b"data: ")))
            text = b""
            if len(states) == MESSAGES:
                break
            operations.lanes = tuple(
                dataclasses.replace(
                    lane, barrier=dataclasses.replace(lane.barrier, age_s=0.01 * len(states) + n)
                )
                for n, lane in enumerate(operations.lanes)
            )
    assert [lane["lane"] for lane in states[-1]["lanes"]] == [f"out{n}" for n in range(8)]
    assert states[-1] != states[0]
    assert max(sizes[1:]) < LARGEST < len(json.dumps(states[-1])) / 20


def test_who_takes_no_compressed_answer_gets_it_plain(viewer):
    with viewer.stream("GET", "/live", headers={"Accept-Encoding": "identity"}) as stream:
        assert "content-encoding" not in stream.headers
        assert next(stream.iter_lines()).startswith("data: {")
