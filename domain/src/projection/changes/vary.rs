//! The same change with another number: for whoever searches over one, or writes down what was found.

use rust_decimal::Decimal;

use super::kind::{ChangeKind, ChangeType, ParameterSpec};
use super::parameter::{Number, ParameterError, Parameters, Told};
use super::words::AdjustMode;

/// A hundredth of a percent.
const BASIS_POINT: Decimal = Decimal::from_parts(1, 0, 0, false, 4);
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

impl ChangeType {
    /// The parameters that can be searched over.
    pub fn numbers(self) -> impl Iterator<Item = &'static ParameterSpec> {
        self.parameters().iter().filter(|parameter| parameter.number.is_some())
    }
}

impl ChangeKind {
    /// Its parameters, as if they had just been told.
    #[must_use]
    pub fn told(&self) -> Parameters {
        let json = serde_json::to_value(self).unwrap_or_default();
        let parameters = json.get("parameters").and_then(serde_json::Value::as_object).cloned().unwrap_or_default();
        parameters.into_iter().map(|(name, value)| (name, Told::from(value))).collect()
    }

    /// The same with another value of one parameter.
    ///
    /// # Errors
    /// Every parameter at fault, as when they are told.
    pub fn with(&self, parameter: &str, value: Decimal) -> Result<Self, Vec<(String, ParameterError)>> {
        let mut parameters = self.told();
        parameters.insert(parameter.to_owned(), told(value));
        self.change_type().read(&parameters)
    }

    /// What kind of number a parameter of it is.
    #[must_use]
    pub fn number(&self, parameter: &str) -> Option<Number> {
        let number = self.change_type().numbers().find(|spec| spec.name == parameter)?.number?;
        let is_part = || self.told().get("mode") == Some(&Told::Text(AdjustMode::Percent.as_str().to_owned()));
        Some(match number {
            Number::AmountOrFraction if is_part() => Number::Fraction,
            Number::AmountOrFraction => Number::Money,
            Number::Money | Number::Fraction | Number::Whole => number,
        })
    }
}

impl Number {
    /// How finely it is searched: to the cent, the basis point, the month.
    #[must_use]
    pub const fn step(self) -> Decimal {
        match self {
            Self::Money => CENT,
            Self::Fraction | Self::AmountOrFraction => BASIS_POINT,
            Self::Whole => Decimal::ONE,
        }
    }

    /// As it is written: an amount with its cents.
    #[must_use]
    pub fn written(self, value: Decimal) -> String {
        let mut value = value.normalize();
        if self == Self::Money {
            value.rescale(2);
        }
        value.to_string()
    }
}

/// A number, as it is told.
#[must_use]
pub fn told(value: Decimal) -> Told {
    Told::Number(value.to_string())
}
