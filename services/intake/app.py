"""Intake, put together."""

from pathlib import Path

from fastapi import FastAPI

from services.intake import api, handlers
from services.intake.addresses import Addresses
from services.intake.pages import Form
from services.intake.settings import IntakeSettings
from services.intake.status import StatusPage
from services.intake.store import enquiries_of
from shared import web
from shared.service import Service
from shared.times import Clock


def create_app(settings: IntakeSettings, clock: Clock | None = None) -> FastAPI:
    """The service with its form, its API and what it hears. ``clock``: the machine's unless another is given."""
    service = Service("intake", settings, clock)
    enquiries, addresses = enquiries_of(service), Addresses(service.links, settings.public_url)
    for hears in (handlers.referrals, handlers.notifications):
        service.hear(hears, enquiries)
    return web.application(
        service,
        api.router(enquiries, service.clock, addresses),
        StatusPage(enquiries, service.clock, addresses, settings).router,
        Form(enquiries, service.clock, addresses, settings).router,
        title="Wegweiser: intake",
        description="Everything that comes in from the public: send an enquiry, see what became of it, withdraw it.",
        static=Path(__file__).parent / "static",
        allowed_origins=settings.allowed_origins,
        public_path=addresses.base,
    )
