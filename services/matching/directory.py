"""Who can be offered a case: the receivers."""

from dataclasses import dataclass
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

    @property
    def is_limited(self) -> bool:
        """Whether it states how much it can do: then each of its places is known."""
        return self.most_open is not None or self.most_a_week is not None

    @property
    def is_counted(self) -> bool:
        """Whether its cases are counted: a showcase without limits is never compared with anybody."""
        return self.kind == "advisor" or self.is_limited
