"""Keeps enquiries together with the events that announce them."""

from collections.abc import Callable, Sequence

from services.intake.enquiry import Enquiry
from shared import mongo
from shared.aggregates import Aggregates
from shared.events import Business, Contact, EnquiryReceived, EnquiryWithdrawn, Event
from shared.service import Service


class KeyReused(Exception):
    """The key belongs to an enquiry with another content."""


class Enquiries:
    """All enquiries, by reference."""

    def __init__(self, kept: Aggregates[Enquiry]) -> None:
        self._kept = kept

    async def keep(self, enquiry: Enquiry) -> Enquiry:
        """Keep a new enquiry; one that was kept before with the same content is given back as it is.

        Returns only when the journal has it. Raises ``KeyReused``, and ``mongo.Unavailable`` when that is not certain.
        """
        try:
            return await self._kept.create(enquiry.reference, enquiry)
        except mongo.AlreadyThere:
            there = await self._kept.of(enquiry.reference)
            if there is None or there.fingerprint != enquiry.fingerprint:
                raise KeyReused from None
            return there

    async def of(self, reference: str) -> Enquiry | None:
        """The enquiry with this reference, or None."""
        return await self._kept.of(reference)

    async def change(
        self, reference: str, command: Callable[[Enquiry], Enquiry], *, answered: Sequence[str | None] = ()
    ) -> Enquiry:
        """Keep what the command makes of the enquiry. ``answered``: own events that somebody has reacted to."""
        return await self._kept.change(reference, command, answered=answered)


def enquiries_of(service: Service) -> Enquiries:
    """The enquiries of this service."""
    return Enquiries(service.aggregates("enquiries", Enquiry, announce=announce))


def received_id(reference: str) -> str:
    """``ce_id`` of the event that announced this enquiry: its first."""
    return f"{reference}/1"


def withdrawn_id(reference: str) -> str:
    """``ce_id`` of the event that announces its withdrawal: its second."""
    return f"{reference}/2"


def announce(before: Enquiry | None, after: Enquiry) -> Sequence[Event]:
    """A new enquiry is announced, and its withdrawal."""
    if before is None:
        return [_received(after)]
    if after.state == "withdrawn" and before.state != "withdrawn":
        return [EnquiryWithdrawn(reference=after.reference, withdrawn_at=after.since)]
    return []


def _received(enquiry: Enquiry) -> EnquiryReceived:
    return EnquiryReceived(
        reference=enquiry.reference,
        received_at=enquiry.received_at,
        consent_version=enquiry.consent_version,
        business=Business.model_validate(enquiry.business, from_attributes=True),
        contact=Contact.model_validate(enquiry.contact, from_attributes=True),
        topics=enquiry.topics,
        text=enquiry.text,
        language=enquiry.language,
    )
