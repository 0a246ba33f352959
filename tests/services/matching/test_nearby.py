import pytest

from services.matching.nearby import chambers_near
from services.matching.regions import chambers, known_codes, resolve


def near(postal_code: str) -> list[str]:
    return [name.removeprefix("Handwerkskammer ") for name, _ in chambers_near(resolve(postal_code))]


@pytest.mark.parametrize(
    ("postal_code", "nearest"),
    [
        ("10115", "Potsdam"),  # Berlin Mitte
        ("63450", "Frankfurt-Rhein-Main"),  # Hanau
        ("28195", "Oldenburg"),  # Bremen
        ("89231", "Ulm"),  # Neu-Ulm
        ("01561", "Cottbus"),  # Großenhain, north of Dresden
    ],
)
def test_the_chamber_whose_district_begins_nearest_to_the_business_comes_first(postal_code, nearest):
    assert near(postal_code)[0] == nearest


def test_from_one_chamber_different_ones_are_near():
    assert near("01561")[0] != near("01744")[0]


def test_the_own_chamber_is_not_near_but_at_home():
    for postal_code in known_codes()[::50]:
        region = resolve(postal_code)
        found = [name for name, _ in chambers_near(region)]
        distances = [km for _, km in chambers_near(region)]
        assert distances == sorted(distances)
        assert region.chamber not in found
        assert 1 <= len(found) <= 5
        assert set(found) <= set(chambers())


def test_a_business_whose_place_is_not_known_is_in_the_middle_of_the_district():
    assert chambers_near(resolve("01001"))
    assert chambers_near(resolve("00000")) == ()
