//! The bureau over HTTP: the phone's side of `wire::api`.

use crate::wire::failure::Code;

/// Why a call failed, by what the worker does about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No network, time-out, overload, or an answer that is not ours (a captive portal): try again later.
    #[error("the bureau cannot be reached: {0}")]
    Later(String),
    /// The token is missing, unknown or withdrawn: nothing is sent until the coordinator enrols again.
    #[error("this phone is not enrolled there: {detail}")]
    SignIn {
        /// The stable code.
        code: Code,
        /// The bureau's words.
        detail: String,
    },
    /// The bureau refuses this; trying again alone will not help.
    #[error("refused: {detail}")]
    Refused {
        /// The stable code.
        code: Code,
        /// The bureau's words.
        detail: String,
    },
}

/// A bureau's address with (after enrolment) this phone's token.
#[derive(Clone, Debug)]
pub struct Client {
    #[expect(dead_code, reason = "filled by the sync work")]
    base: reqwest::Url,
}

/// The address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not an http(s) address.
    #[error("not an http or https address")]
    NotHttp,
    /// Cleartext is allowed on loopback only.
    #[error("without encryption only this machine itself may be addressed")]
    Cleartext,
}

impl Client {
    /// A client for this address; `token` is absent before enrolment.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub fn new(_base: &str, _token: Option<&str>) -> Result<Self, BadAddress> {
        todo!()
    }

    /// Bytes written to the network so far by this client and its clones: bodies and headers as sent.
    pub fn bytes_sent(&self) -> u64 {
        todo!()
    }
}
