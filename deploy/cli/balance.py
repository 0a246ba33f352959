"""Whether every enquiry is accounted for: each accepted one in exactly one place, and each offer with its notice."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Place = Literal["open", "closed", "triage", "withdrawn"]
PLACES: tuple[Place, ...] = ("open", "closed", "triage", "withdrawn")


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What intake has of an enquiry that it accepted."""

    reference: str
    on_its_way: bool
    """Whether intake still has to say it, or waits until somebody has reacted."""
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Referral:
    """What matching has of an enquiry."""

    reference: str
    state: str
    reason: str | None
    offers: tuple[str, ...]
    """The ids of the events that offered it."""
    on_their_way: frozenset[str]
    """The ids of events that matching still has to say, or waits until somebody has reacted to."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that does not balance."""

    reference: str
    what: str
    """A sentence."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Where all enquiries are."""

    received: int
    places: Mapping[Place, int]
    states: Mapping[str, int]
    """The same in more detail: ``on_its_way``, ``offered``, ``accepted``, ..."""
    notices_on_their_way: int
    """Offers that notify has not heard of yet; they are said again until it has."""
    problems: frozenset[Problem]

    @property
    def balances(self) -> bool:
        """Whether received = open + closed + triage + withdrawn, and nothing is missing."""
        return not self.problems and self.received == sum(self.places.values())


def balance(enquiries: Iterable[Enquiry], referrals: Iterable[Referral], told: frozenset[str]) -> Balance:
    """Compare what the three services have. ``told``: ids of the events that notify has a notice about an offer for."""
    referred = {referral.reference: referral for referral in referrals}
    places: Counter[Place] = Counter(dict.fromkeys(PLACES, 0))
    states: Counter[str] = Counter()
    problems: set[Problem] = set()
    known = set()
    for enquiry in enquiries:
        known.add(enquiry.reference)
        referral = referred.get(enquiry.reference)
        if referral is not None:
            places[_place(referral)] += 1
            states[referral.state] += 1
            if enquiry.withdrawn and not enquiry.on_its_way and referral.state != "closed":
                problems.add(Problem(enquiry.reference, f"is withdrawn, and its referral is still {referral.state}"))
        elif enquiry.on_its_way:
            places["open"] += 1
            states["on_its_way"] += 1
        else:
            problems.add(Problem(enquiry.reference, "was accepted, and there is no referral for it"))
    for reference in referred.keys() - known:
        problems.add(Problem(reference, "has a referral, and was never accepted"))
    untold = [(each, event) for each in referred.values() for event in each.offers if event not in told]
    lost = [(each, event) for each, event in untold if event not in each.on_their_way]
    for referral, event in lost:
        problems.add(Problem(referral.reference, f"was offered (event {event}), and there is no notice about it"))
    on_their_way = len(untold) - len(lost)
    return Balance(len(known), dict(places), dict(sorted(states.items())), on_their_way, frozenset(problems))


def _place(referral: Referral) -> Place:
    if referral.state == "triage":
        return "triage"
    if referral.state in {"closed", "completed"}:
        return "withdrawn" if referral.reason == "withdrawn" else "closed"
    return "open"
