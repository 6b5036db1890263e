//! Console accounts, their sessions, and the audit log. Passwords come here only as argon2 strings.

use chrono::{DateTime, FixedOffset};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

use super::row::moment;
use super::{Storage, StorageError, Stored};
use crate::domain::site::Township;

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, checks, returns.
    Reviewer,
    /// Everything, accounts included.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Reviewer, Self::Admin];

    /// Its name in the database and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|role| role.name() == text);
        known.ok_or_else(|| format!("no role {text}: viewer, reviewer or admin"))
    }
}

/// An account, without its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Log-in name.
    pub name: String,
    /// How the console and the audit log call the person.
    pub shown_as: String,
    /// What it may do.
    pub role: Role,
    /// The only township it sees; none: the whole county.
    pub township: Option<Township>,
}

/// A log-in under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub account: Account,
    /// What forms must send back.
    pub csrf: String,
    /// When it began, Unix milliseconds.
    pub created_ms: i64,
    /// When it was last used, Unix milliseconds.
    pub seen_ms: i64,
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Account, device or command.
    pub who: String,
    /// What was done, a short stable word: `login`, `enrol`, `adduser`.
    pub action: String,
    /// What it was done to.
    pub subject: String,
}

impl Storage {
    /// Adds an account; `password` is an argon2 string (`bureau::password::hash`), `township` a code.
    ///
    /// # Errors
    /// [`StorageError::Exists`] when the name is taken.
    pub async fn add_account(&self, account: Account, password: String, now_ms: i64) -> Stored<()> {
        self.write(move |db| insert_account(db, &account, &password, now_ms)).await
    }

    /// The account and its argon2 string.
    pub async fn account(&self, name: &str) -> Stored<Option<(Account, String)>> {
        let name = name.to_owned();
        self.read(move |db| {
            let mut query = db.prepare_cached(&format!("{ACCOUNT} where a.name = ?"))?;
            let found = query.query_row([name], |row| Ok((account_row(row)?, row.get("password")?)));
            Ok(found.optional()?)
        })
        .await
    }

    /// All accounts by name.
    pub async fn accounts(&self) -> Stored<Vec<Account>> {
        self.read(|db| {
            let mut query = db.prepare_cached(&format!("{ACCOUNT} order by a.name"))?;
            let rows = query.query_map([], account_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Changes a password and ends the account's sessions; `false` when there is no such account.
    pub async fn set_password(&self, name: &str, password: String) -> Stored<bool> {
        let name = name.to_owned();
        self.write(move |db| {
            let changed = db
                .prepare_cached("update account set password = ? where name = ?")?
                .execute(params![password, name])?;
            db.prepare_cached("delete from session where account = ?")?.execute([name])?;
            Ok(changed == 1)
        })
        .await
    }

    /// Begins a session; `token_hash` is the SHA-256 of the cookie's value.
    pub async fn add_session(
        &self,
        token_hash: [u8; 32],
        account: &str,
        csrf: String,
        now_ms: i64,
    ) -> Stored<()> {
        const INSERT: &str = "insert into session (token_hash, account, csrf, created_ms, seen_ms)
            values (:token, :account, :csrf, :now, :now)";
        let account = account.to_owned();
        self.write(move |db| {
            let values = named_params! {
                ":token": token_hash, ":account": account, ":csrf": csrf, ":now": now_ms,
            };
            db.prepare_cached(INSERT)?.execute(values)?;
            Ok(())
        })
        .await
    }

    /// The session of a cookie; deciding whether it is too old is the caller's.
    pub async fn session(&self, token_hash: [u8; 32]) -> Stored<Option<Session>> {
        const SELECT: &str = "select a.name, a.shown_as, a.role, a.township, t.name as township_name,
              s.csrf, s.created_ms, s.seen_ms
            from session s join account a on a.name = s.account left join township t on t.code = a.township
            where s.token_hash = ?";
        self.read(move |db| {
            let row = |row: &Row<'_>| {
                Ok(Session {
                    account: account_row(row)?,
                    csrf: row.get("csrf")?,
                    created_ms: row.get("created_ms")?,
                    seen_ms: row.get("seen_ms")?,
                })
            };
            Ok(db.prepare_cached(SELECT)?.query_row([token_hash], row).optional()?)
        })
        .await
    }

    /// Notes that a session was used.
    pub async fn touch_session(&self, token_hash: [u8; 32], now_ms: i64) -> Stored<()> {
        self.write(move |db| {
            db.prepare_cached("update session set seen_ms = ? where token_hash = ?")?
                .execute(params![now_ms, token_hash])?;
            Ok(())
        })
        .await
    }

    /// Ends a session; harmless when there is none.
    pub async fn end_session(&self, token_hash: [u8; 32]) -> Stored<()> {
        self.write(move |db| {
            db.prepare_cached("delete from session where token_hash = ?")?.execute([token_hash])?;
            Ok(())
        })
        .await
    }

    /// Ends the sessions last used before a moment, Unix milliseconds.
    pub async fn end_sessions_before(&self, seen_ms: i64) -> Stored<()> {
        self.write(move |db| {
            db.prepare_cached("delete from session where seen_ms < ?")?.execute([seen_ms])?;
            Ok(())
        })
        .await
    }

    /// Adds a line to the audit log.
    pub async fn audit(&self, who: &str, action: &'static str, subject: &str, now_ms: i64) -> Stored<()> {
        let (who, subject) = (who.to_owned(), subject.to_owned());
        self.write(move |db| insert_audit(db, &who, action, &subject, now_ms)).await
    }

    /// The newest lines of the audit log, newest first.
    pub async fn audit_log(&self, limit: u32) -> Stored<Vec<AuditLine>> {
        let zone = self.zone();
        self.read(move |db| {
            let mut query =
                db.prepare_cached("select at_ms, who, action, subject from audit order by seq desc limit ?")?;
            let rows = query.query_map([limit], |row| {
                Ok(AuditLine {
                    at: moment(row.get("at_ms")?, zone),
                    who: row.get("who")?,
                    action: row.get("action")?,
                    subject: row.get("subject")?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

const ACCOUNT: &str = "select a.name, a.shown_as, a.role, a.township, t.name as township_name, a.password
    from account a left join township t on t.code = a.township";

fn account_row(row: &Row<'_>) -> rusqlite::Result<Account> {
    let role: String = row.get("role")?;
    let township: Option<String> = row.get("township")?;
    let township_name: Option<String> = row.get("township_name")?;
    Ok(Account {
        name: row.get("name")?,
        shown_as: row.get("shown_as")?,
        // The table's check admits no other word.
        role: role.parse().unwrap_or(Role::Viewer),
        township: township.map(|code| Township { name: township_name.unwrap_or_else(|| code.clone()), code }),
    })
}

pub(super) fn insert_account(db: &Connection, account: &Account, password: &str, now_ms: i64) -> Stored<()> {
    const INSERT: &str = "insert into account (name, password, shown_as, role, township, created_ms)
        values (:name, :password, :shown_as, :role, :township, :now) on conflict do nothing";
    let added = db.prepare_cached(INSERT)?.execute(named_params! {
        ":name": account.name,
        ":password": password,
        ":shown_as": account.shown_as,
        ":role": account.role.name(),
        ":township": account.township.as_ref().map(|t| &t.code),
        ":now": now_ms,
    })?;
    if added == 1 { Ok(()) } else { Err(StorageError::Exists) }
}

pub(super) fn insert_audit(
    db: &Connection,
    who: &str,
    action: &str,
    subject: &str,
    now_ms: i64,
) -> Stored<()> {
    db.prepare_cached("insert into audit (at_ms, who, action, subject) values (?, ?, ?, ?)")?
        .execute(params![now_ms, who, action, subject])?;
    Ok(())
}
