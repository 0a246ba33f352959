from datetime import UTC, datetime, timedelta

import pytest
from itsdangerous import URLSafeSerializer

from shared.links import ExpiredLink, ForgedLink, Links, OfferLink

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LINK = OfferLink("WW-7K2M-0000-9QXZ", 2, "hwk-dresden-1", NOW + timedelta(days=90))


def test_an_offers_link_says_what_it_was_made_of():
    links = Links(("secret",))
    assert links.offer_of(links.offer_token(LINK), NOW) == LINK


def test_the_same_link_gives_the_same_token():
    assert Links(("secret",)).offer_token(LINK) == Links(("secret",)).offer_token(LINK)


def test_a_link_expires():
    links = Links(("secret",))
    with pytest.raises(ExpiredLink):
        links.offer_of(links.offer_token(LINK), LINK.expires_at)


def test_a_status_link_does_not_open_an_offer_nor_the_other_way_round():
    links = Links(("secret",))
    with pytest.raises(ForgedLink):
        links.offer_of(links.status_token("WW-1"), NOW)
    with pytest.raises(ForgedLink):
        links.reference_of(links.offer_token(LINK))


@pytest.mark.parametrize("token", ["", "x", "WyJhIl0.abc", "ä", "a" * 5000])
def test_what_we_did_not_sign_is_forged(token):
    with pytest.raises(ForgedLink):
        Links(("secret",)).reference_of(token)


def test_an_old_secret_still_verifies_after_a_new_one_was_put_in_front():
    token = Links(("old",)).status_token("WW-1")
    assert Links(("new", "old")).reference_of(token) == "WW-1"
    assert Links(("new", "old")).status_token("WW-1") == Links(("new",)).status_token("WW-1")


def test_a_secret_that_was_dropped_does_not():
    with pytest.raises(ForgedLink):
        Links(("new",)).reference_of(Links(("old",)).status_token("WW-1"))


def test_a_status_token_is_one_that_anybody_with_the_secret_can_read():
    token = Links(("secret",)).status_token("WW-7K2M-0000-9QXZ")
    assert token == URLSafeSerializer(["secret"], salt="status").dumps("WW-7K2M-0000-9QXZ")
