//! Claims about the console's door: rules, forms, sessions, headers. What the pages show is `tests/console.rs`'s.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail its test")]

use std::path::Path;

use reqwest::header::{CACHE_CONTROL, COOKIE, LOCATION, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode, redirect};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use xieguan::bureau::auth::Access;
use xieguan::bureau::console::rules;
use xieguan::bureau::storage::accounts::{Account, Role};
use xieguan::bureau::storage::setup::Fresh;
use xieguan::bureau::{open, password, serve};

const PASSWORD: &str = "correct horse 示例";

struct Door {
    address: String,
    client: Client,
    _stop: oneshot::Sender<()>,
    _folder: TempDir,
}

impl Door {
    async fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let bureau =
            tokio::task::spawn_blocking(move || open(&path, &Fresh::default())).await.unwrap().unwrap();
        for (name, role) in [("li", Role::Reviewer), ("wang", Role::Viewer)] {
            let account =
                Account { name: name.to_owned(), shown_as: "李示例".to_owned(), role, township: None };
            let hash = password::hash(PASSWORD.to_owned()).await.unwrap();
            bureau.storage().add_account(account, hash, 0).await.unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(serve(listener, bureau, async { drop(stopped.await) }));
        let client = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { address, client, _stop: stop, _folder: folder }
    }

    async fn get(&self, path: &str, cookies: &str) -> Response {
        self.client.get(format!("{}{path}", self.address)).header(COOKIE, cookies).send().await.unwrap()
    }

    async fn post(&self, path: &str, cookies: &str, body: String) -> Response {
        let request = self.client.post(format!("{}{path}", self.address)).header(COOKIE, cookies);
        let kind = "application/x-www-form-urlencoded";
        request.header("content-type", kind).body(body).send().await.unwrap()
    }

    /// Tries to log in with the form's own token.
    async fn log_in(&self, account: &str, password: &str) -> Response {
        let form = self.get("/login", "").await;
        let cookie = cookies(&form).into_iter().find(|c| c.starts_with("xieguan_form=")).unwrap();
        let token = cookie.split_once('=').unwrap().1.to_owned();
        let password = password.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        self.post("/login", &cookie, format!("account={account}&password={password}&form={token}")).await
    }
}

/// `name=value` of every cookie that an answer sets.
fn cookies(answer: &Response) -> Vec<String> {
    let all = answer.headers().get_all(SET_COOKIE).into_iter().map(|value| value.to_str().unwrap());
    all.map(|value| value.split(';').next().unwrap().to_owned()).collect()
}

fn session(answer: &Response) -> Option<String> {
    cookies(answer).into_iter().find(|cookie| cookie.starts_with("xieguan_session="))
}

#[tokio::test]
async fn every_route_keeps_its_rule() {
    let door = Door::open().await;
    assert!(rules().len() >= 10);
    for rule in rules() {
        let path = rule.path.replace("{digest}", &"a".repeat(64)).replace("{sha256}", &"b".repeat(64));
        let request = door.client.request(rule.method.clone(), format!("{}{path}", door.address));
        let answer = request.send().await.unwrap();
        let to_log_in = answer.status() == StatusCode::SEE_OTHER
            && answer.headers()[LOCATION].to_str().unwrap().starts_with("/login");
        match rule.access {
            Access::Anyone => assert!(!to_log_in && answer.status() != StatusCode::NOT_FOUND, "{rule:?}"),
            Access::Staff(_) => assert!(to_log_in, "{rule:?} answers a stranger with {}", answer.status()),
        }
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{rule:?}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        if !path.starts_with("/assets/") {
            assert_eq!(headers[CACHE_CONTROL], "no-store", "{rule:?}");
        }
    }
}

#[test]
fn the_table_is_the_only_way_into_the_router() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bureau/console");
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for way in [".route(", ".route_service(", ".nest(", ".merge("] {
            found += text.matches(way).count();
        }
    }
    assert_eq!(found, 1, "a route beside the table has no rule");
}

#[tokio::test]
async fn a_log_in_gives_a_session_that_a_log_out_ends() {
    let door = Door::open().await;
    let answer = door.log_in("li", PASSWORD).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let raw = answer.headers().get_all(SET_COOKIE).into_iter().map(|v| v.to_str().unwrap());
    let raw: Vec<&str> = raw.filter(|cookie| cookie.starts_with("xieguan_session=")).collect();
    assert!(raw[0].contains("HttpOnly") && raw[0].contains("SameSite=Strict") && raw[0].contains("Path=/"));
    let mine = session(&answer).unwrap();
    let inbox = door.get("/", &mine).await;
    assert_eq!(inbox.status(), StatusCode::OK);
    let html = inbox.text().await.unwrap();
    assert!(html.contains("还没有收到巡查记录") && html.contains("审核员"), "{html}");
    let token = html.split("name=\"form\"").nth(1).unwrap().split("value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let foreign = door.post("/logout", &mine, "form=guessed".to_owned()).await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN, "a form of another site logs out");
    assert_eq!(door.get("/", &mine).await.status(), StatusCode::OK);
    let out = door.post("/logout", &mine, format!("form={token}")).await;
    assert_eq!(out.status(), StatusCode::SEE_OTHER);
    assert_eq!(door.get("/", &mine).await.status(), StatusCode::SEE_OTHER, "the cookie still opens");
}

#[tokio::test]
async fn a_form_that_is_not_ours_logs_nobody_in() {
    let door = Door::open().await;
    let password = PASSWORD.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let body = format!("account=li&password={password}&form=");
    for cookies in ["", "xieguan_form=", "xieguan_form=other"] {
        let answer = door.post("/login", cookies, body.clone()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{cookies}");
        assert_eq!(session(&answer), None);
    }
}

#[tokio::test]
async fn guessing_waits_and_other_accounts_do_not() {
    let door = Door::open().await;
    let mut waited = None;
    for _ in 0..6 {
        let answer = door.log_in("li", "wrong").await;
        assert_eq!(session(&answer), None);
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            waited = answer.headers()[RETRY_AFTER].to_str().unwrap().parse::<u64>().ok();
            break;
        }
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(waited.is_some_and(|seconds| seconds >= 1), "nobody waits");
    let right = door.log_in("li", PASSWORD).await;
    assert_eq!(session(&right), None, "the right password ends the wait");
    assert!(session(&door.log_in("wang", PASSWORD).await).is_some());
}

#[tokio::test]
async fn an_address_that_is_none_says_so_in_the_visitors_language() {
    let door = Door::open().await;
    let mine = session(&door.log_in("wang", PASSWORD).await).unwrap();
    for path in ["/nothing", "/records/x", &format!("/records/{}", "0".repeat(64)), "/photos/%00"] {
        let answer = door.get(path, &mine).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(answer.text().await.unwrap().contains("没有找到"), "{path}");
    }
    let answer = door.get("/nothing?lang=en", &mine).await;
    assert!(cookies(&answer).contains(&"xieguan_lang=en".to_owned()));
    assert!(answer.text().await.unwrap().contains("There is no such page"));
    let answer = door.get("/?page=0&level=%FF&text=%00", &mine).await;
    assert_eq!(answer.status(), StatusCode::OK, "an odd filter breaks the list");
    let phone =
        door.client.request(Method::GET, format!("{}/v1/nothing", door.address)).send().await.unwrap();
    assert_eq!(phone.headers()["content-type"], "application/problem+json", "a phone gets a page");
}

#[tokio::test]
async fn the_stylesheet_is_named_by_its_content() {
    let door = Door::open().await;
    let html = door.get("/login", "").await.text().await.unwrap();
    let href = html.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let css = door.get(&href, "").await;
    assert!(css.headers()["content-type"].to_str().unwrap().starts_with("text/css"));
    let css = css.text().await.unwrap();
    assert!(css.contains("--brand") && css.contains(".inbox") && css.contains(".finding"));
    assert!(!html.contains("<script") && !html.contains("style=\""), "the policy forbids it");
}
