"""Taking an enquiry in, by form or by API: the same way for both."""

from services.intake import consent
from services.intake.document import EnquiryDocument
from services.intake.enquiry import Business, Contact, Enquiry, Step, reference_of
from services.intake.store import Enquiries
from shared.times import Clock


def form_key(hidden: str) -> str:
    """The key of a form by what is hidden in it.

    It can be no Idempotency-Key of the API, which has no line breaks: whoever puts somebody else's key into the form
    is not led to their enquiry.
    """
    return f"form\n{hidden}"


async def receive(document: EnquiryDocument, key: str | None, enquiries: Enquiries, clock: Clock) -> Enquiry:
    """Keep an enquiry; returns only when it is in the journal. Raises ``KeyReused``, ``mongo.Unavailable``."""
    now = clock.now()
    return await enquiries.keep(
        Enquiry(
            reference=reference_of(key),
            received_at=now,
            consent_version=consent.VERSION,
            fingerprint=document.fingerprint(),
            business=Business(**vars(document.business)),
            contact=Contact(**vars(document.contact)),
            topics=tuple(document.topics),
            text=document.text,
            language=document.language,
            state="received",
            since=now,
            history=(Step(now, "received"),),
        )
    )
