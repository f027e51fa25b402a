"""What people said of the plates that a gate has read."""

from edge.vision.site_readings import MOST_OPEN, How, gathered


def event(kind, passage, **data):
    return {
        "type": f"bordergate.{kind}.v1", "subject": "out1", "time": "2026-01-15T08:00:00Z",
        "data": {"passage": passage, **data},
    }  # fmt: skip


def read(passage, plate="29A12345", stem="a"):
    return event(
        "plate.read", passage, plate=plate, country="VN", colour="yellow", lines=2, confidence=0.6,
        accepted=False, evidence=[f"{stem}-vehicle.jpg", f"{stem}-plate.jpg"],
    )  # fmt: skip


def decided(passage, by, plate, read_plate="29A12345", verdict="allow", **more):
    return event(
        "passage.decided", passage, by=by, plate=plate, read_plate=read_plate, verdict=verdict,
        confidence=0.6, country="VN", evidence=["b-vehicle.jpg"], **more,
    )  # fmt: skip


def test_a_plate_that_a_person_typed_is_the_truth_of_the_picture_of_what_was_read():
    life = [read("p"), decided("p", "list", "29A12345", verdict="refer"),
            decided("p", "operator:an", "29A12346"), event("passage.completed", "p")]  # fmt: skip
    (reading,) = gathered(life)
    assert (reading.how, reading.text, reading.read) == (How.CORRECTED, "29A12346", "29A12345")
    assert (reading.plate, reading.vehicle) == ("a-plate.jpg", "a-vehicle.jpg")
    assert (reading.colour, reading.lines, reading.confidence) == ("yellow", 2, 0.6)


def test_who_admits_with_the_plate_that_was_read_confirms_it():
    (reading,) = gathered([read("p"), decided("p", "operator:an", "29A12345")])
    assert (reading.how, reading.text) == (How.CONFIRMED, "29A12345")


def test_who_sends_a_vehicle_away_confirms_nothing():
    (reading,) = gathered([read("p"), decided("p", "operator:an", "29A12345", verdict="refuse")])
    assert (reading.how, reading.text) == (How.REFERRED, "")


def test_where_nobody_told_a_plate_its_text_is_not_known():
    life = [read("p"), decided("p", "list", "29A12345", verdict="refer"),
            event("passage.abandoned", "p")]  # fmt: skip
    (reading,) = gathered(life)
    assert (reading.how, reading.text) == (How.REFERRED, "")


def test_a_vehicle_whose_plate_was_never_read_shows_the_picture_of_its_decision():
    (reading,) = gathered([decided("p", "operator:an", "29A12346", read_plate="")])
    assert (reading.how, reading.read, reading.plate) == (How.CORRECTED, "", "")
    assert reading.vehicle == "b-vehicle.jpg"


def test_the_picture_is_that_of_the_reading_which_the_person_saw():
    life = [read("p", "29A12345", "a"), read("p", "29A12349", "c"),
            decided("p", "operator:an", "29A12346", read_plate="29A12345")]  # fmt: skip
    (reading,) = gathered(life)
    assert reading.plate == "a-plate.jpg"


def test_what_the_list_decided_alone_is_no_truth():
    assert not list(gathered([read("p"), decided("p", "list", "29A12345")]))


def test_passages_without_an_end_do_not_fill_the_memory():
    life = [e for n in range(MOST_OPEN + 5) for e in (read(f"p{n}"),
            decided(f"p{n}", "operator:an", "29A12345"))]  # fmt: skip
    each = gathered(iter(life))
    assert next(each).passage == "p0"
    assert sum(1 for _ in each) == MOST_OPEN + 4
