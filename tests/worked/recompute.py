#!/usr/bin/env python3
"""The figures of the worked examples, computed a second time by something that shares no code with the engine.

Python's decimal module, nothing else. Interest and payments are rounded to the cent, half up, each month; the last payment is what
remains. Run without arguments it writes mortgage.csv and refinance.csv beside itself; the tests in ../http/worked_examples.rs read them.
"""

from decimal import ROUND_HALF_UP, Decimal, getcontext
from pathlib import Path

getcontext().prec = 60
CENT = Decimal("0.01")
HERE = Path(__file__).parent


def cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


def level_payment(principal, annual_rate, months):
    """The annuity: P r / (1 - (1 + r)^-n)."""
    rate = annual_rate / 12
    return cents(principal * rate / (1 - (1 + rate) ** -months))


def schedule(principal, annual_rate, months, extra=Decimal(0)):
    """(month, payment, interest, principal paid, balance), to the month in which the balance is nothing."""
    payment, balance = level_payment(principal, annual_rate, months) + extra, principal
    for month in range(1, months + 1):
        interest = cents(balance * annual_rate / 12)
        paid = balance + interest if month == months else min(payment, balance + interest)
        balance = balance + interest - paid
        yield month, paid, interest, paid - interest, balance
        if balance == 0:
            return


def write(name, header, rows):
    with open(HERE / name, "w", encoding="ascii") as file:
        file.write(f"# Written by recompute.py.\n{header}\n")
        file.writelines(",".join(str(field) for field in row) + "\n" for row in rows)


# 300,000 over thirty years at 6.5 %, and 250 more a month than has to be paid.
write(
    "mortgage.csv",
    "month,payment,interest,principal,balance",
    schedule(Decimal("300000.00"), Decimal("0.065"), 360, Decimal("250.00")),
)

# 300,000 at 7 % over thirty years, refinanced at 5.5 % over thirty years for 6,000 in cash. What has been saved so far: in cash (payments
# of the one less those of the other less the costs), and in net worth (that, and what is owed less).
costs, cash = Decimal("6000.00"), Decimal("-6000.00")
rows = []
old = schedule(Decimal("300000.00"), Decimal("0.07"), 360)
new = schedule(Decimal("300000.00"), Decimal("0.055"), 360)
for (month, paid, _, _, owed), (_, paid_after, _, _, owed_after) in zip(old, new):
    cash += paid - paid_after
    rows.append((month, owed, owed_after, cash, cash + owed - owed_after))
write("refinance.csv", "month,balance_kept,balance_refinanced,cash_saved,net_worth_gained", rows[:60])
