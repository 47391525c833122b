//! The menus in the header and footer of every page.

use diesel::prelude::*;

use crate::{
    db::{AnyConnection, schema::menu_items, types::Menu},
    each_backend,
};

/// A menu item.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = menu_items)]
pub struct MenuItem {
    pub menu: Menu,
    pub label: String,
    pub path: String,
}

/// All items of all menus, in order.
pub fn all(conn: &mut AnyConnection) -> QueryResult<Vec<MenuItem>> {
    menu_items::table
        .order((menu_items::menu, menu_items::position, menu_items::id))
        .select(MenuItem::as_select())
        .load(conn)
}

/// Replaces the items of a menu with `items` (label, path).
pub fn replace(conn: &mut AnyConnection, menu: Menu, items: &[(&str, &str)]) -> QueryResult<()> {
    diesel::delete(menu_items::table.filter(menu_items::menu.eq(menu))).execute(conn)?;
    let rows: Vec<_> = (0..)
        .zip(items)
        .map(|(position, (label, path))| {
            (
                menu_items::menu.eq(menu),
                menu_items::position.eq(position),
                menu_items::label.eq(*label),
                menu_items::path.eq(*path),
            )
        })
        .collect();
    each_backend!(conn, |c| diesel::insert_into(menu_items::table)
        .values(&rows)
        .execute(c))?;
    Ok(())
}
