//! What a site is looked for by, folded so that what a phone's keyboard types and what a register prints meet.

use pinyin::ToPinyin as _;

use crate::domain::site::Site;

/// Between two fields of a folded site; folding leaves no such character in a text.
pub(super) const FIELD: char = '\u{1e}';
/// Between two texts of one field.
const LINE: char = '\n';
/// A name with many characters of several readings is not spelt in more ways than these.
const SPELLINGS: usize = 4;

/// Characters of place and family names with more than one reading in common use; the dictionary gives one only.
const READINGS: &[(char, &[&str])] = &[
    ('长', &["chang", "zhang"]),
    ('重', &["zhong", "chong"]),
    ('行', &["xing", "hang"]),
    ('乐', &["le", "yue"]),
    ('都', &["du", "dou"]),
    ('朝', &["chao", "zhao"]),
    ('单', &["dan", "shan"]),
    ('曾', &["zeng", "ceng"]),
    ('解', &["jie", "xie"]),
    ('盛', &["sheng", "cheng"]),
    ('会', &["hui", "kuai"]),
    ('大', &["da", "dai"]),
    ('厦', &["xia", "sha"]),
    ('堡', &["bao", "pu"]),
    ('埔', &["pu", "bu"]),
    ('藏', &["zang", "cang"]),
    ('校', &["xiao", "jiao"]),
    ('车', &["che", "ju"]),
    ('泊', &["bo", "po"]),
    ('六', &["liu", "lu"]),
    ('降', &["jiang", "xiang"]),
    ('柏', &["bai", "bo"]),
    ('翟', &["zhai", "di"]),
    ('查', &["cha", "zha"]),
    ('仇', &["chou", "qiu"]),
    ('区', &["qu", "ou"]),
    ('任', &["ren", "reng"]),
    ('调', &["diao", "tiao"]),
    ('传', &["chuan", "zhuan"]),
    ('角', &["jiao", "jue"]),
    ('薄', &["bo", "bao"]),
    ('尉', &["wei", "yu"]),
    ('石', &["shi", "dan"]),
    ('种', &["zhong", "chong"]),
    ('处', &["chu", "ju"]),
    ('参', &["can", "shen"]),
    ('宿', &["su", "xiu"]),
    ('尾', &["wei", "yi"]),
    ('巷', &["xiang", "hang"]),
    ('圩', &["xu", "wei"]),
    ('垃', &["la", "le"]),
    ('率', &["lv", "shuai"]),
    ('弄', &["nong", "long"]),
    ('铅', &["qian", "yan"]),
    ('洞', &["dong", "tong"]),
    ('蚌', &["bang", "beng"]),
    ('番', &["fan", "pan"]),
    ('阿', &["a", "e"]),
    ('万', &["wan", "mo"]),
    ('尹', &["yin"]),
];

/// Folds what was typed or printed: width, case, ü as phones type it (v), no quotes, no control characters.
pub fn fold(text: &str) -> String {
    let narrow = text.chars().filter(|c| !is_quote(*c)).map(|c| match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        'ü' | 'Ü' => 'v',
        c if c.is_control() => ' ',
        other => other,
    });
    narrow.flat_map(char::to_lowercase).collect()
}

/// Printed around nicknames, and on no first page of a phone's keyboard.
fn is_quote(c: char) -> bool {
    matches!(c, '“' | '”' | '‘' | '’' | '「' | '」' | '『' | '』' | '《' | '》')
}

/// The five fields of a site in one text, the most telling first: name, nickname, their sounds, address, the rest.
pub(super) fn folded(site: &Site) -> String {
    let (name, nickname) = (fold(&site.name), fold(&site.nickname));
    let mut sounds = sounds(&name);
    sounds.extend(self::sounds(&nickname));
    let mut rest = vec![fold(&site.credit_code)];
    for licence in &site.licences {
        rest.extend([fold(&licence.title), fold(&licence.number)]);
    }
    for contact in &site.contacts {
        rest.extend([fold(&contact.name), fold(&contact.phone)]);
        let digits: String = contact.phone.chars().filter(char::is_ascii_digit).collect();
        if digits.len() != contact.phone.len() {
            rest.push(digits);
        }
    }
    rest.retain(|line| !line.is_empty());
    let line = LINE.to_string();
    [name, nickname, sounds.join(&line), fold(&site.address), rest.join(&line)].join(&FIELD.to_string())
}

/// A name as it is spelt: full syllables and initials, in every common reading. Empty for one without a syllable,
/// because then the name itself is what is typed.
fn sounds(folded: &str) -> Vec<String> {
    let mut spellings = vec![(String::new(), String::new())];
    let mut any = false;
    for c in folded.chars() {
        let readings = readings(c);
        any |= !readings.is_empty();
        let letters = match readings.as_slice() {
            [] if c.is_ascii_alphanumeric() => vec![c.to_string()],
            [] => continue,
            [one] => vec![one.clone()],
            more if spellings.len() * more.len() > SPELLINGS => more[..1].to_vec(),
            more => more.to_vec(),
        };
        let before = std::mem::take(&mut spellings);
        for syllable in &letters {
            let initial = &syllable[..1];
            let spelt =
                before.iter().map(|(full, short)| (format!("{full}{syllable}"), format!("{short}{initial}")));
            spellings.extend(spelt);
        }
    }
    if !any {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for line in spellings.into_iter().flat_map(|(full, short)| [full, short]) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The common readings of a character, the dictionary's first; none for what is not spelt.
fn readings(c: char) -> Vec<String> {
    let Some(first) = c.to_pinyin() else { return Vec::new() };
    let mut readings = vec![first.plain().replace('ü', "v")];
    let more = READINGS.iter().find(|(known, _)| *known == c).map_or(&[][..], |(_, more)| more);
    for reading in more {
        if !readings.iter().any(|known| known == reading) {
            readings.push((*reading).to_owned());
        }
    }
    readings.retain(|reading| reading.is_ascii() && !reading.is_empty());
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_spelt_in_full_and_by_initials_in_each_common_reading() {
        assert_eq!(sounds("石桥村a区").first().map(String::as_str), Some("shiqiaocunaqu"));
        assert!(sounds("长乐小学").contains(&"changlexiaoxue".to_owned()), "{:?}", sounds("长乐小学"));
        assert!(sounds("长乐小学").contains(&"clxx".to_owned()));
        assert!(sounds("绿水").contains(&"lvshui".to_owned()), "{:?}", sounds("绿水"));
        assert!(sounds("重庆行乐大厦长会单").len() <= 2 * SPELLINGS);
        assert_eq!(sounds("abc 3"), Vec::<String>::new());
    }

    #[test]
    fn folding_leaves_nothing_that_could_end_a_field() {
        assert_eq!(fold("Ａ１\u{3000}B\n\u{1e}ü"), "a1 b  v");
        assert_eq!(fold("老街“牙科”（无牌）"), "老街牙科(无牌)");
    }
}
