"""How a line waits for records, and says what keeps it from them."""

from types import SimpleNamespace

import pytest

from shared.broker import Line


class Consumer:
    """Answers as it is told to; an exception is raised."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)

    async def getmany(self, **_):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def a_line(consumer) -> Line:
    line = Line(SimpleNamespace(topic="enquiries"))
    line.wait_in(consumer)
    return line


async def test_it_waits_until_there_are_records():
    consumer = Consumer({}, {}, {"partition": ["record"]})
    a_line(consumer)
    assert await consumer.getmany(timeout_ms=10, max_records=500) == {"partition": ["record"]}


async def test_what_cannot_be_fetched_is_a_complaint_until_it_can():
    consumer = Consumer(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a header's name"), {"partition": ["record"]})
    line = a_line(consumer)
    with pytest.raises(UnicodeDecodeError):
        await consumer.getmany(timeout_ms=10, max_records=500)
    assert "cannot be fetched: UnicodeDecodeError" in (line.complaint() or "")
    await consumer.getmany(timeout_ms=10, max_records=500)
    assert line.complaint() is None
