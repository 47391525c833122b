//! A streaming reader of WordPress exports (WXR 1.0 to 1.2): one element of the channel is in memory at a time.
//! Malformed elements are reported and skipped.

use std::{
    cell::Cell,
    fs::File,
    hash::Hasher,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    rc::Rc,
};

use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::DecodeReaderBytesBuilder;
use quick_xml::{
    Reader as XmlReader, XmlVersion,
    escape::unescape,
    events::{BytesStart, Event},
};
use siphasher::sip::SipHasher24;

use crate::text::remove_controls;

/// The maximum nesting of elements.
const MAX_DEPTH: usize = 32;
/// The maximum number of attributes of an element.
const MAX_ATTRIBUTES: usize = 64;
/// The maximum size of one element of the channel, in bytes.
const MAX_SIZE: usize = 64 << 20;
const TOO_LARGE: &str = "it is larger than 64 MB";
/// The maximum size of the XML declaration, in bytes.
const MAX_DECLARATION: u64 = 512;

/// Why the whole file cannot be read; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("line {0}: the file has a DOCTYPE, which WordPress exports never have")]
    Doctype(u64),
    #[error("this is not a WordPress export: it has no <channel>")]
    NoChannel,
}

/// An element and its children.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Element>,
    /// The number of comments in it, which are not kept.
    pub comments: u64,
    /// The number of characters in it that are invalid in the encoding of the file.
    pub garbled: u64,
    /// The number of control characters that were removed from it.
    pub controls: u64,
}

impl Element {
    /// The trimmed text of the first child of this name; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.children
            .iter()
            .find(|child| child.name == name)
            .map_or("", |child| child.text.trim())
    }

    /// [`Self::get`] without trimming.
    pub fn whole(&self, name: &str) -> &str {
        self.children
            .iter()
            .find(|child| child.name == name)
            .map_or("", |child| child.text.as_str())
    }

    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub fn attribute(&self, name: &str) -> &str {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// A hash of the element and its children, to detect changes since an earlier import.
    pub fn digest(&self) -> i64 {
        fn add(hasher: &mut SipHasher24, element: &Element) {
            for text in [&element.name, &element.text] {
                hasher.write(text.as_bytes());
                hasher.write_u8(0xff);
            }
            for (name, value) in &element.attributes {
                hasher.write(name.as_bytes());
                hasher.write(value.as_bytes());
            }
            for child in &element.children {
                add(hasher, child);
            }
        }
        let mut hasher = SipHasher24::new();
        add(&mut hasher, self);
        hasher.finish().cast_signed()
    }
}

/// A child of the channel.
#[derive(Debug)]
pub enum Piece {
    /// An element, and the line on which it starts.
    Whole(Element, u64),
    /// A malformed element.
    Broken { line: u64, why: String },
}

/// The position in the file.
#[derive(Clone, Default)]
pub struct Progress {
    bytes: Rc<Cell<u64>>,
    lines: Rc<Cell<u64>>,
}

impl Progress {
    pub fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    fn line(&self) -> u64 {
        self.lines.get() + 1
    }
}

/// Counts bytes and lines, and fails when an element is too large.
struct Counting<R> {
    inner: R,
    progress: Progress,
    /// The number of bytes that may be read before it is reset.
    allowance: usize,
    /// Bytes that are read again first, without being counted.
    again: &'static [u8],
}

impl<R: BufRead> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counting<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.allowance {
            0 => Err(io::Error::new(io::ErrorKind::FileTooLarge, TOO_LARGE)),
            _ if !self.again.is_empty() => Ok(self.again),
            _ => self.inner.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        if !self.again.is_empty() {
            self.again = &self.again[amount..];
            return;
        }
        if let Ok(buffer) = self.inner.fill_buf() {
            let lines = buffer[..amount].iter().filter(|byte| **byte == b'\n');
            let lines = lines.count() as u64;
            self.progress.lines.set(self.progress.lines.get() + lines);
        }
        self.progress
            .bytes
            .set(self.progress.bytes.get() + amount as u64);
        self.allowance = self.allowance.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

type Input = Counting<Box<dyn BufRead>>;

pub struct Reader {
    /// `None` at the end of the channel, and while a malformed element is skipped.
    xml: Option<XmlReader<Input>>,
    pub progress: Progress,
    buffer: Vec<u8>,
    in_channel: bool,
}

impl Reader {
    /// Opens an export. Its encoding is the declared one, or UTF-8. Invalid characters become U+FFFD and are counted.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        Self::new(File::open(path)?)
    }

    /// Reads an export, as [`Self::open`].
    ///
    /// # Errors
    /// If the input cannot be read.
    pub fn new(mut input: impl Read + 'static) -> Result<Self, ReadError> {
        let progress = Progress::default();
        let mut head = Vec::new();
        input
            .by_ref()
            .take(MAX_DECLARATION)
            .read_to_end(&mut head)?;
        let encoding = declared(&head);
        // Also removes a byte order mark, which takes precedence over the declaration.
        let text = DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding))
            .bom_override(true)
            .build(io::Cursor::new(head).chain(input));
        let input = Counting {
            inner: Box::new(BufReader::with_capacity(1 << 16, text)) as Box<dyn BufRead>,
            progress: progress.clone(),
            allowance: MAX_SIZE,
            again: &[],
        };
        Ok(Self {
            xml: Some(XmlReader::from_reader(input)),
            progress,
            buffer: Vec::new(),
            in_channel: false,
        })
    }

    /// The next event.
    ///
    /// # Errors
    /// Also if it is larger than [`MAX_SIZE`].
    fn event<'b>(
        xml: &mut XmlReader<Input>,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Event<'b>, quick_xml::Error> {
        buffer.clear();
        xml.get_mut().allowance = MAX_SIZE;
        xml.read_event_into(buffer)
    }

    /// The next child of the channel; `None` at its end.
    pub fn next(&mut self) -> Result<Option<Piece>, ReadError> {
        loop {
            let Some(xml) = &mut self.xml else {
                return Ok(None);
            };
            let line = self.progress.line();
            match Self::event(xml, &mut self.buffer) {
                Ok(Event::DocType(_)) => return Err(ReadError::Doctype(line)),
                Ok(Event::Start(tag)) if !self.in_channel => {
                    self.in_channel = tag.name().as_ref() == "channel";
                }
                Ok(Event::Start(tag)) => {
                    let element = match begun(&tag) {
                        Ok(element) => element,
                        Err(why) => return self.broken(line, why),
                    };
                    return match self.finish(element) {
                        Ok(element) => Ok(Some(Piece::Whole(element, line))),
                        Err(Unfinished::Doctype) => Err(ReadError::Doctype(line)),
                        Err(Unfinished::Broken(why)) => self.broken(line, why),
                    };
                }
                Ok(Event::End(_)) if self.in_channel => {
                    self.xml = None;
                    return Ok(None);
                }
                Ok(Event::Eof) if !self.in_channel => return Err(ReadError::NoChannel),
                Ok(Event::Eof) => {
                    self.xml = None;
                    return Ok(Some(Piece::Broken {
                        line,
                        why: "the file is truncated".to_owned(),
                    }));
                }
                Ok(_) => {}
                Err(quick_xml::Error::Io(error)) if error.kind() != io::ErrorKind::FileTooLarge => {
                    return Err(io::Error::new(error.kind(), error.to_string()).into());
                }
                Err(error) if self.in_channel => {
                    return self.broken(line, why(error));
                }
                Err(_) => return Err(ReadError::NoChannel),
            }
        }
    }

    /// Skips a malformed element, to the start of the next item.
    fn broken(&mut self, line: u64, why: String) -> Result<Option<Piece>, ReadError> {
        const ITEM: &[u8] = b"<item>";
        let Some(xml) = self.xml.take() else {
            return Ok(None);
        };
        let mut input = xml.into_inner();
        // Skipped bytes are not kept, so their number is not limited.
        input.allowance = usize::MAX;
        let mut matched = 0;
        loop {
            let buffer = input.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let mut used = 0;
            for byte in buffer {
                used += 1;
                matched = match ITEM[matched] == *byte {
                    true => matched + 1,
                    false => usize::from(*byte == ITEM[0]),
                };
                if matched == ITEM.len() {
                    break;
                }
            }
            input.consume(used);
            if matched == ITEM.len() {
                input.again = ITEM;
                let mut xml = XmlReader::from_reader(input);
                // The new parser has not seen the start tag of the channel.
                xml.config_mut().allow_unmatched_ends = true;
                self.xml = Some(xml);
                break;
            }
        }
        Ok(Some(Piece::Broken { line, why }))
    }

    /// Reads the rest of an element after its start tag.
    fn finish(&mut self, element: Element) -> Result<Element, Unfinished> {
        let broken = |why: &str| Unfinished::Broken(why.to_owned());
        let mut open = vec![element];
        let mut size = 0;
        let mut garbled = 0;
        while let Some(xml) = &mut self.xml {
            let event = Self::event(xml, &mut self.buffer)
                .map_err(|error| Unfinished::Broken(why(error)))?;
            let mut text = None;
            match event {
                Event::DocType(_) => return Err(Unfinished::Doctype),
                Event::Start(tag) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(broken("its elements are nested too deeply"));
                    }
                    open.push(begun(&tag).map_err(Unfinished::Broken)?);
                    size += tag.len() + size_of::<Element>();
                }
                Event::Empty(tag) => {
                    let empty = begun(&tag).map_err(Unfinished::Broken)?;
                    size += tag.len() + size_of::<Element>();
                    if let Some(parent) = open.last_mut() {
                        parent.controls += empty.controls;
                        parent.children.push(empty);
                    }
                }
                Event::End(_) => {
                    let Some(mut ended) = open.pop() else {
                        return Err(broken("it has an end tag without a start tag"));
                    };
                    match open.last_mut() {
                        None => {
                            ended.garbled = garbled;
                            return Ok(ended);
                        }
                        Some(parent) if ended.name == "wp:comment" => parent.comments += 1,
                        Some(parent) => {
                            parent.controls += ended.controls;
                            parent.children.push(ended);
                        }
                    }
                }
                Event::Text(found) => {
                    text = Some(found.xml_content(XmlVersion::Explicit1_0).into_owned());
                }
                Event::CData(found) => text = Some(found.to_string()),
                Event::GeneralRef(name) => {
                    let reference = format!("&{};", &*name);
                    // References that XML does not define are kept as text.
                    text = Some(match unescape(&reference) {
                        Ok(resolved) => resolved.into_owned(),
                        Err(_) => reference,
                    });
                }
                Event::Eof => return Err(broken("the file ends in the middle of it")),
                _ => {}
            }
            if let (Some(mut text), Some(element)) = (text, open.last_mut()) {
                size += text.len();
                element.controls += remove_controls(&mut text);
                garbled += text.matches(char::REPLACEMENT_CHARACTER).count() as u64;
                element.text += &text;
            }
            if size > MAX_SIZE {
                return Err(broken(TOO_LARGE));
            }
        }
        Err(broken("the file ends in the middle of it"))
    }
}

/// The encoding that the XML declaration names; UTF-8 if it names none. A readable declaration of UTF-16 is wrong, and
/// treated as UTF-8.
fn declared(head: &[u8]) -> &'static Encoding {
    let mut xml = XmlReader::from_reader(head);
    let named = match xml.read_event_into(&mut Vec::new()) {
        Ok(Event::Decl(declaration)) => declaration
            .encoding()
            .and_then(Result::ok)
            .and_then(|name| Encoding::for_label(name.as_bytes())),
        _ => None,
    };
    named.unwrap_or(UTF_8).output_encoding()
}

fn why(error: quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}

enum Unfinished {
    Doctype,
    Broken(String),
}

fn begun(tag: &BytesStart<'_>) -> Result<Element, String> {
    let mut attributes = Vec::new();
    let mut controls = 0;
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attributes.len() == MAX_ATTRIBUTES {
            return Err("an element has too many attributes".to_owned());
        }
        let value = unescape(&attribute.value).map_err(|error| error.to_string())?;
        let mut value = value.into_owned();
        controls += remove_controls(&mut value);
        attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(Element {
        name: tag.name().as_ref().to_owned(),
        attributes,
        controls,
        ..Element::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(export: &'static str) -> (Vec<String>, Vec<(u64, String)>) {
        let mut reader = Reader::new(export.as_bytes()).unwrap();
        let (mut titles, mut broken) = (Vec::new(), Vec::new());
        while let Some(piece) = reader.next().unwrap() {
            match piece {
                Piece::Whole(element, _) if element.name == "item" => {
                    titles.push(element.get("title").to_owned());
                }
                Piece::Whole(..) => {}
                Piece::Broken { line, why } => broken.push((line, why)),
            }
        }
        (titles, broken)
    }

    #[test]
    fn malformed_items_are_reported_and_skipped() {
        let (titles, broken) = titles(
            "<rss><channel>\n<title>Site</title>\n<item><title>One &amp; &#8220;two&#8221; &hellip;</title></item>\n\
             <item><title>Two</oops></item>\n<item><title><![CDATA[Three <b>]]></title></item>\n\
             <item><title>Fo",
        );
        assert_eq!(titles, ["One & “two” &hellip;", "Three <b>"]);
        assert_eq!(broken.len(), 2, "{broken:?}");
        assert_eq!(broken[0].0, 4);
        assert!(broken[1].1.contains("ends in the middle"));
    }

    #[test]
    fn xml_bombs_are_refused() {
        let bomb = "<!DOCTYPE lolz [<!ENTITY lol \"lol\">]><rss><channel></channel></rss>";
        let refused = Reader::new(bomb.as_bytes()).unwrap().next();
        assert!(matches!(refused, Err(ReadError::Doctype(1))));
        let deep: &'static str = Box::leak(
            format!(
                "<rss><channel><item>{}</item><item><title>Fine</title></item></channel></rss>",
                "<a>".repeat(100_000)
            )
            .into_boxed_str(),
        );
        let (titles, broken) = titles(deep);
        assert_eq!(titles, ["Fine"]);
        assert!(broken[0].1.contains("deep"));
        let wide: &'static str = Box::leak(
            format!(
                "<rss><channel><item {}></item></channel></rss>",
                (0..100_000)
                    .map(|n| format!("a{n}=\"\" "))
                    .collect::<String>()
            )
            .into_boxed_str(),
        );
        let (_, broken) = self::titles(wide);
        assert!(broken[0].1.contains("attributes"), "{broken:?}");
    }

    #[test]
    fn other_files_are_refused() {
        for other in ["", "<html></html>", "PK\u{3}\u{4}", "<rss><chann"] {
            let refused = Reader::new(other.as_bytes()).unwrap().next();
            assert!(matches!(refused, Err(ReadError::NoChannel)), "{other}");
        }
    }

    #[test]
    fn invalid_bytes_are_counted_and_replaced() {
        let export =
            b"\xef\xbb\xbf<rss><channel><item><title>Caf\xe9</title></item></channel></rss>";
        let mut reader = Reader::new(&export[..]).unwrap();
        let Some(Piece::Whole(item, 1)) = reader.next().unwrap() else {
            panic!("not read");
        };
        assert_eq!((item.get("title"), item.garbled), ("Caf\u{fffd}", 1));
    }

    #[test]
    fn the_declared_encoding_is_used() {
        let title = |export: Vec<u8>| {
            let mut reader = Reader::new(io::Cursor::new(export)).unwrap();
            let Some(Piece::Whole(item, _)) = reader.next().unwrap() else {
                panic!("not read");
            };
            (item.get("title").to_owned(), item.garbled)
        };
        let export = |encoding: &str| {
            format!(
                "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n\
                 <rss><channel><item><title>Café “Łódź”</title></item></channel></rss>"
            )
        };
        let whole = ("Café “Łódź”".to_owned(), 0);
        for encoding in ["utf-8", "UTF-16", "no-such-thing", "gb18030"] {
            let (bytes, ..) = Encoding::for_label(encoding.as_bytes())
                .unwrap_or(UTF_8)
                .encode(Box::leak(export(encoding).into_boxed_str()));
            assert_eq!(title(bytes.into_owned()), whole, "{encoding}");
        }
        let (latin, ..) = encoding_rs::ISO_8859_2.encode("Łódź");
        let mut export =
            b"<?xml version='1.0' encoding='iso-8859-2'?><rss><channel><item><title>".to_vec();
        export.extend_from_slice(&latin);
        export.extend_from_slice(b"</title></item></channel></rss>");
        assert_eq!(title(export), ("Łódź".to_owned(), 0));
        // A byte order mark takes precedence over the declaration.
        let mut wide = vec![0xff, 0xfe];
        let text = "<?xml version='1.0' encoding='UTF-8'?><rss><channel><item><title>Łódź</title></item></channel></rss>";
        wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(title(wide), ("Łódź".to_owned(), 0));
    }

    #[test]
    fn oversized_elements_are_skipped_with_bounded_memory() {
        let endless: [(&[u8], u8); 4] = [
            (b"<item><title><![CDATA[", b'x'),
            (b"<item><title>", b'x'),
            (b"<item><!--", b'x'),
            (b"<item ", b' '),
        ];
        for (begin, byte) in endless {
            let input = b"<rss><channel>\n"
                .chain(begin)
                .chain(io::repeat(byte).take(100 << 20))
                .chain(&b"<item><title>Fine</title></item></channel></rss>"[..]);
            let mut reader = Reader::new(input).unwrap();
            let Some(Piece::Broken { line: 2, why }) = reader.next().unwrap() else {
                panic!("not refused");
            };
            assert_eq!(why, TOO_LARGE);
            let Some(Piece::Whole(item, 2)) = reader.next().unwrap() else {
                panic!("the next item is not read");
            };
            assert_eq!(item.get("title"), "Fine");
            assert!(reader.buffer.capacity() <= 4 * MAX_SIZE);
        }
        // The limit also covers the sum of many small elements.
        let many = "<a/>".repeat(10_000_000);
        let input = io::Cursor::new(format!("<rss><channel><item>{many}</item></channel></rss>"));
        let mut reader = Reader::new(input).unwrap();
        assert!(
            matches!(reader.next().unwrap(), Some(Piece::Broken { why, .. }) if why == TOO_LARGE)
        );
    }

    #[test]
    fn many_consecutive_malformed_items_are_skipped() {
        let many = "<item></x>\n".repeat(100_000);
        let export =
            format!("<rss><channel>{many}<item><title>Fine</title></item></channel></rss>");
        let (titles, broken) = titles(Box::leak(export.into_boxed_str()));
        assert_eq!((titles.len(), broken.len()), (1, 100_000));
        assert_eq!(broken[99_999].0, 100_000);
    }
}
