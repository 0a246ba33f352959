import pytest
from pydantic import ValidationError

from shared.settings import Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    monkeypatch.setenv("WEGWEISER_SECRET", "new, old")
    monkeypatch.setenv("WEGWEISER_COORDINATOR_TOKEN", "token")
    monkeypatch.setenv("WEGWEISER_PORT", "8000")


def test_lists_are_separated_by_commas():
    assert Settings().secret == ("new", "old")


def test_a_setting_can_be_given_as_a_file(monkeypatch, tmp_path):
    monkeypatch.delenv("WEGWEISER_SECRET")
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("WEGWEISER_SECRET_FILE", str(tmp_path / "secret"))
    assert Settings().secret == ("from a file",)


@pytest.mark.parametrize("name", ["SECRET", "COORDINATOR_TOKEN"])
def test_secrets_have_no_default(monkeypatch, name):
    monkeypatch.delenv(f"WEGWEISER_{name}")
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


@pytest.mark.parametrize(("name", "empty"), [("SECRET", ""), ("SECRET", " , "), ("COORDINATOR_TOKEN", "")])
def test_an_empty_secret_is_none(monkeypatch, name, empty):
    monkeypatch.setenv(f"WEGWEISER_{name}", empty)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        Settings().port = 1
