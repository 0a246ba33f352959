"""A notice as the bytes that leave: its letter, laid out twice, with the network's addresses and links."""

from collections.abc import Callable
from datetime import UTC, datetime

from services.notify.case import Case
from services.notify.layout import as_html, as_text
from services.notify.letters import Places, letter_for
from services.notify.message import Message, composed
from services.notify.notice import Notice
from services.notify.settings import NotifySettings
from shared.links import Links, OfferLink

Write = Callable[[Notice, Case | None, str], bytes]
"""The message of a notice to this address. Raises ``NotKnownYet``, ``Unwritable``."""


def places_of(settings: NotifySettings, links: Links) -> Places:
    """Where the links in letters lead."""
    public, desk = settings.public_url.rstrip("/"), settings.desk_url.rstrip("/")

    def offer(notice: Notice) -> str:
        receiver, expires_at = notice.facts.receiver, notice.facts.link_expires_at
        assert receiver is not None and expires_at is not None and notice.round is not None  # noqa: S101, PT018
        return f"{desk}/offers/{links.offer_token(OfferLink(notice.reference, notice.round, receiver.id, expires_at))}"

    return Places(
        status=lambda reference: f"{public}/status/{links.status_token(reference)}",
        offer=offer,
        triage=f"{desk}/triage",
        form=lambda language: f"{public}/en" if language == "en" else f"{public}/",
        privacy=settings.privacy_url,
        imprint=settings.imprint_url,
    )


def writer(settings: NotifySettings, links: Links) -> Write:
    """What writes the messages of this network."""
    places = places_of(settings, links)

    def write(notice: Notice, case: Case | None, to: str) -> bytes:
        letter = letter_for(notice, case, places)
        return composed(
            Message(
                sender=settings.mail_from,
                sender_name=settings.mail_from_name,
                reply_to=settings.reply_to,
                to=to,
                subject=letter.subject,
                date=_whole_seconds(notice.at),
                message_id=notice.message_id,
                thread=notice.thread,
                text=as_text(letter),
                html=as_html(letter),
                language=notice.language,
            )
        )

    return write


def _whole_seconds(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
