//! Addresses of imported objects, and redirects from those of the old site.

use super::post::{self, Kind, Post};
use crate::{
    db::{AnyConnection, types::AddressKind},
    error::Error,
    models::address,
    paths,
    transfer::Report,
};

/// Redirects from `old` to `new`, unless there is something at `old`.
pub(super) fn redirect(
    conn: &mut AnyConnection,
    old: &str,
    new: &str,
    report: &mut Report,
) -> Result<(), Error> {
    if old != new && address::holder(conn, old)?.is_none() {
        address::redirect(conn, old, new)?;
        report.redirects_made += 1;
    }
    Ok(())
}

/// Redirects from the old address of a post if it has another one here.
pub(super) fn redirect_old_address(
    conn: &mut AnyConnection,
    post: &Post,
    id: i64,
    hosts: &[String],
    report: &mut Report,
) -> Result<(), Error> {
    let kind = match post.kind {
        Kind::Article => AddressKind::Article,
        Kind::Page => AddressKind::Page,
    };
    let old = post::permalink(post, hosts);
    let (Some(old), Some(new)) = (old, address::canonical(conn, kind, id)?) else {
        return Ok(());
    };
    if paths::is_reserved(&old) {
        return Ok(());
    }
    redirect(conn, &old, &new, report)
}
