"""Where a business is: from its postal code to its Kreis, federal state and chamber.

The tables and where they are from: ``docs/regions.md``. Postal code areas follow neither Kreise nor states, so some
codes straddle two chambers; those that are known to are listed with the places that belong elsewhere.
"""

import csv
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

Certainty = Literal["exact", "ambiguous", "estimated", "impossible"]

SHOWCASE_OF = {
    "Niedersachsen": "nord",
    "Bremen": "nord",
    "Hamburg": "nord",
    "Schleswig-Holstein": "nord",
    "Sachsen": "ost",
    "Sachsen-Anhalt": "ost",
    "Brandenburg": "ost",
    "Berlin": "ost",
    "Mecklenburg-Vorpommern": "ost",
    "Bayern": "sued",
    "Baden-Württemberg": "sued",
    "Thüringen": "sued",
    "Nordrhein-Westfalen": "west",
    "Rheinland-Pfalz": "west",
    "Saarland": "west",
    "Hessen": "west",
}
"""The showcase responsible for each state. Sources name those of ``sued``; the others are inferred, and Thüringen,
Mecklenburg-Vorpommern and Hessen are doubtful (the domain sheet, 1.2)."""

_DIGITS = 5
_SAME_AREA = 3
"""First digits that codes of one area share."""
_NEIGHBOURS = 3
"""How many neighbours vote on a code that is not in the table: the best of those tried, see ``docs/regions.md``."""


@dataclass(frozen=True, slots=True)
class Region:
    """What a postal code, and where it matters the place, say about where a business is."""

    postal_code: str
    certainty: Certainty
    """``exact``; ``ambiguous``: one of two chambers, and no place that tells; ``estimated`` from the codes around it;
    ``impossible``: no such code, and none like it."""
    chamber: str | None = None
    """The chamber's name as in ``data/kreise.csv``; None where the code is impossible."""
    ags: str | None = None
    """The Kreis's key, five digits; None where only the chamber is known."""
    kreis: str | None = None
    land: str | None = None
    """The federal state's German name: the chamber's, for no chamber crosses a state's border."""
    showcase: str | None = None
    """The showcase responsible for the state: ``nord``, ``ost``, ``sued`` or ``west``."""
    lat: float | None = None
    """Degrees, WGS 84: a point in the code's area."""
    lon: float | None = None
    alternatives: tuple[str, ...] = ()
    """The other chambers it could be."""
    note: Literal["", "place", "main", "neighbours"] = ""
    """What told the chamber where the code alone does not: the place; the larger part; the codes around it."""


@dataclass(frozen=True, slots=True)
class _Straddling:
    """Where a code's area lies in two chambers' districts."""

    chamber_elsewhere: str
    places_elsewhere: tuple[tuple[str, ...], ...]
    places_here: tuple[tuple[str, ...], ...]


def resolve(postal_code: str, place: str | None = None) -> Region:
    """The region of a postal code. ``place`` decides where the code straddles two chambers.

    The place is compared without case and punctuation, umlauts spelled either way. A code that is not in the table gets
    the chamber of most of its three nearest neighbours with the same first three digits, the nearest breaking a tie.
    """
    code = postal_code.strip()
    region = _regions().get(code)
    if region is None:
        return _estimated(code, _neighbours(code))
    if code in _straddling():
        return _told_by_place(region, _straddling()[code], _words(place or ""))
    return region


def if_in(chamber: str, region: Region) -> Region:
    """The region, if it is this other chamber's."""
    return replace(_in_chamber(chamber, region.postal_code, "exact"), lat=region.lat, lon=region.lon)


@cache
def districts() -> dict[str, str]:
    """The names of the 400 Kreise, by their five-digit keys (AGS)."""
    return {row["ags5"]: row["kreis"] for row in _rows("kreise.csv")}


def known_codes() -> tuple[str, ...]:
    """Every postal code in the table, in order."""
    return tuple(_regions())


@cache
def chambers() -> tuple[str, ...]:
    """The 53 chambers' names, as in ``data/kreise.csv``."""
    return tuple(sorted({row["chamber"] for row in _rows("kreise.csv")}))


def chambers_by_state() -> dict[str, tuple[str, ...]]:
    """All federal states with their chambers, both by name."""
    states = sorted({*_lands().values()})
    return {state: tuple(name for name in chambers() if land_of(name) == state) for state in states}


def land_of(chamber: str) -> str | None:
    """The German name of the federal state a chamber is in; None for a name that is no chamber's."""
    return _lands().get(chamber)


def chamber_of(district: str) -> str | None:
    """The chamber of a Kreis, by its five-digit key (AGS); None for a key that is no Kreis's."""
    return _chambers_of_districts().get(district)


def _told_by_place(region: Region, straddling: _Straddling, place: tuple[str, ...]) -> Region:
    if any(_names(place, elsewhere) for elsewhere in straddling.places_elsewhere):
        return replace(
            _in_chamber(straddling.chamber_elsewhere, region.postal_code, "exact"),
            lat=region.lat,
            lon=region.lon,
            note="place",
        )
    if any(_names(place, here) for here in straddling.places_here):
        return replace(region, note="place")
    return replace(region, certainty="ambiguous", alternatives=(straddling.chamber_elsewhere,), note="main")


def _estimated(code: str, around: list[Region]) -> Region:
    if not around:
        return Region(code, "impossible")
    chambers_around = [region.chamber for region in around if region.chamber]
    votes = Counter(chambers_around[:_NEIGHBOURS])
    chamber = max(votes, key=lambda name: votes[name])  # of equals the first counted, which is the nearest
    others = dict.fromkeys(name for name in chambers_around if name != chamber)
    return replace(_in_chamber(chamber, code, "estimated"), alternatives=tuple(others), note="neighbours")


def _neighbours(code: str) -> list[Region]:
    """The regions of the codes with the same first digits, the nearest number first, of two the lower one."""
    if len(code) != _DIGITS or not code.isascii() or not code.isdigit():
        return []
    codes, area = known_codes(), code[:_SAME_AREA]
    first, last = bisect_left(codes, area), bisect_left(codes, f"{area}:")  # ":" comes after every digit
    nearest = sorted(codes[first:last], key=lambda other: abs(int(other) - int(code)))
    return [_regions()[other] for other in nearest]


def _in_chamber(chamber: str, code: str, certainty: Certainty) -> Region:
    land = _lands()[chamber]
    return Region(code, certainty, chamber=chamber, land=land, showcase=SHOWCASE_OF[land])


def _names(written: tuple[str, ...], place: tuple[str, ...]) -> bool:
    """Whether what was written names the place: whole and perhaps among more words, or by its first words."""
    if not written:
        return False
    inside = any(written[start : start + len(place)] == place for start in range(len(written)))
    return inside or place[: len(written)] == written


def _words(place: str) -> tuple[str, ...]:
    """A place's words without case, punctuation and umlauts: ``("grossziethen",)`` for ``Großziethen``.

    ``ä``, ``ae`` and ``a`` become one, and so do ``ß`` and ``ss``.
    """
    bare = "".join(
        letter for letter in unicodedata.normalize("NFKD", place.casefold()) if not unicodedata.combining(letter)
    )
    for digraph in ("ae", "oe", "ue"):
        bare = bare.replace(digraph, digraph[0])
    return tuple("".join(letter if letter.isalnum() else " " for letter in bare).split())


@cache
def _regions() -> dict[str, Region]:
    """Every known code's region, in the order of the codes; straddling ones with their main chamber."""
    kreise = {row["ags5"]: row for row in _rows("kreise.csv")}
    exceptions = {row["plz"]: row for row in _rows("plz_exceptions.csv")}
    regions = {}
    for row in _rows("postal_codes.csv"):
        code, kreis = row["postal_code"], kreise[row["ags"]]
        chamber = exceptions.get(code, kreis)["chamber"]
        regions[code] = replace(
            _in_chamber(chamber, code, "exact"),
            ags=row["ags"],
            kreis=kreis["kreis"],
            lat=float(row["latitude"]),
            lon=float(row["longitude"]),
        )
    return regions


@cache
def _straddling() -> dict[str, _Straddling]:
    """The codes whose area lies in two chambers' districts."""
    return {
        row["plz"]: _Straddling(
            chamber_elsewhere=row["chamber_elsewhere"],
            places_elsewhere=tuple(_listed(row["places_elsewhere"])),
            places_here=(*_listed(row["note"]), *_city(_regions()[row["plz"]].kreis or "")),
        )
        for row in _rows("plz_exceptions.csv")
        if row["chamber_elsewhere"]
    }


def _listed(places: str) -> Iterator[tuple[str, ...]]:
    """The places in ``A / B (C; D)`` or ``A;B``; ``E area`` is E with what lies around it."""
    for separator in ("/ ", "(", ")"):
        places = places.replace(separator, ";")
    for place in places.split(";"):
        if words := _words(place.removesuffix(" area")):
            yield words


def _city(kreis: str) -> Iterator[tuple[str, ...]]:
    """The city's name where a Kreis is one: ``Kiel, Stadt``."""
    name, comma, _ = kreis.partition(",")
    if comma:
        yield _words(name)


@cache
def _chambers_of_districts() -> dict[str, str]:
    return {row["ags5"]: row["chamber"] for row in _rows("kreise.csv")}


@cache
def _lands() -> dict[str, str]:
    return {row["chamber"]: row["land"] for row in _rows("kreise.csv")}


def _rows(table: str) -> list[dict[str, str]]:
    lines = (files("services.matching") / "data" / table).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines))
