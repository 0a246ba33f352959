"""Matching, put together."""

from pathlib import Path

from fastapi import FastAPI

from services.matching import handlers
from services.matching.api import Decisions
from services.matching.desk import Desk
from services.matching.directory_desk import DirectoryDesk
from services.matching.gap_counts import gap_counts_of
from services.matching.gaps_page import GapsPage
from services.matching.hindsight import Hindsight
from services.matching.offering import offering_of
from services.matching.places import places_of
from services.matching.receivers import receivers_of
from services.matching.rules_page import RulesPage
from services.matching.rulesets import rulesets_of
from services.matching.settings import MatchingSettings
from services.matching.store import referrals_of
from services.matching.triage import Triage
from shared.service import Service
from shared.times import Clock
from shared.web import application


def create_app(settings: MatchingSettings, clock: Clock | None = None) -> FastAPI:
    """The service with its pages, its API and what it hears. ``clock``: the machine's unless another is given."""
    service = Service("matching", settings, clock)
    referrals, receivers, rulesets = referrals_of(service), receivers_of(service), rulesets_of(service)
    offering = offering_of(service, referrals, receivers, rulesets, places_of(service))
    hindsight = Hindsight(receivers, rulesets)
    for hears in (handlers.enquiries, handlers.notifications):
        service.hear(hears, referrals, offering, service.clock)
    return application(
        service,
        Desk(service, referrals, offering).router,
        Triage(service, referrals, offering, hindsight).router,
        DirectoryDesk(service, receivers, offering).router,
        GapsPage(service, gap_counts_of(service)).router,
        RulesPage(service, rulesets).router,
        Decisions(service, referrals, offering, hindsight).router,
        title="Wegweiser: matching",
        description="Who should help, and do they: offers, triage, decisions.",
        static=Path(__file__).parent / "static",
    )
