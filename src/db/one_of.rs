//! `column IN (…)` in one of few lengths, so that SQLite keeps the compiled statement: of Diesel's own
//! `eq_any` there is another one for each number of values, and none is kept.

use diesel::{
    backend::Backend,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{BigInt, Bool, HasSqlType},
};

/// The lengths, in values; what is longer has a multiple of the last.
const LENGTHS: [usize; 4] = [1, 4, 16, 64];

/// Whether a column is one of some ids.
#[derive(Debug, Clone, ValidGrouping)]
pub struct OneOf<C> {
    column: C,
    ids: Vec<i64>,
}

/// Whether `column` is one of `ids`.
pub fn one_of<C>(column: C, ids: &[i64]) -> OneOf<C> {
    let mut ids = ids.to_vec();
    // Repeating one changes nothing.
    if let Some(last) = ids.last().copied() {
        let [.., longest] = LENGTHS;
        let length = LENGTHS
            .into_iter()
            .find(|length| *length >= ids.len())
            .unwrap_or(ids.len().next_multiple_of(longest));
        ids.resize(length, last);
    }
    OneOf { column, ids }
}

impl<C: Expression> Expression for OneOf<C> {
    type SqlType = Bool;
}

impl<C, Tables> AppearsOnTable<Tables> for OneOf<C>
where
    C: AppearsOnTable<Tables>,
    Self: Expression,
{
}

impl<C, Tables> SelectableExpression<Tables> for OneOf<C>
where
    C: SelectableExpression<Tables>,
    Self: AppearsOnTable<Tables>,
{
}

impl<C> QueryId for OneOf<C> {
    type QueryId = ();
    // The lengths are told apart by the statement's text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, Engine> QueryFragment<Engine> for OneOf<C>
where
    C: QueryFragment<Engine>,
    Engine: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, Engine>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Engine>) -> QueryResult<()> {
        // No engine knows an empty list.
        if self.ids.is_empty() {
            out.push_sql("1 = 0");
            return Ok(());
        }
        self.column.walk_ast(out.reborrow())?;
        for (number, id) in self.ids.iter().enumerate() {
            out.push_sql(if number == 0 { " IN (" } else { ", " });
            out.push_bind_param::<BigInt, _>(id)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::{debug_query, prelude::*, sqlite::Sqlite};

    use super::*;
    use crate::db::schema::articles;

    fn statement(ids: &[i64]) -> String {
        let query = articles::table
            .filter(one_of(articles::id, ids))
            .select(articles::id);
        debug_query::<Sqlite, _>(&query).to_string()
    }

    #[test]
    fn lists_of_about_one_length_are_one_statement() {
        let text = |ids: &[i64]| statement(ids).split(" -- ").next().unwrap().to_owned();
        let ids: Vec<i64> = (1..=200).collect();
        assert_eq!(text(&ids[..5]), text(&ids[..16]));
        assert_eq!(text(&ids[..130]), text(&ids[..192]));
        assert_ne!(text(&ids[..16]), text(&ids[..17]));
        assert!(statement(&ids[..3]).contains("[1, 2, 3, 3]"));
        assert!(!statement(&[]).contains("IN"));
    }
}
