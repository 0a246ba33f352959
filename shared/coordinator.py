"""Who may see what coordinators see: whoever has their token."""

import hmac

from fastapi import Request

from shared.problems import Problem

_WHERE = {
    "de": "Das Kennwort gibt Ihnen, wer Wegweiser bei Ihnen betreibt: Es steht dort in der Einstellung "
    "WEGWEISER_COORDINATOR_TOKEN.",
    "en": "Whoever runs Wegweiser for you has the token: it is the setting WEGWEISER_COORDINATOR_TOKEN there.",
}


def check_token(request: Request, token: str, given: str | None = None) -> None:
    """Let a coordinator in, by ``Authorization: Bearer``, or by the token ``given`` in a link or form.

    Raises ``Problem``: 401 without any token, 404 with a wrong one.
    """
    scheme, _, borne = request.headers.get("authorization", "").partition(" ")
    offered = borne.strip() if scheme.lower() == "bearer" else given
    if not offered:
        raise _missing(f"{'&' if request.url.query else '?'}token=")
    if not hmac.compare_digest(offered.encode(), token.encode()):
        raise _WRONG


def _missing(before: str) -> Problem:
    """``before``: what stands before the token in the page's address. The alarm mail's link comes here, without one."""
    return Problem(
        401,
        "token_missing",
        {"de": "Nur für die Koordination", "en": "For coordinators only"},
        {
            "de": "Öffnen Sie Ihr Lesezeichen: den Link der Koordination, den Sie schon haben.\n"
            f"Haben Sie keines, hängen Sie oben an die Adresse dieser Seite {before} an und gleich dahinter, ohne "
            f"Leerzeichen, das Kennwort der Koordination. Legen Sie davon ein Lesezeichen an.\n{_WHERE['de']} "
            "Programme senden es als Authorization: Bearer.",
            "en": "Open your bookmark: the coordinators' link that you already have.\n"
            f"If you have none, put {before} behind this page's address, and the coordinators' token right after it, "
            f"without a blank. Then make that your bookmark.\n{_WHERE['en']} Programs send it as "
            "Authorization: Bearer.",
        },
        headers={"WWW-Authenticate": 'Bearer realm="coordinators"'},
    )


_WRONG = Problem(
    404,
    "token_unknown",
    {"de": "Diese Adresse oder ihr Kennwort stimmt nicht", "en": "This address or its token is wrong"},
    {
        "de": "Vielleicht ist der Link abgeschnitten, oder das Kennwort wurde geändert, seit Sie ihn bekommen haben. "
        "Öffnen Sie Ihr Lesezeichen, oder setzen Sie in der Adresse hinter token= das Kennwort der Koordination ein.\n"
        f"{_WHERE['de']}",
        "en": "Perhaps the link was cut off, or the token was changed since you got it. Open your bookmark, or put the "
        f"coordinators' token behind token= in the address.\n{_WHERE['en']}",
    },
)
