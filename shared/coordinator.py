"""Who may see what coordinators see: whoever has their token."""

import hmac

from fastapi import Request

from shared.problems import Problem


def check_token(request: Request, token: str, given: str | None = None) -> None:
    """Let a coordinator in, by ``Authorization: Bearer``, or by the token ``given`` in a link or form.

    Raises ``Problem``: 401 without any token, 404 with a wrong one, which is not told that there is something here.
    """
    scheme, _, borne = request.headers.get("authorization", "").partition(" ")
    offered = borne.strip() if scheme.lower() == "bearer" else given
    if not offered:
        raise Problem(
            401,
            "token_missing",
            {"de": "Nur für die Koordination", "en": "For coordinators only"},
            {
                "de": "Öffnen Sie diese Seite mit dem Link der Koordination. Programme senden deren Kennwort als "
                "Authorization: Bearer.",
                "en": "Open this page with the coordinators' link. Programs send their token as Authorization: Bearer.",
            },
            headers={"WWW-Authenticate": 'Bearer realm="coordinators"'},
        )
    if not hmac.compare_digest(offered.encode(), token.encode()):
        raise Problem(
            404,
            "token_unknown",
            {"de": "Diese Seite gibt es nicht", "en": "This page does not exist"},
            {"de": "Vielleicht ist der Link unvollständig.", "en": "Perhaps the link is incomplete."},
        )
