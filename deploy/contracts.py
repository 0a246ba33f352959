"""Write down what the services promise: OpenAPI for HTTP, AsyncAPI 3 for Kafka, both generated from the code.

``python -m deploy.contracts`` writes ``docs/openapi/*.json`` and ``docs/asyncapi.json``; with ``--check`` it writes
nothing, and fails where a document is stale.
"""

import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from services.intake import app as intake
from services.intake import handlers as intake_handlers
from services.intake.settings import IntakeSettings
from services.matching import app as matching
from services.matching import handlers as matching_handlers
from services.matching.settings import MatchingSettings
from services.notify import app as notify
from services.notify import handlers as notify_handlers
from services.notify.settings import NotifySettings
from shared.dispatch import Hears
from shared.events import EVENTS, TOPICS, Event

DOCS = Path(__file__).parents[1] / "docs"

_SAYS = {"intake": "enquiries", "matching": "referrals", "notify": "notifications"}
_TOPIC_MEANS = {
    "enquiries": "What comes in from the public.",
    "referrals": "Each enquiry's way to a receiver.",
    "notifications": "What was sent to whom, and how it went.",
}
_HEADERS = {
    "ce_specversion": "Version of CloudEvents: 1.0.",
    "ce_id": "<aggregate id>/<sequence>; together with ce_source unique, and the same when an event is said again.",
    "ce_type": "The type of the event, with its version.",
    "ce_source": "/wegweiser/<service>.",
    "ce_subject": "The enquiry's id, also the record's key.",
    "ce_sequence": "Counts the events of one aggregate, a decimal number from 1.",
    "ce_time": "When it happened, RFC 3339 in UTC.",
    "content-type": "application/json.",
    "traceparent": "W3C trace context.",
}
_NEEDED: dict[str, Any] = {"secret": ("s",), "coordinator_token": "t"}
_NEEDED_BY_NOTIFY: dict[str, Any] = {
    "mail_from": "wegweiser@example.org",
    "coordinators": ("koordination@example.org",),
}


def documents() -> Mapping[Path, str]:
    """Every generated document by its path."""
    apps = {
        "intake": intake.create_app(IntakeSettings(**_NEEDED)),
        "matching": matching.create_app(MatchingSettings(**_NEEDED)),
        "notify": notify.create_app(NotifySettings(**_NEEDED, **_NEEDED_BY_NOTIFY)),
    }
    written = {DOCS / "openapi" / f"{name}.json": app.openapi() for name, app in apps.items()}
    return {path: _text(document) for path, document in {**written, DOCS / "asyncapi.json": asyncapi()}.items()}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document of all topics, events, and who says and hears what."""
    _, schemas = models_json_schema(
        [(event, "serialization") for event in EVENTS.values()], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Wegweiser",
            "version": version("wegweiser"),
            "description": "CloudEvents 1.0 in Kafka binary mode, at least once, in order per enquiry within a topic.",
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic) for topic in TOPICS},
        "operations": _operations(),
        "components": {
            "messages": {event.__name__: _message(event) for event in EVENTS.values()},
            "schemas": {
                **schemas["$defs"],
                "CloudEventHeaders": {
                    "type": "object",
                    "required": list(_HEADERS),
                    "properties": {name: {"type": "string", "description": text} for name, text in _HEADERS.items()},
                },
            },
        },
    }


def _channel(topic: str) -> dict[str, Any]:
    said = [event.__name__ for event in EVENTS.values() if event.topic == topic]
    return {
        "address": topic,
        "description": f"{_TOPIC_MEANS[topic]} 12 partitions, key: the enquiry's id. What cannot be handled goes to "
        f"{topic}.dead with the headers wegweiser-reason, -error, -group, -topic, -partition, -offset, -attempts, "
        "-version.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in said},
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "summary": (event.__doc__ or "").strip(),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
    }


def _operations() -> dict[str, Any]:
    hears: dict[str, list[Hears]] = {
        name: [thing for thing in vars(module).values() if isinstance(thing, Hears)]
        for name, module in (("intake", intake_handlers), ("matching", matching_handlers), ("notify", notify_handlers))
    }
    says = {
        f"{service}.says": _operation(
            "send", topic, f"{service} says", [e for e in EVENTS.values() if e.topic == topic]
        )
        for service, topic in _SAYS.items()
    }
    listens = {
        f"{service}.{heard.topic}": _operation(
            "receive",
            heard.topic,
            f"{service} hears, group {service}.{heard.topic}",
            [EVENTS[t] for t in heard.handlers],
        )
        for service, all_heard in hears.items()
        for heard in all_heard
    }
    return says | listens


def _operation(action: str, topic: str, summary: str, events: list[type[Event]]) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": f"#/channels/{topic}"},
        "messages": [{"$ref": f"#/channels/{topic}/messages/{event.__name__}"} for event in events],
    }


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the documents, or check them."""
    stale = [path for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        if stale:
            sys.exit(f"Stale: {', '.join(path.name for path in stale)}. Run: make docs")
        return
    for path, text in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(path.relative_to(DOCS.parent))


if __name__ == "__main__":
    main()
