//! What is taken out of a paycheck, which wages it lowers, where it goes, and what the employer adds.

use domain::flow_kind::FlowKind;
use domain::household::command::{AccountPatch, Holding, Intent, PosttaxDeductionPatch, PretaxDeductionPatch};
use domain::household::facts::{Account, Income, PosttaxDeduction, PretaxDeduction};
use domain::payroll::AmountType;
use domain::vocabulary::{
    AccountType, ExpenseCategory, IncomeCategory, IncomeType, PosttaxDeductionType, PretaxDeductionType, Relationship, SystemFlowKind,
};

use super::support::*;
use PretaxDeductionType as P;
use SystemFlowKind::{
    EmployerMatch, FederalWithholding, InsurancePremium, Medicare, NetPay, OtherDeduction, PosttaxDeduction as AfterTax, PretaxHsa,
    PretaxRetirement, SocialSecurity,
};

/// 4,000.00 every other week, into a checking account that is there already.
fn acme() -> Home {
    given([opened("Ada"), holds("Everyday", AccountType::Checking, "1.00"), salaried("Acme", "104000.00")])
}
fn with(deduction: PretaxDeduction) -> Home {
    acme().and([deducted(deduction)])
}
fn after_tax(deduction_type: PosttaxDeductionType, amount: &str) -> Intent {
    let deduction = PosttaxDeduction { deduction_type, amount: fixed(amount), target_account_id: None };
    Intent::AddPosttaxDeduction { income_id: id("Acme"), id: id(deduction_type.as_str()), deduction }
}
fn mine(called: &str, account_type: AccountType) -> Intent {
    holding(Account { member_id: Some(id("Ada")), ..account(called, account_type) }, Holding::default())
}

#[test]
fn each_deduction_lowers_the_wages_that_the_law_says() {
    // Of 4,000.00 with nothing deducted: 248.00, 58.00, 540.38. With 100.00 less for income tax: 26 × 3,900 − 8,600 = 92,800;
    // 5,800 + 22 % × 34,900 = 13,478; / 26 = 518.38. With 100.00 less for both: also 3,900 × 6.2 % = 241.80, × 1.45 % = 56.55.
    let untouched = ["248.00", "58.00", "540.38"].map(str::to_owned);
    let income_tax_only = ["248.00", "58.00", "518.38"].map(str::to_owned);
    let all = ["241.80", "56.55", "518.38"].map(str::to_owned);
    for kind in P::ALL.iter().copied() {
        let expected = match kind {
            P::Traditional401k | P::Traditional403b | P::TspTraditional => &income_tax_only,
            P::Roth401k | P::TspRoth | P::LifeInsurance => &untouched,
            P::Hsa
            | P::FsaHealth
            | P::FsaDependent
            | P::HealthInsurance
            | P::DentalInsurance
            | P::VisionInsurance
            | P::CommuterTransit
            | P::CommuterParking
            | P::OtherPretax => &all,
        };
        let home = with(deduction(kind, fixed("100.00")));
        assert_eq!(&home.paid([SocialSecurity, Medicare, FederalWithholding]), expected, "{kind}");
    }
    for kind in PosttaxDeductionType::ALL.iter().copied() {
        let home = acme().and([after_tax(kind, "100.00")]);
        assert_eq!(home.paid([SocialSecurity, Medicare, FederalWithholding]), untouched, "{kind}");
        assert_eq!(home.paid([AfterTax, NetPay]), ["100.00", "3053.62"], "{kind}");
    }
}

#[test]
fn a_contribution_moves_money_and_a_premium_spends_it() {
    for (kind, flow_kind, spent_on) in [
        (P::Traditional401k, PretaxRetirement, None),
        (P::Traditional403b, PretaxRetirement, None),
        (P::TspTraditional, PretaxRetirement, None),
        (P::Roth401k, PretaxRetirement, None),
        (P::TspRoth, PretaxRetirement, None),
        (P::Hsa, PretaxHsa, None),
        (P::HealthInsurance, InsurancePremium, Some(ExpenseCategory::HealthInsurance)),
        (P::DentalInsurance, InsurancePremium, Some(ExpenseCategory::DentalInsurance)),
        (P::VisionInsurance, InsurancePremium, Some(ExpenseCategory::VisionInsurance)),
        (P::LifeInsurance, InsurancePremium, Some(ExpenseCategory::LifeInsurance)),
        (P::FsaHealth, OtherDeduction, Some(ExpenseCategory::MedicalExpenses)),
        (P::FsaDependent, OtherDeduction, Some(ExpenseCategory::Childcare)),
        (P::CommuterTransit, OtherDeduction, Some(ExpenseCategory::PublicTransit)),
        (P::CommuterParking, OtherDeduction, Some(ExpenseCategory::Parking)),
        (P::OtherPretax, OtherDeduction, Some(ExpenseCategory::Miscellaneous)),
    ] {
        let home = with(deduction(kind, fixed("100.00")));
        let flow = home.flow(flow_kind);
        let (clearing, _) = home.account_of_type(AccountType::PayrollClearing);
        assert_eq!((flow.amount, flow.from_account_id), (money("100.00"), Some(clearing)), "{kind}");
        assert_eq!(flow.category, spent_on.map_or(FlowKind::Transfer, FlowKind::Expense), "{kind}");
        assert_eq!(flow.to_account_id.is_some(), spent_on.is_none(), "{kind}");
    }
}

#[test]
fn a_part_of_gross_is_rounded_once() {
    // 3,692.31 × 6 % = 221.54; income tax wages 3,470.77 × 26 − 8,600 = 81,640.02; 5,800 + 22 % × 23,740.02 = 11,022.80; / 26.
    let home = given([opened("Ada"), salaried("Acme", "96000.00"), deducted(deduction(P::Traditional401k, percent("0.06")))]);
    let slip = home.paid([PretaxRetirement, SocialSecurity, Medicare, FederalWithholding, NetPay]);
    assert_eq!(slip, ["221.54", "228.92", "53.54", "423.95", "2764.36"]);
}

#[test]
fn a_contribution_goes_to_the_account_that_was_named() {
    let named = PretaxDeduction { target_account_id: Some(id("Other plan")), ..deduction(P::Traditional401k, fixed("100.00")) };
    let home = acme().and([mine("Plan", AccountType::Traditional401k), mine("Other plan", AccountType::Traditional401k)]);
    let home = home.when(deducted(named)).then(["pretax_deduction.added", "system_flows.generated"]);
    assert_eq!(home.flow(PretaxRetirement).to_account_id, Some(id("Other plan")));
}

#[test]
fn else_it_goes_to_the_member_s_own_account_of_that_type() {
    let theirs = Account { member_id: Some(id("Bo")), ..account("Bo's plan", AccountType::Traditional401k) };
    let home =
        acme().and([joined("Bo", Relationship::Spouse), holding(theirs, Holding::default()), mine("Plan", AccountType::Traditional401k)]);
    let home =
        home.when(deducted(deduction(P::Traditional401k, fixed("100.00")))).then(["pretax_deduction.added", "system_flows.generated"]);
    assert_eq!(home.flow(PretaxRetirement).to_account_id, Some(id("Plan")));
}

#[test]
fn else_one_is_opened_by_the_same_batch_in_the_member_s_name() {
    for (kind, account_type) in [
        (P::Traditional401k, AccountType::Traditional401k),
        (P::Traditional403b, AccountType::Traditional401k),
        (P::Roth401k, AccountType::Roth401k),
        (P::TspTraditional, AccountType::Tsp),
        (P::TspRoth, AccountType::Tsp),
        (P::Hsa, AccountType::Hsa),
    ] {
        let home = acme().when(deducted(deduction(kind, fixed("100.00")))).then([
            "pretax_deduction.added",
            "account.opened",
            "system_flows.generated",
        ]);
        let (_, opened) = home.account_of_type(account_type);
        assert!(opened.opened_by_system && opened.account.member_id == Some(id("Ada")), "{kind}");
    }
    let home = acme().when(after_tax(PosttaxDeductionType::RothIra, "100.00")).then([
        "posttax_deduction.added",
        "account.opened",
        "system_flows.generated",
    ]);
    let (roth, _) = home.account_of_type(AccountType::RothIra);
    assert_eq!((home.flow(AfterTax).to_account_id, home.flow(AfterTax).category), (Some(roth), FlowKind::Transfer));
}

#[test]
fn two_contributions_of_one_type_share_the_account_that_is_opened() {
    let home = acme().and([deducted(deduction(P::TspTraditional, fixed("100.00"))), deducted(deduction(P::TspRoth, fixed("50.00")))]);
    let (tsp, _) = home.account_of_type(AccountType::Tsp);
    assert!(home.flows(PretaxRetirement).iter().all(|flow| flow.to_account_id == Some(tsp)));
    assert_eq!(home.amounts(PretaxRetirement), ["50.00", "100.00"]);
}

#[test]
fn any_other_deduction_with_a_named_account_moves_there_instead_of_being_spent() {
    let saving = PretaxDeduction { target_account_id: Some(id("Rainy day")), ..deduction(P::OtherPretax, fixed("100.00")) };
    let home = acme().and([mine("Rainy day", AccountType::Savings), deducted(saving)]);
    let flow = home.flow(OtherDeduction);
    assert_eq!((flow.category, flow.to_account_id), (FlowKind::Transfer, Some(id("Rainy day"))));
}

#[test]
fn nothing_is_contributed_to_an_account_that_is_no_longer_used() {
    let named = PretaxDeduction { target_account_id: Some(id("Plan")), ..deduction(P::Traditional401k, fixed("100.00")) };
    let home = acme().and([mine("Plan", AccountType::Traditional401k), deducted(named)]);
    let patch = AccountPatch { active: Some(false), ..Default::default() };
    let home = home.when(Intent::ChangeAccount { id: id("Plan"), patch, holding: Holding::default() }).then([
        "account.changed",
        "account.opened",
        "system_flows.generated",
    ]);
    assert_ne!(home.flow(PretaxRetirement).to_account_id, Some(id("Plan")));
}

#[test]
fn an_employer_matches_what_is_put_in_up_to_a_part_of_salary_and_an_amount_a_year() {
    let adds = |rule| {
        let home = with(PretaxDeduction { employer_match: rule, ..deduction(P::Traditional401k, percent("0.10")) });
        let flow = home.flow(EmployerMatch);
        assert_eq!((flow.from_account_id, flow.to_account_id), (None, home.flow(PretaxRetirement).to_account_id));
        assert_eq!(flow.category, FlowKind::Income(IncomeCategory::OtherIncome));
        assert_eq!(home.flow(PretaxRetirement).amount, money("400.00"));
        flow.amount.to_string()
    };
    assert_eq!(adds(matched("0.5", None, None)), "200.00");
    // Half of what lies within 6 % of 4,000.00.
    assert_eq!(adds(matched("0.5", Some("0.06"), None)), "120.00");
    // At most 2,600.00 a year, 100.00 a period.
    assert_eq!(adds(matched("0.5", Some("0.06"), Some("2600.00"))), "100.00");
    // A cap that is not reached changes nothing.
    assert_eq!(adds(matched("1", Some("0.2"), Some("99999.00"))), "400.00");
}

#[test]
fn an_employer_adds_only_where_there_is_an_account_to_add_to() {
    let rule = matched("0.5", None, None);
    let premium = PretaxDeduction { employer_match: rule, ..deduction(P::HealthInsurance, fixed("100.00")) };
    acme().when(deducted(premium)).then_invalid([("employer_match", "not_allowed_here")]);

    let saving =
        PretaxDeduction { employer_match: rule, target_account_id: Some(id("Rainy day")), ..deduction(P::OtherPretax, fixed("100.00")) };
    let home = acme().and([mine("Rainy day", AccountType::Savings), deducted(saving)]);
    assert_eq!(home.amounts(EmployerMatch), ["50.00"]);
    let patch = AccountPatch { active: Some(false), ..Default::default() };
    let home = home.and([Intent::ChangeAccount { id: id("Rainy day"), patch, holding: Holding::default() }]);
    assert_eq!(home.flows(EmployerMatch), []);
}

#[test]
fn the_law_caps_contributions_by_age() {
    // 24,500 / 26 = 942.30 (a limit is rounded down); from 50: 32,500 / 26; from 60 to 63: 35,750 / 26; from 64: 32,500 / 26 again.
    for (birthday, cap) in [
        (None, "942.30"),
        (Some("1977-01-01"), "942.30"),
        (Some("1976-12-31"), "1250.00"),
        (Some("1966-12-31"), "1375.00"),
        (Some("1962-12-31"), "1250.00"),
    ] {
        let home = birthday.map_or(acme(), |day| acme().and([born("Ada", day)]));
        for kind in [P::Traditional401k, P::Traditional403b, P::TspTraditional, P::Roth401k, P::TspRoth] {
            let home = home.clone().and([deducted(deduction(kind, percent("0.5")))]);
            assert_eq!(home.amounts(PretaxRetirement), [cap], "{kind} {birthday:?}");
        }
    }
}

#[test]
fn a_birthday_that_raises_the_limit_raises_the_contribution_in_the_same_batch() {
    let home = with(deduction(P::Traditional401k, percent("0.5")));
    let home = home.when(born("Ada", "1976-12-31")).then(["member.changed", "system_flows.generated"]);
    assert_eq!(home.amounts(PretaxRetirement), ["1250.00"]);
}

#[test]
fn a_health_savings_account_has_a_limit_for_one_and_one_for_a_family() {
    // 4,400 / 26 = 169.23; family 8,750 / 26 = 336.53; from 55 on 1,000 more: 5,400 / 26 = 207.69.
    let hsa = || deducted(deduction(P::Hsa, fixed("500.00")));
    assert_eq!(acme().and([hsa()]).amounts(PretaxHsa), ["169.23"]);
    assert_eq!(acme().and([born("Ada", "1971-12-31"), hsa()]).amounts(PretaxHsa), ["207.69"]);
    let home = acme().and([hsa()]).when(joined("Max", Relationship::Child)).then(["member.added", "system_flows.generated"]);
    assert_eq!(home.amounts(PretaxHsa), ["336.53"]);
}

/// 26 U.S.C. § 402(g) and § 223(b) limit a person, not a line on a paycheck.
#[test]
fn one_limit_is_shared_by_all_that_counts_towards_it() {
    // 600.00 × 26 = 15,600 leave 8,900 of 24,500: / 26 = 342.30.
    let both = [deducted(deduction(P::Traditional401k, fixed("600.00"))), deducted(deduction(P::Roth401k, fixed("600.00")))];
    assert_eq!(acme().and(both).amounts(PretaxRetirement), ["342.30", "600.00"]);

    // And by two jobs of one person, the first job first.
    let second = PretaxDeduction { ..deduction(P::Traditional401k, fixed("600.00")) };
    let home = with(deduction(P::Traditional401k, fixed("600.00"))).and([
        salaried("Zinc", "104000.00"),
        Intent::AddPretaxDeduction { income_id: id("Zinc"), id: id("second"), deduction: second.clone() },
    ]);
    assert_eq!(home.amounts(PretaxRetirement), ["342.30", "600.00"]);

    // Not by two people.
    let home = with(deduction(P::Traditional401k, fixed("600.00"))).and([
        joined("Bo", Relationship::Spouse),
        earning(Income { member_id: Some(id("Bo")), ..salary("Zinc", "104000.00") }),
        Intent::AddPretaxDeduction { income_id: id("Zinc"), id: id("second"), deduction: second },
    ]);
    assert_eq!(home.amounts(PretaxRetirement), ["600.00", "600.00"]);
}

#[test]
fn a_roth_ira_through_payroll_has_the_limit_of_an_ira() {
    // 7,500 / 26 = 288.46; from 50: 8,600 / 26 = 330.76.
    let ira = || after_tax(PosttaxDeductionType::RothIra, "500.00");
    assert_eq!(acme().and([ira()]).amounts(AfterTax), ["288.46"]);
    assert_eq!(acme().and([born("Ada", "1976-12-31"), ira()]).amounts(AfterTax), ["330.76"]);
}

#[test]
fn deductions_beyond_the_pay_are_cut_and_nothing_goes_below_zero() {
    // 4,000 − 248 − 58 = 3,694 are there to be deducted: 3,000 and then 694. No wages for income tax are left beside the premium's.
    let home = acme().and([
        deducted(deduction(P::OtherPretax, fixed("3000.00"))),
        deducted(deduction(P::LifeInsurance, fixed("3000.00"))),
        after_tax(PosttaxDeductionType::UnionDues, "100.00"),
    ]);
    // On 1,000.00 of wages: 62.00 and 14.50; income tax 26,000 − 8,600 = 17,400; 10 % × 9,900 = 990; / 26 = 38.08.
    let slip = home.paid([OtherDeduction, InsurancePremium, SocialSecurity, Medicare, FederalWithholding, AfterTax, NetPay]);
    assert_eq!(slip, ["3000.00", "694.00", "62.00", "14.50", "38.08", "100.00", "91.42"]);
}

#[test]
fn a_deduction_changes_and_goes_with_its_flows() {
    let home = with(deduction(P::Traditional401k, fixed("100.00")));
    let change = |patch| Intent::ChangePretaxDeduction { income_id: id("Acme"), id: id("traditional_401k"), patch };
    home.when(change(PretaxDeductionPatch { amount: Some("100.0".parse().unwrap()), ..Default::default() })).then([]);
    let more = PretaxDeductionPatch { amount: Some("200".parse().unwrap()), ..Default::default() };
    let home = home.when(change(more)).then(["pretax_deduction.changed", "system_flows.generated"]);
    assert_eq!(home.amounts(PretaxRetirement), ["200.00"]);
    let removal = Intent::RemovePretaxDeduction { income_id: id("Acme"), id: id("traditional_401k") };
    let home = home.when(removal).then(["pretax_deduction.removed", "system_flows.generated"]);
    assert_eq!(home.flows(PretaxRetirement), []);
}

#[test]
fn everything_that_is_wrong_with_a_change_of_a_deduction_is_said_at_once() {
    let home = with(deduction(P::Traditional401k, fixed("100.00")));
    let patch = PretaxDeductionPatch {
        amount_type: Some(AmountType::Percent),
        target_account_id: Some(Some(id("Nowhere"))),
        employer_match: Some(matched("2", Some("1.5"), Some("-1"))),
        ..Default::default()
    };
    home.when(Intent::ChangePretaxDeduction { income_id: id("Acme"), id: id("traditional_401k"), patch }).then_invalid([
        ("amount", "not_allowed_here"),
        ("target_account_id", "unknown_account"),
        ("employer_match.rate", "out_of_range"),
        ("employer_match.cap_fraction", "out_of_range"),
        ("employer_match.annual_cap", "negative"),
    ]);
    let home = acme().and([after_tax(PosttaxDeductionType::UnionDues, "10.00")]);
    let patch = PosttaxDeductionPatch {
        amount: Some("0.001".parse().unwrap()),
        target_account_id: Some(Some(id("Nowhere"))),
        ..Default::default()
    };
    home.when(Intent::ChangePosttaxDeduction { income_id: id("Acme"), id: id("union_dues"), patch })
        .then_invalid([("amount", "not_allowed_here"), ("target_account_id", "unknown_account")]);
}

#[test]
fn only_wages_have_payroll_deductions_and_no_debt_is_contributed_to() {
    let own = Income { income_type: IncomeType::SelfEmployed, ..salary("Acme", "1000.00") };
    let home = given([opened("Ada"), earning(own)]);
    home.when(deducted(deduction(P::Hsa, fixed("1.00")))).then_invalid([("income_id", "not_allowed_here")]);
    let home = acme().and([holds("Card", AccountType::CreditCard, "0.00")]);
    let to_card = PretaxDeduction { target_account_id: Some(id("Card")), ..deduction(P::Hsa, fixed("1.00")) };
    home.when(deducted(to_card)).then_invalid([("target_account_id", "wrong_account_type")]);
}

#[test]
fn an_income_has_at_most_fifty_deductions() {
    let add = |n: u128| Intent::AddPretaxDeduction {
        income_id: id("Acme"),
        id: uuid::Uuid::from_u128(n).into(),
        deduction: deduction(P::OtherPretax, fixed("0.01")),
    };
    let home = (1..=50).fold(acme(), |home, n| home.and([add(n)]));
    home.when(add(51)).then_invalid([("income_id", "not_allowed_here")]);
    let patch = PretaxDeductionPatch { amount: Some("0.02".parse().unwrap()), ..Default::default() };
    let change = Intent::ChangePretaxDeduction { income_id: id("Acme"), id: uuid::Uuid::from_u128(50).into(), patch };
    home.when(change).then(["pretax_deduction.changed", "system_flows.generated"]);
}

#[test]
fn what_the_employer_adds_counts_towards_the_limit_and_a_flow_at_its_limit_says_so() {
    // 4,400 a year, of which 26 × 150.00 = 3,900 are put in: the employer may add 500 / 26 = 19.23 of the 75.00 promised.
    let promised = matched("0.5", None, None);
    let home = with(PretaxDeduction { employer_match: promised, ..deduction(P::Hsa, fixed("150.00")) });
    assert_eq!((home.amounts(PretaxHsa), home.amounts(EmployerMatch)), (vec!["150.00".to_owned()], vec!["19.23".to_owned()]));
    assert_eq!(home.flows(PretaxHsa)[0].name, "Acme hsa, at the limit of the law: pretax hsa");
    let home = with(PretaxDeduction { employer_match: promised, ..deduction(P::Hsa, fixed("100.00")) });
    assert_eq!((home.amounts(EmployerMatch), home.flows(PretaxHsa)[0].name.as_str()), (vec!["50.00".to_owned()], "Acme hsa: pretax hsa"));
}
