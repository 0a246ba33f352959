import asyncio

import pytest

from services.notify.smtp import Line, NoAnswer


class Transport:
    """Remembers what was written."""

    def __init__(self):
        self.written = b""
        self.closed = False

    def set_protocol(self, line):
        self.line = line

    def write(self, data):
        self.written += data

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True


@pytest.fixture
def transport():
    return Transport()


@pytest.fixture
def line(transport):
    return Line(transport)


async def test_what_is_said_together_is_one_packet_and_answered_in_order(line, transport):
    line.say(b"MAIL FROM:<a@example.org>", b"RCPT TO:<b@example.org>", b"DATA")
    assert transport.written == b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
    line.data_received(b"250 2.1.0 OK\r\n550-5.1.1 No\r\n550 5.1.1  such user\r\n503 what?\r\n")
    told = [(await line.answer(1)).line for _ in range(3)]
    assert told == ["250 2.1.0 OK", "550 5.1.1 No 5.1.1 such user", "503 what?"]


@pytest.mark.parametrize(
    "packets", [[b"25", b"0-a\r", b"\n250 ", b"b\r\n"], [b"250-a\n250 b\n"], [b"250-a\r\n250 b\r\n"]]
)
async def test_an_answer_may_come_in_pieces(line, packets):
    line.say(b"NOOP")
    asked = asyncio.create_task(line.answer(1))
    for packet in packets:
        await asyncio.sleep(0)
        line.data_received(packet)
    assert (await asked).line == "250 a b"


async def test_an_answer_counts_whatever_comes_after_it(line, transport):
    line.say_message(b"Subject: x\r\n\r\n")
    asked = asyncio.create_task(line.answer(1))
    await asyncio.sleep(0)
    line.data_received(b"250 taken\r\n421 and good-bye\r\n")
    assert (await asked).line == "250 taken"
    assert (line.is_open, transport.closed) == (False, True)


@pytest.mark.parametrize("said", [b"hello?\r\n", b"2500 OK\r\n", b"x" * 40_000, b"250-x\r\n" * 10_000])
async def test_what_is_no_answer_ends_the_connection(line, transport, said):
    line.say(b"NOOP")
    line.data_received(said)
    with pytest.raises(NoAnswer):
        await line.answer(1)
    assert transport.closed


async def test_who_says_something_unasked_is_not_trusted(line, transport):
    line.data_received(b"421 you were silent for too long\r\n")
    assert not line.is_open
    with pytest.raises(NoAnswer):
        line.say(b"NOOP")
    assert transport.written == b""


async def test_no_answer_in_time(line, transport):
    line.say(b"NOOP")
    with pytest.raises(NoAnswer, match="in time"):
        await line.answer(0.01)
    assert transport.closed


async def test_a_connection_that_breaks_answers_nothing_more(line):
    line.say(b"NOOP", b"NOOP")
    line.data_received(b"250 OK\r\n")
    line.connection_lost(None)
    assert (await line.answer(1)).code == 250
    with pytest.raises(NoAnswer, match="broke"):
        await line.answer(1)


async def test_dots_are_doubled_and_one_ends_the_message(line, transport):
    line.say_message(b".x\r\n..\r\nend.\r\n")
    assert transport.written == b"..x\r\n...\r\nend.\r\n.\r\n"
