import pytest

from services.matching.directory import Receiver
from tests.journeys.world import World
from tests.smtp import MailServer


def a_receiver(id_, kind="advisor", chamber="Handwerkskammer Dresden", lead=None):
    return Receiver(
        id=id_,
        kind=kind,
        name=f"Beratung {id_}",
        organisation="Handwerkskammer Dresden",
        email=f"{id_}@example.org",
        phone="+49 351 0000",
        language="de",
        chambers=(chamber,) if kind == "advisor" else (),
        lead=lead,
        topics=(),
    )


DIRECTORY = [a_receiver("dresden"), a_receiver("ost", "showcase", lead="ost")]


@pytest.fixture
async def world(mongodb, namespace):
    smtp = MailServer()
    smtp.start()
    world = World(mongodb.url, namespace, smtp)
    await world.begin(DIRECTORY)
    yield world
    await world.end()
    smtp.stop()
