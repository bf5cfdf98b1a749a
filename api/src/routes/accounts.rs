//! Accounts: what a household owns and owes. Their balances, terms, details and groups have files of their own.

use domain::calendar::Date;
use domain::household::Intent;
use domain::household::command::{AccountPatch, AssetDetailsPatch, Holding, LiabilityPatch, Told};
use domain::household::facts::{Account, Balance, LastFour, VariableRate};
use domain::ids::{AccountId, AssetGroupId, MemberId};
use domain::money::Money;
use domain::rate::Rate;
use domain::text::{Name, Notes};
use domain::vocabulary::AccountType;
use projections::queries::{KeyPart, Selection};
use projections::read_models::accounts::AccountRow;
use uuid::Uuid;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Between, Given, Json, Nothing, Patch, Query, body};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::{CursorText, Limit, Path};
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// How a variable rate is set.
    pub struct VariableRateBody {
        /// Such as `SOFR`.
        index: Option<Name>,
        /// On top of the index.
        margin: Option<Rate>,
        /// Never below.
        floor: Option<Rate>,
        /// Never above.
        ceiling: Option<Rate>,
    }
}

body! {
    /// The terms of a debt. In a PATCH, what is not mentioned stays; in a PUT, it is not so.
    pub struct LiabilityBody {
        /// A year, from 0 to 1.
        interest_rate: Given<Rate> where fraction,
        /// Null for a fixed rate.
        variable_rate: Patch<VariableRateBody>,
        /// What was borrowed.
        original_balance: Patch<Money> where not_negative,
        /// When.
        origination_date: Patch<Date>,
        /// When it has to be paid back.
        maturity_date: Patch<Date>,
        /// From origination, or from the balance's date where that is not known.
        term_months: Patch<Between<1, 600>>,
        /// A month, without escrow.
        minimum_payment: Patch<Money> where not_negative,
        /// 1 … 31.
        payment_day: Patch<Between<1, 31>>,
        /// Only interest is due.
        interest_only: Given<bool>,
        /// A month, on top of the payment: property tax and insurance paid through the lender.
        escrow: Patch<Money> where not_negative,
        /// How much may be drawn.
        credit_limit: Patch<Money> where not_negative,
        /// The payment follows the borrower's income.
        income_driven: Given<bool>,
        /// Interest runs, nothing is due.
        in_forbearance: Given<bool>,
    }
}

body! {
    /// What is known about a thing of value. In a PATCH, what is not mentioned stays; in a PUT, it is not so.
    pub struct AssetDetailsBody {
        /// When it was bought.
        acquisition_date: Patch<Date>,
        /// For how much.
        acquisition_cost: Patch<Money> where not_negative,
        /// Where it is.
        address: Patch<Notes>,
        /// Living area.
        square_feet: Patch<Between<0, 1_000_000>>,
        /// Calendar year.
        year_built: Patch<Between<1000, 9999>>,
        /// A year.
        annual_property_tax: Patch<Money> where not_negative,
        /// A year.
        annual_insurance: Patch<Money> where not_negative,
        /// A month.
        monthly_hoa: Patch<Money> where not_negative,
        /// A month, where it is rented out.
        monthly_rent: Patch<Money> where not_negative,
        /// Vehicle identification number.
        vin: Patch<Name>,
        /// Who made it.
        make: Patch<Name>,
        /// Which one.
        model: Patch<Name>,
        /// Model year.
        model_year: Patch<Between<1800, 9999>>,
        /// In miles.
        mileage: Patch<Between<0, 10_000_000>>,
        /// Growth a year of this account, whatever it is, in place of what a scenario assumes of its kind; null for that.
        growth_rate: Patch<Rate> where growth,
    }
}

body! {
    /// Opens an account.
    pub struct NewAccount {
        /// What it is called.
        name: Name,
        /// What it is; its class follows from it.
        account_type: AccountType,
        /// What it holds, or what is owed (positive).
        current_balance: Option<Money>,
        /// The day for which that holds; today where left out.
        as_of_date: Option<Date>,
        /// What was paid for it.
        cost_basis: Option<Money>,
        /// What it would sell for, where that is not the balance.
        market_value: Option<Money>,
        /// Whose it is; everybody's where left out.
        member_id: Option<MemberId>,
        /// Where it is held.
        institution: Option<Name>,
        /// Of the account number.
        last_four: Option<String>,
        /// What it belongs together with.
        asset_group_id: Option<AssetGroupId>,
        /// True where left out.
        active: Option<bool>,
        /// Where it stands in lists, smallest first.
        display_order: Option<Between<-1_000_000, 1_000_000>>,
        /// What somebody wanted to remember.
        notes: Option<Notes>,
        /// The terms, of a debt.
        liability: Option<LiabilityBody>,
        /// What is known about a thing of value.
        asset_details: Option<AssetDetailsBody>,
    }
    check |body, at| {
        check_last_four(body.last_four.as_deref(), at);
        check_balance(body.current_balance, body.as_of_date, body.cost_basis, body.market_value, at);
    }
}

body! {
    /// Changes an account; what is not mentioned stays.
    pub struct AccountChange {
        /// What it is called.
        name: Given<Name>,
        /// What it is; an asset cannot become a debt.
        account_type: Given<AccountType>,
        /// What it holds, or what is owed (positive).
        current_balance: Option<Money>,
        /// The day for which that holds; today where left out.
        as_of_date: Option<Date>,
        /// What was paid for it.
        cost_basis: Option<Money>,
        /// What it would sell for, where that is not the balance.
        market_value: Option<Money>,
        /// Whose it is.
        member_id: Patch<MemberId>,
        /// Where it is held.
        institution: Patch<Name>,
        /// Of the account number.
        last_four: Patch<String>,
        /// What it belongs together with.
        asset_group_id: Patch<AssetGroupId>,
        /// An inactive account takes no part in anything.
        active: Given<bool>,
        /// Where it stands in lists, smallest first.
        display_order: Given<Between<-1_000_000, 1_000_000>>,
        /// What somebody wanted to remember.
        notes: Patch<Notes>,
        /// The terms, of a debt.
        liability: Option<LiabilityBody>,
        /// What is known about a thing of value.
        asset_details: Option<AssetDetailsBody>,
    }
    check |body, at| {
        if let Patch::Value(digits) = &body.last_four {
            check_last_four(Some(digits), at);
        }
        check_balance(body.current_balance, body.as_of_date, body.cost_basis, body.market_value, at);
    }
}

body! {
    /// Which accounts to list.
    pub struct AccountQuery {
        /// At most so many items.
        limit: Option<Limit>,
        /// `next_cursor` of the page before.
        cursor: Option<CursorText>,
        /// Only active or only inactive ones.
        active: Option<bool>,
        /// Only those of this type.
        account_type: Option<AccountType>,
    }
}

fn check_last_four(digits: Option<&str>, at: crate::body::At<'_>) {
    if digits.is_some_and(|digits| LastFour::parse(digits).is_none()) {
        at.refuse_field("last_four", "not_four_digits", "must be exactly four digits");
    }
}

/// A date or a value that belongs to no balance would be lost without a word.
fn check_balance(balance: Option<Money>, date: Option<Date>, cost: Option<Money>, value: Option<Money>, at: crate::body::At<'_>) {
    if balance.is_none() {
        for (field, given) in [("as_of_date", date.is_some()), ("cost_basis", cost.is_some()), ("market_value", value.is_some())] {
            if given {
                at.refuse_field(field, "without_balance", "belongs to a balance: send current_balance with it");
            }
        }
    }
}

pub fn routes() -> Routes {
    Routes::tagged("accounts")
        .get("/api/v1/accounts", list, Doc::query("List the accounts").parameters::<AccountQuery>().lists::<AccountRow>())
        .post("/api/v1/accounts", open, Doc::command("Open an account").body::<NewAccount>().creates::<AccountRow>())
        .get("/api/v1/accounts/{id}", show, Doc::query("Show an account").answers::<AccountRow>())
        .patch("/api/v1/accounts/{id}", change, Doc::command("Change an account").body::<AccountChange>().answers::<AccountRow>())
        .post(
            "/api/v1/accounts/{id}",
            change,
            Doc::command("Change an account, for clients that cannot PATCH").body::<AccountChange>().answers::<AccountRow>(),
        )
        .delete("/api/v1/accounts/{id}", remove, Doc::command("Remove an account that nothing uses").answers::<Removed>())
        .put(
            "/api/v1/accounts/{id}/liability",
            set_liability,
            Doc::command("Say the terms of a debt").body::<LiabilityBody>().answers::<AccountRow>(),
        )
        .put(
            "/api/v1/accounts/{id}/asset-details",
            set_details,
            Doc::command("Say what is known about a thing of value").body::<AssetDetailsBody>().answers::<AccountRow>(),
        )
}

async fn list(request: QueryRequest, query: Query<AccountQuery>) -> Result<Answer, Problem> {
    let selection = Selection {
        condition: "class <> 'system' AND (($3::text[])[1] IS NULL OR active = ($3::text[])[1]::boolean) \
                    AND (($3::text[])[2] IS NULL OR account_type = ($3::text[])[2])",
        order: "display_order, id",
        behind: "(display_order, id) > (($4::text[])[1]::integer, ($4::text[])[2]::uuid)",
        key: &[KeyPart::Integer, KeyPart::Id],
    };
    let args = vec![query.active.map(|active| active.to_string()), query.account_type.map(|kind| kind.to_string())];
    let key = |row: &AccountRow| vec![row.display_order.to_string(), row.id.to_string()];
    request.list::<AccountRow>(selection, args, (query.limit, query.cursor.as_ref()), key).await
}

async fn show(request: QueryRequest, id: Path<AccountId>) -> Result<Answer, Problem> {
    request.one::<AccountRow>(id.into_inner().0, "account").await
}

async fn open(request: CommandRequest, new: Json<NewAccount>) -> Result<Answer, Problem> {
    let (id, digest, new) = (AccountId(Uuid::now_v7()), new.digest, new.body);
    let account = Account {
        name: new.name,
        account_type: new.account_type,
        institution: new.institution,
        last_four: new.last_four.as_deref().and_then(LastFour::parse),
        member_id: new.member_id,
        asset_group_id: new.asset_group_id,
        active: new.active.unwrap_or(true),
        display_order: new.display_order.map_or(0, to_i32),
        notes: new.notes,
    };
    let holding = |today| Holding {
        balance: balance(new.current_balance, new.as_of_date, today, new.cost_basis, new.market_value),
        liability: new.liability.map(|terms| Told::Whole(terms.into())),
        asset_details: new.asset_details.map(|details| Told::Whole(details.into())),
    };
    let made = Made::Created(format!("/api/v1/accounts/{id}"));
    let intent = |today| Intent::OpenAccount { id, account, holding: holding(today) };
    request.run(digest, intent, made, |home, _| AccountRow::of(home, id)).await
}

async fn change(request: CommandRequest, id: Path<AccountId>, change: Json<AccountChange>) -> Result<Answer, Problem> {
    let (id, digest, change) = (id.into_inner(), change.digest, change.body);
    let last_four = change.last_four.into_option().map(|digits| digits.as_deref().and_then(LastFour::parse));
    let patch = AccountPatch {
        name: change.name.0,
        account_type: change.account_type.0,
        institution: change.institution.into_option(),
        last_four,
        member_id: change.member_id.into_option(),
        asset_group_id: change.asset_group_id.into_option(),
        active: change.active.0,
        display_order: change.display_order.0.map(to_i32),
        notes: change.notes.into_option(),
    };
    let holding = |today| Holding {
        balance: balance(change.current_balance, change.as_of_date, today, change.cost_basis, change.market_value),
        liability: change.liability.map(|terms| Told::Part(terms.into())),
        asset_details: change.asset_details.map(|details| Told::Part(details.into())),
    };
    let intent = |today| Intent::ChangeAccount { id, patch, holding: holding(today) };
    request.run(digest, intent, Made::Changed, |home, _| AccountRow::of(home, id)).await
}

async fn remove(request: CommandRequest, id: Path<AccountId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::RemoveAccount { id }, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

async fn set_liability(request: CommandRequest, id: Path<AccountId>, terms: Json<LiabilityBody>) -> Result<Answer, Problem> {
    let (id, digest) = (id.into_inner(), terms.digest);
    let holding = Holding { liability: Some(Told::Whole(terms.body.into())), ..Holding::default() };
    let intent = Intent::ChangeAccount { id, patch: AccountPatch::default(), holding };
    request.run(digest, |_| intent, Made::Changed, |home, _| AccountRow::of(home, id)).await
}

async fn set_details(request: CommandRequest, id: Path<AccountId>, details: Json<AssetDetailsBody>) -> Result<Answer, Problem> {
    let (id, digest) = (id.into_inner(), details.digest);
    let holding = Holding { asset_details: Some(Told::Whole(details.body.into())), ..Holding::default() };
    let intent = Intent::ChangeAccount { id, patch: AccountPatch::default(), holding };
    request.run(digest, |_| intent, Made::Changed, |home, _| AccountRow::of(home, id)).await
}

/// A balance as it was sent; without a date it is today's, where the household lives.
fn balance(
    amount: Option<Money>,
    date: Option<Date>,
    today: Date,
    cost_basis: Option<Money>,
    market_value: Option<Money>,
) -> Option<Balance> {
    amount.map(|balance| Balance { as_of_date: date.unwrap_or(today), balance, cost_basis, market_value })
}

fn to_i32<const MIN: i64, const MAX: i64>(number: Between<MIN, MAX>) -> i32 {
    i32::try_from(number.get()).unwrap_or_default()
}

fn to_u32<const MIN: i64, const MAX: i64>(number: Between<MIN, MAX>) -> u32 {
    u32::try_from(number.get()).unwrap_or_default()
}

impl From<LiabilityBody> for LiabilityPatch {
    fn from(body: LiabilityBody) -> Self {
        let variable =
            |told: VariableRateBody| VariableRate { index: told.index, margin: told.margin, floor: told.floor, ceiling: told.ceiling };
        Self {
            interest_rate: body.interest_rate.0,
            variable_rate: body.variable_rate.into_option().map(|told| told.map(variable)),
            original_balance: body.original_balance.into_option(),
            origination_date: body.origination_date.into_option(),
            maturity_date: body.maturity_date.into_option(),
            term_months: body.term_months.into_option().map(|told| told.map(to_u32)),
            minimum_payment: body.minimum_payment.into_option(),
            payment_day: body.payment_day.into_option().map(|told| told.map(to_u32)),
            interest_only: body.interest_only.0,
            escrow: body.escrow.into_option(),
            credit_limit: body.credit_limit.into_option(),
            income_driven: body.income_driven.0,
            in_forbearance: body.in_forbearance.0,
        }
    }
}

impl From<AssetDetailsBody> for AssetDetailsPatch {
    fn from(body: AssetDetailsBody) -> Self {
        Self {
            acquisition_date: body.acquisition_date.into_option(),
            acquisition_cost: body.acquisition_cost.into_option(),
            address: body.address.into_option(),
            square_feet: body.square_feet.into_option().map(|told| told.map(to_u32)),
            year_built: body.year_built.into_option().map(|told| told.map(to_u32)),
            annual_property_tax: body.annual_property_tax.into_option(),
            annual_insurance: body.annual_insurance.into_option(),
            monthly_hoa: body.monthly_hoa.into_option(),
            monthly_rent: body.monthly_rent.into_option(),
            vin: body.vin.into_option(),
            make: body.make.into_option(),
            model: body.model.into_option(),
            model_year: body.model_year.into_option().map(|told| told.map(to_u32)),
            mileage: body.mileage.into_option().map(|told| told.map(to_u32)),
            growth_rate: body.growth_rate.into_option(),
        }
    }
}
