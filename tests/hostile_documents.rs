//! Any body, title or form up to its limit takes memory and allocations in proportion to its length, whatever it contains.
//!
//! A test binary of its own, because it measures the memory and counts the allocations of the process.

use std::{alloc::System, fs};

use dateline::text::{SanitizedHtml, lines, links, parts};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

/// Counts allocations.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const DOCUMENTS: u64 = 2_000;
/// The maximum memory that one document may take, in kilobytes.
const MAX_KILOBYTES: u64 = 150_000;
/// The maximum number of allocations, and of bytes that are allocated in total, freed ones included: a measure of time that
/// does not depend on the machine. Today's worst document needs a quarter.
const MIN_ALLOCATIONS: usize = 2_000;
const ALLOCATIONS_PER_BYTE: usize = 20;
const MIN_ALLOCATED: usize = 500_000;
const ALLOCATED_PER_BYTE: usize = 1_700;
/// The maximum growth: a node for every second byte, and the longest escape of a byte, `&quot;`.
const MAX_GROWTH: usize = 16;

const TAGS: [&str; 38] = [
    "p",
    "div",
    "b",
    "em",
    "i",
    "strong",
    "a",
    "span",
    "font",
    "nobr",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "td",
    "caption",
    "blockquote",
    "aside",
    "figure",
    "h2",
    "button",
    "select",
    "option",
    "form",
    "svg",
    "math",
    "title",
    "textarea",
    "template",
    "script",
    "style",
    "object",
    "frameset",
    "html",
    "body",
    "br",
    "h1",
];
const ATTRIBUTES: [&str; 8] = [
    "x",
    "href=/a",
    "class=pull-quote",
    "data-media=1",
    "data-gallery=\"g\"",
    "data-also-read='3'",
    "data-embed=x",
    "title=\"&&\"",
];
const TEXTS: [&str; 12] = [
    "word ", "&", "<", "&lt;", "\u{a0}", "»", "]]>", "-->", "<!--", "\0", "\r\n", "ب",
];

/// A document of repeated, nested and unclosed pieces.
fn document(number: u64) -> String {
    let mut rng = StdRng::seed_from_u64(number);
    let mut html = String::new();
    let length = rng.random_range(100..6_000);
    while html.len() < length {
        let mut piece = String::new();
        for _ in 0..rng.random_range(1..6) {
            let tag = TAGS.choose(&mut rng).unwrap();
            match rng.random_range(0..4) {
                0 => piece += TEXTS.choose(&mut rng).unwrap(),
                1 => piece += &format!("</{tag}>"),
                _ => {
                    let attributes: String = (0..rng.random_range(0..3))
                        .map(|_| format!(" {}", ATTRIBUTES.choose(&mut rng).unwrap()))
                        .collect();
                    piece += &format!("<{tag}{attributes}>");
                }
            }
        }
        // Formatting elements count as different if an attribute differs.
        let repeats = [1, 1, 10, 100, 1_000].choose(&mut rng).unwrap();
        for repeat in 0..*repeats {
            html += &piece.replacen(" x", &format!(" x{repeat}"), 1);
        }
    }
    html
}

/// Documents of the largest size that a form takes.
fn largest() -> Vec<String> {
    let size = 8_000_000;
    [
        "&",
        "<",
        "<p>x",
        "<br>",
        "word ",
        "<b x>",
        "</p ",
        "\u{a0}",
        "<a href=/a>x</a>",
        "<!---->",
    ]
    .map(|piece| piece.repeat(size / piece.len()))
    .into_iter()
    .chain(["&", "a", "<p>x</p>\n"].map(|piece| piece.repeat(3_900_000 / piece.len())))
    .collect()
}

/// A value of `/proc/self/status`, in kilobytes.
fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim_start_matches(':')
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

/// The memory that `work` takes at most beyond what is in use, in kilobytes; 0 where Linux does not tell it.
fn peak(work: impl FnOnce()) -> u64 {
    // 5 resets the peak (proc_pid_clear_refs(5)).
    if fs::write("/proc/self/clear_refs", "5").is_err() {
        work();
        return 0;
    }
    let before = status("VmRSS").unwrap_or_default();
    work();
    status("VmHWM").unwrap_or_default().saturating_sub(before)
}

fn check(html: &str, name: &str) {
    let region = Region::new(&INSTRUMENTED_SYSTEM);
    let taken = peak(|| {
        let Ok(clean) = SanitizedHtml::try_new(html) else {
            return;
        };
        assert!(
            clean.as_str().len() <= MAX_GROWTH * html.len() + 200_000,
            "{name}: {} bytes became {}",
            html.len(),
            clean.as_str().len()
        );
        clean.word_count();
        parts(&clean);
        lines(&clean);
        links(&clean);
    });
    assert!(taken <= MAX_KILOBYTES, "{name}: {taken} KB");
    let cost = region.change();
    let allocations = cost.allocations + cost.reallocations;
    assert!(
        allocations <= MIN_ALLOCATIONS + ALLOCATIONS_PER_BYTE * html.len(),
        "{name}: {allocations} allocations for {} bytes",
        html.len()
    );
    let allocated = cost.bytes_allocated + usize::try_from(cost.bytes_reallocated).unwrap_or(0);
    assert!(
        allocated <= MIN_ALLOCATED + ALLOCATED_PER_BYTE * html.len(),
        "{name}: {allocated} bytes were allocated for {}",
        html.len()
    );
}

#[test]
fn any_document_costs_what_its_length_justifies() {
    for number in 0..DOCUMENTS {
        check(&document(number), &format!("document {number}"));
    }
    for html in largest() {
        check(&html, &format!("{:?}…", &html[..8]));
    }
}
