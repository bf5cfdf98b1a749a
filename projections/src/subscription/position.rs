//! A place in the global order.

use std::fmt;
use std::str::FromStr;

/// A place in the global order: every event has one, and a reader stands at one. Opaque to whoever keeps it, and valid within one
/// database only. Its text is `transaction-position`, as `7312-90441`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    // In the order of their weight: the derived order is the order of the events.
    transaction_id: u64,
    global_position: i64,
}

/// A text that is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in the order of events: expected a text such as 7312-90441")]
pub struct PositionError;

impl Position {
    /// Before the first event.
    pub const START: Self = Self { transaction_id: 0, global_position: 0 };

    /// From the two columns of an event.
    #[must_use]
    pub const fn new(transaction_id: u64, global_position: i64) -> Self {
        Self { transaction_id, global_position }
    }

    /// Behind every event of transactions below this one. Positions count from 1.
    #[must_use]
    pub const fn below_transaction(transaction_id: u64) -> Self {
        Self { transaction_id, global_position: 0 }
    }

    /// The transaction, PostgreSQL's 64-bit id.
    #[must_use]
    pub const fn transaction_id(self) -> u64 {
        self.transaction_id
    }

    /// The number of the event within the database.
    #[must_use]
    pub const fn global_position(self) -> i64 {
        self.global_position
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.transaction_id, self.global_position)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let (transaction_id, global_position) = text.split_once('-').ok_or(PositionError)?;
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(transaction_id) || !all_digits(global_position) {
            return Err(PositionError);
        }
        Ok(Self {
            transaction_id: transaction_id.parse().map_err(|_| PositionError)?,
            global_position: global_position.parse().map_err(|_| PositionError)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_ordered_by_transaction_first() {
        assert!(Position::START < Position::new(3, 1));
        assert!(Position::new(7, 900) < Position::new(8, 1));
        assert!(Position::new(8, 1) < Position::new(8, 2));
        assert!(Position::new(7, i64::MAX) < Position::below_transaction(8));
        assert!(Position::below_transaction(8) < Position::new(8, 1));
    }

    #[test]
    fn the_text_of_a_position_is_that_position() {
        for position in [Position::START, Position::new(7_312, 90_441), Position::new(u64::MAX, i64::MAX)] {
            assert_eq!(position.to_string().parse(), Ok(position));
        }
        for wrong in ["", "7", "7-", "-7", "7-8-9", "+7-8", "7--8", "7-x", "99999999999999999999-1"] {
            assert_eq!(wrong.parse::<Position>(), Err(PositionError), "{wrong}");
        }
    }
}
