"""Intake, put together."""

from pathlib import Path

from fastapi import FastAPI

from services.intake import api, handlers, pages
from services.intake.settings import IntakeSettings
from services.intake.store import enquiries_of
from shared import web
from shared.service import Service


def create_app(settings: IntakeSettings) -> FastAPI:
    """Intake with these settings; it begins to work when the app starts."""
    service = Service("intake", settings)
    enquiries = enquiries_of(service)
    service.hear(handlers.referrals, enquiries)
    service.hear(handlers.notifications, enquiries)
    return web.application(
        service,
        api.router(enquiries, service.links, service.clock, settings.public_url),
        pages.router(enquiries, service.links, service.clock, settings),
        title="Wegweiser: intake",
        description="Send an enquiry, read what became of it, withdraw it.",
        static=Path(__file__).parent / "static",
        allowed_origins=settings.allowed_origins,
    )
