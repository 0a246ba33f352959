"""What every baseline of the whole way sends: the same two mails as ours, as bytes, each with what is kept of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from services.notify import telling
from services.notify.case import Case, received
from services.notify.handlers import enquiry_of
from services.notify.notice import Notice
from services.notify.settings import NotifySettings
from services.notify.telling import Network, Occasion
from services.notify.writing import writer
from shared.events import EnquiryReceived, ReferralOffered, ReferralTriaged
from shared.links import Links
from tests.bench.baselines import letters

settings = NotifySettings()
_network = Network(settings.domain, settings.coordinators)
_write = writer(settings, Links(settings.secret))
_cases, _notices = TypeAdapter(Case), TypeAdapter(Notice)
_answers: TypeAdapter[ReferralOffered | ReferralTriaged] = TypeAdapter(ReferralOffered | ReferralTriaged)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message, and the document that says that it was sent."""

    to: str
    message: bytes
    document: dict[str, Any]


def case_of(body: bytes) -> Case:
    """The case as the bytes of an enquiry's event begin it."""
    event = EnquiryReceived.model_validate_json(body)
    return received(Case(event.reference), enquiry_of(event))


def kept(case: Case) -> dict[str, Any]:
    """The case as it is kept."""
    return {"_id": case.reference, **_cases.dump_python(case)}


def known(document: Mapping[str, Any]) -> Case:
    """The case that was kept so."""
    return _cases.validate_python(document)


def receipt(case: Case) -> Mail:
    """The mail to the firm."""
    return _mail(telling.receipt(Occasion(_network, case, f"{case.reference}/1", datetime.now(UTC))), case)


def about(body: bytes) -> str:
    """Whose case the bytes of a referral's event are about: the reference."""
    return _answers.validate_json(body).reference


def answer(body: bytes, case: Case) -> Mail:
    """From the bytes of a referral's event: the offer to its receiver, or the coordinators' alarm."""
    event, now = _answers.validate_json(body), datetime.now(UTC)
    if isinstance(event, ReferralOffered):
        case, notice = letters.offer(event, case, _network, now)
    else:
        occasion = Occasion(_network, case, f"{event.reference}/1", now)
        (notice,) = telling.triage_alarms(occasion, event.round, event.reason)
    return _mail(notice, case)


def _mail(notice: Notice, case: Case) -> Mail:
    to = str(notice.to)
    return Mail(to, _write(notice, case, to), {"_id": notice.id, **_notices.dump_python(notice), "state": "sent"})
