"""Who can be offered a case: the receivers, as they are known at one moment."""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a receiver gets no new cases."""

    first: date
    last: date
    """The last day, included."""
    deputy: str | None = None
    """The id of who gets its cases meanwhile."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a receiver works, in German local time."""

    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Days of the week; 0 is Monday."""
    begin: time = time(0)
    end: time = time.max


@dataclass(frozen=True, slots=True)
class Receiver:
    """An advisor or a showcase: an organisation with one address, not a person."""

    id: str
    kind: Literal["advisor", "showcase"]
    name: str
    organisation: str
    email: str
    phone: str
    language: Literal["de", "en"]
    chambers: tuple[str, ...]
    """The districts an advisor works in, by the chambers' names in ``data/kreise.csv``."""
    lead: str | None
    """What a showcase leads: ``nord``, ``ost``, ``sued`` or ``west``; None for advisors."""
    topics: tuple[str, ...]
    """The only topics an advisor takes; none for all. Of a showcase, what it knows best, for people who choose."""
    active: bool = True
    """A receiver who left stays known by its id and gets no new cases."""
    districts: tuple[str, ...] = ()
    """Further districts an advisor works in: Kreise by their five-digit key (AGS)."""
    states: tuple[str, ...] = ()
    """Whole federal states an advisor works in, by their German names."""
    languages: tuple[Literal["de", "en"], ...] = ()
    """The only languages in which it advises; none for any."""
    most_open: int | None = None
    """How many cases it can have at once, offered ones included; None for any number."""
    most_a_week: int | None = None
    """How many cases it takes in a calendar week, Monday to Sunday in German time; None for any number."""
    hours: Hours = Hours()
    absences: tuple[Absence, ...] = ()
    valid_from: date | None = None
    """The first day on which it gets cases."""
    valid_until: date | None = None
    """The last day on which it gets cases."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All receivers as one decision sees them."""

    receivers: tuple[Receiver, ...]
    """Everybody, the inactive ones too, by id."""
    version: int = 0
    """Of the directory."""
    _by_id: dict[str, Receiver] = field(init=False, repr=False, compare=False)
    _members: dict[str, tuple[Receiver, ...]] = field(init=False, repr=False, compare=False)
    _leading: dict[str, tuple[Receiver, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.receivers, key=lambda receiver: receiver.id))
        members: dict[str, tuple[Receiver, ...]] = {}
        leading: dict[str, tuple[Receiver, ...]] = {}
        for receiver in ordered:
            if receiver.kind == "showcase" and receiver.lead is not None:
                leading[receiver.lead] = (*leading.get(receiver.lead, ()), receiver)
            if receiver.kind == "advisor":
                for chamber in dict.fromkeys(receiver.chambers):
                    members[chamber] = (*members.get(chamber, ()), receiver)
        for name, value in (
            ("receivers", ordered),
            ("_by_id", {receiver.id: receiver for receiver in ordered}),
            ("_members", members),
            ("_leading", leading),
        ):
            object.__setattr__(self, name, value)  # a frozen class may still complete itself

    def get(self, id_: str) -> Receiver | None:
        """The receiver with this id, active or not: who was offered a case stays known."""
        return self._by_id.get(id_)

    def members_of(self, chamber: str) -> tuple[Receiver, ...]:
        """The advisors of a chamber's district, the inactive ones too, by id."""
        return self._members.get(chamber, ())

    def advisors_of(self, chamber: str) -> tuple[Receiver, ...]:
        """The active advisors of a chamber's district, by id."""
        return tuple(advisor for advisor in self.members_of(chamber) if advisor.active)

    def leading(self, lead: str) -> tuple[Receiver, ...]:
        """The showcases that lead ``nord``, ``ost``, ``sued`` or ``west``, the inactive ones too, by id."""
        return self._leading.get(lead, ())

    def showcase(self, lead: str) -> Receiver | None:
        """The active showcase that leads ``nord``, ``ost``, ``sued`` or ``west``; of two the first by id."""
        return next((showcase for showcase in self.leading(lead) if showcase.active), None)
