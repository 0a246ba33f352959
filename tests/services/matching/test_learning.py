"""The matching understands enquiries as well as the committed report says, on examples nothing was trained on."""

import json

import pytest

from deploy.learning.evaluate import REPORT, judged, report_on
from deploy.learning.examples import to_judge_by, to_learn_from

DROP = 0.01
"""One point."""


@pytest.fixture(scope="module")
def now():
    return report_on(judged(to_judge_by()))


@pytest.fixture(scope="module")
def committed():
    return json.loads(REPORT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("figure", ["right_target", "acceptable_target", "right_topic", "not_for_us_in_triage"])
def test_it_is_no_worse_than_reported(now, committed, figure):
    assert now[figure] >= committed[figure] - DROP


@pytest.mark.parametrize("figure", ["in_triage_by_mistake", "expected_calibration_error"])
def test_it_errs_no_more_than_reported(now, committed, figure):
    assert now[figure] <= committed[figure] + DROP


def test_the_report_is_about_these_examples(now, committed):
    assert now["examples"] == committed["examples"]


def test_nothing_that_is_judged_by_was_learned_from():
    def plain(text):
        return " ".join(text.casefold().split())

    learned = {plain(example.text) for example in to_learn_from()}
    assert not learned & {plain(example.text) for example in to_judge_by()}
