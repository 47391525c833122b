//! Dateline: a complete news website in one program.
//!
//! Modules import only from their own layer or from layers below it, without cycles; `ARCHITECTURE.md` explains the layers
//! and follows a request through them.

// Commands
pub mod cli;
pub mod demo;
pub mod doctor;
pub mod generate;

// Server
pub mod ops;
pub mod routes;
pub mod server;

// Pages and background jobs
pub mod admin;
pub mod jobs;
pub mod reader;

// HTTP
pub mod http_cache;
pub mod web;

// View models
pub mod view;

// Application state
pub mod app;
pub mod not_found_counter;
pub mod popular;
pub mod site;
pub mod view_counter;

// Data
pub mod models;
pub mod transfer;

pub mod db;

// Leaves
pub mod agent;
pub mod assets;
pub mod clock;
pub mod colour;
pub mod config;
pub mod data_folder;
pub mod database_url;
pub mod error;
pub mod locale;
pub mod media;
pub mod memory;
pub mod metrics;
pub mod parallel;
pub mod paths;
pub mod private_file;
pub mod secrets;
pub mod sharded_counter;
pub mod text;
