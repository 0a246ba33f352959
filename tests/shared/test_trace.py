import pytest

from shared import trace

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_given_trace_goes_on_with_a_step_of_its_own():
    with trace.within(GIVEN) as ours:
        assert ours.split("-")[1] == trace.correlation_id() == GIVEN.split("-")[1]
        assert ours.split("-")[2] != GIVEN.split("-")[2]


@pytest.mark.parametrize("malformed", [None, "", "x", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", GIVEN + "-x"])
def test_what_is_no_trace_begins_a_new_one(malformed):
    with trace.within(malformed):
        assert len(trace.correlation_id()) == 32


def test_outside_of_any_trace_there_is_no_correlation():
    assert trace.correlation_id() is None
    assert trace.current() != trace.current()
