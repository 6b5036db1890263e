//! The app's real window, as a test sees it: Xvfb for a screen, the program in it, and WebKitGTK's inspector
//! for a way into the page. Debug builds only; a release build serves no inspector.
//!
//! The inspector speaks its protocol over a WebSocket and wraps every command for the page in another one for
//! the "target" (the page's process), which may be replaced when the page navigates.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long one answer of the inspector may take.
const ANSWER: Duration = Duration::from_secs(60);
/// How long the program may take to show its page.
const START: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(50);

/// A screen with the program in it.
pub struct Window {
    screen: Screen,
    program: String,
    env: Vec<(String, String)>,
    running: Option<Running>,
}

struct Running {
    app: Group,
    page: Page,
}

impl Window {
    /// Starts `program` on a screen of its own, which its window fills, and waits until its page can be read.
    pub async fn open(program: &str, (width, height): (u32, u32), env: &[(&str, &str)]) -> Result<Self> {
        let env = env.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let screen = Screen::start(width, height)?;
        let mut window = Self { screen, program: program.to_owned(), env, running: None };
        window.start().await?;
        Ok(window)
    }

    /// Starts the program again after [`Window::kill`], with the same environment and so the same data.
    pub async fn start(&mut self) -> Result<()> {
        let port = free_port()?;
        let mut command = Command::new(&self.program);
        command
            .env("DISPLAY", &self.screen.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("XIEGUAN_WINDOW", &self.screen.size)
            .env("WEBKIT_INSPECTOR_HTTP_SERVER", format!("127.0.0.1:{port}"))
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null());
        let mut app = Group::spawn(command)?;
        let page = tokio::time::timeout(START, Page::connect(port, &mut app))
            .await
            .context("the program did not show a page in time")??;
        self.running = Some(Running { app, page });
        Ok(())
    }

    /// Starts the program again without its inspector, and gives the milliseconds that its log says beside `said`.
    pub async fn timed_start(&mut self, said: &str) -> Result<u64> {
        let mut command = Command::new(&self.program);
        command
            .env("DISPLAY", &self.screen.display)
            .env_remove("WAYLAND_DISPLAY")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("XIEGUAN_WINDOW", &self.screen.size)
            .env("RUST_LOG", "xieguan=info")
            .env("NO_COLOR", "1")
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        let mut app = Group::spawn(command)?;
        let log = BufReader::new(app.child.stderr.take().context("its log")?);
        let line = tokio::task::spawn_blocking({
            let said = said.to_owned();
            move || log.lines().map_while(Result::ok).find(|line| line.contains(&said))
        });
        let line = tokio::time::timeout(START, line).await??.context("the program ended")?;
        let ms = line.split("ms=").nth(1).and_then(|rest| rest.split_whitespace().next());
        ms.and_then(|ms| ms.parse().ok()).with_context(|| line.clone())
    }

    /// Ends the program as a dying phone would: no signal it could handle.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// The value of a JavaScript expression, as JSON; a promise is awaited, an exception is an error.
    pub async fn eval(&mut self, script: &str) -> Result<Value> {
        let running = self.running.as_mut().context("the program was killed")?;
        tokio::time::timeout(ANSWER, running.page.eval(script))
            .await
            .with_context(|| format!("no answer to: {script}"))?
            .with_context(|| script.to_owned())
    }

    /// Waits until the expression is truthy. An exception counts as "not yet" and is told if time runs out.
    pub async fn wait_for(&mut self, condition: &str, timeout: Duration) -> Result<()> {
        let until = Instant::now() + timeout;
        loop {
            let last = self.eval(&format!("!!({condition})")).await;
            if matches!(last, Ok(Value::Bool(true))) {
                return Ok(());
            }
            if Instant::now() > until {
                let shown = self.eval("document.body.innerText").await.unwrap_or_default();
                bail!("waited {timeout:?} for {condition}; last: {last:?}; the page shows: {shown}");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Clicks the first element the selector finds, with the rights of a user's gesture.
    pub async fn click(&mut self, selector: &str) -> Result<()> {
        let script = format!(
            "(() => {{ const it = document.querySelector({0}); if (!it) throw new Error('nothing is ' + {0}); \
             it.scrollIntoView({{ block: 'center' }}); it.click(); return true; }})()",
            json!(selector)
        );
        self.eval(&script).await.map(drop)
    }

    /// Types `text` into the field the selector finds, in place of what stood there.
    pub async fn fill(&mut self, selector: &str, text: &str) -> Result<()> {
        let script = format!(
            "(() => {{ const it = document.querySelector({0}); if (!it) throw new Error('nothing is ' + {0}); \
             it.focus(); it.value = {1}; it.dispatchEvent(new Event('input', {{ bubbles: true }})); \
             it.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()",
            json!(selector),
            json!(text)
        );
        self.eval(&script).await.map(drop)
    }

    /// The text a person reads in the first element the selector finds.
    pub async fn text(&mut self, selector: &str) -> Result<String> {
        let value = self.eval(&format!("document.querySelector({}).innerText", json!(selector))).await?;
        Ok(value.as_str().context("it has no text")?.to_owned())
    }

    /// Takes a picture of the whole screen, once the page has painted what it holds.
    pub async fn screenshot(&mut self, path: &Path) -> Result<()> {
        self.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
            .await?;
        let status = Command::new("import")
            .args(["-display", &self.screen.display, "-window", "root"])
            .arg(path)
            .status()
            .context("ImageMagick's import")?;
        if !status.success() {
            bail!("import failed: {status}");
        }
        Ok(())
    }
}

struct Screen {
    display: String,
    /// As `WIDTHxHEIGHT`.
    size: String,
    _server: Group,
}

impl Screen {
    /// Lets the server choose a free display and say which.
    fn start(width: u32, height: u32) -> Result<Self> {
        let size = format!("{width}x{height}");
        let mut command = Command::new("Xvfb");
        command
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &format!("{size}x24")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = Group::spawn(command)?;
        let stdout = server.child.stdout.take().context("Xvfb's answer")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let number: u32 = line.trim().parse().context("Xvfb chose no display")?;
        Ok(Self { display: format!(":{number}"), size, _server: server })
    }
}

/// A process and its children, ended together.
struct Group {
    child: Child,
}

impl Group {
    fn spawn(mut command: Command) -> Result<Self> {
        let child = command.process_group(0).spawn().with_context(|| format!("{command:?}"))?;
        Ok(Self { child })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    target: String,
    answers: VecDeque<Value>,
    last_id: u64,
}

impl Page {
    async fn connect(port: u16, app: &mut Group) -> Result<Self> {
        let socket = loop {
            if let Some(status) = app.child.try_wait()? {
                bail!("the program ended: {status}");
            }
            if let Some(path) = listed_page(port).await {
                let address = format!("ws://127.0.0.1:{port}{path}");
                if let Ok((socket, _)) = tokio_tungstenite::connect_async(address).await {
                    break socket;
                }
            }
            tokio::time::sleep(PAUSE).await;
        };
        let mut page = Self { socket, target: String::new(), answers: VecDeque::new(), last_id: 0 };
        while page.target.is_empty() {
            page.receive().await?;
        }
        Ok(page)
    }

    async fn eval(&mut self, script: &str) -> Result<Value> {
        let first = self
            .command("Runtime.evaluate", json!({ "expression": script, "emulateUserGesture": true }))
            .await?;
        let object = &first["result"];
        let thrown = first["wasThrown"] == json!(true);
        let last = match object["objectId"].as_str() {
            Some(id) if !thrown && object["className"] == "Promise" => {
                self.command("Runtime.awaitPromise", json!({ "promiseObjectId": id, "returnByValue": true }))
                    .await?
            }
            Some(id) if !thrown => {
                let itself = "function () { return this; }";
                let how = json!({ "objectId": id, "functionDeclaration": itself, "returnByValue": true });
                self.command("Runtime.callFunctionOn", how).await?
            }
            _ => first,
        };
        if last["wasThrown"] == json!(true) {
            bail!("the page threw {}", last["result"]["description"].as_str().unwrap_or("something"));
        }
        Ok(last["result"]["value"].clone())
    }

    async fn command(&mut self, method: &str, params: Value) -> Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let inner = json!({ "id": id, "method": method, "params": params }).to_string();
        let outer = json!({
            "id": id,
            "method": "Target.sendMessageToTarget",
            "params": { "targetId": self.target, "message": inner },
        });
        self.socket.send(Message::text(outer.to_string())).await?;
        loop {
            if let Some(at) = self.answers.iter().position(|answer| answer["id"] == json!(id)) {
                let answer = self.answers.remove(at).unwrap_or_default();
                if let Some(error) = answer.get("error") {
                    bail!("{method}: {error}");
                }
                return Ok(answer["result"].clone());
            }
            self.receive().await?;
        }
    }

    /// Takes the next message: an answer is kept, a new target is followed, the rest is dropped.
    async fn receive(&mut self) -> Result<()> {
        let message = self.socket.next().await.context("the program closed its inspector")??;
        let Message::Text(text) = message else { return Ok(()) };
        let message: Value = serde_json::from_str(&text)?;
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Target.targetCreated") if params["targetInfo"]["isProvisional"] != json!(true) => {
                self.target = params["targetInfo"]["targetId"].as_str().unwrap_or_default().to_owned();
            }
            Some("Target.didCommitProvisionalTarget") => {
                self.target = params["newTargetId"].as_str().unwrap_or_default().to_owned();
            }
            Some("Target.dispatchMessageFromTarget") => {
                self.answers.push_back(serde_json::from_str(params["message"].as_str().unwrap_or("null"))?);
            }
            // The outer command failed: its target is gone, and no inner answer will come.
            None if message.get("error").is_some() => self.answers.push_back(message),
            _ => {}
        }
        Ok(())
    }
}

/// The inspector's list names the page's socket once the webview has loaded it; earlier there is nothing to read.
async fn listed_page(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").await.ok()?;
    let mut list = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut list)).await;
    let list = String::from_utf8_lossy(&list);
    let end = list.find("/WebPage")? + "/WebPage".len();
    let start = list[..end].rfind("/socket/")?;
    Some(list[start..end].to_owned())
}

fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
