"""What every service reads from the environment: ``WEGWEISER_<NAME>``, or ``WEGWEISER_<NAME>_FILE`` naming a file."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

_PREFIX = "WEGWEISER_"


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""``a, b`` in the environment is ``("a", "b")`` here."""


class _Files(PydanticBaseSettingsSource):
    """``WEGWEISER_SECRET_FILE=/run/secrets/x`` sets ``secret`` to what the file holds."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        path = os.environ.get(f"{_PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text(encoding="utf-8").strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class Settings(BaseSettings):
    """The settings that all three services share."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore")

    kafka_url: str = "localhost:9092"
    mongodb_url: str = "mongodb://localhost:27017"
    mongodb_driver: Literal["motor", "pymongo"] = "motor"
    namespace: str = ""
    """Prefix of topics, consumer groups and databases, so that several stacks can share servers."""
    secret: CommaSeparated = Field(min_length=1)
    """Signs private links: the first signs, all verify. There is no default."""
    coordinator_token: str = Field(min_length=1)
    """Opens the coordinators' pages. There is no default."""
    public_url: str = "http://localhost:8000"
    desk_url: str = "http://localhost:8001"
    host: str = "127.0.0.1"
    port: int
    log_format: Literal["console", "json"] = "json"
    session_timeout_ms: int = 10_000
    """How long Kafka waits for a process that fell silent before others take its partitions over."""
    say_again_after_s: float = 600.0
    """An event that needs an answer is said again after this time without one, then after double that, up to 6 h."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no .env files: what runs is what the environment says
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then the files that it names."""
        return init_settings, env_settings, _Files(settings_cls)
