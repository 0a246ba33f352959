"""What intake reads from the environment."""

import pytest
from pydantic import ValidationError

from services.intake.settings import IntakeSettings

NEEDED = {"WEGWEISER_SECRET": "s", "WEGWEISER_COORDINATOR_TOKEN": "t"}


@pytest.fixture
def settings(monkeypatch):
    def read(**given):
        for name, value in (NEEDED | {f"WEGWEISER_{name.upper()}": value for name, value in given.items()}).items():
            monkeypatch.setenv(name, value)
        return IntakeSettings()

    return read


def test_websites_are_known_by_what_browsers_call_them(settings):
    origins = settings(allowed_origins="https://Handwerk.example.org/, http://localhost:3000").allowed_origins
    assert origins == ("https://handwerk.example.org", "http://localhost:3000")


@pytest.mark.parametrize("name", ["public_url", "privacy_url", "imprint_url", "allowed_origins"])
@pytest.mark.parametrize("wrong", ["wegweiser.example.org", "localhost:8000", "javascript:alert(1)", "https://"])
def test_what_is_no_address_is_refused(settings, name, wrong):
    with pytest.raises(ValidationError, match="begins with http"):
        settings(**{name: wrong})
