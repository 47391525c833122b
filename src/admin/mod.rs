//! The admin area: one file per page, and [`StaffRequest`], the extractor that every handler receives.
//!
//! Only `routes.rs` creates a [`StaffRequest`], by naming the role that a route requires, and form data
//! arrives as [`CsrfForm`], whose token was checked. No page can omit the role check, and no form the
//! CSRF check.

mod account;
mod article;
mod articles;
mod authors;
mod body_editor;
mod calendar;
mod checks;
mod csrf_form;
mod dashboard;
mod edition;
mod failure;
mod form_outcome;
mod handlers;
mod history;
mod import_run;
mod imports;
mod labels;
mod layout;
mod login;
mod media;
mod menus;
mod pager;
mod pages;
mod password;
mod redirects;
mod responses;
mod sections;
mod settings;
mod social_links;
mod staff_request;
mod streamed_upload;
mod topics;
mod upload;
mod users;

pub use account::{
    change_password, end_other_sessions, end_session, new_recovery_codes, second_factor,
    second_factor_off, second_factor_on, show as account, update as account_update,
};
pub use article::{
    add_correction, ask_to_publish, corrections, create as create_article, edit as edit_article,
    leave as leave_article, make_preview_link, new as new_article, note_presence, preview,
    preview_links, publish, remove_correction, restore_article, restore_revision, review, revision,
    revisions, revoke_preview_link, save as save_article, send_back, trash, unpublish,
};
pub use articles::{bulk as change_articles, list as articles, pick as pick_articles};
pub use authors::{
    add as add_author, change as change_author, create as new_author, delete as delete_author,
    edit as author, show as authors,
};
pub use calendar::show as calendar;
pub use csrf_form::{CsrfForm, EmptyForm};
pub use dashboard::show as dashboard;
pub use edition::{show as edition, update as update_edition};
pub use handlers::{WithFiles, handle, handle_anonymous, handle_form, handle_upload, not_found};
pub use history::show as history;
pub use import_run::{
    progress as import_progress, report as import_report, show as import, stop as stop_import,
};
pub use imports::{begin as begin_import, show as imports};
pub use layout::Layout;
pub use login::{code as login_code, log_in, log_in_with_code, log_out, show as login};
pub use media::{
    add as add_media, delete as delete_media, describe as describe_media, item as media_item,
    library as media, list_json as media_json, replace as replace_media,
    take_json as take_media_json,
};
pub use menus::{save as save_menus, show as menus};
pub use pages::{
    add as add_page, change as change_page, create as new_page, delete as delete_page,
    edit as page, show as pages,
};
pub use password::{
    ask as forgotten_password, choose as new_password, save as set_new_password,
    send as send_reset_link,
};
pub use redirects::{
    add as add_redirect, delete as delete_redirect, forget as forget_missing_path,
    show as redirects,
};
pub use sections::{
    add as add_section, change as change_section, create as new_section, delete as delete_section,
    edit as section, shift as shift_section, show as sections,
};
pub use settings::{save as save_settings, show as settings};
pub use staff_request::{Actor, StaffRequest};
pub use streamed_upload::StreamedUpload;
pub use topics::{
    add as add_topic, change as change_topic, create as new_topic, delete as delete_topic,
    edit as topic, merge as merge_topic, show as topics,
};
pub use upload::Upload;
pub use users::{
    add as add_user, change as change_user, create as new_user, edit as user,
    end_sessions as end_user_sessions, make_link as make_user_link, show as users,
    take_second_factor,
};

use form_outcome::FormOutcome;
use responses::json;
