//! What users can rely on: every test starts the real application on a free port, with a database of
//! its own, and talks HTTP to it. Tests marked `on_both_engines!` run on SQLite and on PostgreSQL.

mod support;

mod admin;
mod backup;
mod browser;
mod cli;
mod database;
mod demo;
mod doctor;
mod faults;
mod generate;
mod ghost;
mod import;
mod moving_out;
mod reader;
mod sanitize;
mod theme_test;
mod tidy;
mod views;
mod web;
