from deploy.cli.balance import Balance, Enquiry, Problem, Referral, balance


def an_enquiry(reference: str = "A", *, on_its_way: bool = False, withdrawn: bool = False) -> Enquiry:
    return Enquiry(reference, on_its_way, withdrawn)


def a_referral(
    reference: str = "A", state: str = "offered", reason: str | None = None, *offers: str, waiting: tuple[str, ...] = ()
) -> Referral:
    return Referral(reference, state, reason, offers, frozenset(waiting))


def audited(enquiries: list[Enquiry], referrals: list[Referral], *told: str) -> Balance:
    return balance(enquiries, referrals, frozenset(told))


def test_every_enquiry_is_in_the_place_that_its_referral_is_in():
    references = "ABCDEF"
    states = ("offered", None), ("accepted", None), ("triage", "x"), ("closed", "withdrawn"), ("closed", "done")
    referrals = [a_referral(reference, *state) for reference, state in zip(references, states, strict=False)]
    found = audited([*map(an_enquiry, references[:5]), an_enquiry("F", on_its_way=True)], referrals)
    assert found.balances
    assert found.received == 6
    assert found.places == {"open": 3, "closed": 1, "triage": 1, "withdrawn": 1}


def test_an_enquiry_without_a_referral_that_nobody_waits_for_is_missing():
    found = audited([an_enquiry("A"), an_enquiry("B")], [a_referral("B")])
    assert not found.balances
    assert found.problems == {Problem("A", "was accepted, and there is no referral for it")}


def test_a_referral_of_an_enquiry_that_was_never_accepted_is_named():
    assert {problem.reference for problem in audited([], [a_referral("B")]).problems} == {"B"}


def test_an_offer_without_a_notice_is_named_unless_it_is_on_its_way():
    two = [an_enquiry("A"), an_enquiry("B")]
    referrals = [a_referral("A", "offered", None, "A/1"), a_referral("B", "offered", None, "B/1", waiting=("B/1",))]
    found = audited(two, referrals)
    assert {problem.reference for problem in found.problems} == {"A"}
    assert found.notices_on_their_way == 1
    assert audited(two, referrals, "A/1", "B/1").balances


def test_a_withdrawal_that_matching_never_heard_is_named():
    withdrawn = an_enquiry(withdrawn=True)
    assert audited([withdrawn], [a_referral()]).problems
    assert audited([an_enquiry(withdrawn=True, on_its_way=True)], [a_referral()]).balances
    assert audited([withdrawn], [a_referral("A", "closed", "withdrawn")]).balances


def test_nothing_at_all_balances():
    assert audited([], []).balances
