"""Taking an enquiry in, by form or by API: the same way for both."""

from services.intake.document import EnquiryDocument
from services.intake.enquiry import Business, Contact, Enquiry, Step, reference_of
from services.intake.store import Enquiries
from shared.times import Clock

CONSENT_VERSION = "2026-11"
"""The version of the consent's text in ``templates/consent_*.html``."""


async def receive(document: EnquiryDocument, key: str | None, enquiries: Enquiries, clock: Clock) -> Enquiry:
    """Keep an enquiry; returns only when it is in the journal. Raises ``KeyReused``, ``mongo.Unavailable``."""
    now = clock.now()
    return await enquiries.keep(
        Enquiry(
            reference=reference_of(key),
            received_at=now,
            consent_version=CONSENT_VERSION,
            fingerprint=document.fingerprint(),
            business=Business(**document.business.model_dump()),
            contact=Contact(**document.contact.model_dump()),
            topics=tuple(document.topics),
            text=document.text,
            language=document.language,
            state="received",
            since=now,
            history=(Step(now, "received"),),
        )
    )
