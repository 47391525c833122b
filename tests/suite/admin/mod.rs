//! The newsroom.

mod article;
mod articles;
mod authors;
mod guard;
mod hostile;
mod calendar;
mod edition;
mod guard;
mod history;
mod login;
mod media;
mod menus;
mod pages;
mod redirects;
mod sections;
mod settings;
mod topics;
mod users;
mod writing;
mod media;
mod media_browser;
mod writing;
