import pytest

from tests.smtp import MailServer


@pytest.fixture
def smtp():
    server = MailServer()
    server.start()
    yield server
    server.stop()
