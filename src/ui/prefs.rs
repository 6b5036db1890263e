//! How the coordinator likes the app: language, light or dark, size of text.
//!
//! Kept in the webview's own storage, because nothing of it belongs to a record.

use dioxus::prelude::*;

use crate::domain::text::Language;
use crate::view::words::phone::{PhoneWords, phone};

/// What is set; empty theme and zero size mean “as the phone has it”.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefs {
    /// Language.
    pub language: Language,
    /// `light`, `dark` or empty.
    pub theme: String,
    /// 0, 1 or 2: 100 %, 140 %, 200 %.
    pub size: u8,
}

/// Reads the stored preferences before the first screen is painted; part of the page's head.
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

/// Provides the preferences to everything below.
pub fn use_prefs_provider() -> Signal<Prefs> {
    let mut prefs = use_context_provider(|| Signal::new(Prefs::default()));
    use_future(move || async move {
        if let Ok([language, theme, size]) = document::eval(LOAD).join::<[String; 3]>().await {
            let language = if language == "en" { Language::En } else { Language::Zh };
            prefs.set(Prefs { language, theme, size: size.parse().unwrap_or(0) });
        }
    });
    prefs
}

/// Changes the preferences and remembers them.
pub fn put(mut prefs: Signal<Prefs>, new: Prefs) {
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
