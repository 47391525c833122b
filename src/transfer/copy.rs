//! Moving the newspaper from one database to another, of either engine, checked row by row.

use std::collections::BTreeMap;

use crate::{
    db::{
        AnyConnection, DatabaseUrl,
        rows::{self, RowsError, Table},
    },
    error::Error,
    models::{article, search},
};

/// Articles that are indexed at a time.
const BATCH: i64 = 500;

/// Why a database was not copied; its text is for the operator. The database that it was to be copied to is
/// as it was.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Rows(#[from] RowsError),
    #[error("database: {0}")]
    Query(#[from] diesel::result::Error),
    #[error(transparent)]
    Other(#[from] Error),
    #[error("{0} is not there")]
    Missing(String),
    #[error("both are the same database")]
    Same,
    #[error("{0} holds something already (the table {1}); only an empty database is filled")]
    NotEmpty(String, String),
    #[error("the table {0} is in one of them only")]
    OtherTables(String),
    #[error("a row of {0} has not arrived as it was: {1}")]
    Changed(String, String),
}

/// How far it is.
pub enum Progress<'a> {
    /// So many rows of this table.
    Rows(&'a str, u64),
    /// The search index: so many of so many articles.
    Words(u64, u64),
}

/// Copies everything to a database that holds nothing yet, and returns how many rows each table has.
pub fn copy(
    from: &DatabaseUrl,
    to: &DatabaseUrl,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<BTreeMap<String, u64>, CopyError> {
    if from == to {
        return Err(CopyError::Same);
    }
    if let Some(path) = from.missing_file() {
        return Err(CopyError::Missing(path.display().to_string()));
    }
    let mut source = rows::open(from)?;
    let mut target = rows::open(to)?;
    let tables = rows::tables(&mut source)?;
    let there = rows::tables(&mut target)?;
    for table in &tables {
        let same = |other: &&Table| other.name == table.name && other.columns().eq(table.columns());
        if !there.iter().any(|other| same(&other)) {
            return Err(CopyError::OtherTables(table.name.clone()));
        }
    }
    for table in &there {
        // One row is there from the beginning.
        if table.name != "site_state" && table.count(&mut target)? > 0 {
            return Err(CopyError::NotEmpty(to.shown(), table.name.clone()));
        }
    }
    // What the source has at one moment.
    source.read_transaction(|source| {
        rows::fill(&mut target, |target| {
            let mut counts = BTreeMap::new();
            for table in &tables {
                table.clear(target)?;
                let copied = rows_of(table, source, target, progress)?;
                counts.insert(table.name.clone(), copied);
            }
            words(target, progress)?;
            Ok::<_, CopyError>(counts)
        })
    })
}

fn rows_of(
    table: &Table,
    source: &mut AnyConnection,
    target: &mut AnyConnection,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<u64, CopyError> {
    let mut copied = 0;
    table.each_batch(source, |batch| {
        table.insert(target, batch.clone())?;
        let arrived = table.counterparts(target, &batch)?;
        for row in &batch {
            let key = serde_json::Value::Array(table.key(row)).to_string();
            if arrived.get(&key) != Some(row) {
                return Err(CopyError::Changed(table.name.clone(), key));
            }
        }
        copied += batch.len() as u64;
        progress(Progress::Rows(&table.name, copied));
        Ok(())
    })?;
    if table.count(target)?.cast_unsigned() != copied {
        let why = "there are more than were written".to_owned();
        return Err(CopyError::Changed(table.name.clone(), why));
    }
    Ok(copied)
}

/// Makes the search index, which each engine has in a way of its own.
fn words(
    target: &mut AnyConnection,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<(), CopyError> {
    let all = article::count_published(target)?.cast_unsigned();
    let (mut done, mut after) = (0, 0);
    loop {
        let ids = article::published_after(target, after, BATCH)?;
        let Some(last) = ids.last() else {
            return Ok(());
        };
        after = *last;
        search::put_words(target, &ids)?;
        done += ids.len() as u64;
        progress(Progress::Words(done, all));
    }
}
