#!/usr/bin/env python3
"""Our estimate beside calculators in Python, on the same households in the same run: `make bench-taxes`.

Draws the households, computes them with each calculator and with `target/release/taxes`, and prints two tables in Markdown: how long
a household takes, and in how many the lines agree. What each calculator needs is installed into an environment of its own, once.
"""

import argparse
import csv
import hashlib
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True  # the sources stay as they are

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "target"
OLDEST_PYTHON = (3, 11)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--households", type=int, default=9000, metavar="NUMBER")
    parser.add_argument("--seed", type=int, default=1040)
    parser.add_argument("--show", type=int, default=0, metavar="NUMBER", help="the worst disagreements of each line")
    parser.add_argument("--here", action="store_true", help="with the calculators of this Python, instead of installing them")
    options = parser.parse_args()
    if not options.here:
        continue_in_environment()
    compare(options)


def continue_in_environment() -> None:
    """Runs this script again with the Python of an environment that has the calculators."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"the comparison needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or later; this is {sys.version.split()[0]}")
    requirements = HERE / "requirements.txt"
    folder = TARGET / "taxes" / f"python-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        print(f"installing the calculators into {folder}, once", file=sys.stderr)
        if subprocess.run([sys.executable, "-m", "venv", "--clear", folder]).returncode:
            sys.exit("this Python cannot make an environment (Debian has that in `python3-venv`): nothing to compare with")
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements]
        if subprocess.run(install).returncode:
            sys.exit("the calculators could not be installed, which needs the network once: nothing to compare with")
        ready.touch()
    os.execv(python, [str(python), __file__, "--here", *sys.argv[1:]])


def compare(options: argparse.Namespace) -> None:
    import calculators
    import households

    program = TARGET / "release" / "taxes"
    if not program.exists():
        sys.exit(f"{program} is not there: cargo build --release -p benches --bin taxes")
    drawn = households.draw(options.seed, options.households)
    times, agreements = [], []
    for calculator in [calculators.Taxcalc(), calculators.Tenforty("ots"), calculators.Tenforty("graph")]:
        name = f"{calculator.name} {calculator.version}"
        chosen = [household for household in drawn if calculator.can(household)]
        ours, our_times = run_ours(program, chosen, households.FIELDS, calculator.name)
        theirs = calculator.compute(chosen)
        agreements += agreement(name, calculator.lines, chosen, ours, theirs, options.show)
        whole = our_times["estimate"]
        number = f"{len(chosen):,}"
        for how, took in [("all lines and the marginal rate", whole), ("all lines", our_times["liability"])]:
            times.append(["ours", number, f"one by one, federal, payroll, state: {how}", f"{took:.2f}", ratio(took, whole)])
        times += [[name, number, how, f"{took:,.1f}", ratio(took, whole)] for how, took in calculator.times(chosen)]
    print(f"{options.households:,} households, seed {options.seed}\n")
    print(table(["calculator", "households", "how", "µs each", "times ours"], times))
    print(table(["beside", "line", "households", "within 1.00", "within 10.00", "half differ by less than", "worst"], agreements))


def ratio(took: float, whole: float) -> str:
    return f"{took / whole:.1f}" if took < 10 * whole else f"{took / whole:,.0f}"


def run_ours(program: pathlib.Path, chosen: list[dict], fields: list[str], name: str) -> tuple[dict, dict]:
    """Our lines by household, and microseconds by what was computed."""
    given, found = TARGET / "taxes" / f"{name}-households.csv", TARGET / "taxes" / f"{name}-lines.csv"
    given.parent.mkdir(parents=True, exist_ok=True)
    with given.open("w", newline="") as file:
        writer = csv.DictWriter(file, fields)
        writer.writeheader()
        writer.writerows(chosen)
    printed = subprocess.run([program, given, found], check=True, capture_output=True, text=True).stdout
    times = {what: float(took) for what, took in (line.split() for line in printed.splitlines())}
    with found.open(newline="") as file:
        lines = {int(row.pop("id")): {line: float(amount) for line, amount in row.items()} for row in csv.DictReader(file)}
    return lines, times


def agreement(name: str, lines: tuple, chosen: list[dict], ours: dict, theirs: dict, show: int) -> list[list[str]]:
    rows = []
    for line in lines:
        gaps = sorted(((abs(ours[each["id"]][line] - theirs[each["id"]][line]), each["id"]) for each in chosen), reverse=True)
        within = [sum(gap <= most for gap, _ in gaps) for most in (1.005, 10.005)]
        median = gaps[len(gaps) // 2][0]
        shares = [f"{count:,} ({100 * count / len(gaps):.1f} %)" for count in within]
        rows.append([name, line, f"{len(gaps):,}", *shares, f"{median:.2f}", f"{gaps[0][0]:,.2f}"])
        by_id = {each["id"]: each for each in chosen}
        for gap, identity in gaps[:show]:
            told = {field: value for field, value in by_id[identity].items() if value}
            print(f"{name} {line}: ours {ours[identity][line]:,.2f}, theirs {theirs[identity][line]:,.2f}: {told}", file=sys.stderr)
    return rows


def table(heading: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in [heading, *rows]) for column in range(len(heading))]
    texts = [column for column, name in enumerate(heading) if name in ("calculator", "beside", "how", "line")]

    def line(cells: list[str]) -> str:
        padded = [cell.ljust(width) if column in texts else cell.rjust(width) for column, (cell, width) in enumerate(zip(cells, widths))]
        return f"| {' | '.join(padded)} |"

    rule = "|".join("-" * (width + 2) if column in texts else "-" * (width + 1) + ":" for column, width in enumerate(widths))
    return "\n".join([line(heading), f"|{rule}|", *map(line, rows)]) + "\n"


if __name__ == "__main__":
    main()
