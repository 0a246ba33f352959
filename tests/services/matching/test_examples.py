"""The examples of enquiries can be learnt from: readable, labelled with what exists, nothing twice, no addresses."""

import json
import re
from pathlib import Path

import pytest

from deploy import learning
from shared.topics import TOPICS

FILES = sorted((Path(learning.__file__).parent).rglob("*.jsonl"))
KINDS = {
    *("complaint", "advertising", "press", "applicant", "student"),
    *("offer", "foreign", "not_craft", "unclear", "attack"),
}
ADDRESS = re.compile(r"[\w.]+@[\w-]+\.(?!org\b)\w+|\b0\d{2,4}[ /-]\d{5,}")


def examples(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_line_is_an_example(file):
    for number, example in enumerate(examples(file), 1):
        assert set(example["topics"]) <= TOPICS.keys(), number
        assert len(example["topics"]) <= 2, number
        assert (example.get("kind") in KINDS) is not bool(example["topics"]), number
        assert 3 <= len(example["text"]) <= 5000, number
        assert not ADDRESS.search(example["text"]), number


def test_no_text_is_there_twice():
    texts = [" ".join(example["text"].casefold().split()) for file in FILES for example in examples(file)]
    assert len(set(texts)) == len(texts)


def test_there_are_examples_of_every_topic():
    named = {topic for file in FILES for example in examples(file) for topic in example["topics"]}
    assert named == TOPICS.keys()
