//! HTTP tests: every test starts the application on a free port with its own database. Tests declared
//! with `on_both_engines!` run on SQLite and on PostgreSQL.

mod support;

mod admin;
mod architecture;
mod backup;
mod browser;
mod cli;
mod database;
mod demo;
mod doctor;
mod export;
mod faults;
mod generate;
mod import;
mod locales;
mod reader;
mod sanitize;
mod views;
mod web;
mod whitespace;
