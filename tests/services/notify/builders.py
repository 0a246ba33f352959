"""Cases, notices and settings for tests, valid by default."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.notify import telling
from services.notify.case import Case, Enquiry, Offer
from services.notify.notice import Facts, Party
from services.notify.settings import NotifySettings
from services.notify.telling import Network, Occasion
from shared.events import (
    EnquiryReceived,
    EnquiryWithdrawn,
    ReferralAccepted,
    ReferralClosed,
    ReferralDeclined,
    ReferralExpired,
    ReferralOffered,
    ReferralTriaged,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REFERENCE = "WW-7K2M-0000-9QXZ"
NETWORK = Network("example.org", ("koordination@example.org",))


def an_enquiry(**changes) -> Enquiry:
    return replace(
        Enquiry(
            received_at=NOON,
            business="Tischlerei Muster GmbH",
            trade="Tischler",
            postal_code="01067",
            place="Dresden",
            employees="5-9",
            member="yes",
            name="Kim Beispiel",
            email="kim.beispiel@example.org",
            phone="+49 351 000000",
            preferred="phone",
            time="vormittags",
            topics=("online_shop",),
            text="Wir, die Tischlerei Muster, möchten Möbel online verkaufen.\n\n"
            "Bitte Kim Beispiel anrufen: 0351 / 000000 oder kim.beispiel@example.org. Gruß aus der Werkstatt!",
            language="de",
        ),
        **changes,
    )


def a_receiver(**changes) -> Party:
    receiver = Party("hwk-dresden-1", "Beratung Dresden", "advisor", "beratung@example.org", "de")
    return replace(receiver, **changes)


def an_offer_heard(round_=1, **changes) -> Offer:
    return replace(Offer(round_, "hwk-dresden-1", f"{REFERENCE}/{round_}", NOON), **changes)


def a_case(**changes) -> Case:
    return replace(Case(REFERENCE, an_enquiry(), offers=(an_offer_heard(),)), **changes)


def an_occasion(event=1, case=None, network=NETWORK) -> Occasion:
    return Occasion(network, case or a_case(), f"{REFERENCE}/{event}", NOON)


def a_notice(purpose="offer", language="de", case=None, **changes):
    """One notice of this purpose, as it is made from its event."""
    occasion, to = an_occasion(case=case), a_receiver(language=language)
    facts = Facts(
        respond_by=NOON + timedelta(days=2),
        topics=("online_shop", "konfigurator"),
        trade="Tischler",
        chamber="Handwerkskammer Dresden",
    )
    made = {
        "receipt": lambda: telling.receipt(occasion),
        "offer": lambda: telling.offer(occasion, 1, to, NOON, facts),
        "disclosure": lambda: telling.disclosure(an_occasion(2, case), 1, to, NOON),
        "introduction": lambda: telling.introduction(an_occasion(2, case), 1, to),
        "triage_alarm": lambda: telling.triage_alarms(an_occasion(3, case), 1, "nobody_left")[0],
        "emergency": lambda: telling.emergency(an_occasion(3, case), 0),
        "withdrawal": lambda: telling.withdrawal(an_occasion(4, case), 1),
        "offer_withdrawn": lambda: telling.offer_withdrawn(an_occasion(4, case), 1, to),
        "undelivered": lambda: telling.undelivered(
            an_occasion(case=case),
            replace(telling.introduction(occasion, 1, to), to="kim.beispiel@example.org"),
            "550 no such user",
        )[0],
    }[purpose]()
    return replace(made, language=language, **changes)


def the_settings(**changes) -> NotifySettings:
    return NotifySettings(
        **{
            "secret": ("only-for-tests",),
            "coordinator_token": "coordinators-only",
            "mail_from": "wegweiser@example.org",
            "reply_to": "kontakt@example.org",
            "coordinators": ("koordination@example.org",),
            "privacy_url": "https://example.org/datenschutz",
            "imprint_url": "https://example.org/impressum",
            **changes,
        }
    )


# --- events -----------------------------------------------------------------------------------------------------------


def an_enquiry_event(**changes) -> EnquiryReceived:
    return EnquiryReceived(
        **{
            "reference": REFERENCE,
            "received_at": NOON,
            "consent_version": "2026-11",
            "business": {"name": "Tischlerei Muster", "trade": "Tischler", "postal_code": "01067", "place": "Dresden"},
            "contact": {"name": "Kim Beispiel", "email": "betrieb@example.org", "phone": "+49 351 000000"},
            "topics": ("online_shop",),
            "text": "Wir möchten Möbel online verkaufen.",
            **changes,
        }
    )


_REF = {
    "id": "hwk-dresden-1",
    "name": "Beratung Dresden",
    "kind": "advisor",
    "email": "beratung@example.org",
    "language": "de",
}


def an_offer_event(round_=1, **changes) -> ReferralOffered:
    return ReferralOffered(
        **{
            "reference": REFERENCE,
            "round": round_,
            "receiver": _REF,
            "at": NOON,
            "respond_by": NOON + timedelta(days=2),
            "topics": ("online_shop",),
            "trade": "Tischler",
            "chamber": "Handwerkskammer Dresden",
            **changes,
        }
    )


def an_expiry(reason, round_=1) -> ReferralExpired:
    return ReferralExpired(reference=REFERENCE, round=round_, receiver=_REF, at=NOON, reason=reason)


def an_acceptance(round_=1, **changes) -> ReferralAccepted:
    return ReferralAccepted(**{"reference": REFERENCE, "round": round_, "receiver": _REF, "at": NOON, **changes})


def a_refusal(round_=1) -> ReferralDeclined:
    return ReferralDeclined(reference=REFERENCE, round=round_, receiver=_REF, at=NOON, reason="no_capacity")


def a_triage(round_=1, reason="nobody_left") -> ReferralTriaged:
    return ReferralTriaged(reference=REFERENCE, round=round_, at=NOON, reason=reason)


def a_withdrawal() -> EnquiryWithdrawn:
    return EnquiryWithdrawn(reference=REFERENCE, withdrawn_at=NOON)


def a_closing(round_=1, receiver=_REF) -> ReferralClosed:
    return ReferralClosed(reference=REFERENCE, round=round_, receiver=receiver, at=NOON, reason="withdrawn")
