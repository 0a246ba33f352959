"""Who can be offered a case: the receivers, as they are known at one moment."""

from dataclasses import dataclass, field
from typing import Literal


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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All receivers as one decision sees them."""

    receivers: tuple[Receiver, ...]
    """Everybody, the inactive ones too, by id."""
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
