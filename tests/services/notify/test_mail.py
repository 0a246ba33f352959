import asyncio

import pytest

from services.notify.mail import Away, BadMailUrl, Later, MailUrl, Patience, Post, Refused, Sent, Unknown
from tests.smtp import MailServer

MESSAGE = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\n.a dot\r\n..\r\nend\r\n"
QUICK = Patience(connect=1, command=0.3, data=0.3, dot=0.3)


@pytest.fixture(params=[False, True], ids=["one at a time", "together"])
def server(request):
    server = MailServer(pipelining=request.param).start()
    yield server
    server.stop()


@pytest.fixture
async def post(server):
    post = Post(MailUrl.parsed(server.url), patience=QUICK)
    yield post
    await post.close()


async def deliver(post, to="b@example.org"):
    async with post.connection() as connection:
        return await connection.deliver("a@example.org", to, MESSAGE)


async def test_a_message_arrives_as_it_was_written(post, server):
    assert isinstance(await deliver(post), Sent)
    assert server.taken[0].content == MESSAGE
    assert (server.taken[0].sender, server.taken[0].recipients) == ("a@example.org", ("b@example.org",))


@pytest.mark.parametrize("phase", ["RCPT", "DATA", "dot"])
async def test_5xx_means_never_and_the_connection_goes_on(post, server, phase):
    server.refuse(phase, "550 5.1.1 no such user", times=1)
    assert await deliver(post) == Refused(550, "550 5.1.1 no such user")
    assert isinstance(await deliver(post), Sent)
    assert (len(server.taken), server.connections) == (1, 1)


async def test_a_server_that_wants_a_message_to_nobody_gets_none():
    server = MailServer(pipelining=True).start()
    post = Post(MailUrl.parsed(server.url), patience=QUICK)
    server.refuse("RCPT", "550 5.1.1 no such user", times=1)
    server.refuse("DATA", "354 go on all the same", times=1)
    assert await deliver(post) == Refused(550, "550 5.1.1 no such user")
    assert isinstance(await deliver(post), Sent)
    assert (len(server.taken), server.connections) == (1, 2)
    await post.close()
    server.stop()


@pytest.mark.parametrize("phase", ["RCPT", "DATA", "dot"])
async def test_4xx_means_later(post, server, phase):
    server.refuse(phase, "451 4.3.0 busy", times=1)
    assert await deliver(post) == Later("451 4.3.0 busy")
    assert isinstance(await deliver(post), Sent)


async def test_a_server_that_takes_nothing_from_us_is_no_verdict_on_the_message(post, server):
    server.refuse("MAIL", "550 5.7.1 who are you?", times=1)
    assert await deliver(post) == Later("550 5.7.1 who are you?")
    assert "who are you" in await post.check()
    with pytest.raises(Away):
        await deliver(post)


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", ["hang_up", "dawdle"])
async def test_no_answer_before_the_dot_means_later(post, server, phase, how):
    getattr(server, how)(phase, **({"seconds": 5} if how == "dawdle" else {}), times=1)
    assert isinstance(await deliver(post), Later)
    assert server.taken == []


@pytest.mark.parametrize("how", ["hang_up", "dawdle"])
async def test_no_answer_after_the_dot_means_that_nobody_knows(post, server, how):
    getattr(server, how)("dot", **({"seconds": 5} if how == "dawdle" else {}), times=1)
    assert isinstance(await deliver(post), Unknown)
    assert len(server.taken) == 1


async def test_a_slow_answer_to_the_dot_is_waited_for(server):
    post = Post(MailUrl.parsed(server.url), patience=Patience(command=0.3))
    server.dawdle("dot", 1.0, times=1)
    assert isinstance(await deliver(post), Sent)
    await post.close()


async def test_a_refused_connection_is_tried_again_only_after_a_pause(post, server):
    server.stop()
    for _ in range(5):
        with pytest.raises(Away):
            await deliver(post)
    assert 0 < post.opens_in_s <= 0.6
    assert "no connection" in await post.check()
    server.start()
    await asyncio.sleep(post.opens_in_s)
    assert isinstance(await deliver(post), Sent)
    assert await post.check() is None


async def test_a_server_that_greets_with_421_is_away(post, server):
    server.refuse("greeting", "421 too busy")
    with pytest.raises(Away):
        await deliver(post)


async def test_connections_are_few_and_used_again(post, server):
    await asyncio.gather(*(deliver(post) for _ in range(50)))
    assert len(server.taken) == 50
    assert server.connections <= 8


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used(post, server):
    await deliver(post)
    server.stop()
    server.start()
    await asyncio.sleep(0.05)
    assert isinstance(await deliver(post), Sent)


async def test_a_connection_that_was_idle_too_long_is_not_used(server):
    post = Post(MailUrl.parsed(server.url), patience=Patience(idle=0.05))
    await deliver(post)
    await asyncio.sleep(0.1)
    await deliver(post)
    assert server.connections == 2
    await post.close()


async def test_a_domain_with_an_umlaut_is_written_as_dns_has_it(post, server):
    await deliver(post, "büro@müller.example.org")
    assert server.taken[0].recipients == ("büro@xn--mller-kva.example.org",)


async def test_an_address_cannot_carry_a_command(post, server):
    with pytest.raises(ValueError, match="control character"):
        await deliver(post, "b@example.org>\r\nRCPT TO:<c@example.org")
    assert server.taken == []


async def test_tls_is_insisted_on_where_it_is_asked_for(server):
    post = Post(MailUrl.parsed(server.url + "?starttls"), patience=QUICK)
    with pytest.raises(Away):
        await deliver(post)
    assert server.taken == []


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("smtp://localhost:1025", MailUrl("localhost", 1025, tls=False, starttls=False, user=None, password=None)),
        ("smtp://u%40x:p%2Fw@mx?starttls", MailUrl("mx", 587, tls=False, starttls=True, user="u@x", password="p/w")),
        ("smtps://mx", MailUrl("mx", 465, tls=True, starttls=False, user=None, password=None)),
    ],
)
def test_a_mail_server_is_named_by_its_url(url, parsed):
    assert MailUrl.parsed(url) == parsed


@pytest.mark.parametrize(
    "url", ["localhost:1025", "http://mx", "smtp://", "smtp://mx:x", "smtps://mx?starttls", "smtp://mx?tls"]
)
def test_anything_else_is_refused_in_words(url):
    with pytest.raises(BadMailUrl):
        MailUrl.parsed(url)
