//! Public pages.

mod addresses;
mod archive;
mod article;
mod author;
mod authors;
mod corrections;
mod error_pages;
mod feed;
mod fixed_pages;
mod home;
mod meta;
mod most_popular;
mod page_cache;
mod pagination;
mod query_counts;
mod reader_mode;
mod search;
mod section;
mod site;
mod sitemap;
mod standing_pages;
mod topic;
mod unpublished;
