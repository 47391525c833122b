//! A real browser: Chromium, driven through one ChromeDriver for the whole test run.

use std::{
    net::TcpListener,
    process::{Command, Stdio},
    sync::LazyLock,
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    error::{CmdError, NewSessionError},
    wd::WebDriverCompatibleCommand,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use ureq::http::Method;

/// Elsewhere than on the path, this is where Debian and its children keep it.
const USUAL_DRIVER: &str = "/usr/bin/chromedriver";

/// How long the driver may take to start, and a page to come to what is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

static DRIVER: LazyLock<Result<Driver, String>> = LazyLock::new(Driver::start);

/// The client is asynchronous, the tests are not: this is where its work is done.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
});

struct Driver {
    url: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

/// How a browser is set up.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// In CSS pixels, as narrow as one likes.
    pub width: u32,
    pub height: u32,
    pub scheme: Scheme,
    pub javascript: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 800,
            scheme: Scheme::Light,
            javascript: true,
        }
    }
}

/// A browser with a profile of its own and one window; it is closed when this is dropped.
pub struct Browser {
    client: Client,
}

impl Browser {
    /// `None`, said aloud, where there is no browser.
    pub fn start(options: Options) -> Option<Self> {
        let started = match &*DRIVER {
            Ok(driver) => driver.new_session(),
            Err(why) => Err(why.clone()),
        };
        match started {
            Ok(client) => {
                let browser = Self { client };
                browser.size(options.width, options.height);
                browser.scheme(options.scheme);
                browser.javascript(options.javascript);
                Some(browser)
            }
            Err(why) => {
                super::skip("browser", &why);
                None
            }
        }
    }

    /// Opens a page and waits until it is loaded.
    #[track_caller]
    pub fn open(&self, url: &str) {
        done(self.client.goto(url), url);
    }

    /// Makes the page this large, in CSS pixels. A window cannot be narrower than 500 pixels.
    pub fn size(&self, width: u32, height: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        );
    }

    /// What the system tells pages that its owner prefers.
    pub fn scheme(&self, scheme: Scheme) {
        let value = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": value}]}),
        );
    }

    /// Whether pages may run scripts. Tests may, nevertheless.
    pub fn javascript(&self, on: bool) {
        self.devtools(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": !on}),
        );
    }

    /// Makes the network as slow as that of a telephone in the country.
    pub fn slow_network(&self) {
        self.devtools(
            "Network.emulateNetworkConditions",
            json!({
                "offline": false,
                "latency": 150,
                "downloadThroughput": 200_000,
                "uploadThroughput": 90_000,
            }),
        );
    }

    /// Runs the body of a function in the page; what it returns, or what its promise comes to.
    #[track_caller]
    pub fn eval(&self, script: &str) -> Value {
        done(self.client.execute(script, vec![]), script)
    }

    /// Waits until an expression is true in the page.
    #[track_caller]
    pub fn wait_until(&self, condition: &str) {
        let begun = Instant::now();
        while self.eval(&format!("return Boolean({condition})")) != true {
            assert!(begun.elapsed() < PATIENCE, "not so in time: {condition}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits for a whole page whose path ends so: a click returns before what it leads to is there.
    pub fn wait_for_path(&self, end: &str) {
        self.wait_until(&format!(
            "location.pathname.endsWith('{end}') && document.readyState === 'complete'"
        ));
    }

    /// Clicks the first element that a CSS selector finds.
    #[track_caller]
    pub fn click(&self, css: &str) {
        patiently(css, || async {
            self.client.find(Locator::Css(css)).await?.click().await
        });
    }

    /// Clicks what leads to another page, and waits until that is there whole. A page opened before would
    /// be overtaken by it.
    #[track_caller]
    pub fn follow(&self, css: &str) {
        self.eval("document.documentElement.dataset.left = '';");
        self.click(css);
        self.wait_until(
            "!('left' in document.documentElement.dataset) && document.readyState === 'complete'",
        );
    }

    /// Types into the first field that a CSS selector finds, in place of what stood there.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) {
        patiently(css, || async {
            let field = self.client.find(Locator::Css(css)).await?;
            field.clear().await?;
            field.send_keys(text).await
        });
    }

    /// Types behind what stands in the first element that a CSS selector finds.
    #[track_caller]
    pub fn type_into(&self, css: &str, text: &str) {
        let typing = async {
            self.client
                .find(Locator::Css(css))
                .await?
                .send_keys(text)
                .await
        };
        done(typing, css);
    }

    /// Chooses from a drop-down list.
    #[track_caller]
    pub fn choose(&self, css: &str, value: &str) {
        let choosing = async {
            let list = self.client.find(Locator::Css(css)).await?;
            list.select_by_value(value).await
        };
        done(choosing, css);
    }

    /// The text of the first element that a CSS selector finds.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        patiently(css, || async {
            self.client.find(Locator::Css(css)).await?.text().await
        })
    }

    /// The path of the page that is open.
    pub fn path(&self) -> String {
        self.eval("return location.pathname")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether the page asks before it is left. The driver answers such questions by itself, so the
    /// page is asked as the browser would ask it.
    pub fn asks_before_leaving(&self) -> bool {
        self.eval(
            "const leaving = new Event('beforeunload', { cancelable: true });
             dispatchEvent(leaving);
             return leaving.defaultPrevented;",
        ) == true
    }

    /// Presses a key and lets it go: a character, or one of [`fantoccini::key`].
    #[track_caller]
    pub fn press(&self, key: char) {
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        done(self.client.perform_actions(keys), "a key");
    }

    /// Scrolls through the whole page as a reader does, and waits for every picture on the way.
    #[track_caller]
    pub fn scroll_through(&self) {
        self.eval(
            "const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
             for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight / 2) {
               scrollTo({ top, behavior: 'instant' });
               await drawn();
             }
             return null;",
        );
        self.wait_until(
            "[...document.images].every((image) => image.complete || !image.getClientRects().length)",
        );
    }

    /// What the page and the browser have complained of since this was last asked.
    pub fn complaints(&self) -> Vec<String> {
        let entries = self.command("se/log", json!({"type": "browser"}));
        entries
            .as_array()
            .into_iter()
            .flatten()
            .filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING")
            .map(|entry| entry["message"].to_string())
            .collect()
    }

    /// Gives a command to Chromium itself: one of the DevTools protocol.
    fn devtools(&self, name: &str, parameters: Value) -> Value {
        self.command(
            "goog/cdp/execute",
            json!({"cmd": name, "params": parameters}),
        )
    }

    /// Gives a command to ChromeDriver that is not in the WebDriver standard.
    #[track_caller]
    fn command(&self, path: &'static str, body: Value) -> Value {
        let what = format!("{path}: {body}");
        done(self.client.issue_cmd(OwnCommand { path, body }), &what)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // An error is a browser that is gone already.
        let _ = RUNTIME.block_on(self.client.clone().close());
    }
}

impl Driver {
    fn start() -> Result<Self, String> {
        let program = std::env::var_os("PATH")
            .iter()
            .flat_map(std::env::split_paths)
            .map(|folder| folder.join("chromedriver"))
            .chain([USUAL_DRIVER.into()])
            .find(|program| program.exists())
            .ok_or("chromedriver was not found")?;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(|error| error.to_string())?
            .port();
        let folder = std::env::temp_dir().join(format!("dateline-browser-{}", std::process::id()));
        // The driver ends with this process, however that ends: then its pipe to the shell closes.
        // It makes the browsers' profiles in its folder for temporary files. Browsers that lose their
        // driver end too, but may write for a moment more.
        let script = format!(
            "trap '' INT
             mkdir -m 700 {folder}
             TMPDIR={folder} {program} --port={port} --log-level=OFF &
             read _ || true
             kill $!
             wait
             rm -rf {folder}
             sleep 2
             rm -rf {folder}",
            folder = folder.display(),
            program = program.display(),
        );
        let child = Command::new("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("chromedriver could not be started: {error}"))?;
        // The pipe stays open as long as this process lives.
        std::mem::forget(child);
        let driver = Self {
            url: format!("http://127.0.0.1:{port}"),
        };
        let begun = Instant::now();
        while ureq::get(format!("{}/status", driver.url)).call().is_err() {
            if begun.elapsed() > PATIENCE {
                return Err("chromedriver did not start".to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(driver)
    }

    fn new_session(&self) -> Result<Client, String> {
        let capabilities = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                // When the driver ends, so does this pipe, and with it the browser.
                "--remote-debugging-pipe",
            ]},
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("it is written as an object");
        };
        let session = RUNTIME.block_on(
            ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities)
                .connect(&self.url),
        );
        session.map_err(|error| match error {
            NewSessionError::SessionNotCreated(error) => format!("Chromium did not start: {error}"),
            error => format!("chromedriver did not answer: {error}"),
        })
    }
}

/// A command that the WebDriver standard does not know.
#[derive(Debug)]
struct OwnCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for OwnCommand {
    fn endpoint(
        &self,
        base_url: &url::Url,
        session_id: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        let session = session_id.unwrap_or_default();
        base_url.join(&format!("session/{session}/{}", self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// Waits for what was asked of the browser; `what` says in a failure's message what that was.
fn is_between_pages(error: &CmdError) -> bool {
    let text = error.to_string();
    text.contains("stale element") || text.contains("no such element")
}

/// Does something with an element of the page; once more, if another page came in between or is still
/// on its way.
#[track_caller]
fn patiently<T, F>(what: &str, attempt: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, CmdError>>,
{
    let begun = Instant::now();
    loop {
        match RUNTIME.block_on(attempt()) {
            Err(error) if is_between_pages(&error) && begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(50));
            }
            other => return other.unwrap_or_else(|error| panic!("{error}\n{what}")),
        }
    }
}

#[track_caller]
fn done<T>(asked: impl Future<Output = Result<T, CmdError>>, what: &str) -> T {
    RUNTIME
        .block_on(asked)
        .unwrap_or_else(|error| panic!("{error}\n{what}"))
}
