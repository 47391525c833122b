//! What is stored, one noun per file, and all the SQL.

pub mod address;
pub mod article;
pub mod article_list;
pub mod author;
pub mod bulk;
pub mod calendar;
pub mod correction;
pub mod edition;
pub mod history;
pub mod login_failure;
pub mod media;
pub mod menu;
pub mod missing_path;
pub mod page;
pub mod presence;
pub mod preview_link;
pub mod reset_link;
pub mod revision;
pub mod river;
pub mod search;
pub mod section;
pub mod session;
pub mod setting;
pub mod topic;
pub mod user;
pub mod view_count;
