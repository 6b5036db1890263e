//! Where the coordinator is, and the way back: one stack for the app's own ‹, the phone's back key and the next
//! start.
//!
//! wry's Android activity calls `goBack()` of its webview while that has a page to go back to, and leaves the app
//! otherwise. Dioxus routes in memory, so the webview has none, and the back key always left
//! (<https://github.com/DioxusLabs/dioxus/issues/5155>). Here every step of the stack has an entry in the webview's
//! own history: the key takes one away, the page says how many are left, and the stack follows. On the first tab
//! the webview has nothing left, and the key leaves the app.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use dioxus::history::{History, provide_history_context};
use dioxus::prelude::*;

use super::route::Route;
use crate::device::Device;

/// Keeps the webview's history as long as the number it is told, one step after the other, and tells when the
/// person has gone back by the webview's own means.
const SCRIPT: &str = r#"
const key = 'xieguan';
let at = 0;
let arrived = null;
history.replaceState({ [key]: 0 }, '');
if (window.xieguanBack) removeEventListener('popstate', window.xieguanBack);
window.xieguanBack = event => {
  const step = event.state && event.state[key];
  if (typeof step !== 'number') return;
  at = step;
  if (arrived) { const done = arrived; arrived = null; done(); } else dioxus.send(at);
};
addEventListener('popstate', window.xieguanBack);
for (;;) {
  const want = await dioxus.recv();
  if (typeof want === 'string') { document.documentElement.dataset.place = want; continue; }
  while (at < want) { at += 1; history.pushState({ [key]: at }, ''); }
  if (at > want) {
    const there = new Promise(done => { arrived = done; });
    history.go(want - at);
    await there;
    if (at !== want) dioxus.send(at);
  }
}
"#;

/// Steps before the last: enough for any way through the app, and an end to what is stored.
const DEEPEST: usize = 8;

type Updated = Arc<dyn Fn() + Send + Sync>;

/// The stack; never empty, and its first address is the first tab.
struct Stack {
    steps: RefCell<Vec<String>>,
    updated: RefCell<Option<Updated>>,
    changed: RefCell<Option<document::Eval>>,
    device: Device,
}

impl Stack {
    /// Makes webview and store follow.
    fn tell(&self) {
        let steps = self.steps.borrow().clone();
        if let Some(page) = *self.changed.borrow() {
            // A page that is going away needs no history.
            let _ = page.send(steps.len() - 1);
        }
        let (device, page) = (self.device.clone(), *self.changed.borrow());
        let here = steps.last().cloned().unwrap_or_default();
        dioxus::core::spawn_forever(async move {
            match device.put_place(steps).await {
                // Seen from outside: a kill from now on opens here again.
                Ok(()) => _ = page.map(|page| page.send(here)),
                Err(error) => tracing::warn!(%error, "the place was not kept"),
            }
        });
    }

    /// The person has gone back in the webview to this many steps.
    fn follow(&self, step: usize) {
        let held = self.steps.borrow().len() - 1;
        if step < held {
            self.steps.borrow_mut().truncate(step + 1);
            self.tell();
            let updated = self.updated.borrow().clone();
            updated.iter().for_each(|updated| updated());
        } else if step > held {
            // There is no way forward: what was left was left.
            self.tell();
        }
    }
}

/// The addresses after going to `route`: a tab is never deeper than one step above the first.
fn gone_to(mut steps: Vec<String>, route: String, instead: bool) -> Vec<String> {
    let first = Route::Today {}.to_string();
    if is_tab(&route) {
        return if route == first { vec![first] } else { vec![first, route] };
    }
    // Nothing of a finished visit can be gone back to.
    if route.parse::<Route>().is_ok_and(|route| matches!(route, Route::Done { .. })) {
        return vec![first, route];
    }
    if instead && steps.len() > 1 {
        steps.pop();
    }
    if steps.last() != Some(&route) {
        steps.push(route);
    }
    if steps.len() > DEEPEST {
        steps.remove(1);
    }
    steps
}

fn is_tab(address: &str) -> bool {
    address
        .parse::<Route>()
        .is_ok_and(|r| matches!(r, Route::Today {} | Route::Sites {} | Route::Outbox {} | Route::Mine {}))
}

/// The way the app opens with: what was kept as far as every step of it can still be shown.
pub fn opening(kept: &[String], is_open: impl Fn(&Route) -> bool) -> Vec<String> {
    let mut steps = vec![Route::Today {}.to_string()];
    for address in kept {
        let Ok(route) = address.parse::<Route>() else { break };
        if !is_open(&route) {
            break;
        }
        let route = match route {
            // The item touched last is in the draft, and newer than the one the visit was entered by.
            Route::SheetScreen { id, .. } => Route::SheetScreen { id, item: String::new() },
            // A code is used once; the form begins anew from where it is offered.
            Route::Enrol {} => break,
            other => other,
        };
        steps = gone_to(steps, route.to_string(), false);
    }
    steps
}

/// Provides the history to the router below, beginning with these steps.
pub fn use_history_provider(device: Device, steps: Vec<String>) {
    let stack = use_hook(|| {
        let stack = Rc::new(Stack {
            steps: RefCell::new(steps),
            updated: RefCell::default(),
            changed: RefCell::default(),
            device,
        });
        provide_history_context(Rc::new(Shared(stack.clone())) as Rc<dyn History>);
        stack
    });
    use_future(move || {
        let stack = stack.clone();
        async move {
            let mut page = document::eval(SCRIPT);
            *stack.changed.borrow_mut() = Some(page);
            stack.tell();
            while let Ok(step) = page.recv::<usize>().await {
                stack.follow(step);
            }
        }
    });
}

struct Shared(Rc<Stack>);

impl Shared {
    fn go(&self, route: String, instead: bool) {
        let steps = self.0.steps.borrow().clone();
        *self.0.steps.borrow_mut() = gone_to(steps, route, instead);
        self.0.tell();
    }
}

impl History for Shared {
    fn current_route(&self) -> String {
        self.0.steps.borrow().last().cloned().unwrap_or_default()
    }

    fn can_go_back(&self) -> bool {
        self.0.steps.borrow().len() > 1
    }

    fn go_back(&self) {
        if self.can_go_back() {
            self.0.steps.borrow_mut().pop();
            self.0.tell();
        }
    }

    fn can_go_forward(&self) -> bool {
        false
    }

    fn go_forward(&self) {}

    fn push(&self, route: String) {
        self.go(route, false);
    }

    fn replace(&self, route: String) {
        self.go(route, true);
    }

    fn updater(&self, callback: Updated) {
        *self.0.updated.borrow_mut() = Some(callback);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(all: &[&str]) -> Vec<String> {
        all.iter().map(|step| (*step).to_owned()).collect()
    }

    #[test]
    fn a_tab_is_one_step_from_the_first_wherever_one_came_from() {
        let deep = steps(&["/", "/sites", "/enrol"]);
        assert_eq!(gone_to(deep.clone(), "/outbox".to_owned(), true), steps(&["/", "/outbox"]));
        assert_eq!(gone_to(deep.clone(), "/mine".to_owned(), false), steps(&["/", "/mine"]));
        assert_eq!(gone_to(deep, "/".to_owned(), false), steps(&["/"]));
    }

    #[test]
    fn instead_of_a_step_comes_another_and_the_first_stays() {
        assert_eq!(gone_to(steps(&["/", "/enrol"]), "/x".to_owned(), true), steps(&["/", "/x"]));
        assert_eq!(gone_to(steps(&["/"]), "/enrol".to_owned(), true), steps(&["/", "/enrol"]));
        assert_eq!(gone_to(steps(&["/", "/enrol"]), "/enrol".to_owned(), false), steps(&["/", "/enrol"]));
    }

    #[test]
    fn the_app_opens_where_it_was_as_far_as_that_is_still_there() {
        let visit = "0193a1b2-0000-7000-8000-000000000001";
        let sheet = format!("/visit/{visit}?item=");
        let kept = [format!("/visit/{visit}?item=0-WR-09"), format!("/visit/{visit}/review")];
        let review = format!("/visit/{visit}/review");
        assert_eq!(opening(&kept, |_| true), [String::from("/"), sheet, review]);
        assert_eq!(opening(&kept, |_| false), steps(&["/"]));
        assert_eq!(opening(&steps(&["/", "/sites", "/enrol"]), |_| true), steps(&["/", "/sites"]));
        assert_eq!(opening(&steps(&["nonsense", "/sites"]), |_| true), steps(&["/"]));
    }
}
