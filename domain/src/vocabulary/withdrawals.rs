//! What a household lives on when its cash has run short.

words! {
    /// What is drawn first when cash has run short, after all cash: a household that lives on its savings decides about its taxes by it.
    #[derive(Default)]
    pub enum WithdrawalOrder {
        /// The usual advice: what is not taxed grows longest.
        #[default]
        TaxableDeferredRoth => "taxable_tax_deferred_roth",
        /// Tax-deferred accounts last.
        TaxableRothDeferred => "taxable_roth_tax_deferred",
        /// Income early, while the brackets are low.
        DeferredTaxableRoth => "tax_deferred_taxable_roth",
        /// Investments last: heirs take them at their value then.
        DeferredRothTaxable => "tax_deferred_roth_taxable",
        /// Nothing taxed first.
        RothTaxableDeferred => "roth_taxable_tax_deferred",
        /// Nothing taxed first, and investments last.
        RothDeferredTaxable => "roth_tax_deferred_taxable",
    }
}

/// Where money comes from when cash has run short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalSource {
    /// Investment accounts: the gain is taxed.
    Taxable,
    /// Traditional retirement accounts: all of it is income. In retirement only.
    TaxDeferred,
    /// Roth accounts: not taxed. In retirement only.
    Roth,
}

impl WithdrawalOrder {
    /// First to last.
    #[must_use]
    pub const fn sources(self) -> [WithdrawalSource; 3] {
        use WithdrawalSource::{Roth, TaxDeferred, Taxable};
        match self {
            Self::TaxableDeferredRoth => [Taxable, TaxDeferred, Roth],
            Self::TaxableRothDeferred => [Taxable, Roth, TaxDeferred],
            Self::DeferredTaxableRoth => [TaxDeferred, Taxable, Roth],
            Self::DeferredRothTaxable => [TaxDeferred, Roth, Taxable],
            Self::RothTaxableDeferred => [Roth, Taxable, TaxDeferred],
            Self::RothDeferredTaxable => [Roth, TaxDeferred, Taxable],
        }
    }

    /// Whether nobody has chosen another one.
    #[must_use]
    pub const fn is_usual(&self) -> bool {
        matches!(self, Self::TaxableDeferredRoth)
    }
}
