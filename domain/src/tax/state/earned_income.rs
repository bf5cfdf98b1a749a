//! A state's credit that is a part of the federal earned income credit, and the many ways in which it is paid out or not.

use rust_decimal::Decimal;

use super::credits::Taken;
use super::input::StateInput;
use super::record::Record;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;

/// A part of the federal earned income credit.
#[derive(Clone, Debug)]
pub(super) struct EarnedIncomeLaw {
    /// By number of children; the last figure serves for more.
    rates: Vec<Decimal>,
    /// `(below age, rate)`: where one of the children is so young (IL, OR).
    young_child: Option<(u32, Decimal)>,
    /// What this part of the federal credit is more than the tax is paid out; without children another part (MD).
    beyond_tax_rates: Vec<Decimal>,
    /// The part that is paid out whole where a filer chooses it, which is where it is more (DE).
    refundable_choice_rate: Decimal,
    refundable: bool,
    against_tax_first: bool,
    /// A filer chooses the one that is not paid out where the tax is enough for all of it (VA).
    against_tax_if_whole: bool,
    most: Option<Decimal>,
    /// On top where there is a child (CT).
    with_child: Decimal,
    /// The household credit is taken off it (NY).
    less_household_credit: bool,
    /// At most the wages: none on self-employment (UT until 2024).
    limited_to_wages: bool,
}

impl EarnedIncomeLaw {
    pub(super) fn find(file: &LawFile) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("earned_income_credit")? else { return Ok(None) };
        let most = if table.has("most") { Some(table.amount("most")?) } else { None };
        let (refundable, against_tax_first) = (table.is_on("refundable")?, table.is_on("against_tax_first")?);
        let against_tax_if_whole = table.is_on("against_tax_if_whole")?;
        let young_child = match table.has("young_child_below_age") {
            true => Some((table.whole("young_child_below_age")?, table.rate("rate_with_young_child")?)),
            false => None,
        };
        let beyond_tax_rates = if table.has("beyond_tax_rate") { table.amounts("beyond_tax_rate")? } else { Vec::new() };
        let refundable_choice_rate = match table.has("refundable_choice_rate") {
            true => table.rate("refundable_choice_rate")?,
            false => Decimal::ZERO,
        };
        let rates = table.amounts("rate")?;
        let with_child = if table.has("with_child") { table.amount("with_child")? } else { Decimal::ZERO };
        let less_household_credit = table.is_on("less_household_credit")?;
        Ok(Some(Self {
            rates,
            young_child,
            beyond_tax_rates,
            refundable_choice_rate,
            refundable,
            against_tax_first,
            against_tax_if_whole,
            most,
            with_child,
            less_household_credit,
            limited_to_wages: table.is_on("limited_to_wages")?,
        }))
    }

    pub(super) fn take<R: Record>(&self, input: &StateInput<'_>, household: Decimal, taken: &mut Taken<'_, R>) {
        const TABLE: &str = "earned_income_credit";
        let (label, paid) = ("earned income credit", "a part of the federal one, paid out");
        let household = if self.less_household_credit { household.min(taken.tax) } else { Decimal::ZERO };
        let credit = (self.credit(input) - household).max(Decimal::ZERO);
        // Where it is taken against the tax first, only what is left of it is paid out.
        let left = taken.left();
        let against = self.against_tax_first || (self.against_tax_if_whole && credit <= left);
        let against_tax = if against { credit.min(left) } else { Decimal::ZERO };
        taken.against(label, against_tax, "a part of the federal one, against the tax first", TABLE);
        let federal = input.amounts.federal_earned_income_credit;
        let paid_out = federal * self.refundable_choice_rate;
        if self.refundable {
            taken.pay_out(label, credit - against_tax, paid, TABLE);
        } else if paid_out > credit.min(left) {
            taken.pay_out(label, paid_out, paid, TABLE);
        } else {
            taken.against(label, credit, "a part of the federal one, not paid out", TABLE);
        }
        let beyond = (federal * by_children(&self.beyond_tax_rates, input) - taken.tax).max(Decimal::ZERO);
        taken.pay_out("refundable earned income credit", beyond, "what a part of the federal one is more than the tax", TABLE);
    }

    fn credit(&self, input: &StateInput<'_>) -> Decimal {
        let children = input.children_ages.len();
        let rate = by_children(&self.rates, input);
        let rate = match self.young_child {
            Some((below_age, rate)) if input.children_below(below_age) > 0 => rate,
            Some(_) | None => rate,
        };
        let federal = input.amounts.federal_earned_income_credit;
        let with_child = if federal > Decimal::ZERO && children > 0 { self.with_child } else { Decimal::ZERO };
        let credit = federal * rate + with_child;
        let credit = if self.limited_to_wages { credit.min(input.amounts.wages) } else { credit };
        self.most.map_or(credit, |most| credit.min(most))
    }
}

/// The figure for a number of children; the last one serves for more.
fn by_children(figures: &[Decimal], input: &StateInput<'_>) -> Decimal {
    figures.get(input.children_ages.len()).or(figures.last()).copied().unwrap_or_default()
}
