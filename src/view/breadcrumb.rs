//! The breadcrumb trail of a page: Home › News › Diplomatic News › headline.

use super::Link;
use crate::{models::section::Section, site::Site};

/// The trail to a section, including it.
pub fn to_section(site: &Site, section_id: i64) -> Vec<Link> {
    let sections = site.sections.trail(section_id);
    let link = |section: &&Section| Link::new(&section.name, &section.path);
    from_home(site, sections.iter().map(link))
}

/// The trail from the front page through `steps`.
pub fn from_home(site: &Site, steps: impl IntoIterator<Item = Link>) -> Vec<Link> {
    let home = Link::new(site.locale.texts().home, "/");
    std::iter::once(home).chain(steps).collect()
}
