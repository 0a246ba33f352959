import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching import regions
from services.matching.regions import SHOWCASE_OF, chambers, known_codes, land_of, resolve

HALLE, MAGDEBURG = "Handwerkskammer Halle (Saale)", "Handwerkskammer Magdeburg"
COTTBUS = "Handwerkskammer Cottbus"


def rows(table: str) -> list[dict[str, str]]:
    lines = (files("services.matching") / "data" / table).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines))


EXCEPTIONS = rows("plz_exceptions.csv")
STRADDLING = [row for row in EXCEPTIONS if row["chamber_elsewhere"]]


def test_every_delivery_postal_code_resolves_to_kreis_state_and_chamber():
    assert len(known_codes()) == 8168
    found = [resolve(code) for code in known_codes()]
    assert all(region.certainty in {"exact", "ambiguous"} for region in found)
    assert {region.chamber for region in found} == set(chambers())
    assert {region.land for region in found} == set(SHOWCASE_OF)
    assert all(region.kreis and region.ags and region.showcase for region in found)
    assert all(47 < region.lat < 55.1 and 5.8 < region.lon < 15.1 for region in found)


def test_there_are_400_kreise_in_53_chambers_and_no_chamber_crosses_a_states_border():
    kreise = rows("kreise.csv")
    assert len({row["ags5"] for row in kreise}) == 400
    assert len(chambers()) == 53
    assert all(row["land"] == land_of(row["chamber"]) for row in kreise)


def test_every_kreis_has_a_code_but_the_city_of_landau_whose_only_point_lies_in_the_kreis_around_it():
    found = {row["ags"] for row in rows("postal_codes.csv")}
    assert {row["ags5"] for row in rows("kreise.csv")} - found == {"07313"}
    assert resolve("76829").kreis == "Landkreis Südliche Weinstraße"


@pytest.mark.parametrize(
    ("code", "chamber"),
    [
        pytest.param("63450", "Wiesbaden", id="Hanau"),
        pytest.param("63065", "Frankfurt-Rhein-Main", id="Offenbach"),
        pytest.param("61169", "Wiesbaden", id="Friedberg"),
        pytest.param("61348", "Frankfurt-Rhein-Main", id="Bad Homburg"),
        pytest.param("35037", "Kassel", id="Marburg"),
        pytest.param("35390", "Wiesbaden", id="Gießen"),
        pytest.param("58095", "Dortmund", id="Hagen"),
        pytest.param("59065", "Dortmund", id="Hamm"),
        pytest.param("59494", "Dortmund", id="Soest"),
        pytest.param("58636", "Südwestfalen", id="Iserlohn"),
        pytest.param("59872", "Südwestfalen", id="Meschede"),
        pytest.param("57072", "Südwestfalen", id="Siegen"),
        pytest.param("53879", "Aachen", id="Euskirchen"),
        pytest.param("63739", "für Unterfranken", id="Aschaffenburg"),
        pytest.param("97877", "Heilbronn-Franken", id="Wertheim"),
        pytest.param("89231", "für Schwaben", id="Neu-Ulm"),
        pytest.param("89073", "Ulm", id="Ulm"),
        pytest.param("68623", "Frankfurt-Rhein-Main", id="Lampertheim"),
        pytest.param("53474", "Koblenz", id="Bad Neuenahr"),
        pytest.param("57518", "Koblenz", id="Betzdorf"),
        pytest.param("66482", "der Pfalz", id="Zweibrücken"),
        pytest.param("55543", "Koblenz", id="Bad Kreuznach"),
        pytest.param("55218", "Rheinhessen", id="Ingelheim"),
        pytest.param("55252", "Wiesbaden", id="Mainz-Kastel"),
        pytest.param("22844", "Lübeck", id="Norderstedt"),
        pytest.param("27568", "Bremen", id="Bremerhaven"),
        pytest.param("27472", "Braunschweig-Lüneburg-Stade", id="Cuxhaven"),
        pytest.param("34346", "Hildesheim-Südniedersachsen", id="Hann. Münden"),
        pytest.param("49477", "Münster", id="Ibbenbüren"),
        pytest.param("48455", "Osnabrück-Emsland-Grafschaft Bentheim", id="Bad Bentheim"),
        pytest.param("49356", "Hannover", id="Diepholz"),
        pytest.param("49393", "Oldenburg", id="Lohne"),
        pytest.param("18273", "Schwerin", id="Güstrow, by the old Kreis"),
        pytest.param("18258", "Ostmecklenburg-Vorpommern", id="Schwaan, by the old Kreis"),
    ],
)
def test_hard_cases_come_to_their_chamber(code, chamber):
    region = resolve(code)
    assert (region.chamber, region.certainty) == (f"Handwerkskammer {chamber}", "exact")


@pytest.mark.parametrize(
    ("code", "land", "showcase"),
    [
        ("01067", "Sachsen", "ost"),
        ("26121", "Niedersachsen", "nord"),
        ("95444", "Bayern", "sued"),
        ("99084", "Thüringen", "sued"),
        ("56068", "Rheinland-Pfalz", "west"),
        ("63450", "Hessen", "west"),
        ("19053", "Mecklenburg-Vorpommern", "ost"),
    ],
)
def test_the_state_says_which_showcase_is_responsible(code, land, showcase):
    assert (resolve(code).land, resolve(code).showcase) == (land, showcase)


@pytest.mark.parametrize("row", EXCEPTIONS, ids=lambda row: row["plz"])
def test_an_exception_has_the_last_word(row):
    region = resolve(row["plz"])
    assert (region.chamber, region.ags) == (row["chamber"], row["ags5"])
    assert region.certainty == ("ambiguous" if row["chamber_elsewhere"] else "exact")


@pytest.mark.parametrize("row", STRADDLING, ids=lambda row: row["plz"])
def test_a_place_tells_the_chamber_of_a_code_that_straddles_two(row):
    for place in row["places_elsewhere"].split(";"):
        region = resolve(row["plz"], place)
        assert (region.chamber, region.certainty, region.note) == (row["chamber_elsewhere"], "exact", "place")
        assert region.land == land_of(row["chamber_elsewhere"])
        assert region.lat == resolve(row["plz"]).lat


@pytest.mark.parametrize(
    "place", ["Großziethen", "GROSSZIETHEN", " grossziethen ", "Schoenefeld", "Schonefeld", "Schönefeld OT Großziethen"]
)
def test_a_place_is_compared_without_case_and_with_umlauts_spelled_either_way(place):
    assert resolve("15831", place).chamber == COTTBUS


@pytest.mark.parametrize("place", ["Falkenstein/Harz", "Falkenstein (Harz)", "falkenstein-harz", "Falkenstein"])
def test_a_place_is_compared_without_its_punctuation(place):
    assert resolve("06333", place).chamber == MAGDEBURG


@pytest.mark.parametrize(("code", "place"), [("06333", "Hettstedt"), ("24107", "Kiel"), ("22113", "Hamburg-Billbrook")])
def test_a_place_of_the_main_chamber_leaves_no_doubt(code, place):
    region = resolve(code, place)
    assert (region.chamber, region.certainty) == (resolve(code).chamber, "exact")


@pytest.mark.parametrize("place", [None, "", " - ", "Entenhausen"])
def test_without_a_known_place_the_main_chamber_is_marked_ambiguous(place):
    region = resolve("06333", place)
    assert (region.chamber, region.certainty, region.alternatives) == (HALLE, "ambiguous", (MAGDEBURG,))


def test_a_place_does_not_matter_where_a_code_has_one_chamber():
    assert resolve("01067", "Schönefeld") == resolve("01067")


@pytest.mark.parametrize(
    ("code", "chamber"), [("01001", "Dresden"), ("63401", "Wiesbaden"), ("97862", "für Unterfranken")]
)
def test_a_post_office_box_is_estimated_from_its_neighbours(code, chamber):
    region = resolve(code)
    assert (region.chamber, region.certainty, region.note) == (f"Handwerkskammer {chamber}", "estimated", "neighbours")
    assert region.ags is None
    assert region.showcase == SHOWCASE_OF[region.land]


def test_an_estimate_names_the_other_chambers_with_the_same_first_digits():
    assert resolve("97862").alternatives == ("Handwerkskammer Heilbronn-Franken",)


@pytest.mark.parametrize("code", ["00000", "00123", "05123", "80001", "1067", "010670", "0106a", "", "٠١٠٦٧", "²1067"])
def test_a_code_like_no_other_is_impossible(code):
    region = resolve(code)
    assert (region.certainty, region.chamber, region.land, region.showcase) == ("impossible", None, None, None)


@given(st.integers(0, 99999), st.none() | st.text())
def test_every_five_digits_resolve_or_are_impossible_and_always_the_same(number, place):
    code = f"{number:05}"
    region = resolve(code, place)
    assert region == resolve(code, place)
    likely = any(known.startswith(code[:3]) for known in known_codes())
    assert (region.chamber in chambers()) == likely == (region.certainty != "impossible")


def test_neighbours_name_the_right_chamber_for_95_in_100_codes_as_the_documentation_says():
    right = 0
    for code in known_codes():
        others = [region for region in regions._neighbours(code) if region.postal_code != code]
        right += regions._estimated(code, others).chamber == resolve(code).chamber
    assert round(right / len(known_codes()), 2) == 0.95
