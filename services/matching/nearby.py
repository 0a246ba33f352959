"""Which other chambers' districts are near a business."""

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from services.matching.regions import Region, chambers, known_codes, resolve

_KM_PER_DEGREE = 111.2
"""Of latitude; the mean."""
REACH_KM = 75.0
"""How far a business would go for advice: a day trip."""
_AT_MOST = 5


def chambers_near(region: Region) -> tuple[tuple[str, float], ...]:
    """The other chambers, the nearest first, each with the km to the nearest place in its district.

    At most five within 75 km; at least one, however far. Where the place is not known, it is taken to be the middle of
    the chamber's district.
    """
    if region.chamber is None:
        return ()
    if region.lat is None or region.lon is None:
        return _near(region.chamber, *_middle(region.chamber))
    return _near(region.chamber, region.lat, region.lon)


@lru_cache(10_000)
def _near(chamber: str, lat: float, lon: float) -> tuple[tuple[str, float], ...]:
    points, district = _places()
    north = (points[:, 0] - lat) * _KM_PER_DEGREE
    east = (points[:, 1] - lon) * _KM_PER_DEGREE * np.cos(np.radians(lat))
    nearest = np.full(len(chambers()), np.inf)
    np.minimum.at(nearest, district, np.hypot(north, east).round(3))
    others = [(km, name) for km, name in zip(nearest.tolist(), chambers(), strict=True) if name != chamber]
    near = sorted(others)[:_AT_MOST]
    return tuple((name, km) for place, (km, name) in enumerate(near) if km <= REACH_KM or place == 0)


def _middle(chamber: str) -> tuple[float, float]:
    points, district = _places()
    lat, lon = points[district == chambers().index(chamber)].mean(axis=0)
    return float(lat), float(lon)


@cache
def _places() -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Each known postal code's latitude and longitude, and the number of its chamber."""
    numbers = {name: number for number, name in enumerate(chambers())}
    regions = [resolve(code) for code in known_codes()]
    points = np.array([(region.lat, region.lon) for region in regions], float)
    return points, np.array([numbers[region.chamber or ""] for region in regions])
