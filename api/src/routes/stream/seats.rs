//! How many may watch at once: a connection that never ends is worth limiting, however slow its clients are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::UserId;

use crate::problem::Problem;

/// A family's devices with a few windows each.
const MOST_OF_ONE_USER: usize = 16;
/// In one process: some ten megabytes of buffers.
const MOST: usize = 2_000;
/// Who finds no seat asks again after this.
const RETRY_AFTER_SECONDS: u64 = 10;

/// The seats of a process.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats(Arc<Mutex<HashMap<UserId, usize>>>);

/// One that is taken, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    user: UserId,
}

impl Seats {
    fn taken(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// # Errors
    /// 429 where the user has too many, or all have.
    pub(super) fn take(&self, user: UserId) -> Result<Seat, Problem> {
        let mut taken = self.taken();
        let all: usize = taken.values().sum();
        let own = taken.entry(user).or_default();
        if *own >= MOST_OF_ONE_USER || all >= MOST {
            if *own == 0 {
                taken.remove(&user);
            }
            return Err(Problem::too_many_requests(RETRY_AFTER_SECONDS));
        }
        *own = own.saturating_add(1);
        Ok(Seat { seats: self.clone(), user })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        if let Some(own) = taken.get_mut(&self.user) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                taken.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn user(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    #[test]
    fn one_user_cannot_take_the_seats_of_all() {
        let seats = Seats::default();
        let mut taken: Vec<_> = (0..MOST_OF_ONE_USER).map(|_| seats.take(user(1)).unwrap()).collect();
        assert_eq!(seats.take(user(1)).unwrap_err().status().as_u16(), 429);
        assert!(seats.take(user(2)).is_ok());
        taken.pop();
        assert!(seats.take(user(1)).is_ok());
    }

    #[test]
    fn all_together_cannot_take_more_than_there_are_and_nobody_who_left_is_counted() {
        let seats = Seats::default();
        let users = u128::try_from(MOST / MOST_OF_ONE_USER).unwrap();
        let taken: Vec<_> = (0..users).flat_map(|n| (0..MOST_OF_ONE_USER).map(move |_| n)).map(|n| seats.take(user(n)).unwrap()).collect();
        assert_eq!(seats.take(user(users)).unwrap_err().status().as_u16(), 429);
        drop(taken);
        assert!(seats.take(user(users)).is_ok());
        assert!(seats.taken().is_empty(), "{:?}", seats.taken());
    }
}
