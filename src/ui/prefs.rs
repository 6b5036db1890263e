//! How the coordinator likes the app: language, light or dark, size of text.
//!
//! The store keeps it; the webview's own storage holds a copy, so that the very first paint has the right colours
//! while the store is still being opened.

use dioxus::prelude::*;

use crate::device::Device;
use crate::device::habits::Looks;
use crate::domain::text::Language;
use crate::view::words::phone::{PhoneWords, phone};

/// What is set; empty theme and zero size mean “as the phone has it”.
pub type Prefs = Looks;

/// Reads the copy before the first screen is painted; part of the page's head.
pub const HEAD_SCRIPT: &str = "try{var r=document.documentElement,s=localStorage;\
r.lang=s.getItem('language')==='en'?'en':'zh-CN';\
if(s.getItem('theme'))r.setAttribute('data-theme',s.getItem('theme'));\
r.setAttribute('data-size',s.getItem('size')||'0')}catch(e){}";

const LOAD: &str = "try{const s=localStorage;return [s.getItem('language')||'',s.getItem('theme')||'',s.getItem('size')||'0']}\
catch(e){return ['','','0']}";

const STORE: &str = "const [language,theme,size]=await dioxus.recv();const r=document.documentElement;\
r.lang=language==='en'?'en':'zh-CN';r.setAttribute('data-size',size);\
if(theme)r.setAttribute('data-theme',theme);else r.removeAttribute('data-theme');\
try{localStorage.setItem('language',language);localStorage.setItem('theme',theme);localStorage.setItem('size',size)}catch(e){}";

/// Provides the preferences to everything below; until the store is open, those of the copy.
pub fn use_prefs_provider() -> Signal<Prefs> {
    let mut prefs = use_context_provider(|| Signal::new(Prefs::default()));
    let mut settled = use_context_provider(|| Settled(Signal::new(false)));
    use_future(move || async move {
        if let Ok([language, theme, size]) = document::eval(LOAD).join::<[String; 3]>().await {
            let language = if language == "en" { Language::En } else { Language::Zh };
            // The store may have been quicker, and what it says counts.
            if !*settled.0.peek() {
                prefs.set(Prefs { language, theme, size: size.parse().unwrap_or(0) });
                settled.0.set(true);
            }
        }
    });
    prefs
}

/// Whether the preferences are no longer the built-in ones.
#[derive(Clone, Copy)]
struct Settled(Signal<bool>);

/// Takes over what the store holds.
pub fn use_kept_looks(looks: Option<Looks>) {
    let prefs = use_context::<Signal<Prefs>>();
    let mut settled = use_context::<Settled>();
    use_hook(move || {
        if let Some(looks) = looks {
            settled.0.set(true);
            show(prefs, looks);
        }
    });
}

/// Changes the preferences and remembers them.
pub fn put(device: &Device, prefs: Signal<Prefs>, new: Prefs) {
    show(prefs, new.clone());
    let device = device.clone();
    spawn(async move {
        if let Err(error) = device.put_looks(new).await {
            tracing::warn!(%error, "the looks were not kept");
        }
    });
}

fn show(mut prefs: Signal<Prefs>, new: Prefs) {
    let language = if new.language == Language::En { "en" } else { "zh" };
    let eval = document::eval(STORE);
    // A webview that is going away needs no new colours.
    let _ = eval.send([language.to_owned(), new.theme.clone(), new.size.to_string()]);
    prefs.set(new);
}

/// The language in use; the caller is drawn again when it changes.
pub fn use_language() -> Language {
    use_context::<Signal<Prefs>>().read().language
}

/// The phone's words in the language in use.
pub fn use_words() -> &'static PhoneWords {
    phone(use_language())
}
