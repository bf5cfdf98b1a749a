"""Households for the comparison: drawn from a seed, so that a table says which ones it is of and another run can try others.

They are of the kinds that a planner meets, and in amounts at which the law has its corners: benefits that begin to be taxed, credits
that phase in and out, the wage base, thresholds of the net investment income tax and of the minimum tax. Whole dollars.
"""

import random

FIELDS = [
    "id", "year", "filing_status", "state", "age", "spouse_age", "wages", "spouse_wages", "self_employment", "children_ages",
    "interest", "qualified_dividends", "nonqualified_dividends", "short_term_gains", "long_term_gains", "pension", "social_security",
]

YEARS = [2024, 2025, 2026]

STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD "
    "TN TX UT VT VA WA WV WI WY"
).split()


def draw(seed: int, number: int) -> list[dict]:
    """So many households."""
    rng = random.Random(seed)
    kinds = [_worker, _couple, _self_employed, _retired, _investor, _low_earner, _separate]
    weights = [5, 5, 3, 4, 3, 3, 1]
    households = []
    for identity in range(1, number + 1):
        household = dict.fromkeys(FIELDS, 0) | {"id": identity, "year": rng.choice(YEARS), "state": rng.choice(STATES), "children_ages": ""}
        (kind,) = rng.choices(kinds, weights)
        households.append(household | kind(rng))
    return households


def _amount(rng: random.Random, low: int, high: int) -> int:
    """Small amounts as often as large ones: evenly on a logarithmic scale."""
    return round(low * (high / low) ** rng.random())


def _some(rng: random.Random, chance: float, low: int, high: int) -> int:
    return _amount(rng, low, high) if rng.random() < chance else 0


def _children(rng: random.Random, least: int = 0) -> str:
    return " ".join(str(rng.randint(0, 18)) for _ in range(rng.randint(least, 4)))


def _savings(rng: random.Random) -> dict:
    return {"interest": _some(rng, 0.6, 10, 5_000), "qualified_dividends": _some(rng, 0.3, 50, 8_000)}


def _worker(rng: random.Random) -> dict:
    single = {"filing_status": "single", "age": rng.randint(22, 64), "wages": _amount(rng, 8_000, 400_000)}
    if rng.random() < 0.25:
        return single | _savings(rng) | {"filing_status": "head_of_household", "children_ages": _children(rng, least=1)}
    return single | _savings(rng)


def _couple(rng: random.Random) -> dict:
    couple = {"filing_status": "married_jointly", "age": rng.randint(24, 64), "spouse_age": rng.randint(24, 64)}
    couple |= {"wages": _amount(rng, 15_000, 500_000), "spouse_wages": _some(rng, 0.6, 8_000, 250_000)}
    return couple | _savings(rng) | {"children_ages": _children(rng) if rng.random() < 0.6 else ""}


def _self_employed(rng: random.Random) -> dict:
    earner = {"age": rng.randint(25, 64), "wages": _some(rng, 0.4, 10_000, 250_000), "self_employment": _amount(rng, 1_000, 600_000)}
    if rng.random() < 0.5:
        return earner | _savings(rng) | {"filing_status": "single"}
    return earner | _savings(rng) | {"filing_status": "married_jointly", "spouse_age": rng.randint(25, 64), "children_ages": _children(rng)}


def _retired(rng: random.Random) -> dict:
    income = {
        "interest": _some(rng, 0.8, 100, 30_000),
        "qualified_dividends": _some(rng, 0.6, 100, 60_000),
        "nonqualified_dividends": _some(rng, 0.3, 50, 10_000),
        "long_term_gains": _some(rng, 0.5, 500, 150_000),
        "pension": _some(rng, 0.8, 2_000, 200_000),
        "social_security": _amount(rng, 8_000, 60_000),
    }
    if rng.random() < 0.5:
        return income | {"filing_status": "single", "age": rng.randint(62, 90)}
    return income | {"filing_status": "married_jointly", "age": rng.randint(62, 90), "spouse_age": rng.randint(60, 88)}


def _investor(rng: random.Random) -> dict:
    status = rng.choice(["single", "married_jointly"])
    return {
        "filing_status": status,
        "age": rng.randint(30, 64),
        "spouse_age": rng.randint(30, 64) if status == "married_jointly" else 0,
        "wages": _some(rng, 0.8, 50_000, 2_000_000),
        "interest": _some(rng, 0.8, 500, 100_000),
        "qualified_dividends": _some(rng, 0.8, 1_000, 300_000),
        "nonqualified_dividends": _some(rng, 0.5, 500, 50_000),
        "short_term_gains": _some(rng, 0.4, 500, 200_000) * rng.choice([1, -1]),
        "long_term_gains": _some(rng, 0.8, 1_000, 2_000_000) * rng.choice([1, 1, 1, -1]),
    }


def _low_earner(rng: random.Random) -> dict:
    status = rng.choice(["single", "head_of_household", "married_jointly"])
    return {
        "filing_status": status,
        "age": rng.randint(19, 64),
        "spouse_age": rng.randint(19, 64) if status == "married_jointly" else 0,
        "wages": _amount(rng, 2_000, 70_000),
        "children_ages": "" if status == "single" else _children(rng, least=1),
    }


def _separate(rng: random.Random) -> dict:
    return {"filing_status": "married_separately", "age": rng.randint(24, 64), "wages": _amount(rng, 15_000, 400_000)} | _savings(rng)
