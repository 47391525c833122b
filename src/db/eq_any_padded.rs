//! `column IN (…)` with the list padded to one of a few lengths, so that the prepared-statement cache works on SQLite.
//!
//! Diesel's `eq_any` has a different SQL text for each number of values there, and is never cached.

use diesel::{
    backend::Backend,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping},
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{BigInt, Bool, HasSqlType},
};

/// The lengths that lists are padded to, in values; longer lists are padded to a multiple of the last.
const LENGTHS: [usize; 4] = [1, 4, 16, 64];

/// The expression that [`eq_any_padded`] returns.
#[derive(Debug, Clone, ValidGrouping)]
pub struct EqAnyPadded<C> {
    column: C,
    ids: Vec<i64>,
}

/// Like [`ExpressionMethods::eq_any`](diesel::ExpressionMethods::eq_any), with few distinct SQL texts.
pub fn eq_any_padded<C>(column: C, ids: &[i64]) -> EqAnyPadded<C> {
    let mut ids = ids.to_vec();
    // Repeating the last id does not change the result.
    if let Some(last) = ids.last().copied() {
        let [.., longest] = LENGTHS;
        let length = LENGTHS
            .into_iter()
            .find(|length| *length >= ids.len())
            .unwrap_or(ids.len().next_multiple_of(longest));
        ids.resize(length, last);
    }
    EqAnyPadded { column, ids }
}

impl<C: Expression> Expression for EqAnyPadded<C> {
    type SqlType = Bool;
}

impl<C, Tables> AppearsOnTable<Tables> for EqAnyPadded<C>
where
    C: AppearsOnTable<Tables>,
    Self: Expression,
{
}

impl<C, Tables> SelectableExpression<Tables> for EqAnyPadded<C>
where
    C: SelectableExpression<Tables>,
    Self: AppearsOnTable<Tables>,
{
}

impl<C> QueryId for EqAnyPadded<C> {
    type QueryId = ();
    // The length is part of the SQL text, so the type alone does not identify the statement.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, Engine> QueryFragment<Engine> for EqAnyPadded<C>
where
    C: QueryFragment<Engine>,
    Engine: Backend + HasSqlType<BigInt>,
    i64: ToSql<BigInt, Engine>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Engine>) -> QueryResult<()> {
        // `IN ()` is not valid SQL.
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

    fn sql(ids: &[i64]) -> String {
        let query = articles::table
            .filter(eq_any_padded(articles::id, ids))
            .select(articles::id);
        debug_query::<Sqlite, _>(&query).to_string()
    }

    #[test]
    fn lists_of_similar_length_share_one_statement() {
        let text = |ids: &[i64]| sql(ids).split(" -- ").next().unwrap().to_owned();
        let ids: Vec<i64> = (1..=200).collect();
        assert_eq!(text(&ids[..5]), text(&ids[..16]));
        assert_eq!(text(&ids[..130]), text(&ids[..192]));
        assert_ne!(text(&ids[..16]), text(&ids[..17]));
        assert!(sql(&ids[..3]).contains("[1, 2, 3, 3]"));
        assert!(!sql(&[]).contains("IN"));
    }
}
