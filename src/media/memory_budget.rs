//! Bounds the memory that decoding pictures takes: a small file can have many pixels, and several files are decoded at a
//! time.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

/// Bytes that decoding may take at a time. Cloning it shares the budget.
#[derive(Clone, Debug)]
pub struct MemoryBudget {
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    total: u64,
    free: Mutex<u64>,
    freed: Condvar,
}

impl Default for MemoryBudget {
    /// A gigabyte.
    fn default() -> Self {
        Self::megabytes(1_000)
    }
}

/// A share of a [`MemoryBudget`], which it returns when it is dropped.
pub struct Reservation {
    state: Arc<State>,
    bytes: u64,
}

impl MemoryBudget {
    /// A budget of `total` bytes.
    pub fn new(total: u64) -> Self {
        Self {
            state: Arc::new(State {
                total,
                free: Mutex::new(total),
                freed: Condvar::new(),
            }),
        }
    }

    /// A budget of `total` megabytes.
    pub fn megabytes(total: u64) -> Self {
        Self::new(total * 1_000_000)
    }

    /// Waits until `bytes` are free. `None` if the whole budget is smaller.
    pub fn reserve(&self, bytes: u64) -> Option<Reservation> {
        if bytes > self.state.total {
            return None;
        }
        let mut free = self.state.free.lock();
        while *free < bytes {
            self.state.freed.wait(&mut free);
        }
        *free -= bytes;
        Some(Reservation {
            state: self.state.clone(),
            bytes,
        })
    }
}

impl Reservation {
    /// Returns what exceeds `bytes`.
    pub fn shrink_to(&mut self, bytes: u64) {
        let returned = self.bytes.saturating_sub(bytes);
        self.bytes -= returned;
        self.give_back(returned);
    }

    fn give_back(&self, bytes: u64) {
        *self.state.free.lock() += bytes;
        self.state.freed.notify_all();
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;

    #[test]
    fn reservations_beyond_the_budget_wait_until_others_are_returned() {
        let budget = MemoryBudget::new(100);
        let mut first = budget.reserve(80).unwrap();
        let (sender, reserved) = mpsc::channel();
        let other = budget.clone();
        let waiting = thread::spawn(move || {
            let reservation = other.reserve(40);
            sender.send(reservation.is_some()).unwrap();
        });
        assert!(reserved.recv_timeout(Duration::from_millis(50)).is_err());
        first.shrink_to(60);
        assert!(reserved.recv_timeout(Duration::from_secs(60)).unwrap());
        waiting.join().unwrap();
        drop(first);
        assert!(budget.reserve(100).is_some());
    }

    #[test]
    fn more_than_the_whole_budget_is_refused() {
        assert!(MemoryBudget::new(100).reserve(101).is_none());
    }
}
