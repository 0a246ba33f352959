"""Who can be offered a case: the receivers, as they are known at one moment."""

from collections.abc import Callable, Container, Iterator
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
    """What they know best, for people who choose by hand."""
    active: bool = True
    """A receiver who left stays known by its id and gets no new cases."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All receivers as one decision sees them."""

    receivers: tuple[Receiver, ...]
    """Everybody, the inactive ones too, by id."""
    _by_id: dict[str, Receiver] = field(init=False, repr=False, compare=False)
    _advisors: dict[str, tuple[Receiver, ...]] = field(init=False, repr=False, compare=False)
    _showcases: dict[str, Receiver] = field(init=False, repr=False, compare=False)
    _left_out: tuple[Receiver, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.receivers, key=lambda receiver: receiver.id))
        active = [receiver for receiver in ordered if receiver.active]
        advisors: dict[str, tuple[Receiver, ...]] = {}
        showcases: dict[str, Receiver] = {}
        for receiver in active:
            if receiver.kind == "showcase" and receiver.lead is not None:
                showcases.setdefault(receiver.lead, receiver)
            if receiver.kind == "advisor":
                for chamber in dict.fromkeys(receiver.chambers):
                    advisors[chamber] = (*advisors.get(chamber, ()), receiver)
        for name, value in (
            ("receivers", ordered),
            ("_by_id", {receiver.id: receiver for receiver in ordered}),
            ("_advisors", advisors),
            ("_showcases", showcases),
            ("_left_out", tuple(filter(_left_out_of(showcases), ordered))),
        ):
            object.__setattr__(self, name, value)  # a frozen class may still complete itself

    def get(self, id_: str) -> Receiver | None:
        """The receiver with this id, active or not: who was offered a case stays known."""
        return self._by_id.get(id_)

    def advisors_of(self, chamber: str) -> tuple[Receiver, ...]:
        """The active advisors of a chamber's district, by id."""
        return self._advisors.get(chamber, ())

    def left_out_in(self, chamber: str, leads: Container[str | None]) -> Iterator[Receiver]:
        """Who belongs to the chamber, or leads one of these, and gets no cases, by id."""
        for receiver in self._left_out:
            if receiver.lead in leads if receiver.kind == "showcase" else chamber in receiver.chambers:
                yield receiver

    def showcase(self, lead: str) -> Receiver | None:
        """The active showcase that leads ``nord``, ``ost``, ``sued`` or ``west``; of two the first by id."""
        return self._showcases.get(lead)


def _left_out_of(showcases: dict[str, Receiver]) -> Callable[[Receiver], bool]:
    """Who gets no cases: the inactive, and of two showcases with the same lead the second."""

    def left_out(receiver: Receiver) -> bool:
        second = receiver.kind == "showcase" and showcases.get(receiver.lead or "") is not receiver
        return not receiver.active or second

    return left_out
