"""Numbers about gaps: what is told, and that hidden ones stay hidden."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.gaps import Count, Number, gaps, summed

ANY = st.integers(0, 9)


def a_number(value):
    return Number(value, 1, 4) if 0 < value < 5 else Number(value, value, value)


def possible(parts, told):
    """Every way in which the parts can be what they are told to be, where their sum is what it is told to be."""
    ways = itertools.product(*(range(part.low, part.high + 1) for part in parts))
    return [way for way in ways if told.low <= sum(way) <= told.high]


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([], "0"),
        ([0, 7], "7"),
        ([3], "<5"),
        ([12, 3], "13 - 16"),
        ([1, 4], "5"),
        ([1, 1], "2 - 8"),
        ([2, 3, 2, 9], "16"),
    ],
)
def test_a_sum_is_exact_or_a_range(values, written):
    assert summed([a_number(value) for value in values]).written == written


@given(st.lists(ANY, max_size=5))
def test_no_sum_says_anything_new_about_a_hidden_number(values):
    parts = [a_number(value) for value in values]
    ways = possible(parts, summed(parts))
    assert all({way[n] for way in ways} == {*range(part.low, part.high + 1)} for n, part in enumerate(parts))


@given(st.lists(st.lists(ANY, min_size=1, max_size=3), min_size=1, max_size=3))
def test_neither_does_a_sum_of_sums(values):
    states = [summed([a_number(value) for value in of_state]) for of_state in values]
    ways = possible(states, summed(states))
    assert all({way[n] for way in ways} == {*range(state.low, state.high + 1)} for n, state in enumerate(states))


@given(st.lists(ANY, max_size=6))
def test_a_sum_lies_where_it_is_told_to_be(values):
    told = summed([a_number(value) for value in values])
    assert told.low <= sum(values) <= told.high


def test_chambers_are_summed_by_state_and_states_by_topic():
    counts = [
        Count("bim", "Handwerkskammer Dresden", 20, 10, 0),
        Count("bim", "Handwerkskammer Chemnitz", 30, 5, 6),
        Count("bim", "Handwerkskammer Ulm", 10, 0, 0),
        Count("bim", None, 6, 0, 0),
    ]
    (bim,) = gaps(counts)
    assert (bim.cell.enquiries.told, bim.cell.unmatched.told, bim.cell.refused.told) == (66, 15, 6)
    assert {state: of.cell.enquiries.told for state, of in bim.states.items()} == {
        "Sachsen": 50,
        "Baden-Württemberg": 10,
        None: 6,
    }


def test_the_topics_with_the_most_unmatched_enquiries_come_first():
    counts = [Count(topic, "Handwerkskammer Ulm", 20, n, 0) for topic, n in (("bim", 6), ("cnc_cam", 9), ("kasse", 0))]
    assert [row.topic for row in gaps(counts)] == ["cnc_cam", "bim", "kasse"]


@pytest.mark.parametrize(
    ("enquiries", "unmatched", "step"),
    [(100, 0, 0), (100, 5, 1), (100, 10, 2), (100, 25, 3), (100, 50, 4), (100, 3, None), (4, 0, None)],
)
def test_the_share_is_told_only_where_both_numbers_are(enquiries, unmatched, step):
    (row,) = gaps([Count("bim", "Handwerkskammer Ulm", enquiries, unmatched, 0)])
    assert row.cell.step == step
