//! Who is at the desk: cookies, form tokens, log-in throttling, and what an account may see. Pure but for the
//! throttle's memory; the pages and the database are elsewhere.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use super::storage::accounts::{Account, Role, Session};
use crate::domain::id::Digest;

/// The cookie of a log-in.
pub const SESSION_COOKIE: &str = "xieguan_session";

/// The cookie that a log-in form must repeat, before there is a session.
pub const FORM_COOKIE: &str = "xieguan_form";

/// The cookie of the chosen language.
pub const LANGUAGE_COOKIE: &str = "xieguan_lang";

/// The field that carries a form's token.
pub const FORM_FIELD: &str = "form";

/// A session unused this long has ended.
const IDLE: Duration = Duration::from_secs(8 * 3600);

/// A session this old has ended, used or not.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Who may open a route. Every route declares one; the router is built from the declarations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody: the log-in page, the stylesheet.
    Anyone,
    /// Logged-in staff of at least this role.
    Staff(Role),
}

impl Access {
    /// Whether this visitor may.
    pub fn admits(self, session: Option<&Session>) -> bool {
        match self {
            Self::Anyone => true,
            Self::Staff(least) => session.is_some_and(|session| session.account.role >= least),
        }
    }
}

/// Whether an account sees the records of a township.
pub fn sees(account: &Account, township_code: &str) -> bool {
    account.township.as_ref().is_none_or(|own| own.code == township_code)
}

/// Whether a session still counts.
pub fn is_live(session: &Session, now_ms: i64) -> bool {
    let within = |since: i64, limit: Duration| u128::from(now_ms.abs_diff(since)) <= limit.as_millis();
    within(session.seen_ms, IDLE) && within(session.created_ms, LONGEST)
}

/// Sessions last used before this moment are of no use to anybody.
pub fn stale_before(now_ms: i64) -> i64 {
    now_ms.saturating_sub(i64::try_from(IDLE.as_millis()).unwrap_or(i64::MAX))
}

/// The name under which a cookie's value is stored: its SHA-256.
pub fn token_hash(value: &str) -> [u8; 32] {
    Digest::of(value.as_bytes()).0
}

/// Whether a form's token is the expected one; through hashes, so that the time tells nothing.
pub fn same_token(sent: &str, expected: &str) -> bool {
    !expected.is_empty() && Digest::of(sent.as_bytes()) == Digest::of(expected.as_bytes())
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// A `Set-Cookie` that scripts cannot read and other sites cannot send; `None` for a value no cookie can hold.
///
/// `https` is what the proxy before us says of the visitor's connection.
pub fn set_cookie(name: &str, value: &str, age: Option<Duration>, https: bool) -> Option<HeaderValue> {
    let age = age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
    let secure = if https { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}")).ok()
}

/// Whether the visitor's own connection is TLS, as the proxy before us says; a lie only makes cookies stricter.
pub fn is_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// Log-in tries by account name, known or not. Not by address: carriers put thousands behind one.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, Tries>>);

#[derive(Clone, Copy, Debug)]
struct Tries {
    failed: u32,
    not_before_ms: i64,
}

impl Throttle {
    /// Tries that cost nothing.
    const FREE: u32 = 3;
    /// The longest wait.
    const LONGEST_S: i64 = 300;
    /// Names remembered; past this, those whose wait is over are forgotten.
    const NAMES: usize = 10_000;

    /// Takes a try, counted as failed until [`Throttle::succeeded`], so that tries side by side count too.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn begin(&self, account: &str, now_ms: i64) -> Result<(), u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= Self::NAMES {
            known.retain(|_, tries| tries.not_before_ms > now_ms);
        }
        let tries = known.entry(account.to_owned()).or_insert(Tries { failed: 0, not_before_ms: i64::MIN });
        if tries.not_before_ms > now_ms {
            return Err(now_ms.abs_diff(tries.not_before_ms).div_ceil(1000));
        }
        tries.failed = tries.failed.saturating_add(1);
        let wait_s = match tries.failed.checked_sub(Self::FREE) {
            None => 0,
            Some(over) => 1_i64.checked_shl(over.min(16)).unwrap_or(Self::LONGEST_S).min(Self::LONGEST_S),
        };
        tries.not_before_ms = now_ms.saturating_add(wait_s * 1000);
        Ok(())
    }

    /// The try was good: the account starts afresh.
    pub fn succeeded(&self, account: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_with_every_failure_and_ends_with_a_success() {
        let throttle = Throttle::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..12 {
            throttle.begin("li", now).unwrap();
            let wait = throttle.begin("li", now).err().unwrap_or(0);
            if wait == 0 {
                continue;
            }
            waits.push(wait);
            now += i64::try_from(wait).unwrap() * 1000;
        }
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
        assert_eq!(waits.last(), Some(&300));
        throttle.begin("wang", now).unwrap();
        throttle.succeeded("li");
        throttle.begin("li", now).unwrap();
    }

    #[test]
    fn a_cookie_is_found_among_others_and_none_is_invented() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; xieguan_session=abc;b=2"));
        headers.append(header::COOKIE, HeaderValue::from_static("c=3"));
        assert_eq!(cookie(&headers, SESSION_COOKIE), Some("abc"));
        assert_eq!(cookie(&headers, "c"), Some("3"));
        assert_eq!(cookie(&headers, "xieguan"), None);
        assert!(set_cookie("a", "b\r\nc", None, false).is_none());
    }

    #[test]
    fn an_empty_token_never_fits() {
        assert!(!same_token("", ""));
        assert!(!same_token("a", "b"));
        assert!(same_token("a", "a"));
    }
}
