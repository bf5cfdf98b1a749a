"""The other calculators, each as a class: whom it can compute, its lines of a household, and how long it takes.

Both are asked in the way that is quickest for them (taxcalc in one batch as large as it likes, tenforty with the backend that is
compiled) and in the way in which a server would have to ask (one household after the other).
"""

import importlib.metadata
import time
from collections.abc import Callable, Sequence

#: How often the file is repeated for a vectorised calculator, so that what a batch costs once is not counted for few households.
BATCH_TIMES = 12
#: Calculators that take milliseconds are asked about this many households one by one.
ONE_BY_ONE = 40


def each_us(number: int, work: Callable[[], object], rounds: int = 3) -> float:
    """Microseconds of CPU for one of `number` households; the quickest of some rounds, as the least disturbed one."""
    quickest = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        work()
        quickest = min(quickest, time.process_time() - begun)
    return quickest * 1e6 / number


def ages(household: dict) -> list[int]:
    return [int(age) for age in household["children_ages"].split()]


class Taxcalc:
    """PSL Tax-Calculator: the federal income tax and the payroll taxes, vectorised over all households of a year."""

    name = "taxcalc"
    lines = ("agi", "taxable_income", "federal", "payroll")
    _STATUS = {"single": 1, "married_jointly": 2, "married_separately": 3, "head_of_household": 4}

    def __init__(self) -> None:
        import taxcalc

        self._taxcalc = taxcalc
        self._policies: dict[int, taxcalc.Policy] = {}
        self.version = taxcalc.__version__

    def can(self, household: dict) -> bool:
        """Every household, but for its state."""
        return True

    def compute(self, households: Sequence[dict]) -> dict[int, dict[str, float]]:
        lines = {}
        for of_year in _by_year(households).values():
            calculator = self._calculator(of_year)
            calculator.calc_all()
            array = calculator.array
            payroll = array("ptax_was") / 2 + array("setax") + array("ptax_amc")
            columns = zip(array("c00100"), array("c04800"), array("iitax"), payroll, strict=True)
            for household, values in zip(of_year, columns, strict=True):
                lines[household["id"]] = dict(zip(self.lines, values, strict=True))
        return lines

    def times(self, households: Sequence[dict]) -> list[tuple[str, float]]:
        many = [household for household in households for _ in range(BATCH_TIMES)]
        calculators = [self._calculator(of_year) for of_year in _by_year(many).values()]
        for calculator in calculators:
            calculator.calc_all()  # compiled on first use

        def all_lines() -> None:
            for calculator in calculators:
                calculator.calc_all()

        def marginal_rates() -> None:
            for calculator in calculators:
                calculator.mtr("e00200p", wrt_full_compensation=False)

        few = households[:ONE_BY_ONE]
        single = [self._calculator([household]) for household in few]

        def one_by_one() -> None:
            for calculator in single:
                calculator.calc_all()

        return [
            (f"one batch of {len(many):,}, all lines", each_us(len(many), all_lines)),
            (f"one batch of {len(many):,}, all lines and the marginal rate", each_us(len(many), marginal_rates)),
            ("one by one, each in a calculator that is ready, all lines", each_us(len(few), one_by_one)),
        ]

    def _calculator(self, households: Sequence[dict]):
        import pandas

        year = households[0]["year"]
        data = pandas.DataFrame([self._record(household) for household in households])
        data["RECID"] = range(1, len(data) + 1)
        records = self._taxcalc.Records(data=data, start_year=year, gfactors=None, weights=None)
        return self._taxcalc.Calculator(policy=self._policy(year), records=records)

    def _policy(self, year: int):
        """The law of a year, by which everyone claims the credits they have a right to: else it draws who does."""
        if year not in self._policies:
            policy = self._taxcalc.Policy()
            policy.implement_reform({f"{credit}_claim_prob_scale": {year: 9e99} for credit in ("eitc", "actc")})
            policy.set_year(year)
            self._policies[year] = policy
        return self._policies[year]

    def _record(self, household: dict) -> dict:
        children = ages(household)
        adults = 2 if household["filing_status"] == "married_jointly" else 1
        return {
            "MARS": self._STATUS[household["filing_status"]],
            "FLPDYR": household["year"],
            "XTOT": adults + len(children),
            "age_head": household["age"],
            "age_spouse": household["spouse_age"],
            "nu06": sum(age < 6 for age in children),
            "nu13": sum(age < 13 for age in children),
            "nu18": sum(age < 18 for age in children),
            "n24": sum(age < 17 for age in children),
            "n1820": sum(18 <= age <= 20 for age in children),
            "EIC": min(3, sum(age < 19 for age in children)),
            "e00200p": household["wages"],
            "e00200s": household["spouse_wages"],
            "e00200": household["wages"] + household["spouse_wages"],
            "e00900p": household["self_employment"],
            "e00900": household["self_employment"],
            "e00300": household["interest"],
            "e00600": household["qualified_dividends"] + household["nonqualified_dividends"],
            "e00650": household["qualified_dividends"],
            "p22250": household["short_term_gains"],
            "p23250": household["long_term_gains"],
            "e01500": household["pension"],
            "e01700": household["pension"],
            "e02400": household["social_security"],
        }


class Tenforty:
    """tenforty: Open Tax Solver (backend `ots`), or forms compiled to a graph (`graph`), behind one face; federal and state."""

    lines = ("agi", "taxable_income", "federal", "state")
    _STATUS = {
        "single": "Single",
        "married_jointly": "Married/Joint",
        "married_separately": "Married/Sep",
        "head_of_household": "Head_of_House",
    }
    _NO_INCOME_TAX = set("AK FL NV SD TN TX WY".split())
    _STATES_OF_OTS = _NO_INCOME_TAX | set("AZ CA MA MI NC NJ NY OH OR PA VA".split())

    def __init__(self, backend: str) -> None:
        import tenforty

        self._tenforty = tenforty
        self._backend = backend
        self.name = f"tenforty-{backend}"
        self.version = importlib.metadata.version("tenforty")

    def can(self, household: dict) -> bool:
        """It knows neither ages nor children, benefits and pensions, nor the earned income credit; no year after 2025; and of a
        couple's wages one sum, where the self-employed spouse's tax depends on whose they are."""
        adult = max(household["age"], household["spouse_age"]) < 65
        known = not any(household[field] for field in ("children_ages", "social_security", "pension"))
        one_base = not (household["self_employment"] and household["wages"] and household["spouse_age"])
        earned = household["wages"] + household["spouse_wages"] + household["self_employment"]
        has_state = self._backend == "graph" or household["state"] in self._STATES_OF_OTS
        return household["year"] <= 2025 and adult and known and one_base and earned >= 30_000 and has_state

    def compute(self, households: Sequence[dict]) -> dict[int, dict[str, float]]:
        lines = {}
        for household in households:
            found = self._tenforty.evaluate_return(**self._input(household), backend=self._backend)
            lines[household["id"]] = {
                "agi": found.federal_adjusted_gross_income,
                "taxable_income": found.federal_taxable_income,
                "federal": found.federal_income_tax + found.federal_niit,
                "state": found.state_total_tax,
            }
        return lines

    def times(self, households: Sequence[dict]) -> list[tuple[str, float]]:
        inputs = [self._input(household) for household in households]
        columns = {name: [each[name] for each in inputs] for name in inputs[0]}
        few = inputs[:ONE_BY_ONE]

        def batch() -> None:
            self._tenforty.evaluate_returns(**columns, mode="zip", backend=self._backend)

        def one_by_one() -> None:
            for each in few:
                self._tenforty.evaluate_return(**each, backend=self._backend)

        return [
            (f"one batch of {len(inputs):,}, federal and state", each_us(len(inputs), batch, rounds=2)),
            ("one by one, federal and state", each_us(len(few), one_by_one)),
        ]

    def _input(self, household: dict) -> dict:
        return {
            "year": household["year"],
            "state": household["state"],
            "filing_status": self._STATUS[household["filing_status"]],
            "w2_income": household["wages"] + household["spouse_wages"],
            "taxable_interest": household["interest"],
            "qualified_dividends": household["qualified_dividends"],
            "ordinary_dividends": household["qualified_dividends"] + household["nonqualified_dividends"],
            "short_term_capital_gains": household["short_term_gains"],
            "long_term_capital_gains": household["long_term_gains"],
            "self_employment_income": household["self_employment"],
        }


def _by_year(households: Sequence[dict]) -> dict[int, list[dict]]:
    years: dict[int, list[dict]] = {}
    for household in households:
        years.setdefault(household["year"], []).append(household)
    return years
