"""What the ends of connections tell of a second client with the gate's id."""

from edge.sync.customs.takeover import SHORT_S, Takeover

ID = "gate-x"


def after(*ends):
    """`ends`: (stood_s, spoken, in_vain_s, said)."""
    made = Takeover(ID)
    for end in ends:
        made.ended(*end)
    return made


def test_what_the_broker_says_itself_counts_at_once():
    made = after((5.0, True, 0.1, True))
    assert made.caught
    assert ID in made.why


def test_closed_at_once_for_what_was_written_is_the_brokers_rules_however_often():
    made = after(*[(4.0, True, 0.2, False)] * 20)
    assert "ACL" in made.why
    assert not made.caught


def test_closed_while_nothing_was_said_is_a_second_client_the_second_time():
    made = after(*[(1.0, True, 0.5, False)] * 2)
    assert made.listen_s > 0
    assert not after(*[(1.0, True, 0.5, False)] * 2, (2.0, False, None, False)).caught
    made = after(*[(1.0, True, 0.5, False)] * 2, *[(2.0, False, None, False)] * 2)
    assert made.caught
    assert ID in made.why
    # It remains so until a connection has stood.
    made.ended(4.0, True, 0.5, False)
    assert made.caught
    made.stands(SHORT_S)
    assert (made.why, made.caught, made.listen_s) == ("", False, 0.0)


def test_closed_soon_but_not_for_what_was_written_is_likely_one():
    made = after(*[(5.0, True, 4.0, False)] * 3)
    assert ID in made.why
    assert "ACL" not in made.why
    assert not made.caught


def test_a_broker_that_cannot_be_reached_in_between_or_long_connections_are_something_else():
    made = after(*[(1.0, False, None, False)])
    made.no_connection()
    made.ended(1.0, False, None, False)
    assert (made.why, made.caught) == ("", False)
    assert after(*[(SHORT_S + 1, True, None, False)] * 9).why == ""
