//! A link that gives trouble: a TCP relay before any server, whose mode can be changed while it runs.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the link does to connections, new ones and those under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    Pass,
    /// Every connection is reset at once.
    Reset,
    /// Each connection breaks when it has carried this many bytes towards the server.
    BreakEach(u64),
    /// The link breaks whenever this many bytes more have gone towards the server, over all connections.
    BreakEvery(u64),
    /// Requests arrive, answers do not: the connection breaks when one comes.
    LoseAnswers,
    /// When this much has gone towards the server since the relay began, nothing moves any more; nothing breaks.
    StallAt(u64),
    /// Every request gets a page that asks to log in, with status 200.
    Portal,
    /// Once: the connection breaks when this many bytes have gone towards the server since the mode was set.
    CutUp(u64, End),
    /// Once: the connection breaks when this many bytes have come from the server since the mode was set.
    CutDown(u64, End),
    /// Every request goes to the server twice, the second time over a connection of its own.
    Double,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Torn off: both sides get a reset.
    Reset,
    /// Closed as if all was said.
    Close,
}

/// The relay; dropping it cuts the link.
pub(crate) struct Trouble {
    address: SocketAddr,
    link: Arc<Link>,
    task: JoinHandle<()>,
}

struct Link {
    server: Mutex<SocketAddr>,
    mode: watch::Sender<Mode>,
    up: AtomicU64,
    down: AtomicU64,
    /// `up` and `down` when the mode was set.
    since: (AtomicU64, AtomicU64),
    doubled: AtomicU64,
    /// Every whole request that was sent twice, to be sent again later.
    requests: Mutex<Vec<Vec<u8>>>,
    connections: AtomicU64,
    breaks: AtomicU64,
}

impl Trouble {
    /// A relay to this server, on a free port of this machine.
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let link = Arc::new(Link {
            server: Mutex::new(server),
            mode: watch::channel(Mode::Pass).0,
            up: AtomicU64::new(0),
            down: AtomicU64::new(0),
            since: (AtomicU64::new(0), AtomicU64::new(0)),
            doubled: AtomicU64::new(0),
            requests: Mutex::default(),
            connections: AtomicU64::new(0),
            breaks: AtomicU64::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&link)));
        Self { address, link, task }
    }

    /// As a base address for a client.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes what the link does, from now on.
    pub(crate) fn set(&self, mode: Mode) {
        self.link.since.0.store(self.link.up.load(Ordering::SeqCst), Ordering::SeqCst);
        self.link.since.1.store(self.link.down.load(Ordering::SeqCst), Ordering::SeqCst);
        self.link.mode.send_replace(mode);
    }

    /// What the link does now; a cut that was made is over.
    pub(crate) fn mode(&self) -> Mode {
        *self.link.mode.borrow()
    }

    /// The server has another address from now on.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        *self.link.server.lock().unwrap() = server;
    }

    /// Bytes that came from the server.
    pub(crate) fn bytes_down(&self) -> u64 {
        self.link.down.load(Ordering::SeqCst)
    }

    /// Requests that were sent twice so far.
    pub(crate) fn doubled(&self) -> u64 {
        self.link.doubled.load(Ordering::SeqCst)
    }

    /// Sends every request once more that was sent twice, in order, and waits for the answers.
    pub(crate) async fn repeat_all(&self) {
        let requests = std::mem::take(&mut *self.link.requests.lock().unwrap());
        for request in requests {
            repeat(&self.link, request).await;
        }
    }

    /// Bytes that went towards the server.
    pub(crate) fn bytes_up(&self) -> u64 {
        self.link.up.load(Ordering::SeqCst)
    }

    /// Connections made so far.
    pub(crate) fn connections(&self) -> u64 {
        self.link.connections.load(Ordering::SeqCst)
    }

    /// Connections that the relay broke so far.
    pub(crate) fn breaks(&self) -> u64 {
        self.link.breaks.load(Ordering::SeqCst)
    }
}

impl Drop for Trouble {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, link: Arc<Link>) {
    // The set is dropped with this task, and with it every connection.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        link.connections.fetch_add(1, Ordering::SeqCst);
        connections.spawn(serve(client, Arc::clone(&link)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut client: TcpStream, link: Arc<Link>) {
    let mut mode = link.mode.subscribe();
    let first = *mode.borrow_and_update();
    let carried = match first {
        Mode::Portal => portal(&mut client).await,
        Mode::Reset => Err(broken()),
        _ => {
            tokio::select! {
                carried = carry(&mut client, &link) => carried,
                () = forbidden(&mut mode) => Err(broken()),
            }
        }
    };
    if let Err(error) = carried {
        link.breaks.fetch_add(1, Ordering::SeqCst);
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return;
        }
        // A reset, as when a phone's network goes away; nothing can be done if the socket refuses.
        let _ = client.set_zero_linger();
    }
}

async fn forbidden(mode: &mut watch::Receiver<Mode>) {
    let _ = mode.wait_for(|mode| matches!(mode, Mode::Reset | Mode::Portal)).await;
}

fn broken() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

fn closed() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// The cut is made; what comes after it passes.
fn cut(link: &Link, end: End) -> io::Error {
    link.mode.send_if_modified(|mode| {
        let is_cut = matches!(mode, Mode::CutUp(..) | Mode::CutDown(..));
        *mode = if is_cut { Mode::Pass } else { *mode };
        is_cut
    });
    if end == End::Close { closed() } else { broken() }
}

async fn carry(client: &mut TcpStream, link: &Arc<Link>) -> io::Result<()> {
    let to = *link.server.lock().unwrap();
    let mut server = TcpStream::connect(to).await?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let mut moving = link.mode.subscribe();
    let mut still = link.mode.subscribe();
    let up = async {
        let (mut piece, mut carried) = ([0; 4096], 0);
        let mut said = Vec::new();
        loop {
            let read = from_client.read(&mut piece).await?;
            if read == 0 {
                return Ok(());
            }
            if *link.mode.borrow() == Mode::Double {
                said.extend_from_slice(&piece[..read]);
                double(link, &mut said);
            }
            let _ = moving.wait_for(|mode| !stalls(link, *mode)).await;
            let room = room(link, carried).min(read as u64);
            to_server.write_all(&piece[..usize::try_from(room).unwrap()]).await?;
            carried += room;
            link.up.fetch_add(room, Ordering::SeqCst);
            if room < read as u64 {
                let mode = *link.mode.borrow();
                return Err(if let Mode::CutUp(_, end) = mode { cut(link, end) } else { broken() });
            }
        }
    };
    let down = async {
        let mut piece = [0; 4096];
        loop {
            let read = from_server.read(&mut piece).await?;
            let _ = still.wait_for(|mode| !stalls(link, *mode)).await;
            if *link.mode.borrow() == Mode::LoseAnswers {
                return Err(broken());
            }
            if read == 0 {
                return Ok(());
            }
            let room = match *link.mode.borrow() {
                Mode::CutDown(bytes, end) => {
                    let came = link.down.load(Ordering::SeqCst) - link.since.1.load(Ordering::SeqCst);
                    Some((usize::try_from(bytes.saturating_sub(came)).unwrap(), end))
                }
                _ => None,
            };
            let passed = room.map_or(read, |(room, _)| room.min(read));
            link.down.fetch_add(passed as u64, Ordering::SeqCst);
            to_client.write_all(&piece[..passed]).await?;
            if let Some((_, end)) = room.filter(|(room, _)| *room < read) {
                return Err(cut(link, end));
            }
        }
    };
    let ended = tokio::select! { ended = up => ended, ended = down => ended };
    if ended.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset) {
        // The server is told as rudely as the phone.
        let _ = server.set_zero_linger();
    }
    ended
}

/// Takes whole requests off what was said, and sends each a second time.
fn double(link: &Arc<Link>, said: &mut Vec<u8>) {
    while let Some(length) = request_length(said) {
        let request: Vec<u8> = said.drain(..length).collect();
        link.requests.lock().unwrap().push(request.clone());
        link.doubled.fetch_add(1, Ordering::SeqCst);
        let link = Arc::clone(link);
        tokio::spawn(async move { repeat(&link, request).await });
    }
}

/// Bytes of the first request, once all of it is there.
fn request_length(said: &[u8]) -> Option<usize> {
    let head = said.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&said[..head]).ok()?.to_ascii_lowercase();
    let body = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let length = head + body.unwrap_or(0);
    (said.len() >= length).then_some(length)
}

/// Sends a request again and reads whatever comes; nobody waits for the answer.
async fn repeat(link: &Link, request: Vec<u8>) {
    let to = *link.server.lock().unwrap();
    let Ok(mut server) = TcpStream::connect(to).await else { return };
    if server.write_all(&request).await.is_err() {
        return;
    }
    let mut piece = [0; 4096];
    let answered = async { server.read(&mut piece).await };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(5), answered).await;
}

fn stalls(link: &Link, mode: Mode) -> bool {
    matches!(mode, Mode::StallAt(bytes) if link.up.load(Ordering::SeqCst) >= bytes)
}

/// How many bytes the link lets through before it breaks.
fn room(link: &Link, carried: u64) -> u64 {
    match *link.mode.borrow() {
        Mode::BreakEach(bytes) => bytes.saturating_sub(carried),
        Mode::CutUp(bytes, _) => {
            bytes.saturating_sub(link.up.load(Ordering::SeqCst) - link.since.0.load(Ordering::SeqCst))
        }
        // At the very end of a stretch the break comes with the next byte, and a new stretch begins.
        Mode::BreakEvery(bytes) => match bytes - link.up.load(Ordering::SeqCst) % bytes {
            whole if whole == bytes && carried > 0 => 0,
            left => left,
        },
        _ => u64::MAX,
    }
}

async fn portal(client: &mut TcpStream) -> io::Result<()> {
    let (mut piece, mut head) = ([0; 4096], Vec::new());
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match client.read(&mut piece).await? {
            0 => return Ok(()),
            read => head.extend_from_slice(&piece[..read]),
        }
    }
    const PAGE: &str = "<html><title>示例网络 登录</title></html>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{PAGE}",
        PAGE.len()
    );
    client.write_all(answer.as_bytes()).await
}
