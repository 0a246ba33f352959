from services.matching.directory import Receiver
from services.matching.snapshot import Snapshot

DRESDEN = "Handwerkskammer Dresden"


def an_advisor(name: str = "hwk-dresden-1", *, chambers: tuple[str, ...] = (DRESDEN,), active: bool = True) -> Receiver:
    return Receiver(name, "advisor", name, DRESDEN, f"{name}@example.org", "", "de", chambers, None, (), active)


def a_showcase(name: str = "ost", *, active: bool = True) -> Receiver:
    return Receiver(name, "showcase", name, DRESDEN, f"{name}@example.org", "", "de", (), "ost", (), active)


def test_the_advisors_of_a_chamber_come_in_the_order_of_their_ids() -> None:
    second, first = an_advisor("b"), an_advisor("a")
    assert Snapshot((second, a_showcase(), first)).advisors_of(DRESDEN) == (first, second)


def test_an_advisor_of_two_chambers_is_found_in_both() -> None:
    both = an_advisor(chambers=(DRESDEN, "Handwerkskammer Chemnitz"))
    snapshot = Snapshot((both,))
    assert snapshot.advisors_of(DRESDEN) == snapshot.advisors_of("Handwerkskammer Chemnitz") == (both,)


def test_a_chamber_that_nobody_serves_has_no_advisors() -> None:
    assert Snapshot(()).advisors_of("Handwerkskammer Trier") == ()


def test_a_showcase_is_found_by_what_it_leads() -> None:
    showcase = a_showcase()
    assert Snapshot((showcase,)).showcase("ost") == showcase
    assert Snapshot((showcase,)).showcase("west") is None


def test_who_left_gets_nothing_new_but_stays_known() -> None:
    advisor, showcase = an_advisor(active=False), a_showcase(active=False)
    snapshot = Snapshot((advisor, showcase))
    assert snapshot.advisors_of(DRESDEN) == ()
    assert snapshot.showcase("ost") is None
    assert snapshot.get(advisor.id) == advisor
    assert snapshot.receivers == (advisor, showcase)
