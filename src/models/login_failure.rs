//! Failed logins, counted by account and address, so that guessing takes for ever and the owner of an
//! account that is being guessed can still log in from elsewhere.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{dsl::sum, prelude::*};

use crate::{
    db::{AnyConnection, schema::login_failures},
    each_backend,
};

/// So many failures of one account from one address are borne.
const OF_ACCOUNT: i32 = 10;
/// So many failures from one address, of whichever accounts.
const OF_ADDRESS: i64 = 50;
/// Failures are forgotten after so long.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(15);

/// A try, counted before it is made, so that many at once are not many tries: after how many seconds
/// another is allowed, if this one is too many.
pub fn attempt(
    conn: &mut AnyConnection,
    account: &str,
    address: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    // The row is written first: on an engine with several writers they take turns at it.
    count(conn, account, address, now)?;
    wait(conn, account, address, now)
}

/// After how many seconds another try is allowed, if not at once.
pub fn wait(
    conn: &mut AnyConnection,
    account: &str,
    address: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    let since = (now - FORGOTTEN).naive_utc();
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
    let barred = of_account > OF_ACCOUNT || of_address.unwrap_or(0) > OF_ADDRESS;
    Ok(barred.then_some(FORGOTTEN.num_seconds()))
}

/// Counts a failure, and forgets those that are long over.
fn count(
    conn: &mut AnyConnection,
    account: &str,
    address: &str,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let since = (now - FORGOTTEN).naive_utc();
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

/// Forgets the failures of an account from an address: its owner has logged in.
pub fn forget(conn: &mut AnyConnection, account: &str, address: &str) -> QueryResult<()> {
    diesel::delete(login_failures::table.find((account, address))).execute(conn)?;
    Ok(())
}
