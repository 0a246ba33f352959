"""Notify, put together."""

from fastapi import FastAPI

from services.notify import api, handlers
from services.notify.lease import Lease
from services.notify.mail import MailUrl, Post
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.store import cases_of, notices_of
from services.notify.telling import Network
from services.notify.writing import writer
from shared.service import Service
from shared.times import Clock
from shared.web import application

_FORGET_PROCESSES_AFTER_S = 24 * 60 * 60
_RELAYS_APART_S = 0.25
"""Nobody waits for the news that a mail was sent."""


def create_app(settings: NotifySettings, clock: Clock | None = None) -> FastAPI:
    """The service with its API, what it hears, and the sending. ``clock``: the machine's unless another is given."""
    service = Service("notify", settings, clock, relays_apart_s=_RELAYS_APART_S)
    cases, notices = cases_of(service), notices_of(service)
    network = Network(settings.domain, settings.coordinators)
    for hears in (handlers.enquiries, handlers.referrals):
        service.hear(hears, cases, notices, network, service.clock)
    service.index("processes", [("until", 1)], expireAfterSeconds=_FORGET_PROCESSES_AFTER_S)
    lease = Lease(service.collection("processes"))
    post = Post(MailUrl.parsed(settings.smtp_url))
    write = writer(settings, service.links)
    sender = Sender(notices, cases, post, lease, write, network, service.clock, mail_from=settings.mail_from)
    service.loop("lease", lease.keep)
    service.loop("sender", sender.run)
    service.check("smtp", post.check)
    service.on_stop(sender.stop)
    return application(
        service,
        api.router(notices, settings.coordinator_token),
        title="Wegweiser: notify",
        description="What people are told, and how it went.",
    )
