//! A link that gives trouble: a TCP relay before any server, whose mode can be changed while it runs.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
}

/// The relay; dropping it cuts the link.
pub(crate) struct Trouble {
    address: SocketAddr,
    link: Arc<Link>,
    task: JoinHandle<()>,
}

struct Link {
    server: SocketAddr,
    mode: watch::Sender<Mode>,
    up: AtomicU64,
    connections: AtomicU64,
    breaks: AtomicU64,
}

impl Trouble {
    /// A relay to this server, on a free port of this machine.
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let link = Arc::new(Link {
            server,
            mode: watch::channel(Mode::Pass).0,
            up: AtomicU64::new(0),
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
        self.link.mode.send_replace(mode);
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
    if carried.is_err() {
        link.breaks.fetch_add(1, Ordering::SeqCst);
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

async fn carry(client: &mut TcpStream, link: &Link) -> io::Result<()> {
    let mut server = TcpStream::connect(link.server).await?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let mut moving = link.mode.subscribe();
    let mut still = link.mode.subscribe();
    let up = async {
        let (mut piece, mut carried) = ([0; 4096], 0);
        loop {
            let read = from_client.read(&mut piece).await?;
            if read == 0 {
                return Ok(());
            }
            let _ = moving.wait_for(|mode| !stalls(link, *mode)).await;
            let room = room(link, carried).min(read as u64);
            to_server.write_all(&piece[..usize::try_from(room).unwrap()]).await?;
            carried += room;
            link.up.fetch_add(room, Ordering::SeqCst);
            if room < read as u64 {
                return Err(broken());
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
            to_client.write_all(&piece[..read]).await?;
        }
    };
    tokio::select! { ended = up => ended, ended = down => ended }
}

fn stalls(link: &Link, mode: Mode) -> bool {
    matches!(mode, Mode::StallAt(bytes) if link.up.load(Ordering::SeqCst) >= bytes)
}

/// How many bytes the link lets through before it breaks.
fn room(link: &Link, carried: u64) -> u64 {
    match *link.mode.borrow() {
        Mode::BreakEach(bytes) => bytes.saturating_sub(carried),
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
