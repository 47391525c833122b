//! The newsroom.

mod article;
mod articles;
mod authors;
mod calendar;
mod dashboard;
mod day;
mod edition;
mod guard;
mod history;
mod hostile;
mod imports;
mod login;
mod media;
mod media_browser;
mod menus;
mod pages;
mod redirects;
mod sections;
mod settings;
mod topics;
mod users;
mod writing;
