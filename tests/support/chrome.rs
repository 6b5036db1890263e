//! A headless Chromium driven through chromedriver, for the pages the bureau serves.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use thirtyfour::common::print::{PrintPage, PrintParameters};
use thirtyfour::{ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver};

/// One browser with a profile of its own; dereferences to thirtyfour's driver.
pub struct Chrome {
    driver: WebDriver,
    server: Child,
    _profile: TempDir,
}

impl Chrome {
    /// Starts chromedriver on a free port and a browser with a window of this size.
    pub async fn open((width, height): (u32, u32)) -> Result<Self> {
        // thirtyfour builds its HTTP client with TLS compiled in, which wants a provider though it talks to loopback.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (mut server, port) = start_server()?;
        let profile = tempfile::tempdir()?;
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_headless()?;
        // As root, which a build machine's user often is, Chromium refuses its own sandbox.
        wanted.set_no_sandbox()?;
        for argument in [
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--disable-gpu",
            "--disable-sync",
            "--force-device-scale-factor=1",
            "--hide-scrollbars",
            "--lang=zh-CN",
            "--no-first-run",
            "--no-proxy-server",
        ] {
            wanted.add_arg(argument)?;
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        wanted.add_arg(&format!("--window-size={width},{height}"))?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await;
        match driver {
            Ok(driver) => Ok(Self { driver, server, _profile: profile }),
            Err(error) => {
                end(&mut server);
                Err(error).context("Chromium did not start")
            }
        }
    }

    /// The page as a PDF on A4, with backgrounds, as the print dialog would make it.
    pub async fn print(&self) -> Result<Vec<u8>> {
        let page = PrintPage { width: 21.0, height: 29.7 };
        let parameters = PrintParameters { background: true, page, ..PrintParameters::default() };
        Ok(self.driver.print_page(parameters).await?)
    }
}

impl std::ops::Deref for Chrome {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.driver
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        // The session dies with its server; asked to end it properly, thirtyfour would wait two minutes for an answer.
        let _ = self.driver.clone().leak();
        end(&mut self.server);
    }
}

fn start_server() -> Result<(Child, u16)> {
    let mut server = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("chromedriver")?;
    let stdout = server.stdout.take().context("chromedriver's words")?;
    let mut lines = BufReader::new(stdout).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        line.split("started successfully on port ").nth(1)?.trim_end_matches('.').parse().ok()
    });
    // Left unread, a full pipe would stop it.
    std::thread::spawn(move || lines.for_each(drop));
    match port {
        Some(port) => Ok((server, port)),
        None => {
            end(&mut server);
            anyhow::bail!("chromedriver named no port")
        }
    }
}

/// Ends the server and the browsers it started.
fn end(server: &mut Child) {
    let group = format!("-{}", server.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    let _ = server.wait();
}
