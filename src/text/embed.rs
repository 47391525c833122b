//! Hosts of embeds.

/// The hosts whose pages may be embedded.
pub const EMBED_HOSTS: [&str; 4] = ["www.youtube.com", "youtube.com", "youtu.be", "vimeo.com"];
