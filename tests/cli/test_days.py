"""Days as options: what was given, what is expected, an example."""

import pytest

AWAY = {"mongodb_url": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300"}


@pytest.mark.parametrize("written", ["gestern", "01.09.2026", "2026-9-1", "2026-02-30", "20260901", "0001-01-01", ""])
@pytest.mark.parametrize(
    "command",
    [("replay", "--from"), ("replay", "--to"), ("rules", "rehearse", "packaged", "--since")],
)
def test_what_is_no_day_is_named_with_an_example_of_one(wegweiser, command, written):
    ended = wegweiser(*command, written, **AWAY)
    said = " ".join(ended.said.replace("│", "").split())
    assert ended.code == 2
    assert f"'{command[-1]}'" in said
    assert f"'{written}' is no day. Write year-month-day, for example 2026-09-01." in said


def test_days_the_wrong_way_round_are_said(wegweiser):
    ended = wegweiser("replay", "--from", "2026-09-02", "--to", "2026-09-01", **AWAY)
    assert (ended.code, ended.said) == (2, "--from 2026-09-02 is after --to 2026-09-01: exchange the two.\n")


def test_one_day_is_no_mistake(wegweiser):
    assert wegweiser("replay", "--from", "2026-09-01", "--to", "2026-09-01", **AWAY).code == 3
