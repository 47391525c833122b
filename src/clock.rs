//! The time of the system in the precision of the database, for commands; a server has a clock of its own (`app::Clock`).

use chrono::{DateTime, SubsecRound, Utc};

/// The digits of a second that the database stores.
const DIGITS: u16 = 6;

/// The current time in microseconds. PostgreSQL does not store more digits, and a time must be the same on both engines.
pub fn now() -> DateTime<Utc> {
    stored(Utc::now())
}

/// A time as both engines store it: in microseconds, without rounding up.
pub fn stored<T: SubsecRound>(time: T) -> T {
    time.trunc_subsecs(DIGITS)
}
