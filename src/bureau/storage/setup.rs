//! Who the bureau is: made once, when the database is made, and read at every start.

use chrono::FixedOffset;
use ed25519_dalek::SigningKey;
use rand::rngs::OsRng;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};
use uuid::Uuid;

use super::row::{bytes32, json, uuid};
use super::{Storage, Stored};
use crate::domain::checklist::SHIPPED;
use crate::domain::id::{BureauId, Epoch};
use crate::domain::seal::public_key;
use crate::wire::enrolment::{BureauIdentity, Settings};
use crate::wire::sidecar::sealing_public_key;

/// How a new bureau is made; an existing one stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// Its name, such as 示例县卫生监督所.
    pub name: String,
    /// Synthetic data: never beyond loopback.
    pub demo: bool,
    /// What phones are told.
    pub settings: Settings,
}

impl Default for Fresh {
    /// An unnamed county's bureau; its name is configuration.
    fn default() -> Self {
        Self { name: "卫生监督机构".to_owned(), demo: false, settings: Settings::default() }
    }
}

/// The bureau with its secrets.
pub struct Identity {
    /// What phones know.
    pub public: BureauIdentity,
    /// Signs receipts.
    pub signing: SigningKey,
    /// Opens sidecars and rescue keys (X25519).
    pub sealing_secret: [u8; 32],
    /// What phones are told.
    pub settings: Settings,
    /// Whether the data is synthetic.
    pub demo: bool,
}

impl Identity {
    /// The zone in which the bureau counts days.
    pub fn zone(&self) -> FixedOffset {
        zone(&self.settings)
    }
}

pub(super) fn zone(settings: &Settings) -> FixedOffset {
    let utc = FixedOffset::east_opt(0).expect("zero is an offset");
    FixedOffset::east_opt(settings.zone_minutes.saturating_mul(60)).unwrap_or(utc)
}

impl Storage {
    /// The zone in which the bureau counts days.
    pub fn zone(&self) -> FixedOffset {
        self.identity().zone()
    }
}

impl Storage {
    /// Changes what phones are told, and notes it so that they hear of it; gives the settings as they are then.
    pub async fn change_settings(
        &self,
        now_ms: i64,
        change: impl FnOnce(&mut Settings) + Send + 'static,
    ) -> Stored<Settings> {
        self.write(move |db| {
            let before: Settings =
                db.query_row("select settings from bureau", [], |row| json(row, "settings"))?;
            let mut settings = before.clone();
            change(&mut settings);
            if settings != before {
                let text = serde_json::to_string(&settings)?;
                db.execute("update bureau set settings = ?1", [&text])?;
                super::changes::note(db, "settings", "settings", "")?;
                super::accounts::insert_audit(db, "bureau settings", "settings", &text, now_ms)?;
            }
            Ok(settings)
        })
        .await
    }
}

pub(super) fn identity_or_new(db: &mut Connection, fresh: &Fresh) -> Stored<Identity> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let identity = match identity(&transaction)? {
        Some(identity) => identity,
        None => {
            insert(&transaction, fresh)?;
            identity(&transaction)?.ok_or(super::StorageError::Closed)?
        }
    };
    for text in SHIPPED {
        super::seed::offer_checklist(&transaction, text)?;
    }
    transaction.commit()?;
    Ok(identity)
}

fn insert(db: &Connection, fresh: &Fresh) -> Stored<()> {
    const INSERT: &str =
        "insert into bureau (one, id, epoch, name, signing_secret, sealing_secret, settings, demo)
        values (1, :id, :epoch, :name, :signing, :sealing, :settings, :demo)";
    db.execute(
        INSERT,
        named_params! {
            ":id": Uuid::now_v7().as_bytes(),
            ":epoch": Uuid::now_v7().as_bytes(),
            ":name": fresh.name,
            ":signing": SigningKey::generate(&mut OsRng).to_bytes(),
            ":sealing": SigningKey::generate(&mut OsRng).to_bytes(),
            ":settings": serde_json::to_string(&fresh.settings)?,
            ":demo": fresh.demo,
        },
    )?;
    super::changes::note(db, "settings", "settings", "")
}

fn identity(db: &Connection) -> Stored<Option<Identity>> {
    const SELECT: &str = "select id, epoch, name, signing_secret, sealing_secret, settings, demo from bureau";
    Ok(db.query_row(SELECT, [], identity_row).optional()?)
}

fn identity_row(row: &Row<'_>) -> rusqlite::Result<Identity> {
    let signing = SigningKey::from_bytes(&bytes32(row, "signing_secret")?);
    let sealing_secret = bytes32(row, "sealing_secret")?;
    Ok(Identity {
        public: BureauIdentity {
            id: BureauId(uuid(row, "id")?),
            name: row.get("name")?,
            epoch: Epoch(uuid(row, "epoch")?),
            signing_key: public_key(&signing),
            sealing_key: sealing_public_key(&sealing_secret),
        },
        signing,
        sealing_secret,
        settings: json(row, "settings")?,
        demo: row.get("demo")?,
    })
}
