-- What a scenario draws first when cash has run short; those of before have the usual order.
ALTER TABLE scenarios ADD COLUMN withdrawal_order text NOT NULL DEFAULT 'taxable_tax_deferred_roth';
