"""Makes what the services need in MongoDB: their collections, validators and indexes, as each declares them."""

from collections.abc import Callable

from deploy.cli.settings import OperatorSettings
from services.intake.store import enquiries_of
from services.matching.places import places_of
from services.matching.receivers import receivers_of
from services.matching.rulesets import rulesets_of
from services.matching.store import referrals_of
from services.notify.store import cases_of, notices_of
from shared.service import Service

_DECLARED: dict[str, tuple[Callable[[Service], object], ...]] = {
    "intake": (enquiries_of,),
    "matching": (referrals_of, receivers_of, rulesets_of, places_of),
    "notify": (cases_of, notices_of),
}
"""What each service keeps."""


async def make_collections(settings: OperatorSettings) -> list[str]:
    """Make them, or bring them up to date, and return the databases' names; safe to repeat. Raises ``Unavailable``."""
    for name, keeps in _DECLARED.items():
        service = Service(name, settings)
        try:
            for declare in keeps:
                declare(service)
            await service.setup()
        finally:
            await service.stop()
    return [f"{settings.namespace}{name}" for name in _DECLARED]
