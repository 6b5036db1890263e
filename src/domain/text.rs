//! Text in two languages, Chinese first.

use serde::{Deserialize, Serialize};

/// The languages of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 简体中文, the language of every official document.
    #[default]
    Zh,
    /// English.
    En,
}

/// A sentence in both languages; checklists are data, so a missing half does not parse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The half for this language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// Characters of a title or a name that lists keep; the document itself keeps all.
pub const LISTED_CHARS: usize = 200;

/// The first `max` characters of a text, with … in place of the rest.
pub fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_keeps_whole_characters_and_says_that_it_cut() {
        assert_eq!(cut("示例县", 3), "示例县");
        assert_eq!(cut("示例县监督所", 4), "示例县…");
        assert_eq!(cut("", 0), "");
    }
}
