//! What readers see, page by page.

mod address;
mod archive;
mod article;
mod author;
mod authors;
mod canary;
mod corrections;
mod feed;
mod home;
mod latest;
mod meta;
mod most_popular;
mod not_found;
mod page;
mod page_cache;
mod queries;
mod search;
mod section;
mod site;
mod sitemap;
mod topic;
