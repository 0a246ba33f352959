"""What the command line reads from the environment: the services' settings, without what only they need."""

import re

from pydantic import field_validator

from shared.settings import CommaSeparated, Settings

_SERVER = re.compile(r"[^\s:/,]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}")
_MONGODB = re.compile(r"mongodb(\+srv)?://\S+")


class OperatorSettings(Settings):
    """An operator's commands sign no links and open no port."""

    secret: CommaSeparated = ("none",)
    coordinator_token: str = ""
    port: int = 0
    notify_url: str = "http://localhost:8002"

    @field_validator("kafka_url")
    @classmethod
    def _names_servers(cls, value: str) -> str:
        if not all(_SERVER.fullmatch(server) for server in value.split(",")):
            raise ValueError("write it like localhost:9092, several with commas between them")
        return value

    @field_validator("mongodb_url")
    @classmethod
    def _names_mongodb(cls, value: str) -> str:
        if not _MONGODB.fullmatch(value):
            raise ValueError("write it like mongodb://localhost:27017")
        return value
