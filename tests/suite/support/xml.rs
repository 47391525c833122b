//! A strict XML parser: documents that are not well-formed fail the test.

use quick_xml::{Reader, escape::unescape, events::Event};

/// An element.
#[derive(Debug, Default, Clone)]
pub struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// Parses a document; returns its root element.
pub fn parse(document: &str) -> Element {
    let mut reader = Reader::from_str(document);
    let mut open = vec![Element::default()];
    loop {
        match reader
            .read_event()
            .expect("the document is not well-formed")
        {
            Event::Start(tag) => open.push(start_element(&tag)),
            Event::Empty(tag) => {
                let element = start_element(&tag);
                open.last_mut().unwrap().children.push(element);
            }
            Event::End(_) => {
                let element = open.pop().unwrap();
                open.last_mut().unwrap().children.push(element);
            }
            Event::Text(text) => {
                open.last_mut().unwrap().text +=
                    &text.xml_content(quick_xml::XmlVersion::Explicit1_0)
            }
            Event::GeneralRef(name) => {
                open.last_mut().unwrap().text += &unescape(&format!("&{};", &*name)).unwrap();
            }
            Event::CData(text) => open.last_mut().unwrap().text += &text,
            Event::Eof => break,
            _ => {}
        }
    }
    let mut document = open.pop().unwrap();
    assert!(open.is_empty(), "an element is not closed");
    for c in document.all_text().chars() {
        assert!(
            c >= ' ' || "\t\n\r".contains(c),
            "{c:?} is not allowed in XML"
        );
    }
    document
        .children
        .pop()
        .expect("the document has no root element")
}

fn start_element(tag: &quick_xml::events::BytesStart<'_>) -> Element {
    Element {
        name: tag.name().as_ref().to_owned(),
        attributes: tag
            .attributes()
            .map(|attribute| {
                let attribute = attribute.expect("an attribute is not well-formed");
                let name = attribute.key.as_ref().to_owned();
                (name, unescape(&attribute.value).unwrap().into_owned())
            })
            .collect(),
        ..Element::default()
    }
}

impl Element {
    fn all_text(&self) -> String {
        self.children
            .iter()
            .fold(self.text.clone(), |text, child| text + &child.all_text())
    }

    fn find<'e>(&'e self, name: &str, found: &mut Vec<&'e Self>) {
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            child.find(name, found);
        }
    }

    /// All descendants of this name.
    pub fn all(&self, name: &str) -> Vec<&Self> {
        let mut found = Vec::new();
        self.find(name, &mut found);
        found
    }

    /// The first descendant of this name.
    pub fn first(&self, name: &str) -> Self {
        (*self
            .all(name)
            .first()
            .unwrap_or_else(|| panic!("there is no <{name}>")))
        .clone()
    }

    pub fn text(&self, name: &str) -> String {
        self.first(name).all_text()
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        self.all(name)
            .iter()
            .map(|element| element.all_text())
            .collect()
    }

    pub fn attribute(&self, element: &str, name: &str) -> String {
        let element = self.first(element);
        let found = element.attributes.iter().find(|(known, _)| known == name);
        found
            .unwrap_or_else(|| panic!("<{}> has no attribute {name}", element.name))
            .1
            .clone()
    }
}
