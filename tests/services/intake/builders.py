"""Valid by default; say only what matters to the test."""

from typing import Any


def a_document(**changes: Any) -> dict[str, Any]:
    """An enquiry document; ``business__postal_code="x"`` changes a part, None takes it away."""
    document: dict[str, Any] = {
        "business": {"name": "Tischlerei Muster", "trade": "Tischler", "postal_code": "01067"},
        "contact": {"name": "Büro", "email": "tischlerei@example.org"},
        "text": "Wir möchten unsere Möbel online verkaufen.",
        "consent": True,
    }
    for path, value in changes.items():
        *parents, name = path.split("__")
        part = document
        for parent in parents:
            part = part[parent]
        if value is None:
            del part[name]
        else:
            part[name] = value
    return document


def a_form(**changes: Any) -> dict[str, Any]:
    """The form's fields as a browser sends them."""
    return {
        "business.name": "Tischlerei Muster",
        "business.trade": "Tischler",
        "business.postal_code": "01067",
        "business.place": "",
        "contact.name": "Büro",
        "contact.email": "tischlerei@example.org",
        "contact.phone": "",
        "topics": ["online_shop"],
        "text": "Wir möchten unsere Möbel\r\nonline verkaufen.",
        "consent": "true",
    } | {name.replace("__", "."): value for name, value in changes.items()}
