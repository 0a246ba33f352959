"""The receivers, as they are known at one moment."""

from collections.abc import Iterable, Iterator

from services.matching.directory import Receiver
from services.matching.roster import Roster


class Snapshot:
    """All receivers as one decision sees them, with what they have to do at that moment."""

    def __init__(self, receivers: Iterable[Receiver], version: int = 0) -> None:
        self.receivers = tuple(sorted(receivers, key=lambda receiver: receiver.id))
        """Everybody, the inactive ones too, by id."""
        self.version = version
        """Of the directory."""
        self.row = {receiver.id: row for row, receiver in enumerate(self.receivers)}
        """Where each is in ``receivers`` and in the roster, by id."""
        self.roster = Roster(self.receivers)
        """The receivers side by side: from the beginning, since threads may ask at the same moment."""

    def get(self, id_: str) -> Receiver | None:
        """The receiver with this id, active or not: who was offered a case stays known."""
        row = self.row.get(id_)
        return None if row is None else self.receivers[row]

    def advisors_of(self, chamber: str) -> tuple[Receiver, ...]:
        """The active advisors of a chamber's district, by id."""
        return tuple(self.each_advisor_of(chamber))

    def each_advisor_of(self, chamber: str) -> Iterator[Receiver]:
        """The same one after the other, for who need not know all of them."""
        everybody = (self.receivers[row] for row in self.roster.place(chamber).rows)
        return (advisor for advisor in everybody if advisor.active)

    def showcase(self, lead: str) -> Receiver | None:
        """The active showcase that leads ``nord``, ``ost``, ``sued`` or ``west``; of two the first by id."""
        leading = (self.receivers[row] for row in self.roster.leading(lead).rows)
        return next((showcase for showcase in leading if showcase.active), None)
