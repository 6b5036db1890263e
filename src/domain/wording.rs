//! Words a coordinator may not use: they record, guide and report, and cannot punish.

/// Words of enforcement; a warning, never a refusal.
const ENFORCEMENT: [&str; 6] = ["罚款", "处罚", "查封", "没收", "吊销", "责令"];

/// The words of enforcement in a text, each once.
pub fn enforcement_words(text: &str) -> Vec<&'static str> {
    ENFORCEMENT.into_iter().filter(|word| text.contains(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_enforcement_are_found_and_plain_guidance_is_not() {
        assert_eq!(enforcement_words("责令改正，否则罚款"), ["罚款", "责令"]);
        assert_eq!(enforcement_words("建议尽快清洗水池，已报告监督机构"), Vec::<&str>::new());
    }
}
