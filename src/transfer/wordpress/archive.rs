//! The objects of the old site that texts refer to, and its addresses.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::{
    media::Store,
    text::{pattern::patterns, remove_controls},
};

patterns! {
    SIZE = r"-\d{1,5}x\d{1,5}(\.[A-Za-z0-9]+)$";
    LARGE = r"-(?:scaled|rotated)(\.[A-Za-z0-9]+)$";
}

/// What texts may refer to. Keys are ids of the old site, values are ids of this one.
#[derive(Default)]
pub struct Archive {
    /// The host names of the old site.
    pub hosts: Vec<String>,
    /// Pictures by the path of their upload.
    pub media_by_upload: HashMap<String, i64>,
    /// Pictures by attachment id.
    pub media: HashMap<i64, i64>,
    /// The attachment ids of each post, in order.
    pub attached: HashMap<i64, Vec<i64>>,
    /// The paths of posts and pages by id.
    pub paths: HashMap<i64, String>,
    /// The pictures that this run has imported, by their ids here.
    pub new: HashSet<i64>,
}

impl Archive {
    /// Whether a post may contain a picture that an earlier run lacked. Such a post is converted again although it has
    /// not changed.
    pub fn has_new_pictures(&self, post: i64, thumbnail: i64, content: &str) -> bool {
        if self.new.is_empty() {
            return false;
        }
        let is_new = |media: Option<&i64>| media.is_some_and(|media| self.new.contains(media));
        let by_id = |number: &i64| is_new(self.media.get(number));
        by_id(&thumbnail)
            || self
                .attached
                .get(&post)
                .is_some_and(|ids| ids.iter().any(by_id))
            || content
                .split(|letter: char| !letter.is_ascii_digit())
                .filter_map(|digits| digits.parse().ok())
                .any(|number| by_id(&number))
            || content
                .split(['"', '\'', '<', '>', ' '])
                .any(|word| is_new(self.media_at(word)))
    }

    /// The picture at an address, which may be that of any of its sizes.
    pub fn media_at(&self, address: &str) -> Option<&i64> {
        let path = upload_path(address)?;
        // Some originals have a name that looks like that of a size.
        self.media_by_upload.get(&path).or_else(|| {
            let original = SIZE.replace_all(&path, |found| found[1].to_owned());
            self.media_by_upload.get(&original)
        })
    }
}

/// The path of an address in this site's form: decoded, without control characters, empty segments and a trailing slash.
pub fn path_of(url: &Url) -> String {
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    let mut path = path.into_owned();
    remove_controls(&mut path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    format!("/{}", parts.join("/"))
}

/// The path of a picture below `wp-content/uploads/`, or below the corresponding folder of other systems.
pub fn upload_path(address: &str) -> Option<String> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    // Our own exports have the file names of the media store.
    if let Some((_, name)) = path.rsplit_once("/media/")
        && Store::is_name(name)
    {
        return Some(name.to_owned());
    }
    // In Ghost, a size is a folder.
    if let Some((_, below)) = path.split_once("/content/images/") {
        let without_size = below
            .strip_prefix("size/")
            .and_then(|sized| sized.split_once('/'));
        return Some(without_size.map_or(below, |(_, below)| below).to_owned());
    }
    let below = match path.split_once("/wp-content/uploads/") {
        Some((_, below)) => below,
        // WordPress.com serves uploads from a separate host.
        None => path.split_once(".files.wordpress.com/")?.1,
    };
    Some(below.to_owned())
}

/// The name of the original of an upload, after which its sizes are named. WordPress scales large originals down and
/// appends `-scaled` to the name.
pub fn original_of(path: &str) -> String {
    LARGE.replace_all(path, |found| found[1].to_owned())
}
