//! Dateline: a complete news website in one program. The map, in reading order:

/// What the newsroom sees: one file per page.
pub mod admin;
/// What a handler can reach.
pub mod app;
/// Command line: one file per command.
pub mod cli;
/// Deploy-time settings.
pub mod config;
/// Connections, migrations, schema.
pub mod db;
/// The demo edition: a fictional newspaper.
pub mod demo;
/// Looking whether everything is in order, and how to mend what is not.
pub mod doctor;
/// What can go wrong, and the status it becomes.
pub mod error;
/// A synthetic archive for load tests.
pub mod generate;
/// Work in the background.
pub mod jobs;
/// Pictures: decoding, resizing, encoding, storing.
pub mod media;
/// What can be watched of a running newspaper.
pub mod metrics;
/// Counting in memory what readers asked for in vain.
pub mod miss_counter;
/// What is stored, and all the SQL.
pub mod models;
/// Whole answers kept in memory.
pub mod page_cache;
/// Work done side by side, and work that readers come before.
pub mod parallel;
/// Most Popular, ranked once a minute.
pub mod popular;
/// What the public sees: one file per page.
pub mod reader;
/// Every URL of the site.
pub mod routes;
/// What must not be guessed or read back: tokens, passwords, second factors.
pub mod secrets;
/// Binding, middleware, graceful shutdown.
pub mod server;
/// The publication as it stands, kept in memory.
pub mod site;
/// Numbers that every request adds to.
pub mod tally;
/// Words: sanitising, parts of a body, slugs.
pub mod text;
/// Moving in from other systems.
pub mod transfer;
/// View models that pages share.
pub mod view;
/// Counting views in memory.
pub mod view_counter;
/// What all requests go through: connections, hosts, headers, sessions, assets, log, visitors.
pub mod web;
