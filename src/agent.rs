//! Tells readers' browsers from programs by their User-Agent, with the table in `agents.toml`.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

/// What a program that is no reader's browser does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Search engines, AI, advertising, and everything that is none of the others.
    Crawler,
    FeedReader,
    /// Shows a card of the page, as messengers and federated servers do.
    Preview,
    /// Checks whether the site responds or is in order.
    UptimeCheck,
    /// Keeps a copy of the page.
    Archive,
}

impl Kind {
    /// In the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Crawler,
        Self::FeedReader,
        Self::Preview,
        Self::UptimeCheck,
        Self::Archive,
    ];

    /// The name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crawler => "crawler",
            Self::FeedReader => "feed_reader",
            Self::Preview => "preview",
            Self::UptimeCheck => "uptime_check",
            Self::Archive => "archive",
        }
    }
}

/// The part of `agents.toml` that is read here; its comments explain the fields.
#[derive(Deserialize)]
struct File {
    rules: Rules,
    kinds: Vec<Names>,
}

#[derive(Deserialize)]
struct Rules {
    browsers: Vec<String>,
    marks: Vec<String>,
    compatible: String,
    compatible_browsers: Vec<String>,
    endings: Vec<String>,
    phones: Vec<String>,
}

#[derive(Deserialize)]
struct Names {
    kind: Kind,
    names: Vec<String>,
    #[serde(default)]
    hints: Vec<String>,
}

/// What a text in a User-Agent means.
#[derive(Clone, Copy)]
enum Meaning {
    /// As whole words: a program of this kind.
    Name(Kind),
    /// As whole words: the kind, if it is a program.
    Hint(Kind),
    /// Anywhere: a program.
    Mark,
    /// Anywhere: a program, unless an old browser is named too.
    Compatible,
    /// As whole words: an old browser.
    OldBrowser,
    /// At the end of a word: a program, unless the word is a phone's.
    Ending,
    /// As whole words: a phone.
    Phone,
}

/// Finds all texts of the table in one pass.
struct Table {
    matcher: AhoCorasick,
    /// By the index of the pattern.
    meanings: Vec<Meaning>,
    browsers: Vec<String>,
}

impl Table {
    /// `None` if the file is invalid, which a test excludes.
    fn read() -> Option<Self> {
        let file: File = toml::from_str(include_str!("agents.toml")).ok()?;
        let rules = file.rules;
        let mut texts: Vec<(String, Meaning)> = vec![(rules.compatible, Meaning::Compatible)];
        let mut add = |list: Vec<String>, meaning| {
            texts.extend(list.into_iter().map(|text| (text, meaning)));
        };
        add(rules.marks, Meaning::Mark);
        add(rules.compatible_browsers, Meaning::OldBrowser);
        add(rules.endings, Meaning::Ending);
        add(rules.phones, Meaning::Phone);
        for names in file.kinds {
            add(names.names, Meaning::Name(names.kind));
            add(names.hints, Meaning::Hint(names.kind));
        }
        let (texts, meanings): (Vec<String>, Vec<Meaning>) = texts.into_iter().unzip();
        let matcher = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(texts)
            .ok()?;
        Some(Self {
            matcher,
            meanings,
            browsers: rules.browsers,
        })
    }

    fn kind_of(&self, user_agent: &str) -> Option<Kind> {
        let bytes = user_agent.as_bytes();
        let is_in_word = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(u8::is_ascii_alphanumeric)
        };
        let (mut named, mut hinted) = (None, None);
        let (mut has_mark, mut is_compatible, mut is_old_browser) = (false, false, false);
        // Where they end, in ascending order: matches come so.
        let (mut endings, mut phones) = (Vec::new(), Vec::new());
        for found in self.matcher.find_overlapping_iter(user_agent) {
            let ends_word = !is_in_word(Some(found.end()));
            let are_words = ends_word && !is_in_word(found.start().checked_sub(1));
            match self.meanings[found.pattern().as_usize()] {
                Meaning::Mark => has_mark = true,
                Meaning::Compatible => is_compatible = true,
                Meaning::Ending if ends_word => endings.push(found.end()),
                Meaning::Name(kind) if are_words => named = named.or(Some(kind)),
                Meaning::Hint(kind) if are_words => hinted = hinted.or(Some(kind)),
                Meaning::OldBrowser if are_words => is_old_browser = true,
                Meaning::Phone if are_words => phones.push(found.end()),
                _ => {}
            }
        }
        let is_program = named.is_some()
            || has_mark
            || (is_compatible && !is_old_browser)
            || endings
                .iter()
                .any(|end: &usize| phones.binary_search(end).is_err())
            || !self.begins_as_browser(bytes);
        is_program.then(|| named.or(hinted).unwrap_or(Kind::Crawler))
    }

    fn begins_as_browser(&self, user_agent: &[u8]) -> bool {
        self.browsers.iter().any(|beginning| {
            user_agent
                .get(..beginning.len())
                .is_some_and(|begins| begins.eq_ignore_ascii_case(beginning.as_bytes()))
        })
    }
}

static TABLE: LazyLock<Option<Table>> = LazyLock::new(Table::read);

/// The kind of program that sends this User-Agent; `None` for a reader's browser. The time grows with the length of the
/// User-Agent, not of the table.
pub fn kind_of(user_agent: &str) -> Option<Kind> {
    TABLE.as_ref()?.kind_of(user_agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_people_on_any_device_or_in_any_app() {
        for agent in [
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Mozilla/5.0 (Linux; Android 10; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus Build/PPR1) AppleWebKit/537.36 Chrome/99.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 8.1; ID bot 53 Build/O11019) AppleWebKit/537.36 Chrome/80.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/470.0;FBSN/iOS;FBLC/de_DE]",
            "Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) AppleWebKit/537.36 Version/4.0 Chrome/126.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/470.0;]",
            "Mozilla/5.0 (Linux; Android 16; Pixel 10; wv) AppleWebKit/537.36 Version/4.0 Chrome/146.0 Mobile Safari/537.36 MetaIAB Facebook",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 337.0.3 (iPhone14,5; scale=3.00)",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 LinkedInApp/9.29.1",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [Pinterest/iOS]",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Snapchat/12.90 (like Safari/8618.2.12, panda)",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Twitter for iPhone/10.44",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.49 NetType/WIFI Language/zh_CN",
            "Mozilla/5.0 (Linux; Android 13; SM-A536B; wv) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 musical_ly_2023501030 BytedanceWebview/d8a21c6",
            "Mozilla/5.0 (Linux; Android 13; SM-G991N; wv) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36;KAKAOTALK 2410610",
            "Mozilla/5.0 (Linux; Android 12; wv) AppleWebKit/537.36 Version/4.0 Chrome/110.0 Mobile Safari/537.36 Reddit/2024.10.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 GSA/322.0.642 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 Silk/126.3 like Chrome/126.0 Safari/537.36",
            "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1; Trident/6.0)",
            "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18",
            "Lynx/2.9.0 libwww-FM/2.14",
        ] {
            assert_eq!(kind_of(agent), None, "{agent}");
        }
    }

    #[test]
    fn programs_have_the_kind_of_what_they_do() {
        let chrome = "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36";
        let with_chrome = |more: &str| format!("{chrome} {more}");
        for (agent, kind) in [
            ("Googlebot/2.1 (+http://www.google.com/bot.html)".to_owned(), Kind::Crawler),
            (with_chrome("(compatible; GoogleOther)"), Kind::Crawler),
            ("GoogleOther".to_owned(), Kind::Crawler),
            (with_chrome("Chrome-Lighthouse"), Kind::UptimeCheck),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/126.0 Safari/537.36".to_owned(), Kind::Crawler),
            ("Mozilla/5.0 (compatible; NeverSeenBot/1.0)".to_owned(), Kind::Crawler),
            ("Mozilla/5.0 NeverSeenCrawler".to_owned(), Kind::Crawler),
            ("python-requests/2.32".to_owned(), Kind::Crawler),
            ("Go-http-client/2.0".to_owned(), Kind::Crawler),
            ("okhttp/4.12".to_owned(), Kind::Crawler),
            ("curl/8.0".to_owned(), Kind::Crawler),
            ("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot".to_owned(), Kind::Crawler),
            ("Mozilla/5.0 (compatible; Miniflux/2.2.0; +https://miniflux.app)".to_owned(), Kind::FeedReader),
            ("Mozilla/5.0 Miniflux/2.2.0".to_owned(), Kind::FeedReader),
            ("FreshRSS/1.24.3 (Linux; https://freshrss.org)".to_owned(), Kind::FeedReader),
            ("NetNewsWire (RSS Reader; https://netnewswire.com/)".to_owned(), Kind::FeedReader),
            ("Feedfetcher-Google; (+http://www.google.com/feedfetcher.html)".to_owned(), Kind::FeedReader),
            ("Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/) Bot".to_owned(), Kind::Preview),
            ("Akkoma 3.13.2; https://akkoma.example <admin@akkoma.example>; Bot".to_owned(), Kind::Preview),
            ("Lemmy/0.19.5; +https://lemmy.example".to_owned(), Kind::Preview),
            ("WhatsApp/2.24.10.85 A".to_owned(), Kind::Preview),
            ("WhatsApp/2".to_owned(), Kind::Preview),
            ("Signal-Android/7.8.1".to_owned(), Kind::Preview),
            ("Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)".to_owned(), Kind::Preview),
            ("Iframely/1.3.1 (+https://iframely.com/docs/about)".to_owned(), Kind::Preview),
            ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)".to_owned(), Kind::Preview),
            (with_chrome("facebookexternalhit/1.1 Facebot Twitterbot/1.0"), Kind::Preview),
            ("TelegramBot (like TwitterBot)".to_owned(), Kind::Preview),
            ("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)".to_owned(), Kind::UptimeCheck),
            ("Uptime-Kuma/1.23.11".to_owned(), Kind::UptimeCheck),
            ("Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)".to_owned(), Kind::Archive),
            ("Wget/1.24.5".to_owned(), Kind::Crawler),
        ] {
            assert_eq!(kind_of(&agent), Some(kind), "{agent}");
        }
    }

    #[test]
    fn the_table_is_valid_and_in_lower_case_and_has_all_kinds() {
        let file: File = toml::from_str(include_str!("agents.toml")).unwrap();
        for kind in Kind::ALL {
            assert!(
                file.kinds.iter().any(|names| names.kind == kind),
                "{kind:?}"
            );
        }
        let mut names: Vec<&String> = file
            .kinds
            .iter()
            .flat_map(|kind| kind.names.iter().chain(&kind.hints))
            .collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all, "a name has one kind");
        assert!(
            names
                .iter()
                .all(|name| name.len() > 2 && **name == name.to_ascii_lowercase())
        );
        assert!(Table::read().is_some());
    }

    #[test]
    fn a_long_user_agent_is_matched_in_one_pass() {
        let agent = format!("Mozilla/5.0 ({})", "cubot bot ".repeat(5_000));
        assert_eq!(kind_of(&agent), Some(Kind::Crawler));
        let phones = format!("Mozilla/5.0 ({})", "cubot ".repeat(1_000));
        assert_eq!(kind_of(&phones), None);
    }
}
