//! A real browser: Chromium, driven by one ChromeDriver process for the whole test run.

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

/// Where Debian installs it; tried if it is not on the PATH.
const DEFAULT_DRIVER_PATH: &str = "/usr/bin/chromedriver";

/// Limit for the start of ChromeDriver and for every wait.
const TIMEOUT: Duration = Duration::from_secs(20);

static DRIVER: LazyLock<Result<Driver, String>> = LazyLock::new(Driver::start);

/// Runs the asynchronous WebDriver client for the synchronous tests.
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
pub enum ColorScheme {
    Light,
    Dark,
}

/// The initial state of a browser.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// In CSS pixels.
    pub width: u32,
    pub height: u32,
    pub scheme: ColorScheme,
    pub javascript: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 800,
            scheme: ColorScheme::Light,
            javascript: true,
        }
    }
}

/// A browser with its own profile and one window; closed on drop.
pub struct Browser {
    client: Client,
}

impl Browser {
    /// `None`, reported as skipped, if there is no browser.
    pub fn start(options: Options) -> Option<Self> {
        let started = match &*DRIVER {
            Ok(driver) => driver.new_session(),
            Err(why) => Err(why.clone()),
        };
        match started {
            Ok(client) => {
                let browser = Self { client };
                browser.resize(options.width, options.height);
                browser.set_color_scheme(options.scheme);
                browser.set_javascript_enabled(options.javascript);
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
        run(self.client.goto(url), url);
    }

    /// Sets the viewport size in CSS pixels. Resizing the window instead is limited to 500 pixels or more.
    pub fn resize(&self, width: u32, height: u32) {
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
        );
    }

    /// Emulates the colour scheme that the user prefers.
    pub fn set_color_scheme(&self, scheme: ColorScheme) {
        let value = match scheme {
            ColorScheme::Light => "light",
            ColorScheme::Dark => "dark",
        };
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({"features": [{"name": "prefers-color-scheme", "value": value}]}),
        );
    }

    /// Whether pages may run scripts; [`Browser::eval`] works in either case.
    pub fn set_javascript_enabled(&self, on: bool) {
        self.devtools(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": !on}),
        );
    }

    /// Emulates a slow mobile network: 150 ms latency, 200 kB/s down, 90 kB/s up.
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

    /// Runs a function body in the page; returns its value, or the value its promise resolves to.
    #[track_caller]
    pub fn eval(&self, script: &str) -> Value {
        run(self.client.execute(script, vec![]), script)
    }

    /// Waits until a JavaScript expression is true in the page.
    #[track_caller]
    pub fn wait_until(&self, condition: &str) {
        let start = Instant::now();
        while self.eval(&format!("return Boolean({condition})")) != true {
            assert!(
                start.elapsed() < TIMEOUT,
                "timed out waiting for {condition}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits for a loaded page whose path has this ending; a click returns before the next page is loaded.
    pub fn wait_for_path(&self, end: &str) {
        self.wait_until(&format!(
            "location.pathname.endsWith('{end}') && document.readyState === 'complete'"
        ));
    }

    /// Clicks the first element that a CSS selector finds.
    #[track_caller]
    pub fn click(&self, css: &str) {
        retry(css, || async {
            self.client.find(Locator::Css(css)).await?.click().await
        });
    }

    /// Clicks a link or button that leads to another page and waits until that is loaded.
    #[track_caller]
    pub fn follow(&self, css: &str) {
        self.eval("document.documentElement.dataset.left = '';");
        self.click(css);
        self.wait_until(
            "!('left' in document.documentElement.dataset) && document.readyState === 'complete'",
        );
    }

    /// Replaces the value of the first field that a CSS selector finds.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) {
        retry(css, || async {
            let field = self.client.find(Locator::Css(css)).await?;
            field.clear().await?;
            field.send_keys(text).await
        });
    }

    /// Types at the end of the first element that a CSS selector finds.
    #[track_caller]
    pub fn type_into(&self, css: &str, text: &str) {
        let typing = async {
            self.client
                .find(Locator::Css(css))
                .await?
                .send_keys(text)
                .await
        };
        run(typing, css);
    }

    /// Selects a value of a drop-down list.
    #[track_caller]
    pub fn select(&self, css: &str, value: &str) {
        let choosing = async {
            let list = self.client.find(Locator::Css(css)).await?;
            list.select_by_value(value).await
        };
        run(choosing, css);
    }

    /// The text of the first element that a CSS selector finds.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        retry(css, || async {
            self.client.find(Locator::Css(css)).await?.text().await
        })
    }

    /// The path of the current page.
    pub fn path(&self) -> String {
        self.eval("return location.pathname")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether the page asks for confirmation before it is left. ChromeDriver answers such dialogs itself, so
    /// the event is dispatched directly.
    pub fn warns_before_leaving(&self) -> bool {
        self.eval(
            "const leaving = new Event('beforeunload', { cancelable: true });
             dispatchEvent(leaving);
             return leaving.defaultPrevented;",
        ) == true
    }

    /// Presses and releases a key: a character or one of [`fantoccini::key`].
    #[track_caller]
    pub fn press(&self, key: char) {
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        run(self.client.perform_actions(keys), "a key");
    }

    /// Scrolls through the whole page and waits until every visible picture is loaded.
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

    /// The console errors and warnings since the last call.
    pub fn console_errors(&self) -> Vec<String> {
        let entries = self.command("se/log", json!({"type": "browser"}));
        entries
            .as_array()
            .into_iter()
            .flatten()
            .filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING")
            .map(|entry| entry["message"].to_string())
            .collect()
    }

    /// Sends a command of the DevTools protocol.
    fn devtools(&self, name: &str, parameters: Value) -> Value {
        self.command(
            "goog/cdp/execute",
            json!({"cmd": name, "params": parameters}),
        )
    }

    /// Sends a ChromeDriver command that is not part of the WebDriver standard.
    #[track_caller]
    fn command(&self, path: &'static str, body: Value) -> Value {
        let what = format!("{path}: {body}");
        run(
            self.client.issue_cmd(ExtensionCommand { path, body }),
            &what,
        )
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // An error means that the browser has already ended.
        let _ = RUNTIME.block_on(self.client.clone().close());
    }
}

impl Driver {
    fn start() -> Result<Self, String> {
        let program = std::env::var_os("PATH")
            .iter()
            .flat_map(std::env::split_paths)
            .map(|folder| folder.join("chromedriver"))
            .chain([DEFAULT_DRIVER_PATH.into()])
            .find(|program| program.exists())
            .ok_or("chromedriver was not found")?;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(|error| error.to_string())?
            .port();
        let folder = std::env::temp_dir().join(format!("dateline-browser-{}", std::process::id()));
        // ChromeDriver ends with this process, even if that is killed, because the shell's standard input
        // closes then. Browser profiles are in its folder for temporary files. Browsers end with
        // ChromeDriver, but may write for a moment longer.
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
        // The pipe has to stay open as long as this process lives.
        std::mem::forget(child);
        let driver = Self {
            url: format!("http://127.0.0.1:{port}"),
        };
        let start = Instant::now();
        while ureq::get(format!("{}/status", driver.url)).call().is_err() {
            if start.elapsed() > TIMEOUT {
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
                // The browser ends when this pipe closes, that is, with ChromeDriver.
                "--remote-debugging-pipe",
            ]},
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("the literal is an object");
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

/// A command that is not part of the WebDriver standard.
#[derive(Debug)]
struct ExtensionCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for ExtensionCommand {
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

/// Whether the element was not found because another page is being loaded.
fn is_between_pages(error: &CmdError) -> bool {
    let text = error.to_string();
    text.contains("stale element") || text.contains("no such element")
}

/// Repeats an action on an element as long as the page is still being loaded. `what` describes it in a panic.
#[track_caller]
fn retry<T, F>(what: &str, attempt: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, CmdError>>,
{
    let start = Instant::now();
    loop {
        match RUNTIME.block_on(attempt()) {
            Err(error) if is_between_pages(&error) && start.elapsed() < TIMEOUT => {
                std::thread::sleep(Duration::from_millis(50));
            }
            other => return other.unwrap_or_else(|error| panic!("{error}\n{what}")),
        }
    }
}

#[track_caller]
fn run<T>(action: impl Future<Output = Result<T, CmdError>>, what: &str) -> T {
    RUNTIME
        .block_on(action)
        .unwrap_or_else(|error| panic!("{error}\n{what}"))
}
