"""Private links: what a token says, and that nobody but us wrote it."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_encode


class ForgedLink(Exception):
    """This link was not made by us, or was cut off on the way."""


class ExpiredLink(Exception):
    """This link was valid once."""


@dataclass(frozen=True, slots=True)
class OfferLink:
    """What the link in an offer's mail stands for: one enquiry, round and receiver."""

    reference: str
    round: int
    receiver: str
    expires_at: datetime


class Links:
    """Makes and reads the tokens in private links, a salt for each purpose, so that a link serves one purpose alone.

    ``secrets``: the first signs, all verify (rotate by putting a new one in front).
    """

    def __init__(self, secrets: tuple[str, ...]) -> None:
        newest_last = list(reversed(secrets))
        self._status = URLSafeSerializer(newest_last, salt="status")
        self._signs_status = hmac.new(self._status.make_signer().derive_key(), digestmod=hashlib.sha1)
        self._offer = URLSafeSerializer(newest_last, salt="offer")

    def status_token(self, reference: str) -> str:
        """The token of an enquiry's status page; always the same, does not expire."""
        # What the serializer makes of something too short to be compressed, at a fraction of the cost.
        said, signs = base64_encode(json.dumps(reference)), self._signs_status.copy()
        signs.update(said)
        return b".".join((said, base64_encode(signs.digest()))).decode()

    def reference_of(self, token: str) -> str:
        """The reference that a status token stands for. Raises ``ForgedLink``."""
        return str(_read(self._status, token))

    def offer_token(self, link: OfferLink) -> str:
        """The token of an offer; the same link gives the same token."""
        return str(self._offer.dumps([link.reference, link.round, link.receiver, int(link.expires_at.timestamp())]))

    def offer_of(self, token: str, now: datetime) -> OfferLink:
        """What an offer's token stands for. Raises ``ForgedLink``, and ``ExpiredLink`` after its time."""
        reference, round_, receiver, expires = _read(self._offer, token)
        link = OfferLink(reference, round_, receiver, datetime.fromtimestamp(expires, now.tzinfo))
        if link.expires_at <= now:
            raise ExpiredLink
        return link


def _read(serializer: URLSafeSerializer, token: str) -> Any:
    try:
        return serializer.loads(token)
    except BadData as error:
        raise ForgedLink from error
