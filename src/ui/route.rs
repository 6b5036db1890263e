//! The app's addresses and the frame with the four tabs.

use dioxus::prelude::*;

use super::prefs::use_words;
use super::screens::about::{Help, Licences, Privacy, State};
use super::screens::done::Done;
use super::screens::enrol::Enrol;
use super::screens::mine::Mine;
use super::screens::new_site::NewSitePage;
use super::screens::outbox::Outbox;
use super::screens::practice::{Practice, PracticeEnd, Practising};
use super::screens::receipt::ReceiptPage;
use super::screens::returned::ReturnedPage;
use super::screens::review::Review;
use super::screens::site::SitePage;
use super::screens::sites::Sites;
use super::screens::start::StartVisit;
use super::screens::today::Today;
use super::sheet::screen::SheetScreen;
use super::urgent::screen::Urgent;
use crate::domain::id::{Digest, InspectionId, SiteId};

/// Every screen.
#[derive(Clone, Debug, PartialEq, Routable)]
#[rustfmt::skip]
pub enum Route {
    #[layout(Tabs)]
        /// 今天.
        #[route("/")]
        Today {},
        /// 单位.
        #[route("/sites")]
        Sites {},
        /// 上传.
        #[route("/outbox")]
        Outbox {},
        /// 我的.
        #[route("/mine")]
        Mine {},
    #[end_layout]
    /// Enrolment with the bureau.
    #[route("/enrol")]
    Enrol {},
    /// One site.
    #[route("/site/:id")]
    SitePage {
        /// Which.
        id: SiteId,
    },
    /// A place that nobody has on file.
    #[route("/new-site")]
    NewSitePage {},
    /// Before a visit: where, what, why, with whom.
    #[route("/site/:id/start")]
    StartVisit {
        /// Which site.
        id: SiteId,
    },
    /// Help.
    #[route("/help")]
    Help {},
    /// What a helper asks about the phone.
    #[route("/state")]
    State {},
    /// The privacy notice.
    #[route("/privacy")]
    Privacy {},
    /// Licences.
    #[route("/licences")]
    Licences {},
    /// The receipts for a document.
    #[route("/receipt/:document")]
    ReceiptPage {
        /// Hash of the document.
        document: Digest,
    },
    /// A record that the bureau sent back.
    #[route("/returned/:id")]
    ReturnedPage {
        /// Which visit.
        id: InspectionId,
    },
    /// Practice: what it is, and its start.
    #[route("/practice")]
    Practice {},
    /// What would happen to a practice visit if it were real, and its end.
    #[route("/practice/:id")]
    PracticeEnd {
        /// Which visit.
        id: InspectionId,
    },
    /// What became of a finished visit.
    #[route("/done/:id")]
    Done {
        /// Which visit.
        id: InspectionId,
    },
    #[layout(Practising)]
        /// Filling a visit's sheets.
        #[route("/visit/:id?:item")]
        SheetScreen {
            /// Which visit.
            id: InspectionId,
            /// Item to go to, as `0-WR-09`; empty for where it was left.
            item: String,
        },
        /// Reporting at once what a visit has found.
        #[route("/visit/:id/urgent")]
        Urgent {
            /// Which visit.
            id: InspectionId,
        },
        /// Looking through a visit, signing, finishing.
        #[route("/visit/:id/review")]
        Review {
            /// Which visit.
            id: InspectionId,
        },
}

impl Route {
    /// The visit that a screen is about; the screen is of no use once its draft is gone.
    pub fn visit(&self) -> Option<InspectionId> {
        match self {
            Self::SheetScreen { id, .. }
            | Self::Urgent { id }
            | Self::Review { id }
            | Self::PracticeEnd { id } => Some(*id),
            _ => None,
        }
    }
}

/// The screen with the tab bar under it.
#[component]
fn Tabs() -> Element {
    let w = use_words();
    let here = use_route::<Route>();
    let tabs = [
        (Route::Today {}, "◉", w.tab_today),
        (Route::Sites {}, "▤", w.tab_sites),
        (Route::Outbox {}, "⇪", w.tab_outbox),
        (Route::Mine {}, "☰", w.tab_mine),
    ];
    rsx! {
        div { class: "screen",
            Outlet::<Route> {}
            nav { class: "tabs", aria_label: w.tabs,
                for (route, sign, name) in tabs {
                    button {
                        key: "{name}", r#type: "button", aria_current: if route == here { "page" } else { "false" },
                        onclick: { let route = route.clone(); move |_| { navigator().replace(route.clone()); } },
                        i { aria_hidden: "true", {sign} }
                        {name}
                    }
                }
            }
        }
    }
}
