from contextvars import copy_context

import pytest

from shared import trace

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def begun(traceparent):
    """What is current, and the correlation, in a task that was begun with this."""

    def told():
        trace.begin(traceparent)
        return trace.current(), trace.correlation_id()

    return copy_context().run(told)


def test_a_given_trace_goes_on_with_a_step_of_its_own():
    ours, correlation = begun(GIVEN)
    assert ours.split("-")[1] == correlation == GIVEN.split("-")[1]
    assert ours.split("-")[2] != GIVEN.split("-")[2]


@pytest.mark.parametrize("malformed", [None, "", "x", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", GIVEN + "-x"])
def test_what_is_no_trace_begins_a_new_one(malformed):
    ours, correlation = begun(malformed)
    assert ours == f"00-{correlation}-{ours.split('-')[2]}-01"
    assert (len(correlation), len(ours)) == (32, len(GIVEN))


def test_each_new_trace_is_another():
    assert len({begun(None) for _ in range(100)}) == 100


def test_outside_of_any_trace_there_is_no_correlation():
    assert trace.correlation_id() is None
    assert trace.current() != trace.current()
