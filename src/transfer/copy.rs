//! Copies all data from one database to another, of either engine, and compares every row.

use std::collections::BTreeMap;

use crate::{
    db::{
        AnyConnection, DatabaseUrl,
        rows::{self, RowsError, Table},
    },
    error::Error,
    models::{article, search},
};

/// Articles that are indexed per batch.
const BATCH: i64 = 500;

/// Why a database was not copied; its text is for the operator. The target is then unchanged.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Rows(#[from] RowsError),
    #[error("database: {0}")]
    Query(#[from] diesel::result::Error),
    #[error(transparent)]
    Other(#[from] Error),
    #[error("{0} does not exist")]
    Missing(String),
    #[error("source and target are the same database")]
    Same,
    #[error("{0} is not empty: the table {1} has rows")]
    NotEmpty(String, String),
    #[error("the table {0} is missing or different in one of the databases")]
    OtherTables(String),
    #[error("the copy of {0} differs: {1}")]
    Changed(String, String),
}

/// The progress of a copy.
pub enum Progress<'a> {
    /// The table, and the number of rows copied.
    Rows(&'a str, u64),
    /// Articles indexed for the search, and their total number.
    Index(u64, u64),
}

/// Copies all rows to an empty database in one transaction; returns the number of rows by table.
///
/// # Errors
/// If the target is not empty, the schemas differ, or a copied row differs from its source.
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
    let target_tables = rows::tables(&mut target)?;
    for table in &tables {
        let same = |other: &&Table| other.name == table.name && other.columns().eq(table.columns());
        if !target_tables.iter().any(|other| same(&other)) {
            return Err(CopyError::OtherTables(table.name.clone()));
        }
    }
    for table in &target_tables {
        // A migration inserts the only row of this table.
        if table.name != "site_state" && table.count(&mut target)? > 0 {
            return Err(CopyError::NotEmpty(to.shown(), table.name.clone()));
        }
    }
    // One read transaction, so that all tables are from the same moment.
    source.read_transaction(|source| {
        rows::fill(&mut target, |target| {
            let mut counts = BTreeMap::new();
            for table in &tables {
                table.clear(target)?;
                let copied = copy_rows(table, source, target, progress)?;
                counts.insert(table.name.clone(), copied);
            }
            build_index(target, progress)?;
            Ok::<_, CopyError>(counts)
        })
    })
}

fn copy_rows(
    table: &Table,
    source: &mut AnyConnection,
    target: &mut AnyConnection,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<u64, CopyError> {
    let mut copied = 0;
    table.each_batch(source, |batch| {
        table.insert(target, batch.clone())?;
        let copies = table.counterparts(target, &batch)?;
        for row in &batch {
            let key = serde_json::Value::Array(table.key(row)).to_string();
            if copies.get(&key) != Some(row) {
                return Err(CopyError::Changed(table.name.clone(), key));
            }
        }
        copied += batch.len() as u64;
        progress(Progress::Rows(&table.name, copied));
        Ok(())
    })?;
    if table.count(target)?.cast_unsigned() != copied {
        let why = "there are more rows than were written".to_owned();
        return Err(CopyError::Changed(table.name.clone(), why));
    }
    Ok(copied)
}

/// Builds the search index, whose tables differ between the engines.
fn build_index(
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
        progress(Progress::Index(done, all));
    }
}
