//! Rate limiting of logins by account and IP address: it makes guessing impractical, while the owner of an attacked
//! account can still log in from another address.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{dsl::sum, prelude::*};

use crate::{
    db::{AnyConnection, schema::login_failures},
    each_backend,
};

/// The maximum number of failures of one account from one address.
const MAX_OF_ACCOUNT: i32 = 10;
/// The maximum number of failures from one address for all accounts.
const MAX_OF_ADDRESS: i64 = 50;
/// How long after its last failure a counter expires.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Counts a login attempt before its password is checked, so that concurrent attempts cannot exceed the limit. Returns
/// after how many seconds the next one is allowed if the limit is exceeded.
pub fn attempt(
    conn: &mut AnyConnection,
    account: &str,
    address: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    // Write the row first: its lock serialises concurrent attempts on PostgreSQL.
    count(conn, account, address, now)?;
    wait(conn, account, address, now)
}

/// After how many seconds another attempt is allowed; `None` if immediately.
pub fn wait(
    conn: &mut AnyConnection,
    account: &str,
    address: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    let since = (now - WINDOW).naive_utc();
    let of_account: i32 = login_failures::table
        .find((account, address))
        .filter(login_failures::last_at.gt(since))
        .select(login_failures::failures)
        .first(conn)
        .optional()?
        .unwrap_or(0);
    let of_address: Option<i64> = login_failures::table
        .filter(login_failures::address.eq(address))
        .filter(login_failures::last_at.gt(since))
        .select(sum(login_failures::failures))
        .first(conn)?;
    let is_blocked = of_account > MAX_OF_ACCOUNT || of_address.unwrap_or(0) > MAX_OF_ADDRESS;
    Ok(is_blocked.then_some(WINDOW.num_seconds()))
}

/// Counts a failure, and deletes expired counters.
fn count(
    conn: &mut AnyConnection,
    account: &str,
    address: &str,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let since = (now - WINDOW).naive_utc();
    let now = now.naive_utc();
    diesel::delete(login_failures::table.filter(login_failures::last_at.le(since)))
        .execute(conn)?;
    let row = (
        login_failures::account.eq(account),
        login_failures::address.eq(address),
        login_failures::failures.eq(1),
        login_failures::last_at.eq(now),
    );
    each_backend!(conn, |c| diesel::insert_into(login_failures::table)
        .values(row)
        .on_conflict((login_failures::account, login_failures::address))
        .do_update()
        .set((
            login_failures::failures.eq(login_failures::failures + 1),
            login_failures::last_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// Deletes the failures of an account from an address after a successful login.
pub fn forget(conn: &mut AnyConnection, account: &str, address: &str) -> QueryResult<()> {
    diesel::delete(login_failures::table.find((account, address))).execute(conn)?;
    Ok(())
}
